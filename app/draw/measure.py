"""How wide a text is in the drawing's own fonts, and the longest beginning that fits a given room.

The widths are those of the vendored fonts (scripts/font_widths.py writes the table), so that a layout needs no browser.
"""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from pathlib import Path
from typing import Literal

Face = Literal["text", "strong", "math", "code"]
"""Inter 400, Inter 600, STIX Two Text italic, JetBrains Mono."""

ELLIPSIS = "…"
UNKNOWN = 620
"""Thousandths of the size for a character that no face has: about the widest Latin letters of the fallback fonts."""
WIDE = 1050
"""The same for East Asian wide characters and emoji."""


@cache
def _table(face: Face) -> dict[str, int]:
    faces = json.loads((Path(__file__).parent / "font_widths.json").read_text("utf-8"))
    table: dict[str, int] = faces[face]
    return table


def _unknown(char: str) -> int:
    if unicodedata.east_asian_width(char) in "WF":
        return WIDE
    return 0 if unicodedata.combining(char) else UNKNOWN


def text_width(text: str, size: float, face: Face = "text") -> float:
    """Width of `text` in the drawing's units, `size` being the font size in the same."""
    table = _table(face)
    get = table.get
    total = 0
    for char in text:
        total += get(char) or _unknown(char)
    return total * size / 1000


def fit(text: str, room: float, size: float, face: Face = "text") -> str:
    """`text`, or its longest beginning with an ellipsis that is at most `room` wide."""
    if text_width(text, size, face) <= room:
        return text
    room -= text_width(ELLIPSIS, size, face)
    table = _table(face)
    used, cut = 0.0, 0
    for char in text:
        used += (table.get(char) or _unknown(char)) * size / 1000
        if used > room:
            break
        cut += 1
    return text[:cut].rstrip() + ELLIPSIS


def shrink(text: str, room: float, size: float, least: float, face: Face = "text") -> float:
    """The font size, at most `size` and at least `least`, at which `text` is as wide as `room` or narrower."""
    width = text_width(text, size, face)
    if width <= room:
        return size
    return max(least, round(size * room / width - 0.05, 1))
