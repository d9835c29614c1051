"""Exports and pages have the same colours, and text on them is legible."""

from __future__ import annotations

import re

import pytest

from app.draw.theme import CONTRAST, DARK, LIGHT, PALETTES, TOKENS, Palette, Theme, colours, palette

CSS = TOKENS.read_text("utf-8")
THEMES: tuple[Theme, ...] = ("light", "dark", "contrast")


def test_each_colour_stands_once() -> None:
    """For light and dark together, and for high contrast; a style sheet that names one besides would go its own way."""
    names = re.findall(r"^ *--([a-z0-9-]+): light-dark\(", CSS, re.M)
    assert len(names) == len(set(names)) > 40
    assert set(colours("contrast", CSS)) == set(colours("light", CSS)) == set(colours("dark", CSS))
    for sheet in TOKENS.parent.glob("*.css"):
        if sheet != TOKENS:
            named = [
                c for c in re.findall(r"#[0-9a-fA-F]{3,8}\b", sheet.read_text("utf-8")) if c not in ("#fff", "#000")
            ]
            assert named == [], sheet.name


@pytest.mark.parametrize("theme", THEMES)
def test_the_palette_is_that_of_the_tokens(theme: Theme) -> None:
    named = colours(theme, CSS)
    made = PALETTES[theme]
    assert (made.paper, made.gradient_ink, made.value[0], made.below[4]) == (
        named["paper"], named["gradient-ink"], named["value-1"], named["below-5"],
    )  # fmt: skip


def test_known_colours() -> None:
    assert (LIGHT.forward, LIGHT.gradient, LIGHT.leaf) == ("#0072b2", "#d55e00", "#009e73")
    assert (DARK.forward, CONTRAST.ink) == ("#56b4e9", "#000000")


def test_a_missing_colour_is_told() -> None:
    with pytest.raises(KeyError, match="plain"):
        palette(colours("light", CSS.replace("--plain: light", "--plane: light")))
    with pytest.raises(ValueError, match="contrast"):
        colours("light", CSS.replace('"contrast"', '"loud"'))


def luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_text_is_legible(theme: Theme) -> None:
    named = colours(theme, CSS)
    grounds = ("paper", "card", "raised", "sunken", "mark", "mark-strong", "forward-bg", "gradient-bg", "error-bg")
    code = ("paper", "card", "mark", "mark-strong")
    inks = dict.fromkeys(("ink", "ink-soft"), grounds)
    inks |= dict.fromkeys(("forward-ink", "gradient-ink", "leaf-ink"), code)
    pairs = [(ink, ground) for ink, on in inks.items() for ground in on]
    pairs += [("forward-ink", "forward-bg"), ("gradient-ink", "gradient-bg"), ("error", "error-bg"), ("error", "paper")]
    pale = {f"{a} on {b}": contrast(named[a], named[b]) for a, b in pairs if contrast(named[a], named[b]) < 4.5}
    assert pale == {}
    lines = [named[name] for name in ("forward", "gradient", "leaf", "focus")]
    assert min(contrast(line, named["paper"]) for line in lines) >= 3


@pytest.mark.parametrize("palette", [LIGHT, DARK, CONTRAST])
def test_shades_go_one_way_from_the_ground(palette: Palette) -> None:
    """So that a heat map reads without colour: the stronger, the further from the card."""
    for shades in (palette.value, palette.grad, palette.below):
        distance = [contrast(shade, palette.card) for shade in shades]
        assert distance == sorted(distance)
