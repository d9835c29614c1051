"""The shapes that a line may take between two places of its way, gentle ones first, each with what it costs by itself.

In the frame of the routes: `u` along the direction of the drawing, `v` across it. Obstacles are not its matter.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.draw.curves import pinned, s_curve, samples, straight
from app.draw.layout import Point

TURN = 84.0
"""Length along in which a long line turns from one level to another."""
SHORTEST_TURN = 30.0
STEEPEST = 30.0
LONG = 4
"""A curve of the layout with more points goes round something."""
DETOUR, AS_LAID_OUT = 1.5, 6.0
"""What it costs to leave the levels of both ends, and to run as the layout has it: like a string around pegs."""
ASIDE = 12.0
"""Further out than the layout's curve, which may touch what it goes round."""
NEAR_END = 26.0
"""So far from its ends a line can't help being near the cards there."""

Passage = tuple[float, list[Point]]
"""Cost, and the chain without its first point."""


def passages(start: Point, end: Point, curve: tuple[Point, ...], *, exact: bool = False) -> list[Passage]:
    """Ways from `start` to `end` for which the layout has `curve`; `exact`: with its own way even where short."""
    direct: Passage = (steepness(start, end), s_curve(start, end))
    own: Passage = (AS_LAID_OUT, pinned(curve, start, end))
    if len(curve) <= LONG:
        return [direct, own] if exact else [direct]
    if end[0] - start[0] < 2 * SHORTEST_TURN:
        return [direct, own]
    out = [direct, *_one_turn(start, end)]
    across = [v for _u, v in samples(curve, 6)]
    for level in (min(across) - ASIDE, min(across), max(across), max(across) + ASIDE):
        if min(start[1], end[1]) - 1 < level < max(start[1], end[1]) + 1:
            continue
        out.append(_two_turns(start, end, level))
    return [*sorted(out, key=lambda passage: passage[0]), own]


def _one_turn(start: Point, end: Point) -> list[Passage]:
    """Level with its start as long as can be, or level with its end as soon as can be."""
    turn = _turn(start, end)
    early, late = (start[0] + turn, end[1]), (end[0] - turn, start[1])
    return [
        (steepness(late, end), [*straight(start, late), *s_curve(late, end)]),
        (steepness(start, early) + 0.01, [*s_curve(start, early), *straight(early, end)]),
    ]


def _two_turns(start: Point, end: Point, level: float) -> Passage:
    """To another level, along it, and from it."""
    turn = _turn(start, end)
    near, far = (start[0] + turn, level), (end[0] - turn, level)
    away = abs(level - start[1]) + abs(level - end[1])
    cost = DETOUR + steepness(start, near) + steepness(far, end) + away * 0.01
    return cost, [*s_curve(start, near), *straight(near, far), *s_curve(far, end)]


def _turn(start: Point, end: Point) -> float:
    return min(TURN, (end[0] - start[0]) * 0.4)


def steepness(a: Point, b: Point) -> float:
    """What it costs to turn from a's level to b's."""
    return min(abs(b[1] - a[1]) / max(b[0] - a[0], 1.0), STEEPEST)


def inner(path: Sequence[Point]) -> list[Point]:
    """The path without what is near its ends."""
    first, last = path[0], path[-1]
    return [point for point in path if _apart(point, first) > NEAR_END and _apart(point, last) > NEAR_END]


def _apart(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])
