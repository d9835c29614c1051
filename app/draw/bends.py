"""How an edge turns on its way through its plate, and on which side its labels lie, so that nothing is crossed.

All places are in the frame of the routes: `u` along the direction of the drawing, `v` across it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.draw.curves import offset, pinned, s_curve, samples, straight
from app.draw.layout import Point
from app.draw.plate import LANE, LocalEnd, Plate, Rect, label_rooms

LEVEL = 3.0
"""Up to this difference across, two ends count as level."""
CLEAR = 4.0
"""Least distance of a lane from a label."""
BEYOND, APART = 50.0, 6.0
"""How far a plate's lanes may leave the room laid out for them where nothing else is near, and what near means."""
NEAR = 2.0
"""Least distance of a lane from its own labels."""
STRIP = 200.0
"""Width of the strips in which rooms are looked up."""
OWN_HIT, OTHER_HIT = 60.0, 40.0
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


class Rooms:
    """The rooms of all labels, looked up by strips."""

    def __init__(self) -> None:
        self._strips: defaultdict[int, dict[tuple[str, int], Rect]] = defaultdict(dict)
        self._cards: defaultdict[int, list[tuple[str, Rect]]] = defaultdict(list)
        self._lines: defaultdict[int, list[tuple[str, float, float]]] = defaultdict(list)

    def put(self, key: str, rooms: Iterable[Rect]) -> None:
        """Take `rooms` as those of edge `key`, instead of what it had."""
        for number, room in enumerate(rooms):
            for strip in range(int(room[0] // STRIP), int(room[2] // STRIP) + 1):
                self._strips[strip][key, number] = room

    def solid(self, key: str, card: Rect) -> None:
        """Take a card, which labels may not lie on."""
        for strip in range(int(card[0] // STRIP), int(card[2] // STRIP) + 1):
            self._cards[strip].append((key, card))

    def line(self, key: str, points: Iterable[Point]) -> None:
        """Take the middle line of an edge that has its way."""
        for u, v in points:
            self._lines[int(u // STRIP)].append((key, u, v))

    def crossings(self, rects: Iterable[Rect], own: str) -> int:
        """How many other edges' lines run through `rects`."""
        reach = LANE + CLEAR
        crossing = set()
        for left, top, right, bottom in rects:
            for strip in range(int((left - reach) // STRIP), int((right + reach) // STRIP) + 1):
                for key, u, v in self._lines.get(strip, ()):
                    if left - reach < u < right + reach and top - reach < v < bottom + reach:
                        crossing.add(key)
        return len(crossing - {own})

    def free(self, rects: Iterable[Rect], own: str) -> bool:
        """Whether no card and no other edge's label lies where `rects` are."""
        for left, top, right, bottom in rects:
            for strip in range(int(left // STRIP), int(right // STRIP) + 1):
                others = [room for (key, _n), room in self._strips.get(strip, {}).items() if key != own]
                others += [card for _key, card in self._cards.get(strip, ())]
                if any(_near((left, top, right, bottom), other) for other in others):
                    return False
        return True

    def hits(self, points: Sequence[Point], own: str) -> int:
        """How many labels of other edges the chain's lanes touch."""
        touched = set()
        reach = LANE + CLEAR
        for u, v in points:
            for (key, number), (left, top, right, bottom) in self._strips.get(int(u // STRIP), {}).items():
                if key != own and left - reach < u < right + reach and top - reach < v < bottom + reach:
                    touched.add((key, number))
        return len(touched)


def bends(
    edges: Sequence[Through],
    siblings: Mapping[str, float],
    cards: Mapping[str, Rect],
    lines: Mapping[str, Sequence[Point]],
) -> dict[str, Bend]:
    """A bend for each edge.

    `siblings`: positive where most other edges meet its ends from greater v; `cards`, `lines`: what lies there already.
    """
    rooms = Rooms()
    for key, card in cards.items():
        rooms.solid(key, card)
    for key, points in lines.items():
        rooms.line(key, samples(points, 12))
    outer = {edge.key: _outer(edge, siblings.get(edge.key, 0.0)) for edge in edges}
    for edge in edges:
        rooms.put(edge.key, _placed(edge, edge.middle, outer[edge.key], _local_ends(edge)[0]))
    chosen: dict[str, Bend] = {}
    thorough = len(edges) <= CANDIDATES_LIMIT
    # Level edges have no choice but their labels' side: they are put first, the others turn around them.
    for edge in sorted(edges, key=lambda edge: not _is_level(edge)):
        bend = _best(edge, rooms, outer[edge.key], thorough=thorough)
        rooms.put(edge.key, _placed(edge, bend.middle, bend.flipped, bend.local))
        rooms.line(edge.key, samples(bend.points, 8))
        chosen[edge.key] = bend
    return chosen


def _near(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] + APART and b[0] - APART < a[2] and a[1] < b[3] + APART and b[1] - APART < a[3]


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


def _best(edge: Through, rooms: Rooms, outer: bool, *, thorough: bool) -> Bend:
    """The cheapest of the ways to turn: level where the ends allow it, early and gentle, unless that meets a label."""
    half = edge.plate.length / 2
    best, least = None, float("inf")
    for flipped in (outer, not outer) if thorough and not edge.plate.shift else (outer,):
        for level in _levels(edge, flipped, rooms):
            middle = (edge.middle[0], level)
            for before, after in _turns(edge, middle, half, thorough=thorough):
                cost = _sided(edge, level, flipped, outer) + abs(level - edge.middle[1]) * 0.01
                cost += _steepness(edge.tail, (middle[0] - before, level)) if len(edge.first) == 4 else 0
                cost += _steepness((middle[0] + after, level), edge.head) if len(edge.second) == 4 else 0
                if cost >= least:
                    continue
                points = _points(edge, middle, before, after)
                path = samples(points, 7)
                cost += OTHER_HIT * rooms.hits(path, edge.key)
                lanes = samples(offset(points, LANE), 10) + samples(offset(points, -LANE), 10) if cost < least else []
                for place, local in enumerate(_local_ends(edge)):
                    if cost + place * 0.2 < least:
                        own = _placed(edge, middle, flipped, local)
                        whole = cost + OWN_HIT * _touches(lanes, own) + place * 0.2
                        whole += OTHER_HIT * rooms.crossings(own, edge.key) if whole < least else 0
                        if whole < least:
                            best, least = Bend(tuple(points), middle, flipped, local), whole
    if best is None:
        raise ValueError("an edge has no way")
    return best


def _sided(edge: Through, level: float, flipped: bool, outer: bool) -> float:
    """What it costs that the chip lies inside the turn, or on the side of the siblings."""
    if edge.plate.shift:
        return 0.0
    turn = edge.tail[1] - level + edge.head[1] - level
    if abs(turn) > LEVEL:
        return 0.0 if flipped == (turn > 0) else 6.0
    return 0.0 if flipped == outer else 2.0


def _levels(edge: Through, flipped: bool, rooms: Rooms) -> list[float]:
    """Where across the lanes may run on the plate: level with an end where there is room for it, else as laid out."""
    number_side, chip_side = edge.plate.slack
    low, high = (-chip_side, number_side) if flipped else (-number_side, chip_side)
    beyond = BEYOND if len(edge.first) == len(edge.second) == 4 else 0.0
    levels = []
    for _u, v in (edge.tail, edge.head):
        by = v - edge.middle[1]
        if low <= by <= high or (
            low - beyond <= by <= high + beyond
            and rooms.free(_placed(edge, (edge.middle[0], v), flipped, _local_ends(edge)[0]), edge.key)
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
    if len(curve) > 4 or abs(end[1] - middle[1]) < 0.6:
        return (half,)
    return (-half * 0.2, half * 0.2, half * 0.55, half)


def _points(edge: Through, middle: Point, before: float, after: float) -> list[Point]:
    near, far = (middle[0] - before, middle[1]), (middle[0] + after, middle[1])
    first = s_curve(edge.tail, near) if len(edge.first) == 4 else pinned(edge.first, edge.tail, near)
    second = s_curve(far, edge.head) if len(edge.second) == 4 else pinned(edge.second, far, edge.head)
    level = straight(near, far) if far[0] - near[0] > 1 else []
    return [edge.tail, *first, *level, *second]


def _touches(lanes: Sequence[Point], own: Iterable[Rect]) -> int:
    """How many of the edge's own labels its lanes come near."""
    return sum(
        any(left - NEAR < u < right + NEAR and top - NEAR < v < bottom + NEAR for u, v in lanes)
        for left, top, right, bottom in own
    )


def _steepness(a: Point, b: Point) -> float:
    return min(abs(b[1] - a[1]) / max(b[0] - a[0], 1.0), 30.0)
