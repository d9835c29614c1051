"""The lines of the drawing: each edge as two lanes side by side, the value's way there and the gradient's way back.

Takes Graphviz's curves as the middle line, moves their ends apart where several meet at one card, and offsets the lanes.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.core.parameters import Direction
from app.draw.dot import Box, plate_name
from app.draw.graph import DrawnEdge
from app.draw.layout import Layout, Point

LANE = 6.0
"""Half the distance of the two lanes."""
PORT = 30.0
"""Distance of the ends of two edges at one side of a card, where there is room."""
SHIFT: dict[Direction, Point] = {"LR": (0.0, -7.0), "TB": (-38.0, 0.0)}
"""Where the middle line runs relative to a plate's (and so to every card's) centre; the chip needs more room than the number."""
ARROW, ARROW_HALF = 12.0, 5.5


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line's path data, and the triangle at its end."""

    line: str
    tip: str
    points: tuple[Point, ...]
    """The line's Béziers, `1 + 3·k` points."""


@dataclass(frozen=True, slots=True)
class Route:
    """One edge's lanes. `way`: from tail to head; `back`: from head to tail, None where no gradient flows."""

    way: Arrow
    back: Arrow | None
    plate: Point | None
    """The middle of the straight piece on its plate."""


def routes(
    layout: Layout,
    boxes: Mapping[str, Box],
    edges: tuple[DrawnEdge, ...],
    plates: Mapping[str, Box],
    direction: Direction,
) -> dict[str, Route]:
    """Every edge's route."""
    axis = 0 if direction == "LR" else 1
    curves: defaultdict[tuple[str, str], list[tuple[Point, ...]]] = defaultdict(list)
    for curve in layout.curves:
        curves[curve.tail, curve.head].append(curve.points)
    middles: dict[str, list[Point]] = {}
    for edge in edges:
        if edge.key in plates:
            plate = plate_name(edge.key)
            first, second = curves[edge.tail, plate][0], curves[plate, edge.head][0]
            middles[edge.key] = [*first, *_straight(first[-1], second[0]), *second[1:]]
        else:
            middles[edge.key] = list(curves[edge.tail, edge.head].pop())
    ports = _ports(layout, boxes, edges, middles, axis)
    out = {}
    for edge in edges:
        half = boxes[edge.tail], boxes[edge.head]
        tail, head = (
            _side(layout.nodes[key], box, axis, end)
            for key, box, end in zip((edge.tail, edge.head), half, (1, -1), strict=True)
        )
        across = 1 - axis
        tail, head = (
            _moved(tail, across, ports[edge.key, "tail"] + SHIFT[direction][across]),
            _moved(head, across, ports[edge.key, "head"] + SHIFT[direction][across]),
        )
        plated = edge.key in plates
        centre = layout.nodes[plate_name(edge.key)] if plated else None
        if centre is not None:
            centre = _moved(centre, across, SHIFT[direction][across])
            middle = _through(middles[edge.key], tail, head, centre, plates[edge.key], axis)
        else:
            middle = _between(middles[edge.key], tail, head, axis)
        out[edge.key] = Route(
            _arrow(_offset(middle, -LANE if plated else 0.0)),
            _arrow(_offset(middle, LANE)[::-1]) if plated else None,
            centre,
        )
    return out


def _straight(a: Point, b: Point) -> list[Point]:
    """Two control points and the end of a straight Bézier from a to b."""
    third = ((b[0] - a[0]) / 3, (b[1] - a[1]) / 3)
    return [(a[0] + third[0], a[1] + third[1]), (b[0] - third[0], b[1] - third[1]), b]


def _side(centre: Point, box: Box, axis: int, end: int) -> Point:
    if axis == 0:
        return (centre[0] + end * box.width / 2, centre[1])
    return (centre[0], centre[1] + end * box.height / 2)


def _moved(point: Point, across: int, by: float) -> Point:
    return (point[0], point[1] + by) if across == 1 else (point[0] + by, point[1])


def _ports(
    layout: Layout,
    boxes: Mapping[str, Box],
    edges: tuple[DrawnEdge, ...],
    middles: Mapping[str, list[Point]],
    axis: int,
) -> dict[tuple[str, Literal["tail", "head"]], float]:
    """How far beside the middle of its side each edge's end lies, so that no two ends meet and none cross at the card."""
    across = 1 - axis
    ends: defaultdict[tuple[str, str], list[tuple[float, str]]] = defaultdict(list)
    for edge in edges:
        points = middles[edge.key]
        ends[edge.tail, "tail"].append((points[min(3, len(points) - 1)][across], edge.key))
        ends[edge.head, "head"].append((points[max(-4, -len(points))][across], edge.key))
    ports: dict[tuple[str, Literal["tail", "head"]], float] = {}
    for (key, end), items in ends.items():
        box = boxes[key]
        room = (box.height if axis == 0 else box.width) - 40
        step = min(PORT, room / max(len(items) - 1, 1))
        for place, (_where, edge_key) in enumerate(sorted(items)):
            ports[edge_key, "tail" if end == "tail" else "head"] = (place - (len(items) - 1) / 2) * step
    return ports


def _s_curve(a: Point, b: Point, axis: int) -> list[Point]:
    """From a to b, leaving and arriving along the axis; without the first point."""
    reach = abs(b[axis] - a[axis]) * 0.5
    if axis == 0:
        return [(a[0] + reach, a[1]), (b[0] - reach, b[1]), b]
    return [(a[0], a[1] + reach), (b[0], b[1] - reach), b]


def _through(middle: list[Point], tail: Point, head: Point, centre: Point, plate: Box, axis: int) -> list[Point]:
    half = (plate.width if axis == 0 else plate.height) / 2
    before, after = (_moved(centre, axis, -half), _moved(centre, axis, half))
    return [tail, *_s_curve(tail, before, axis), *_straight(before, after), *_s_curve(after, head, axis)]


def _between(middle: list[Point], tail: Point, head: Point, axis: int) -> list[Point]:
    if len(middle) == 4:
        return [tail, *_s_curve(tail, head, axis)]
    return _pinned(middle, tail, head)


def _pinned(points: list[Point], tail: Point, head: Point) -> list[Point]:
    """The same curve with its ends, and the tangents there, moved."""
    start = (tail[0] - points[0][0], tail[1] - points[0][1])
    end = (head[0] - points[-1][0], head[1] - points[-1][1])
    second = (points[1][0] + start[0], points[1][1] + start[1])
    last = (points[-2][0] + end[0], points[-2][1] + end[1])
    return [tail, second, *points[2:-2], last, head]


def _offset(points: list[Point], by: float) -> list[Point]:
    """The curve beside `points`; positive is to the right when walking from tail to head (down, in a left-to-right drawing)."""
    if by == 0:
        return points
    out: list[Point] = []
    for k in range(0, len(points) - 1, 3):
        a, b, c, d = points[k : k + 4]
        first, second = _normal(a, b, c, d), _normal(d, c, b, a)
        second = (-second[0], -second[1])
        if not out:
            out.append((a[0] + first[0] * by, a[1] + first[1] * by))
        out.append((b[0] + first[0] * by, b[1] + first[1] * by))
        out.append((c[0] + second[0] * by, c[1] + second[1] * by))
        out.append((d[0] + second[0] * by, d[1] + second[1] * by))
    return out


def _normal(a: Point, *others: Point) -> Point:
    for b in others:
        dx, dy = b[0] - a[0], b[1] - a[1]
        length = math.hypot(dx, dy)
        if length > 1e-6:
            return (-dy / length, dx / length)
    return (0.0, 1.0)


def _arrow(points: list[Point]) -> Arrow:
    """The line, ended where its tip begins, and the tip."""
    end, control = points[-1], points[-2]
    dx, dy = end[0] - control[0], end[1] - control[1]
    length = math.hypot(dx, dy) or 1.0
    dx, dy = dx / length, dy / length
    base = (end[0] - dx * ARROW, end[1] - dy * ARROW)
    left = (base[0] - dy * ARROW_HALF, base[1] + dx * ARROW_HALF)
    right = (base[0] + dy * ARROW_HALF, base[1] - dx * ARROW_HALF)
    shortened = [
        *points[:-2],
        (control[0] - dx * min(ARROW, length) * 0.5, control[1] - dy * min(ARROW, length) * 0.5),
        base,
    ]
    line = f"M{_xy(shortened[0])}" + "".join(
        f"C{_xy(shortened[k])} {_xy(shortened[k + 1])} {_xy(shortened[k + 2])}" for k in range(1, len(shortened), 3)
    )
    return Arrow(line, f"M{_xy(left)}L{_xy(end)}L{_xy(right)}Z", tuple(points))


def _xy(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"
