"""Nothing overlaps and nothing spills: cards, chips, numbers and lines of every picture, measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, product

import pytest

from app.core.trace import Trace
from app.draw.card import PAD, TAG_SIZE
from app.draw.curves import samples
from app.draw.elements import Card, ChipBox, Local, Scene
from app.draw.heat import CAPTION_SIZE, Heat
from app.draw.measure import text_width
from app.draw.typeset import runs_width

Rect = tuple[float, float, float, float]
Draw = Callable[..., Scene]


def card_rect(card: Card) -> Rect:
    return (card.x, card.y, card.x + card.face.width, card.y + card.face.height)


def chip_rect(chip: ChipBox) -> Rect:
    return (chip.x, chip.y, chip.x + chip.width, chip.y + chip.height)


def local_rect(local: Local) -> Rect:
    width = text_width(local.text, local.size)
    left = local.x - {"start": 0, "middle": width / 2, "end": width}[local.anchor]
    return (left, local.y - local.size * 0.75, left + width, local.y + local.size * 0.1)


def overlap(a: Rect, b: Rect, slack: float = 0.5) -> bool:
    return a[0] < b[2] - slack and b[0] < a[2] - slack and a[1] < b[3] - slack and b[1] < a[3] - slack


def crossed(rect: Rect, points: Sequence[tuple[float, float]], slack: float = 0.5) -> bool:
    left, top, right, bottom = rect
    return any(left + slack < x < right - slack and top + slack < y < bottom - slack for x, y in points)


def lines(scene: Scene) -> Iterator[tuple[tuple[str, ...], list[tuple[float, float]]]]:
    for line in (*scene.wires, *scene.streams):
        yield line.edges, samples(line.points, 24)


def faults(scene: Scene) -> list[str]:
    """Everything that overlaps and should not, in words."""
    found = []
    cards = [(card.drawn.key, card_rect(card)) for card in scene.cards]
    chips = [(chip.edges, chip_rect(chip)) for chip in scene.chips]
    numbers = [(local.edges, local_rect(local)) for local in scene.locals]
    found += [f"cards {a} and {b}" for (a, ra), (b, rb) in combinations(cards, 2) if overlap(ra, rb)]
    labels = [*(("chip", e, r) for e, r in chips), *(("number", e, r) for e, r in numbers)]
    found += [f"card {a} and {kind} {e}" for (a, ra), (kind, e, r) in product(cards, labels) if overlap(ra, r)]
    for (kind, e, r), (other, f, q) in combinations(labels, 2):
        if (e != f or kind != other) and overlap(r, q):
            found.append(f"{kind} {e} and {other} {f}")
    for edges, points in lines(scene):
        found += [f"line {edges} through {kind} {e}" for kind, e, r in labels if crossed(r, points)]
        inner = points[2:-2]
        found += [f"line {edges} through card {key}" for key, rect in cards if crossed(rect, inner, 3)]
    left, top, right, bottom = scene.left, scene.top, scene.left + scene.width, scene.top + scene.height
    for name, rect in [*cards, *((str(e), r) for _kind, e, r in labels)]:
        if rect[0] < left or rect[1] < top or rect[2] > right or rect[3] > bottom:
            found.append(f"{name} outside the picture")
    return found


@pytest.mark.parametrize("query", ["", "dir=TB", "digits=8&num=sci"])
def test_nothing_overlaps(picture: Trace, draw: Draw, query: str) -> None:
    assert faults(draw(picture, query)) == []


def test_random_graphs_stay_clear(random_pictures: list[Trace], draw: Draw) -> None:
    """Of tangles that no program makes, all but one or two in forty: there is not always a way."""
    touched = [faults(draw(trace)) for trace in random_pictures]
    assert sum(map(bool, touched)) <= 2, touched


def test_the_check_sees_faults(lecture: Trace, draw: Draw) -> None:
    drawn = draw(lecture)
    card, other = drawn.cards[0], drawn.cards[2]
    moved = replace(drawn, cards=(replace(card, x=other.x + 5, y=other.y), *drawn.cards[1:]))
    assert any(fault.startswith("cards n0 and n2") for fault in faults(moved))
    chip, (x, y) = drawn.chips[0], drawn.streams[0].points[3]
    moved = replace(drawn, chips=(replace(chip, x=x, y=y - chip.height / 2), *drawn.chips[1:]))
    assert any("through chip" in fault for fault in faults(moved))


@pytest.mark.parametrize("query", ["", "digits=8&num=sci", "digits=1"])
def test_text_stays_within_its_slot(picture: Trace, draw: Draw, query: str) -> None:
    for card in draw(picture, query).cards:
        face = card.face
        header = runs_width(face.name) + runs_width(face.expression) + text_width(face.tag, TAG_SIZE)
        assert header <= face.width - 2 * PAD, card.node.label
        for slot in face.slots:
            for state in slot.states:
                shown = state.content
                if isinstance(shown, Heat):
                    assert text_width(shown.caption, CAPTION_SIZE) <= slot.width
                    continue
                weight = "text" if shown.brackets else "strong"
                for cell in shown.cells:
                    width = text_width(cell.text, shown.size, weight)
                    left = slot.inset + cell.x - (width if shown.anchor == "end" else width / 2)
                    assert left >= 0 or shown.size <= 11, (cell, shown.size)
                    assert left + width <= slot.width + 0.5, (cell, shown.size)
                    assert shown.size * 0.7 < cell.y <= slot.height
        assert all(slot.x + slot.width <= face.width and slot.y + slot.height <= face.height for slot in face.slots)


def test_text_stays_within_its_chip(picture: Trace, draw: Draw) -> None:
    for chip in draw(picture, "digits=8").chips:
        for line in chip.lines:
            assert text_width(line.text, line.size, "strong" if line.strong else "text") <= chip.width
            assert chip.y < line.y - 0.7 * line.size
            assert line.y <= chip.y + chip.height


def test_columns_of_a_matrix_do_not_touch(made: Callable[[str], Trace], draw: Draw) -> None:
    for card in draw(made("matrices"), "digits=8&num=sci").cards:
        for slot in card.face.slots:
            for state in slot.states:
                if isinstance(state.content, Heat) or not state.content.brackets:
                    continue
                size = state.content.size
                for a, b in combinations(state.content.cells, 2):
                    if a.y == b.y and a.x < b.x:
                        assert a.x <= b.x - text_width(b.text, size) - 2
