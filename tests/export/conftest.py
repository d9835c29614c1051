"""Exports made from the lecture's example, in an event loop of their own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from app.core.trace import Trace
from app.core.view import View
from app.draw.layout import Layouter
from app.export import EXPORTS

Make = Callable[..., bytes]
TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def trace() -> Trace:
    return Trace.from_dict(json.loads((TESTS / "lecture_by_hand.json").read_text("utf-8")))


@pytest.fixture(scope="session")
def make(trace: Trace) -> Make:
    """The export `suffix` of a view of the lecture's example, or of `other`."""

    def made(suffix: str, query: str = "", other: Trace | None = None) -> bytes:
        async def work() -> bytes:
            async with Layouter() as layouter:
                export = EXPORTS[suffix]
                return await export.make(other or trace, export.placed(View.parse(query)), layouter)

        with ThreadPoolExecutor(1) as thread:
            data: Any = thread.submit(asyncio.run, work()).result()
        assert isinstance(data, bytes)
        return data

    return made
