"""A cel as marks to be made: shapes and letters in units of the drawing, with nothing inherited.

Reads the few elements and attributes of SVG that the one template writes, for formats that have no SVG of their own.
What it doesn't know it refuses, so that nothing is ever left out of a picture unnoticed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from xml.etree import ElementTree as ET

from app.export.outlines import SVG, Run, Style, runs_of
from app.export.segments import PAINTED, Point, Segment, segments_of

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

_MOVE = re.compile(r"(translate|scale)\(([^)]*)\)")
_SILENT = {"title", "desc", "metadata"}


@dataclass(frozen=True, slots=True)
class Shape:
    """Colours are `#rrggbb`, None for none; `dash` in units, empty for a whole line; alphas from 0 to 1."""

    segments: tuple[Segment, ...]
    fill: str | None
    stroke: str | None
    width: float
    dash: tuple[float, ...]
    fill_alpha: float
    stroke_alpha: float
    caps: str
    """`butt`, `round` or `square`; joins are round where caps are."""


@dataclass(frozen=True, slots=True)
class Letters:
    """Text in one style, from its left end on its base line."""

    text: str
    x: float
    y: float
    style: Style
    fill: str
    alpha: float


@dataclass(frozen=True, slots=True)
class Veil:
    """Marks seen together through one alpha, as if on glass."""

    alpha: float
    marks: tuple[Mark, ...]


Mark = Shape | Letters | Veil


@dataclass(frozen=True, slots=True)
class _Frame:
    """What an element inherits. `sx`, `sy`, `tx`, `ty`: from its own units to the drawing's."""

    style: Style
    fill: str | None = "#000000"
    stroke: str | None = None
    width: float = 1.0
    dash: tuple[float, ...] = ()
    fill_alpha: float = 1.0
    stroke_alpha: float = 1.0
    caps: str = "butt"
    sx: float = 1.0
    sy: float = 1.0
    tx: float = 0.0
    ty: float = 0.0

    def at(self, x: float, y: float) -> Point:
        return x * self.sx + self.tx, y * self.sy + self.ty

    def within(self, element: ET.Element) -> _Frame:
        """The frame of what is inside `element`."""
        get = element.get
        frame = replace(
            self,
            style=self.style.of(element),
            fill=_colour(get("fill"), self.fill),
            stroke=_colour(get("stroke"), self.stroke),
            width=float(get("stroke-width", self.width)),
            fill_alpha=float(get("fill-opacity", self.fill_alpha)),
            stroke_alpha=float(get("stroke-opacity", self.stroke_alpha)),
            caps=get("stroke-linecap", self.caps),
        )
        dash = get("stroke-dasharray")
        if dash is not None:
            frame = replace(frame, dash=() if dash == "none" else tuple(map(float, dash.replace(",", " ").split())))
        moved = get("transform", "")
        for kind, numbers in _MOVE.findall(moved):
            values = [float(number) for number in numbers.replace(",", " ").split()]
            x, y = values if len(values) == 2 else (values[0], values[0] if kind == "scale" else 0.0)
            if kind == "translate":
                frame = replace(frame, tx=frame.tx + x * frame.sx, ty=frame.ty + y * frame.sy)
            else:
                frame = replace(frame, sx=frame.sx * x, sy=frame.sy * y)
        if _MOVE.sub("", moved).strip():
            raise ValueError(f"transform {moved!r} has no mark")
        return frame


def marks(opened: tuple[str, ...], svg: str) -> tuple[Mark, ...]:
    """The marks of elements within the opening tags `opened`, outermost first.

    Raises:
        ValueError: an element or attribute that has no mark.
    """
    # The tags' own namespace is the first one's.
    names = [re.match(r"<(\w+)", tag) for tag in opened]
    closed = "".join(f"</{name[1]}>" for name in reversed(names) if name is not None)
    return tuple(_inside(ET.fromstring(f"{''.join(opened)}{svg}{closed}"), _Frame(Style())))  # noqa: S314 - our own


def box(found: tuple[Mark, ...]) -> Box | None:
    """What the marks cover, control points, line widths and the height of letters reckoned generously."""
    points: list[Point] = []
    for mark in found:
        if isinstance(mark, Veil):
            inner = box(mark.marks)
            points += [inner[:2], inner[2:]] if inner else []
        elif isinstance(mark, Letters):
            width = Run(mark.text, mark.style, 0, {}).width
            points += [
                (mark.x - 2, mark.y - mark.style.size * 1.2),
                (mark.x + width + 2, mark.y + mark.style.size * 0.4),
            ]
        else:
            grown = mark.width if mark.stroke else 0.0
            for _command, ends in mark.segments:
                points += [(x - grown, y - grown) for x, y in ends] + [(x + grown, y + grown) for x, y in ends]
    if not points:
        return None
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _inside(element: ET.Element, outer: _Frame) -> Iterator[Mark]:
    tag = element.tag.removeprefix(f"{{{SVG}}}")
    if tag in _SILENT:
        return
    frame = outer.within(element)
    if tag in ("svg", "g"):
        inner: Iterator[Mark] = (mark for child in element for mark in _inside(child, frame))
    elif tag == "text":
        inner = _letters(element, frame)
    elif tag in PAINTED:
        inner = _shape(tag, element, frame)
    else:
        raise ValueError(f"<{tag}> has no mark")
    alpha = float(element.get("opacity", 1))
    if alpha < 1:
        veiled = tuple(inner)
        if veiled:
            yield Veil(alpha, veiled)
    else:
        yield from inner


def _letters(element: ET.Element, frame: _Frame) -> Iterator[Mark]:
    runs = runs_of(element, frame.style)
    x, y = float(element.get("x", 0)), float(element.get("y", 0))
    width = sum(run.width for run in runs)
    x -= {"middle": width / 2, "end": width}.get(frame.style.anchor, 0.0)
    for run in runs:
        left, base = frame.at(x, y + run.rise)
        fill = _colour(run.attributes.get("fill"), frame.fill)
        if run.text.strip() and fill:
            style = replace(run.style, size=run.style.size * frame.sy)
            yield Letters(run.text, left, base, style, fill, frame.fill_alpha)
        x += run.width


def _shape(tag: str, element: ET.Element, frame: _Frame) -> Iterator[Mark]:
    local = segments_of(tag, element.attrib)
    if not local or not (frame.fill or frame.stroke):
        return
    if frame.stroke and not frame.fill and abs(frame.sx - frame.sy) > 1e-6:
        yield _bars(local, frame)  # an unevenly scaled line is as broad as its direction says
        return
    segments = tuple((command, tuple(frame.at(x, y) for x, y in ends)) for command, ends in local)
    scale = (frame.sx * frame.sy) ** 0.5
    dash = tuple(length * scale for length in frame.dash)
    yield Shape(
        segments, frame.fill, frame.stroke, frame.width * scale, dash, frame.fill_alpha, frame.stroke_alpha, frame.caps
    )


def _bars(local: list[Segment], frame: _Frame) -> Shape:
    """Level strokes, as the cells of a heat map are drawn, as filled bars."""
    half = frame.width / 2
    segments: list[Segment] = []
    for (_move, (start,)), (line, ends) in zip(local[::2], local[1::2], strict=True):
        if line != "L" or ends[0][1] != start[1]:
            raise ValueError("an uneven scale has marks for level lines only")
        (left, y), (right, _y) = start, ends[0]
        corners = [(left, y - half), (right, y - half), (right, y + half), (left, y + half)]
        segments += [("M" if k == 0 else "L", (frame.at(*corner),)) for k, corner in enumerate(corners)]
        segments.append(("Z", ()))
    return Shape(tuple(segments), frame.stroke, None, 0, (), frame.stroke_alpha, 1, "butt")


def _colour(given: str | None, inherited: str | None) -> str | None:
    if given is None:
        return inherited
    if given == "none":
        return None
    if not re.fullmatch("#[0-9a-fA-F]{6}", given):
        raise ValueError(f"colour {given!r} has no mark")
    return given
