"""The colours of the drawing as plain values, for exports that know no CSS variables.

Read from static/css/tokens.css, which alone says what they are: field `card` is `--card`, `ink_soft` is `--ink-soft`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

TOKENS = Path(__file__).parents[2] / "static" / "css" / "tokens.css"
SHADES = 5
Theme = Literal["light", "dark", "contrast"]

_COLOUR = re.compile(r"--([a-z0-9-]+):\s*(?:light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)|(#[0-9a-f]{6}));")
_CONTRAST = re.compile(r'\[data-theme="contrast"\] \{(.*?)\n\}', re.S)


@dataclass(frozen=True, slots=True)
class Palette:
    """One theme. `value`, `grad` and `below` are five shades of a heat map, weakest first."""

    paper: str
    card: str
    ink: str
    ink_soft: str
    line: str
    line_strong: str
    forward: str
    forward_ink: str
    forward_bg: str
    gradient: str
    gradient_ink: str
    gradient_bg: str
    leaf: str
    leaf_ink: str
    leaf_bg: str
    plain: str
    nan: str
    value: tuple[str, ...]
    grad: tuple[str, ...]
    below: tuple[str, ...]


def colours(theme: Theme, sheet: str) -> dict[str, str]:
    """Every colour token of a theme, as `#rrggbb` by its name without dashes before it.

    Raises:
        ValueError: the sheet has no block for high contrast.
    """
    block = _CONTRAST.search(sheet)
    if block is None:
        raise ValueError("the style sheet has no [data-theme=contrast]")
    common = {name: (light, dark) for name, light, dark, _one in _COLOUR.findall(sheet) if light}
    if theme == "contrast":
        return {name: light for name, (light, _dark) in common.items()} | {
            name: one for name, _light, _dark, one in _COLOUR.findall(block[1]) if one
        }
    return {name: pair[theme == "dark"] for name, pair in common.items()}


def palette(named: Mapping[str, str]) -> Palette:
    """The palette of a theme's tokens.

    Raises:
        KeyError: one is missing.
    """
    made: dict[str, str | tuple[str, ...]] = {}
    for field in fields(Palette):
        name = field.name.replace("_", "-")
        ramp = field.name in ("value", "grad", "below")
        made[field.name] = tuple(named[f"{name}-{k}"] for k in range(1, SHADES + 1)) if ramp else named[name]
    return Palette(**made)  # type: ignore[arg-type]


_SHEET = TOKENS.read_text("utf-8")
LIGHT, DARK, CONTRAST = (palette(colours(theme, _SHEET)) for theme in ("light", "dark", "contrast"))
PALETTES = {"light": LIGHT, "auto": LIGHT, "dark": DARK, "contrast": CONTRAST}
"""`auto` is for pages, whose style sheet follows the system; a file has to choose."""
