"""Every export of the registry, from the same Trace and view."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from app.core.trace import Trace
from app.core.view import View
from app.draw.layout import Layouter
from app.export import EXPORTS

LECTURE = Path(__file__).parents[1] / "lecture_by_hand.json"


@pytest.fixture(scope="module")
def trace() -> Trace:
    return Trace.from_dict(json.loads(LECTURE.read_text("utf-8")))


def made(suffix: str, trace: Trace, query: str = "") -> bytes:
    async def make() -> bytes:
        async with Layouter() as layouter:
            return await EXPORTS[suffix].make(trace, View.parse(query).placed("export"), layouter)

    with ThreadPoolExecutor(1) as thread:
        data: Any = thread.submit(asyncio.run, make()).result()
    assert isinstance(data, bytes)
    return data


def text_of(svg: bytes) -> list[str]:
    return ["".join(element.itertext()) for element in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_suffixes_and_routes_are_unique() -> None:
    assert all(suffix == export.suffix for suffix, export in EXPORTS.items())
    assert len({export.route for export in EXPORTS.values()}) == len(EXPORTS)


def test_svg_shows_the_end_unless_told(trace: Trace) -> None:
    assert text_of(made("svg", trace)).count("1 × 3 = 3") == 1
    assert "1 × 3 = 3" not in text_of(made("svg", trace, "step=loss"))
    assert text_of(made("svg", trace, "step=3")) == text_of(made("svg", trace, "step=loss"))
    assert made("svg", trace, "step=10") == made("svg", trace, "step=end") == made("svg", trace)


def test_svg_takes_the_view(trace: Trace) -> None:
    assert b"#12171d" in made("svg", trace, "theme=dark")
    wide, tall = (ET.fromstring(made("svg", trace, q)) for q in ("dir=LR", "dir=TB"))
    assert float(wide.get("width", 0)) > float(wide.get("height", 0))
    assert float(tall.get("width", 0)) < float(tall.get("height", 0))
    assert b"#abcdef" in made("svg", trace, "bg=abcdef")


def test_json_is_the_trace(trace: Trace) -> None:
    assert json.loads(made("json", trace)) == json.loads(LECTURE.read_text("utf-8"))
