"""Chains of cubic Béziers: `1 + 3·k` points. Making, moving, offsetting and sampling them; nothing about graphs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.draw.layout import Point

PACE = 14.0
ARROW, ARROW_HALF = 12.0, 5.5
END_GAP = 5.0
"""Between a line's tip and the card, for the halo of the active card."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line's path data, the triangle at its end, and the line's Béziers."""

    line: str
    tip: str
    points: tuple[Point, ...]


def straight(a: Point, b: Point) -> list[Point]:
    """From a to b, without the first point."""
    dx, dy = (b[0] - a[0]) / 3, (b[1] - a[1]) / 3
    return [(a[0] + dx, a[1] + dy), (b[0] - dx, b[1] - dy), b]


def s_curve(a: Point, b: Point) -> list[Point]:
    """From a to b, leaving and arriving level; without the first point."""
    reach = (b[0] - a[0]) * 0.5
    return [(a[0] + reach, a[1]), (b[0] - reach, b[1]), b]


FADE = 80.0
"""How far along the chain the move of an end dies out."""


def pinned(points: Sequence[Point], first: Point, last: Point) -> list[Point]:
    """The same chain with its ends moved, and what is near them; without the first point.

    Where the chain comes from the side to which its end moves, it is cut off at the end's height instead of being
    shifted, so that it never swings out beyond where it was.
    """
    out = _end_moved(_end_moved(list(points), last)[::-1], first)[::-1]
    # Where the chain is short, moving one end has moved the other.
    out[0], out[-1] = first, last
    # A control behind its neighbour would make a loop before the end.
    out[1] = (min(out[1][0], (out[0][0] + out[3][0]) / 2), out[1][1])
    out[-2] = (max(out[-2][0], (out[-1][0] + out[-4][0]) / 2), out[-2][1])
    return out[1:]


def _end_moved(points: list[Point], end: Point) -> list[Point]:
    by = end[1] - points[-1][1]
    turn = next((y - points[-1][1] for x, y in reversed(points) if abs(y - points[-1][1]) > 1), 0.0)
    out = []
    for place, (x, y) in enumerate(points):
        distance = abs(x - points[-1][0])
        if place >= len(points) - 2:
            out.append((x + (end[0] - points[-1][0]) * (place == len(points) - 1), end[1]))
        elif turn * by > 0:
            near = distance < FADE and (y - end[1]) * by < 0
            out.append((x, end[1]) if near else (x, y))
        else:
            out.append((x, y + by * _fading(distance)))
    return out


def _fading(distance: float) -> float:
    share = min(distance / FADE, 1.0)
    return 1 - share * share * (3 - 2 * share)


def offset(points: Sequence[Point], by: float) -> list[Point]:
    """The chain beside `points`; positive is to the right of the way (below it, when going right)."""
    if by == 0:
        return list(points)
    out: list[Point] = []
    for k in range(0, len(points) - 1, 3):
        a, b, c, d = points[k : k + 4]
        (px, py), (qx, qy) = _normal(a, b, c, d), _normal(d, c, b, a)
        qx, qy = -qx, -qy
        if not out:
            out.append((a[0] + px * by, a[1] + py * by))
        slide = _slide(a, b, c, d, by) if px * qx + py * qy > 0.9 else 0.0
        out.append((b[0] + px * by + py * slide, b[1] + py * by - px * slide))
        out.append((c[0] + qx * by + qy * slide, c[1] + qy * by - qx * slide))
        out.append((d[0] + qx * by, d[1] + qy * by))
    return out


def _slide(a: Point, b: Point, c: Point, d: Point, by: float) -> float:
    """How far along their tangents the controls of an S move so that its steep middle too keeps the distance `by`."""
    along, across = b[0] - a[0], b[1] - a[1]
    length = math.hypot(along, across)
    if length < 1e-6:
        return 0.0
    along, across = along / length, across / length
    mx, my = d[0] - a[0] + c[0] - b[0], d[1] - a[1] + c[1] - b[1]
    turn = math.atan2(along * my - across * mx, along * mx + across * my)
    most = 0.85 * min(length, math.hypot(d[0] - c[0], d[1] - c[1]))
    return max(-most, min(most, -by * math.tan(max(-1.5, min(1.5, turn)) / 2) * 4 / 3))


def _normal(a: Point, *others: Point) -> Point:
    for b in others:
        dx, dy = b[0] - a[0], b[1] - a[1]
        length = math.hypot(dx, dy)
        if length > 1e-6:
            return (-dy / length, dx / length)
    return (0.0, 1.0)


def samples(points: Sequence[Point], count: int) -> list[Point]:
    """Points along the chain, `count` on each Bézier and the first."""
    out = [points[0]]
    for k in range(0, len(points) - 1, 3):
        a, b, c, d = points[k : k + 4]
        for i in range(1, count + 1):
            t = i / count
            u = 1 - t
            p, q, r, s = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
            out.append((p * a[0] + q * b[0] + r * c[0] + s * d[0], p * a[1] + q * b[1] + r * c[1] + s * d[1]))
    return out


def trail(points: Sequence[Point]) -> list[Point]:
    """Points along the chain about `PACE` apart."""
    out = [points[0]]
    for k in range(0, len(points) - 1, 3):
        a, d = points[k], points[k + 3]
        count = int((abs(d[0] - a[0]) + abs(d[1] - a[1])) / PACE)
        out += samples(points[k : k + 4], max(6, min(60, count)))[1:]
    return out


def arrow(points: Sequence[Point]) -> Arrow:
    """The line, ended where its tip begins, and the tip, which stops short of the last point by `END_GAP`."""
    end, control = points[-1], points[-2]
    dx, dy = end[0] - control[0], end[1] - control[1]
    length = math.hypot(dx, dy) or 1.0
    dx, dy = dx / length, dy / length
    tip = (end[0] - dx * END_GAP, end[1] - dy * END_GAP)
    base = (tip[0] - dx * ARROW, tip[1] - dy * ARROW)
    left = (base[0] - dy * ARROW_HALF, base[1] + dx * ARROW_HALF)
    right = (base[0] + dy * ARROW_HALF, base[1] - dx * ARROW_HALF)
    back = min(ARROW, length * 0.5)
    chain = [*points[:-2], (control[0] - dx * back, control[1] - dy * back), base]
    line = f"M{_xy(chain[0])}" + "".join(
        f"C{_xy(chain[k])} {_xy(chain[k + 1])} {_xy(chain[k + 2])}" for k in range(1, len(chain), 3)
    )
    return Arrow(line, f"M{_xy(left)}L{_xy(tip)}L{_xy(right)}Z", tuple(points))


def _xy(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"
