"""Outlines of SVG's basic shapes and path data as absolute lines and Béziers."""

from __future__ import annotations

import re
from collections.abc import Mapping

Point = tuple[float, float]
Segment = tuple[str, tuple[Point, ...]]
"""`M` and `L` to a point, `C` by two controls to a point, `Z`."""

PAINTED = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
"""The elements that have an outline."""

_ROUND = 0.5522847498
"""Control points of a quarter circle by Béziers, of its radius."""
_TOKEN = re.compile(r"[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_NUMBERS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "Q": 4, "Z": 0}
"""How many numbers a command takes."""


def segments_of(tag: str, attributes: Mapping[str, str]) -> list[Segment]:
    """The outline of an element, in its own units; empty where it has no extent.

    Raises:
        ValueError: path data with a command that isn't read here.
    """

    def number(name: str) -> float:
        return float(attributes.get(name, 0))

    if tag == "path":
        return _path(attributes.get("d", ""))
    if tag == "rect":
        round_ = float(attributes.get("rx", attributes.get("ry", "0")))
        return _rectangle(number("x"), number("y"), number("width"), number("height"), round_)
    if tag in ("circle", "ellipse"):
        rx, ry = (number("r"), number("r")) if tag == "circle" else (number("rx"), number("ry"))
        return _rounded((number("cx") - rx, number("cy") - ry), (2 * rx, 2 * ry), (rx, ry))
    if tag == "line":
        return [("M", ((number("x1"), number("y1")),)), ("L", ((number("x2"), number("y2")),))]
    flat = [float(one) for one in _TOKEN.findall(attributes.get("points", ""))]
    corners = list(zip(flat[::2], flat[1::2], strict=True))
    lines: list[Segment] = [("L" if k else "M", (corner,)) for k, corner in enumerate(corners)]
    return [*lines, ("Z", ())] if tag == "polygon" else lines


def _rectangle(x: float, y: float, width: float, height: float, r: float) -> list[Segment]:
    if width <= 0 or height <= 0:
        return []
    if r > 0:
        return _rounded((x, y), (width, height), (min(r, width / 2), min(r, height / 2)))
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    return [*(("L" if k else "M", (corner,)) for k, corner in enumerate(corners)), ("Z", ())]


def _rounded(corner: Point, size: Point, radius: Point) -> list[Segment]:
    (x, y), (rx, ry) = corner, radius
    right, bottom = x + size[0], y + size[1]
    kx, ky = rx * (1 - _ROUND), ry * (1 - _ROUND)
    return [
        ("M", ((x + rx, y),)),
        ("L", ((right - rx, y),)),
        ("C", ((right - kx, y), (right, y + ky), (right, y + ry))),
        ("L", ((right, bottom - ry),)),
        ("C", ((right, bottom - ky), (right - kx, bottom), (right - rx, bottom))),
        ("L", ((x + rx, bottom),)),
        ("C", ((x + kx, bottom), (x, bottom - ky), (x, bottom - ry))),
        ("L", ((x, y + ry),)),
        ("C", ((x, y + ky), (x + kx, y), (x + rx, y))),
        ("Z", ()),
    ]


def _path(d: str) -> list[Segment]:
    """Path data in absolute lines and Béziers."""
    out: list[Segment] = []
    tokens = _TOKEN.findall(d)
    at, start, command, here = 0, (0.0, 0.0), "", (0.0, 0.0)
    while at < len(tokens):
        if tokens[at].isalpha():
            command = tokens[at]
            at += 1
        kind = command.upper()
        if kind not in _NUMBERS:
            raise ValueError(f"path command {command!r} has no mark")
        count = _NUMBERS[kind]
        values = [float(token) for token in tokens[at : at + count]]
        at += count
        ox, oy = here if command.islower() else (0.0, 0.0)
        if kind == "Z":
            out.append(("Z", ()))
            here, command = start, ""
            continue
        if kind in "HV":
            here = (values[0] + ox, here[1]) if kind == "H" else (here[0], values[0] + oy)
            out.append(("L", (here,)))
            continue
        ends = [(x + ox, y + oy) for x, y in zip(values[::2], values[1::2], strict=True)]
        if kind == "Q":
            (ax, ay), (bx, by), (cx, cy) = here, *ends
            ends = [
                (ax + (bx - ax) * 2 / 3, ay + (by - ay) * 2 / 3),
                (cx + (bx - cx) * 2 / 3, cy + (by - cy) * 2 / 3),
                (cx, cy),
            ]
            kind = "C"
        out.append((kind, tuple(ends)))
        here = ends[-1]
        if kind == "M":
            start, command = here, "l" if command == "m" else "L"
    return out
