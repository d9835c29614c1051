"""Text widths and cutting, against the fonts themselves where they can be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.draw.measure import ELLIPSIS, fit, shrink, text_width

ROOT = Path(__file__).parents[2]


def test_every_character_of_numbers_is_known() -> None:
    faces = json.loads((ROOT / "app/draw/font_widths.json").read_text("utf-8"))
    for face in ("text", "strong"):
        assert set("0123456789.−+×=→∞⁻⁰¹²³⁴⁵⁶⁷⁸⁹…()[],naifjTrueFalseNone") <= faces[face].keys()
    assert {"w", "α", "θ", "Ω", "_", "1"} <= faces["math"].keys()


def test_widths_are_the_fonts_own() -> None:
    # Inter's advances, units of 2048 to the em: 1292 for 0, 833 for 1 (regular); 1351 for 0 (semibold).
    assert text_width("0", 1000) == pytest.approx(1292 / 2.048, abs=1)
    assert text_width("1", 1000) == pytest.approx(833 / 2.048, abs=1)
    assert text_width("0", 1000, "strong") == pytest.approx(1351 / 2.048, abs=1)
    assert text_width("ab", 10) == pytest.approx(text_width("a", 10) + text_width("b", 10))
    assert text_width("日", 10) >= 10
    assert text_width("e\u0301", 10) == text_width("e", 10)


@given(st.text(max_size=40), st.floats(20, 200))
def test_fit_fits_and_keeps_the_beginning(text: str, room: float) -> None:
    shown = fit(text, room, 16)
    assert text_width(shown, 16) <= max(room, text_width(ELLIPSIS, 16)) + 0.01
    if shown != text:
        assert shown.endswith(ELLIPSIS)
        assert text.startswith(shown[:-1])


@given(st.text("0123456789−.×⁻", min_size=1, max_size=20), st.floats(40, 120))
def test_shrink_fits_or_is_the_least(text: str, room: float) -> None:
    size = shrink(text, room, 30, 8, "strong")
    assert 8 <= size <= 30
    assert size == 8 or text_width(text, size, "strong") <= room + 0.01
