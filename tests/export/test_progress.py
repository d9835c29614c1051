"""Makers that draw every step say how far they are, and stop when asked to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.core.trace import Trace
from app.core.view import View
from app.draw.layout import Layouter
from app.export import EXPORTS

LONG = [suffix for suffix, export in EXPORTS.items() if export.steps]
Progress = Callable[[int, int], None]


def made(trace: Trace, suffix: str, progress: Progress, query: str = "") -> bytes:
    async def work() -> bytes:
        async with Layouter() as layouter:
            export = EXPORTS[suffix]
            return await export.make(trace, export.placed(View.parse(query)), layouter, progress)

    with ThreadPoolExecutor(1) as thread:
        data: Any = thread.submit(asyncio.run, work()).result()
    assert isinstance(data, bytes)
    return data


@pytest.mark.parametrize("suffix", LONG)
def test_every_step_is_told_once(trace: Trace, suffix: str) -> None:
    told: list[tuple[int, int]] = []
    made(trace, suffix, lambda done, total: told.append((done, total)), "range=2-6")
    assert told == [(done, 5) for done in range(6)]


@pytest.mark.parametrize("suffix", LONG)
def test_what_progress_raises_stops_the_maker(trace: Trace, suffix: str) -> None:
    told: list[int] = []

    def stop(done: int, _total: int) -> None:
        told.append(done)
        if done == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        made(trace, suffix, stop)
    assert told[-1] == 3


@pytest.mark.parametrize("suffix", LONG)
def test_a_cancelled_maker_does_no_further_step(trace: Trace, suffix: str) -> None:
    told: list[int] = []

    async def work() -> None:
        async with Layouter() as layouter:
            third = asyncio.Event()

            def progress(done: int, _total: int) -> None:
                told.append(done)
                if done == 3:
                    third.set()

            export = EXPORTS[suffix]
            making = asyncio.ensure_future(export.make(trace, export.placed(View()), layouter, progress))
            await third.wait()
            making.cancel()
            with pytest.raises(asyncio.CancelledError):
                await making

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work()).result()
    assert told[-1] < len(trace.steps) - 1
