"""Every export of the registry, from the same Trace and view."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

from app.export import EXPORTS

Make = Callable[..., bytes]
LECTURE = Path(__file__).parents[1] / "lecture_by_hand.json"


def text_of(svg: bytes) -> list[str]:
    return ["".join(element.itertext()) for element in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_suffixes_and_routes_are_unique() -> None:
    assert all(suffix == export.suffix for suffix, export in EXPORTS.items())
    assert len({export.route for export in EXPORTS.values()}) == len(EXPORTS)


def test_svg_shows_the_end_unless_told(make: Make) -> None:
    assert text_of(make("svg")).count("1 × 3 = 3") == 1
    assert "1 × 3 = 3" not in text_of(make("svg", "step=loss"))
    assert text_of(make("svg", "step=3")) == text_of(make("svg", "step=loss"))
    assert make("svg", "step=10") == make("svg", "step=end") == make("svg")


def test_svg_takes_the_view(make: Make) -> None:
    assert b"#12171d" in make("svg", "theme=dark")
    wide, tall = (ET.fromstring(make("svg", q)) for q in ("dir=LR", "dir=TB"))
    assert float(wide.get("width", 0)) > float(wide.get("height", 0))
    assert float(tall.get("width", 0)) < float(tall.get("height", 0))
    assert b"#abcdef" in make("svg", "bg=abcdef")


def test_json_is_the_trace(make: Make) -> None:
    assert json.loads(make("json")) == json.loads(LECTURE.read_text("utf-8"))
