"""Dataclasses to JSON data and back: what does not fit is named with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pytest

from app.core.plain import from_plain, to_plain


@dataclass(frozen=True)
class Point:
    x: float
    label: str | None = None
    kind: Literal["point"] = "point"


@dataclass(frozen=True)
class Line:
    kind: Literal["line"]
    ends: tuple[int, int]


@dataclass(frozen=True)
class Drawing:
    shapes: tuple[Point | Line, ...]
    visible: bool = True


PLAIN = {
    "shapes": [{"x": 1, "label": None, "kind": "point"}, {"kind": "line", "ends": [1, 2]}],
    "visible": False,
}


def test_there_and_back() -> None:
    drawing = from_plain(Drawing, PLAIN, "drawing")
    assert drawing == Drawing((Point(1), Line("line", (1, 2))), False)
    assert to_plain(drawing) == PLAIN


def test_unknown_fields_are_ignored_and_defaults_stand_in() -> None:
    assert from_plain(Drawing, {"shapes": [], "new": 1}, "drawing") == Drawing(())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "drawing is not an object"),
        ({}, "drawing.shapes is missing"),
        ({"shapes": {}}, "drawing.shapes is not a list of the right length"),
        ({"shapes": [], "visible": 1}, "drawing.visible is not a bool"),
        (
            {"shapes": [{"x": 1}, {"kind": "line", "ends": [1]}]},
            r"drawing.shapes\[1\].ends is not a list of the right length",
        ),
        ({"shapes": [{"x": 1}, {"kind": "line", "ends": [1, True]}]}, r"drawing.shapes\[1\].ends\[1\] is not a int"),
        ({"shapes": [{"kind": "circle"}]}, r"drawing.shapes\[0\].kind is not one of \('line',\)"),
        ({"shapes": [{"kind": ["line"]}]}, r"drawing.shapes\[0\].kind is not one of"),
        ({"shapes": [{"kind": {}}]}, r"drawing.shapes\[0\].kind is not one of"),
        ({"shapes": [None]}, r"drawing.shapes\[0\] is not an object"),
    ],
)
def test_a_misfit_is_named_with_its_place(data: object, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        from_plain(Drawing, data, "drawing")
