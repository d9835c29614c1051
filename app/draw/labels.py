"""The short texts on edges, as the explanation spells them, typeset to fit the room that their plate keeps."""

from __future__ import annotations

from app.core.trace import Trace
from app.draw.elements import ChipBox, ChipLine, Local
from app.draw.measure import fit, shrink, text_width
from app.draw.plate import CHIP_HEIGHT, CHIP_TALL, LOCAL_WIDTH, Plate, Rect, label_rooms
from app.draw.route import Route
from app.draw.slots import CAPITALS
from app.draw.timeline import When
from app.explain import edge_texts

CHIP_SIZE, CHIP_LEAST, CHIP_PAD, CHIP_NARROWEST = 22.0, 16.0, 8.0, 40.0
FACTORS_SIZE, FACTORS_LEAST, RESULT_SIZE = 18.0, 12.0, 20.0
"""Of a chip that takes two lines."""
FACTORS_BASE, RESULT_BASE = 19.0, 41.5
LEAST = 10.0
LOCAL_SIZE, LOCAL_LEAST = 24.0, 13.0
INSET = 4.0
JOINTS = (" = ", " → ")
"""Where the arithmetic of a chip may be broken into two lines: before its result."""

Typeset = list[tuple[str, float, bool]]
"""Lines with their size, and whether they are strong."""


class Labels:
    """The texts of all edges of one Trace."""

    def __init__(self, trace: Trace, digits: int, num: str, *, numbered: bool = False) -> None:
        texts = edge_texts(trace, digits=digits, num=num, numbered=numbered) if trace.passes else ({}, {})
        self._locals, self._chips = texts

    def local(self, edge: str, when: When, plate: Plate, lane: Route) -> Local | None:
        """`3`, or of tensors `Wᵀ`, `diag`; None where no gradient passes."""
        text = self._locals.get(edge)
        if text is None:
            return None
        left, top, right, bottom = room_of(plate, lane)[1]
        size = shrink(text, LOCAL_WIDTH, LOCAL_SIZE, LOCAL_LEAST)
        anchor = "end" if plate.direction == "TB" else lane.local
        x = {"start": left + INSET, "middle": (left + right) / 2, "end": right - INSET}[anchor]
        y = (top + bottom) / 2 + size * CAPITALS
        return Local((edge,), when, round(x, 1), round(y, 1), anchor, size, fit(text, LOCAL_WIDTH, size), text)

    def chip(self, pass_: int, edge: str, when: When, plate: Plate, lane: Route) -> ChipBox | None:
        """The arithmetic of one contribution: `1 × 3 = 3`, `ḡ · Wᵀ → 2×3`."""
        text = self._chips.get((pass_, edge))
        if text is None:
            return None
        lines = _typeset(text, plate.chip.width - 2 * CHIP_PAD)
        height = CHIP_HEIGHT if len(lines) == 1 else CHIP_TALL
        widest = max(text_width(line, size, "strong" if strong else "text") for line, size, strong in lines)
        width = max(widest + 2 * CHIP_PAD, CHIP_NARROWEST)
        left, top, right, bottom = room_of(plate, lane)[0]
        if plate.direction == "LR":
            left, top = (left + right - width) / 2, bottom - height if lane.flipped else top
        else:
            top = (top + bottom - height) / 2
        bases = (FACTORS_BASE, RESULT_BASE) if len(lines) == 2 else (height / 2 + lines[0][1] * CAPITALS,)
        placed = tuple(
            ChipLine(round(top + base, 1), size, line, strong)
            for base, (line, size, strong) in zip(bases, lines, strict=True)
        )
        return ChipBox((edge,), when, round(left, 1), round(top, 1), round(width, 1), height, placed, text)


def room_of(plate: Plate, lane: Route) -> tuple[Rect, Rect]:
    """The rooms of chip and local derivative on the page: left, top, right, bottom."""
    x, y = lane.middle or (0.0, 0.0)
    rooms = label_rooms(plate, flipped=lane.flipped, local=lane.local)
    if plate.direction == "TB":
        rooms = (
            (rooms[0][1], rooms[0][0], rooms[0][3], rooms[0][2]),
            (rooms[1][1], rooms[1][0], rooms[1][3], rooms[1][2]),
        )
    first, second = ((x + left, y + top, x + right, y + bottom) for left, top, right, bottom in rooms)
    return first, second


def _typeset(text: str, room: float) -> Typeset:
    """The chip's text on one line where it is legible so, else factors over result, else the result alone."""
    one = shrink(text, room, CHIP_SIZE, 1, "strong")
    factors, joint, result = next((parts for joint in JOINTS if (parts := text.rpartition(joint))[1]), ("", "", text))
    if one >= CHIP_LEAST:
        return [(text, one, True)]
    if factors:
        two = shrink(factors, room, FACTORS_SIZE, 1)
        if two >= FACTORS_LEAST:
            second = f"{joint.strip()} {result}"
            return [(factors, two, False), (second, shrink(second, room, RESULT_SIZE, LEAST, "strong"), True)]
    size = shrink(result, room, CHIP_SIZE, LEAST, "strong")
    return [(fit(result, room, size, "strong"), size, True)]
