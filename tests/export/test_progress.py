"""Makers that draw every step say how far they are, and stop when asked to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from app.core.trace import Trace
from app.core.view import View
from app.draw.layout import Layouter
from app.export import EXPORTS

Make = Callable[..., bytes]
LONG = [suffix for suffix, export in EXPORTS.items() if export.steps]


@pytest.mark.parametrize("suffix", LONG)
def test_every_step_is_told_once(make: Make, suffix: str) -> None:
    told: list[tuple[int, int]] = []
    make(suffix, "range=2-6", progress=lambda done, total: told.append((done, total)))
    assert told == [(done, 5) for done in range(6)]


@pytest.mark.parametrize("suffix", LONG)
def test_what_progress_raises_stops_the_maker(make: Make, suffix: str) -> None:
    told: list[int] = []

    def stop(done: int, _total: int) -> None:
        told.append(done)
        if done == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        make(suffix, progress=stop)
    assert told[-1] == 3


@pytest.mark.parametrize("suffix", LONG)
def test_a_cancelled_maker_does_no_further_step(trace: Trace, awaited: Any, suffix: str) -> None:
    told: list[int] = []

    async def work(layouter: Layouter) -> None:
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

    awaited(work)
    assert told[-1] < len(trace.steps) - 1
