"""How an edge turns on its way through its plate, and on which side its labels lie, so that nothing is crossed.

All places are in the frame of the routes: `u` along the direction of the drawing, `v` across it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.draw.curves import offset, straight, trail
from app.draw.layout import Point
from app.draw.passages import LONG, inner, passages
from app.draw.plate import LANE, LocalEnd, Plate, Rect, label_rooms
from app.draw.space import Space

Plain = tuple[Point, Point, tuple[Point, ...]]
"""An edge without a plate: tail, head, the layout's curve."""

LEVEL = 3.0
"""Up to this difference across, two ends count as level."""
BEYOND = 50.0
"""How far a plate's lanes may leave the room laid out for them where nothing else is near."""
NEAR = 2.0
"""Least distance of a lane from its own labels."""
OWN_HIT, OTHER_HIT, CARD_HIT, CARD_TOUCHED, CARD_PASSED, CROSSED, LOCAL_MOVED = 90.0, 45.0, 60.0, 14.0, 5.0, 6.0, 0.2
OTHER_NEAR, PLATE_HIT = 25.0, 8.0
"""What it costs that lanes touch their own labels, others' labels, cards; that they run close to a card; that they
cross another edge; that a number isn't at its best end.
"""
ROUNDS = 4
"""The second time round everyone knows the others' ways."""
CANDIDATES_LIMIT = 80
"""Edges up to which every way is weighed; beyond, each takes its outer side."""


@dataclass(frozen=True, slots=True)
class Through:
    """An edge through a plate: its ends, where it would run on the plate, and the layout's curves before and behind."""

    key: str
    tail: Point
    head: Point
    middle: Point
    plate: Plate
    first: tuple[Point, ...]
    second: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Bend:
    """The middle line chosen, the middle of its level piece, and where the labels go."""

    points: tuple[Point, ...]
    middle: Point
    flipped: bool
    local: LocalEnd


def bends(
    edges: Sequence[Through], plain: Mapping[str, Plain], siblings: Mapping[str, float], cards: Iterable[Rect]
) -> tuple[dict[str, Bend], dict[str, list[Point]]]:
    """A bend for each edge through a plate, and the line of each other edge.

    `siblings`: positive where most other edges meet its ends from greater v.
    """
    space = Space(cards)
    outer = {edge.key: _outer(edge, siblings.get(edge.key, 0.0)) for edge in edges}
    for edge in edges:
        space.put_plate(edge.key, _room(edge))
        space.put_labels(edge.key, _placed(edge, edge.middle, outer[edge.key], _local_ends(edge)[0]))
    thorough = len(edges) <= CANDIDATES_LIMIT
    lines: dict[str, list[Point]] = {}
    chosen: dict[str, Bend] = {}
    best, least = (chosen, lines), float("inf")
    for _round in range(ROUNDS if thorough else 1):
        for key, ends in plain.items():
            lines[key] = _direct(key, ends, space)
            space.put_line(key, trail(lines[key]))
        # Level edges have no choice but their labels' side: they are put first, the others turn around them.
        for edge in sorted(edges, key=lambda edge: not _is_level(edge)):
            bend = chosen[edge.key] = _best(edge, space, outer[edge.key], thorough=thorough)
            space.put_labels(edge.key, _placed(edge, bend.middle, bend.flipped, bend.local))
            space.put_line(edge.key, trail(bend.points))
        # One edge's best way can spoil another's, so the best round counts and not the last.
        met = sum(_cost(line, key, space, lanes=False) for key, line in lines.items())
        met += sum(_cost([*bend.points], key, space) for key, bend in chosen.items())
        if met < least:
            best, least = (dict(chosen), dict(lines)), met
        if least < CARD_TOUCHED:
            break
    return best


def _direct(key: str, plain: Plain, space: Space) -> list[Point]:
    """The best way of an edge without a plate."""
    tail, head, curve = plain
    costs = [(alone + _cost(way, key, space, lanes=False), way) for alone, way in _along(tail, head, curve)]
    return min(costs, key=lambda pair: pair[0])[1]


def _along(tail: Point, head: Point, curve: tuple[Point, ...]) -> list[tuple[float, list[Point]]]:
    """Ways from tail to head with what they cost by themselves, the layout's own curve last."""
    return [(alone, [tail, *chain]) for alone, chain in passages(tail, head, curve, exact=True)]


def _cost(way: list[Point], key: str, space: Space, *, lanes: bool = True) -> float:
    """What it costs to meet what lies about a way; `lanes`: it is two lines beside it."""
    path = trail(way)
    between = inner(path)
    return (
        CARD_HIT * space.cards_hit(path[2:-2])
        + CARD_TOUCHED * space.cards_touched(between)
        + CARD_PASSED * space.cards_passed(between)
        + OTHER_NEAR * space.labels_hit(path, key)
        + OTHER_HIT * space.labels_hit(path, key, 1.0 if lanes else 1.0 - LANE)
        + PLATE_HIT * space.plates_hit(path, key)
    )


def _room(edge: Through) -> Rect:
    """What the layout keeps for the edge's labels."""
    (u, v), along, across = edge.middle, edge.plate.length / 2, edge.plate.breadth / 2
    v -= edge.plate.shift
    return (u - along, v - across, u + along, v + across)


def _is_level(edge: Through) -> bool:
    return abs(edge.tail[1] - edge.middle[1]) < LEVEL and abs(edge.head[1] - edge.middle[1]) < LEVEL


def _outer(edge: Through, siblings: float) -> bool:
    """Whether the chip's side is that of lesser v: away from where the edge turns, or from its siblings."""
    if edge.plate.shift:
        return False
    turn = (edge.head[1] - edge.middle[1]) + (edge.tail[1] - edge.middle[1])
    return turn > LEVEL if abs(turn) > LEVEL else siblings > 0


def _local_ends(edge: Through) -> tuple[LocalEnd, ...]:
    before, after = abs(edge.tail[1] - edge.middle[1]), abs(edge.head[1] - edge.middle[1])
    if max(before, after) < LEVEL:
        return ("middle",)
    return ("start", "middle", "end") if after >= before else ("end", "middle", "start")


def _placed(edge: Through, middle: Point, flipped: bool, local: LocalEnd) -> tuple[Rect, ...]:
    u, v = middle
    return tuple(
        (u + left, v + top, u + right, v + bottom)
        for left, top, right, bottom in label_rooms(edge.plate, flipped=flipped, local=local)
    )


def _best(edge: Through, space: Space, outer: bool, *, thorough: bool) -> Bend:
    """The cheapest of the ways to turn: level and gentle, unless that meets something."""
    best, least = None, float("inf")
    # What a way costs by itself is known at once, and what it meets only adds to that.
    for alone, flipped, middle, points in sorted(_ways(edge, space, outer, thorough=thorough)):
        if alone >= least:
            break
        cost = alone + _cost(points, edge.key, space)
        if cost >= least:
            continue
        lanes = [*trail(offset(points, LANE)), *trail(offset(points, -LANE))]
        for place, local in enumerate(_local_ends(edge)):
            own = _placed(edge, middle, flipped, local)
            whole = cost + place * LOCAL_MOVED + OWN_HIT * _touches(lanes, own)
            if whole < least:
                whole += OTHER_HIT * space.lines_through(own, edge.key)
            if whole < least and thorough:
                whole += CROSSED * space.lines_crossed(trail(points), edge.key)
            if whole < least:
                best, least = Bend(tuple(points), middle, flipped, local), whole
    if best is None:
        raise ValueError("an edge has no way")
    return best


def _ways(
    edge: Through, space: Space, outer: bool, *, thorough: bool
) -> Iterator[tuple[float, bool, Point, list[Point]]]:
    """What a way costs by itself, whether it is flipped, the middle of its level piece, its line."""
    half = edge.plate.length / 2
    for flipped in (outer, not outer) if thorough and not edge.plate.shift else (outer,):
        for level in _levels(edge, flipped, space):
            middle = (edge.middle[0], level)
            side = _sided(edge, level, flipped, outer) + abs(level - edge.middle[1]) * 0.01
            for before, after in _turns(edge, middle, half, thorough=thorough):
                near, far = (middle[0] - before, level), (middle[0] + after, level)
                piece = straight(near, far) if far[0] - near[0] > 1 else []
                for first_cost, first in passages(edge.tail, near, edge.first):
                    for second_cost, second in passages(far, edge.head, edge.second):
                        line = [edge.tail, *first, *piece, *second]
                        yield side + first_cost + second_cost, flipped, middle, line


def _sided(edge: Through, level: float, flipped: bool, outer: bool) -> float:
    """What it costs that the chip lies inside the turn, or on the side of the siblings."""
    if edge.plate.shift:
        return 0.0
    turn = edge.tail[1] - level + edge.head[1] - level
    if abs(turn) > LEVEL:
        return 0.0 if flipped == (turn > 0) else 6.0
    return 0.0 if flipped == outer else 2.0


def _levels(edge: Through, flipped: bool, space: Space) -> list[float]:
    """Where across the lanes may run on the plate: level with an end where there is room for it, else as laid out."""
    number_side, chip_side = edge.plate.slack
    low, high = (-chip_side, number_side) if flipped else (-number_side, chip_side)
    beyond = BEYOND if max(len(edge.first), len(edge.second)) <= LONG else 0.0
    levels = []
    for _u, v in (edge.tail, edge.head):
        by = v - edge.middle[1]
        if low <= by <= high or (
            low - beyond <= by <= high + beyond
            and space.is_free(_placed(edge, (edge.middle[0], v), flipped, _local_ends(edge)[0]), edge.key)
        ):
            levels.append(v)
    return list(dict.fromkeys([*levels, edge.middle[1]]))


def _turns(edge: Through, middle: Point, half: float, *, thorough: bool) -> list[tuple[float, float]]:
    """How far before and behind the plate's middle the edge may turn, gentle ones first."""
    before = _reaches(edge.tail, middle, edge.first, half)
    after = _reaches(edge.head, middle, edge.second, half)
    if not thorough:
        before, after = (before[0], before[-1]), (after[0], after[-1])
    return [(b, a) for b in before for a in after if b + a >= 0]


def _reaches(end: Point, middle: Point, curve: tuple[Point, ...], half: float) -> tuple[float, ...]:
    if abs(end[1] - middle[1]) < 0.6:
        return (half,)
    if len(curve) > LONG:
        return (half * 0.55, half)
    return (-half * 0.2, half * 0.2, half * 0.55, half)


def _touches(lanes: Sequence[Point], own: Iterable[Rect]) -> int:
    """How many of the edge's own labels its lanes come near."""
    return sum(
        any(left - NEAR < u < right + NEAR and top - NEAR < v < bottom + NEAR for u, v in lanes)
        for left, top, right, bottom in own
    )
