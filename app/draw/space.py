"""What lies where in a drawing: cards, the rooms of labels, lines; looked up by strips. In the frame of the routes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from app.draw.layout import Point
from app.draw.plate import LANE, Rect

STRIP = 200.0
"""Width of a strip."""
CLEAR = 4.0
"""Least distance of an edge's lanes from others' labels."""
APART = 6.0
"""Least distance of labels from each other and from cards."""
EDGE = 4.0
"""So far a line may reach into a card, where it begins or ends."""
ALONG = LANE + 4.0
"""Least distance of an edge's middle from a card that it passes."""


class Space:
    """Mutable while the edges of one drawing find their ways."""

    def __init__(self, cards: Iterable[Rect]) -> None:
        self._cards: defaultdict[int, list[Rect]] = defaultdict(list)
        self._labels: defaultdict[int, dict[tuple[str, int], Rect]] = defaultdict(dict)
        self._plates: defaultdict[int, list[tuple[str, Rect]]] = defaultdict(list)
        self._lines: defaultdict[int, dict[str, list[Point]]] = defaultdict(dict)
        for card in cards:
            for strip in _strips(card):
                self._cards[strip].append(card)

    def put_plate(self, key: str, plate: Rect) -> None:
        """The layout has kept `plate` free for the labels of edge `key`, wherever in it they will lie."""
        for place in _strips(plate):
            self._plates[place].append((key, plate))

    def put_labels(self, key: str, rooms: Iterable[Rect]) -> None:
        """Edge `key` has its labels in `rooms`, and no longer where it had them."""
        for strip in self._labels.values():
            strip.pop((key, 0), None)
            strip.pop((key, 1), None)
        for number, room in enumerate(rooms):
            for place in _strips(room):
                self._labels[place][key, number] = room

    def put_line(self, key: str, points: Iterable[Point]) -> None:
        """Edge `key` runs along `points`, and no longer where it did."""
        for strip in self._lines.values():
            strip.pop(key, None)
        for point in points:
            self._lines[int(point[0] // STRIP)].setdefault(key, []).append(point)

    def labels_hit(self, points: Sequence[Point], own: str, clear: float = CLEAR) -> int:
        """How many labels of other edges the lanes about `points` come nearer than `clear`."""
        reach = LANE + clear
        hit = set()
        for u, v in points:
            for label, (left, top, right, bottom) in self._labels.get(int(u // STRIP), {}).items():
                if label[0] != own and left - reach < u < right + reach and top - reach < v < bottom + reach:
                    hit.add(label)
        return len(hit)

    def plates_hit(self, points: Sequence[Point], own: str) -> int:
        """How many plates of other edges the lanes about `points` run through."""
        hit = set()
        for u, v in points:
            for key, (left, top, right, bottom) in self._plates.get(int(u // STRIP), ()):
                if key != own and left - LANE < u < right + LANE and top - LANE < v < bottom + LANE:
                    hit.add(key)
        return len(hit)

    def cards_hit(self, points: Sequence[Point]) -> int:
        """How many cards the line runs through."""
        hit = set()
        for u, v in points:
            for card in self._cards.get(int(u // STRIP), ()):
                if card[0] + EDGE < u < card[2] - EDGE and card[1] - EDGE < v < card[3] + EDGE:
                    hit.add(card)
        return len(hit)

    def cards_touched(self, points: Sequence[Point]) -> int:
        """How many cards the lanes about the line touch."""
        return self._near_cards(points, LANE)

    def cards_passed(self, points: Sequence[Point]) -> int:
        """How many cards the line comes too near to, though it may not touch them."""
        return self._near_cards(points, ALONG)

    def _near_cards(self, points: Sequence[Point], reach: float) -> int:
        near = set()
        for u, v in points:
            for card in self._cards.get(int(u // STRIP), ()):
                if card[0] - reach < u < card[2] + reach and card[1] - reach < v < card[3] + reach:
                    near.add(card)
        return len(near)

    def lines_crossed(self, points: Sequence[Point], own: str) -> int:
        """How often the line crosses others."""
        crossings = 0
        for a, b in pairwise(points):
            low, high = min(a[1], b[1]), max(a[1], b[1])
            for place in range(int(a[0] // STRIP), int(b[0] // STRIP) + 1):
                for key, line in self._lines.get(place, {}).items():
                    if key != own:
                        crossings += sum(
                            a[0] <= d[0] and c[0] <= b[0] and low <= max(c[1], d[1]) and min(c[1], d[1]) <= high
                            and _cross(a, b, c, d)
                            for c, d in pairwise(line)
                        )  # fmt: skip
        return crossings

    def lines_through(self, rooms: Iterable[Rect], own: str) -> int:
        """How many other edges' lanes run through `rooms`."""
        reach = LANE + CLEAR
        through = set()
        for left, top, right, bottom in rooms:
            for place in _strips((left - reach, top, right + reach, bottom)):
                for key, points in self._lines.get(place, {}).items():
                    if key != own and key not in through:
                        for u, v in points:
                            if left - reach < u < right + reach and top - reach < v < bottom + reach:
                                through.add(key)
                                break
        return len(through)

    def is_free(self, rooms: Iterable[Rect], own: str) -> bool:
        """Whether no card and no other edge's label lies in `rooms` or near."""
        for room in rooms:
            for place in _strips(room):
                if any(_near(room, card) for card in self._cards.get(place, ())):
                    return False
                if any(label[0] != own and _near(room, other) for label, other in self._labels.get(place, {}).items()):
                    return False
        return True


def _strips(rect: Rect) -> range:
    return range(int(rect[0] // STRIP), int(rect[2] // STRIP) + 1)


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _near(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] + APART and b[0] - APART < a[2] and a[1] < b[3] + APART and b[1] - APART < a[3]
