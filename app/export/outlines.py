"""Text of an SVG as paths, in the drawing's own fonts: what is drawn needs no font where it is opened.

One choice of glyphs for every export that holds no text. Advances are those that `app.draw.measure` reckons with, so a
text stays in the room that was measured for it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

from app.draw.measure import Face, text_width

SVG = "http://www.w3.org/2000/svg"
FONTS = Path(__file__).resolve().parents[2] / "static" / "vendor" / "fonts"
FILES: dict[Face, tuple[str, ...]] = {
    "text": ("inter-400",),
    "strong": ("inter-600",),
    "math": ("stix-two-text-italic-400", "stix-two-text-italic-400-greek", "inter-400"),
    "code": ("jetbrains-mono-400", "jetbrains-mono-400-greek", "inter-400"),
}
"""The fonts of a face, in the order in which a glyph is looked for."""
SYMBOLS = ("noto-sans-400", "noto-sans-math-400")
"""Where letters like ᵀ and signs like ⊙ come from, which the text fonts lack."""
_WRITING = {"font-size", "font-family", "font-weight", "font-style", "text-anchor"}


@dataclass(frozen=True, slots=True)
class Style:
    """What the text of an element inherits."""

    size: float = 16.0
    face: Face = "text"
    anchor: str = "start"

    def of(self, element: ET.Element) -> Style:
        """The style within `element`."""
        get = element.get
        face: Face = self.face
        family = get("font-family", "")
        if family:
            face = "math" if family.startswith("STIX") else "code" if family.startswith("JetBrains") else "text"
        weight = get("font-weight")
        if weight and face in ("text", "strong"):
            face = "strong" if weight in ("600", "700", "bold") else "text"
        return Style(float(get("font-size", self.size)), face, get("text-anchor", self.anchor))


@dataclass(frozen=True, slots=True)
class Run:
    """Letters of one style; `rise` is what they stand below the line of their text."""

    text: str
    style: Style
    rise: float
    attributes: dict[str, str]

    @property
    def width(self) -> float:
        """In the drawing's units."""
        return text_width(self.text, self.style.size, self.style.face)


def outlined(svg: str) -> str:
    """The SVG with each `<text>` as a group of paths that keeps its class, colours and words (as `aria-label`).

    A character that no font of ours has is drawn as the box that stands for it.
    """
    ET.register_namespace("", SVG)
    root = ET.fromstring(svg)  # noqa: S314 - our own template's output, which escapes all names
    _walk(root, Style().of(root))
    return ET.tostring(root, "unicode")


def _walk(element: ET.Element, style: Style) -> None:
    for index, child in enumerate(element):
        within = style.of(child)
        if child.tag == f"{{{SVG}}}text":
            element[index] = _group(child, within)
        else:
            _walk(child, within)
    for name in _WRITING:
        element.attrib.pop(name, None)


def _group(text: ET.Element, style: Style) -> ET.Element:
    runs = runs_of(text, style)
    kept = {name: value for name, value in text.attrib.items() if name not in {*_WRITING, "x", "y"}}
    group = ET.Element(f"{{{SVG}}}g", {**kept, "aria-label": "".join(run.text for run in runs)})
    group.tail = text.tail
    width = sum(run.width for run in runs)
    x, y = float(text.get("x", 0)), float(text.get("y", 0))
    x -= {"middle": width / 2, "end": width}.get(style.anchor, 0)
    for run in runs:
        d = _path(run.text, run.style, x, y + run.rise)
        if d:
            ET.SubElement(group, f"{{{SVG}}}path", {**run.attributes, "d": d})
        x += run.width
    return group


def runs_of(text: ET.Element, style: Style) -> list[Run]:
    found = [Run(text.text or "", style, 0, {})]
    rise = 0.0
    for span in text:
        rise += float(span.get("dy", 0))
        kept = {name: value for name, value in span.attrib.items() if name in ("class", "fill")}
        found.append(Run(span.text or "", replace(style.of(span), anchor=style.anchor), rise, kept))
        found.append(Run(span.tail or "", style, rise, {}))
    return [run for run in found if run.text]


def _path(text: str, style: Style, x: float, y: float) -> str:
    pen = SVGPathPen(None, ntos=lambda number: f"{number:.2f}".rstrip("0").rstrip("."))
    for char in text:
        font, glyph = glyph_of(style.face, char)
        scale = style.size / units_of(font)
        _recording(font, glyph).replay(TransformPen(pen, (scale, 0, 0, -scale, x, y)))
        x += text_width(char, style.size, style.face)
    commands: str = pen.getCommands()
    return commands


@lru_cache(4096)
def glyph_of(face: Face, char: str) -> tuple[str, str]:
    """The font and the name of the glyph of a character; a space draws nothing, nor does a control character."""
    files = FILES[face]
    for name in (*files, *SYMBOLS):
        found = font_of(name).getBestCmap().get(ord(char))
        if found is not None:
            return name, found
    blank = unicodedata.category(char) in ("Zs", "Cc", "Cf", "Mn")
    return files[0], "space" if blank else ".notdef"


@lru_cache(4096)
def _recording(font: str, glyph: str) -> Any:
    pen = DecomposingRecordingPen(glyphs_of(font))
    glyphs_of(font)[glyph].draw(pen)
    return pen


@cache
def font_of(name: str) -> Any:
    """A vendored font with its tables read, since threads share it and reading is not made for that."""
    font = TTFont(FONTS / f"{name}.woff2")
    for table in ("head", "hhea", "maxp", "hmtx", "cmap", "loca", "glyf"):
        font[table]
    font.getBestCmap()
    font.getGlyphID(font.getGlyphOrder()[0])
    return font


@cache
def glyphs_of(font: str) -> Any:
    return font_of(font).getGlyphSet()


@cache
def units_of(font: str) -> int:
    """Units of the font for each of its size."""
    units: int = font_of(font)["head"].unitsPerEm
    return units
