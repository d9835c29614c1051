"""Exports and pages have the same colours, and text on them is legible."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from app.draw.theme import CONTRAST, DARK, LIGHT, Palette

CSS = (Path(__file__).parents[2] / "static/css/tokens.css").read_text("utf-8")
BLOCKS = {
    "light": re.search(r':root,\s*\[data-theme="light"\] \{(.*?)\n\}', CSS, re.S),
    "dark": re.search(r'\n\[data-theme="dark"\] \{(.*?)\n\}', CSS, re.S),
    "contrast": re.search(r'\n\[data-theme="contrast"\] \{(.*?)\n\}', CSS, re.S),
    "auto": re.search(r"@media \(prefers-color-scheme: dark\) \{\s*:root.*?\{(.*?)\n  \}", CSS, re.S),
}


def tokens(theme: str) -> dict[str, str]:
    block = BLOCKS[theme]
    assert block is not None
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", block[1]))


@pytest.mark.parametrize(
    ("theme", "palette"), [("light", LIGHT), ("dark", DARK), ("contrast", CONTRAST), ("auto", DARK)]
)
def test_the_palette_is_that_of_the_tokens(theme: str, palette: Palette) -> None:
    named = tokens(theme)
    for field in fields(Palette):
        value = getattr(palette, field.name)
        name = field.name.replace("_", "-")
        shades = {name: value} if isinstance(value, str) else {f"{name}-{k}": v for k, v in enumerate(value, 1)}
        assert {key: named.get(key) for key in shades} == shades


def luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK, CONTRAST])
def test_text_is_legible(palette: Palette) -> None:
    pairs = [
        (palette.ink, palette.card),
        (palette.ink_soft, palette.card),
        (palette.ink_soft, palette.paper),
        (palette.forward_ink, palette.forward_bg),
        (palette.gradient_ink, palette.gradient_bg),
    ]
    assert min(contrast(a, b) for a, b in pairs) >= 4.5
    lines = [palette.forward, palette.gradient, palette.leaf]
    assert min(contrast(line, palette.paper) for line in lines) >= 3


@pytest.mark.parametrize("palette", [LIGHT, DARK, CONTRAST])
def test_shades_go_one_way_from_the_ground(palette: Palette) -> None:
    """So that a heat map reads without colour: the stronger, the further from the card."""
    for shades in (palette.value, palette.grad, palette.below):
        distance = [contrast(shade, palette.card) for shade in shades]
        assert distance == sorted(distance)
