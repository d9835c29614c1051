"""What lies where in a drawing: cards, the rooms of labels, lines; looked up by strips. In the frame of the routes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

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


class Space:
    """Mutable while the edges of one drawing find their ways."""

    def __init__(self, cards: Iterable[Rect]) -> None:
        self._cards: defaultdict[int, list[Rect]] = defaultdict(list)
        self._labels: defaultdict[int, dict[tuple[str, int], Rect]] = defaultdict(dict)
        self._lines: defaultdict[int, dict[str, list[Point]]] = defaultdict(dict)
        for card in cards:
            for strip in _strips(card):
                self._cards[strip].append(card)

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

    def labels_hit(self, points: Sequence[Point], own: str) -> int:
        """How many labels of other edges the lanes about `points` come near."""
        reach = LANE + CLEAR
        hit = set()
        for u, v in points:
            for label, (left, top, right, bottom) in self._labels.get(int(u // STRIP), {}).items():
                if label[0] != own and left - reach < u < right + reach and top - reach < v < bottom + reach:
                    hit.add(label)
        return len(hit)

    def cards_hit(self, points: Sequence[Point]) -> int:
        """How many cards the line runs through."""
        hit = set()
        for u, v in points:
            for card in self._cards.get(int(u // STRIP), ()):
                if card[0] + EDGE < u < card[2] - EDGE and card[1] - EDGE < v < card[3] + EDGE:
                    hit.add(card)
        return len(hit)

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


def _near(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] + APART and b[0] - APART < a[2] and a[1] < b[3] + APART and b[1] - APART < a[3]
