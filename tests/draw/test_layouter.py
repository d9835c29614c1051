"""The layout process: kept by structure, ended when it takes too long, and well again afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import psutil
import pytest

from app.core.errors import GradwalkError
from app.core.trace import Full, Trace
from app.core.view import View
from app.draw.layout import Layouter
from app.draw.scene import Plan, scene

Run = Callable[[Coroutine[Any, Any, Any]], Any]
SMALL = "digraph{a->b}"


def tangle(nodes: int = 300) -> str:
    """A graph on which dot needs many seconds."""
    edges = " ".join(f"n{a}->n{b};" for a in range(nodes) for b in range(a + 1, nodes, 7))
    return f"digraph{{{edges}}}"


def renumbered(trace: Trace) -> Trace:
    """The same structure with other numbers, longer ones among them."""
    tensors = tuple(
        replace(t, value=Full(-1234.5678 * (k + 1))) if isinstance(t.value, Full) and not t.shape else t
        for k, t in enumerate(trace.tensors)
    )
    return replace(trace, tensors=tensors)


def test_numbers_never_lay_out_again(lecture: Trace, run: Run) -> None:
    async def check() -> None:
        async with Layouter() as layouter:
            first = await scene(lecture, View(), layouter)
            second = await scene(renumbered(lecture), View(digits=8), layouter)
            assert (layouter.misses, layouter.hits) == (1, 1)
            places = [[(card.x, card.y, card.face.width) for card in drawn.cards] for drawn in (first, second)]
            assert places[0] == places[1]
            assert [wire.line for wire in first.wires] == [wire.line for wire in second.wires]
            await scene(lecture, View(dir="TB"), layouter)
            assert layouter.misses == 2

    run(check())


def test_the_dot_text_holds_no_name(made: Callable[[str], Trace]) -> None:
    trace = made("large")
    hostile = replace(trace, nodes=tuple(replace(node, name='"]; evil [label="') for node in trace.nodes))
    assert "evil" not in Plan(hostile, View()).dot


def test_a_layout_that_takes_too_long_is_ended(run: Run) -> None:
    async def check() -> None:
        async with Layouter(timeout=0.3) as layouter:
            before = layouter.pid
            with pytest.raises(GradwalkError) as caught:
                await layouter.layout(tangle())
            assert caught.value.code == "busy"
            assert before is not None
            assert not psutil.pid_exists(before)
            assert (await layouter.layout(SMALL)).nodes.keys() == {"a", "b"}
            assert layouter.pid not in (None, before)

    run(check())


def test_a_dead_process_is_replaced(run: Run) -> None:
    async def check() -> None:
        async with Layouter() as layouter:
            assert layouter.pid is not None
            psutil.Process(layouter.pid).kill()
            with pytest.raises(GradwalkError) as caught:
                await layouter.layout(SMALL)
            assert caught.value.code == "busy"
            assert len((await layouter.layout(SMALL)).curves) == 1

    run(check())


def test_a_cancelled_layout_leaves_no_answer_for_the_next(run: Run) -> None:
    async def check() -> None:
        async with Layouter() as layouter:
            task = asyncio.create_task(layouter.layout(tangle(60)))
            await asyncio.sleep(0.005)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert (await layouter.layout(SMALL)).nodes.keys() == {"a", "b"}

    run(check())


def test_too_many_waiting_are_refused(run: Run) -> None:
    async def check() -> None:
        async with Layouter(waiting=1) as layouter:
            task = asyncio.create_task(layouter.layout(tangle(40)))
            await asyncio.sleep(0)
            with pytest.raises(GradwalkError) as caught:
                await layouter.layout(SMALL)
            assert caught.value.code == "busy"
            await task

    run(check())


def test_close_ends_the_process(run: Run) -> None:
    async def check() -> int | None:
        layouter = Layouter()
        await layouter.start()
        pid = layouter.pid
        await layouter.close()
        return pid

    pid = run(check())
    assert pid is not None
    assert not psutil.pid_exists(pid)
