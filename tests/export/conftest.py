"""Exports made from the lecture's example, in an event loop of their own."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.core.trace import Trace
from app.core.view import View
from app.draw.elements import Scene
from app.draw.layout import Layouter
from app.draw.scene import scene
from app.export import EXPORTS

Await = Callable[[Callable[[Layouter], Coroutine[Any, Any, Any]]], Any]
Make = Callable[..., bytes]
Draw = Callable[[Trace, View], Scene]
TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def trace() -> Trace:
    return Trace.from_dict(json.loads((TESTS / "lecture_by_hand.json").read_text("utf-8")))


@pytest.fixture(scope="session")
def awaited() -> Iterator[Await]:
    """Runs a coroutine function over a layouter that all tests share, in the thread of their event loop."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def run(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    layouter = Layouter()
    run(layouter.__aenter__())
    yield lambda work: run(work(layouter))
    run(layouter.__aexit__(None, None, None))
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture(scope="session")
def make(trace: Trace, awaited: Await) -> Make:
    """The export `suffix` of a view of the lecture's example, or of `other`; `progress` is told how far it is."""

    def made(suffix: str, query: str = "", other: Trace | None = None, progress: Any = None) -> bytes:
        export = EXPORTS[suffix]
        told = (progress,) if progress else ()
        view = export.placed(View.parse(query))
        data = awaited(lambda layouter: export.make(other or trace, view, layouter, *told))
        assert isinstance(data, bytes)
        return data

    return made


@pytest.fixture(scope="session")
def draw(awaited: Await) -> Draw:
    """The scene of a Trace."""
    return lambda trace, view: awaited(lambda layouter: scene(trace, view, layouter))
