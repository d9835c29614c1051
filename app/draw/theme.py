"""The colours of the drawing as plain values, for exports that know no CSS variables.

The same colours as static/css/tokens.css (a test compares them): field `card` is `--card`, `ink_soft` is `--ink-soft`.
"""

from __future__ import annotations

from dataclasses import dataclass


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


LIGHT = Palette(
    paper="#fbfbf9",
    card="#ffffff",
    ink="#1b2430",
    ink_soft="#55606e",
    line="#dfe3e8",
    line_strong="#b9c1cb",
    forward="#0072b2",
    forward_ink="#005a8f",
    forward_bg="#e9f3fa",
    gradient="#d55e00",
    gradient_ink="#a94400",
    gradient_bg="#fdefe6",
    leaf="#009e73",
    leaf_ink="#00684c",
    leaf_bg="#e6f5f0",
    plain="#9aa3ae",
    nan="#c2185b",
    value=("#c3dff0", "#8fc3e3", "#559fce", "#1f7db8", "#005084"),
    grad=("#fbd3b8", "#f5ae81", "#ea8546", "#cf5a09", "#8f3a00"),
    below=("#d5dae0", "#b0b8c2", "#87919e", "#5c6877", "#333f4e"),
)
DARK = Palette(
    paper="#12171d",
    card="#1b222b",
    ink="#eaeef3",
    ink_soft="#a7b3c1",
    line="#2b3540",
    line_strong="#475462",
    forward="#56b4e9",
    forward_ink="#8fd0f5",
    forward_bg="#16303f",
    gradient="#ff8f4a",
    gradient_ink="#ffb184",
    gradient_bg="#3b2417",
    leaf="#35c49a",
    leaf_ink="#7be0c1",
    leaf_bg="#12332a",
    plain="#66727f",
    nan="#ff6fa3",
    value=("#1f4a63", "#2b6a8f", "#3f8fbf", "#66b7e6", "#b3e0fa"),
    grad=("#5e3317", "#8a481b", "#bd6426", "#f08a45", "#ffc7a1"),
    below=("#3a4552", "#566372", "#778594", "#a0acb9", "#d9e0e7"),
)
CONTRAST = Palette(
    paper="#ffffff",
    card="#ffffff",
    ink="#000000",
    ink_soft="#1a1a1a",
    line="#000000",
    line_strong="#000000",
    forward="#00497a",
    forward_ink="#003a63",
    forward_bg="#e6f2fb",
    gradient="#a83200",
    gradient_ink="#8a2900",
    gradient_bg="#fdeee4",
    leaf="#005c42",
    leaf_ink="#004a35",
    leaf_bg="#e3f4ee",
    plain="#404040",
    nan="#b0005a",
    value=("#b5d3e8", "#7fb1d6", "#4188bb", "#0f5e94", "#002f52"),
    grad=("#f9c9a9", "#ee9a66", "#d56a28", "#a83200", "#5c1b00"),
    below=("#cccccc", "#999999", "#6e6e6e", "#404040", "#000000"),
)
PALETTES = {"light": LIGHT, "auto": LIGHT, "dark": DARK, "contrast": CONTRAST}
"""`auto` is for pages, whose style sheet follows the system; a file has to choose."""
