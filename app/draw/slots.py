"""A tensor's value in the room of a slot: a number, a matrix of numbers, else a heat map.

A slot's size depends on shape and dtype alone, never on the numbers, so that new numbers never move anything.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from app.core.number import number_text
from app.core.trace import Full, Scalar, Value
from app.draw.heat import CAPTION_ROOM, CAPTION_SIZE, Heat, heat, heat_size, shape_text
from app.draw.measure import fit, shrink, text_width

NUMBER_SIZE, NUMBER_LEAST = 32.0, 15.0
WORD_SIZE = 19.0
CELL_SIZE, CELL_LEAST = 24.0, 13.0
USUAL_DIGITS, MATRIX_DIGITS = 4, 3
"""A matrix is shown with fewer digits than a number, unless more than the usual were asked for."""
SLOT_WIDTH, SLOT_HEIGHT = 102.0, 42.0
"""Of a number."""
ROW = 30.0
COLUMN = {1: 96.0, 2: 70.0, 3: 64.0, 4: 60.0, 5: 58.0}
"""Width of a column of floats, by their number."""
INTEGER_COLUMN = 40.0
PAD, BRACKET, ARM = 8.0, 7.0, 5.0
MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 5, 5, 20
CAPITALS = 0.364
"""Half the height of figures, of the font size: from the middle of a line down to its base."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One number at its right or middle end, on its base line."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """A number or a matrix of numbers. `brackets`: path data, none for a number. `caption`: the shape, of rank 3 on."""

    size: float
    cells: tuple[Cell, ...]
    anchor: Literal["middle", "end"]
    brackets: str
    title: str
    caption: str = ""
    caption_x: float = 0.0
    caption_y: float = 0.0
    kind: Literal["numbers"] = "numbers"


Content = Numbers | Heat


def slot_size(shape: tuple[int, ...], dtype: str) -> tuple[float, float]:
    """Width and height of the slot of a tensor."""
    if not shape or 0 in shape:
        return SLOT_WIDTH, SLOT_HEIGHT
    grid = _grid(shape)
    if grid is None:
        return heat_size(shape)
    rows, columns = grid
    width = max(SLOT_WIDTH, columns * _column(columns, dtype) + 2 * (PAD + BRACKET))
    return width, rows * ROW + 2 * PAD - 2 + (CAPTION_ROOM if len(shape) > 2 else 0)


def content(
    value: Value, shape: tuple[int, ...], dtype: str, *, digits: int, num: str, width: float = SLOT_WIDTH
) -> Content:
    """What a slot of `slot_size(shape, dtype)` shows of `value`; places are relative to the slot's corner.

    A number may use the slot's whole `width`, of which `SLOT_WIDTH` is the least.
    """
    if 0 in shape:
        return _empty(shape)
    if isinstance(value, Full) and not shape:
        return _number(value.data, width, digits, num)
    if isinstance(value, Full) and _grid(shape) is not None:
        return _matrix(value.data, shape, dtype, digits, num)
    return heat(value, shape, digits, num)


def words(text: str, shape: tuple[int, ...], dtype: str, width: float = SLOT_WIDTH) -> Numbers:
    """A word such as None in the middle of a slot."""
    least, height = slot_size(shape, dtype)
    room = least if shape else width
    size = shrink(text, room - 2 * PAD, WORD_SIZE, 11.0)
    shown = fit(text, room - 2 * PAD, size)
    return Numbers(size, (Cell(room / 2, round(height / 2 + size * CAPITALS, 1), shown),), "middle", "", text)


def _grid(shape: tuple[int, ...]) -> tuple[int, int] | None:
    """Rows and columns of a tensor that is shown by its numbers, else None. Leading dimensions of 1 don't count."""
    if math.prod(shape[:-2]) != 1 or 0 in shape:
        return None
    rows, columns = (1, shape[0]) if len(shape) == 1 else (shape[-2], shape[-1])
    small = rows <= MOST_ROWS and columns <= MOST_COLUMNS and rows * columns <= MOST_CELLS
    return (rows, columns) if small else None


def _column(columns: int, dtype: str) -> float:
    whole = dtype.startswith(("int", "uint"))
    return INTEGER_COLUMN if whole and columns > 1 else COLUMN[columns]


def _empty(shape: tuple[int, ...]) -> Numbers:
    return words(shape_text(shape), shape, "")


def _number(x: Scalar, width: float, digits: int, num: str) -> Numbers:
    text = number_text(x, digits, num)
    room = width - 10
    size = shrink(text, room, NUMBER_SIZE, NUMBER_LEAST, "strong")
    shown = fit(text, room, size, "strong")
    cell = Cell(width / 2, round(SLOT_HEIGHT / 2 + size * CAPITALS, 1), shown)
    return Numbers(size, (cell,), "middle", "", text)


def _matrix(data: Any, shape: tuple[int, ...], dtype: str, digits: int, num: str) -> Numbers:
    for _ in shape[:-2]:
        data = data[0]
    rows = [data] if len(shape) == 1 else data
    width, height = slot_size(shape, dtype)
    height -= CAPTION_ROOM if len(shape) > 2 else 0
    columns = len(rows[0])
    room = _column(columns, dtype) - 7
    title = "\n".join("  ".join(number_text(x, digits, num) for x in row) for row in rows)
    texts, size = _typeset(rows, room, digits, num)
    widths = [max(text_width(row[c], size) for row in texts) for c in range(columns)]
    gap = min(24.0, (width - 2 * (PAD + BRACKET) - sum(widths)) / columns)
    block = sum(widths) + gap * (columns - 1)
    left = (width - block) / 2
    ends, x = [], left
    for column in widths:
        x += column
        ends.append(x)
        x += gap
    top = (height - len(rows) * ROW) / 2
    cells = tuple(
        Cell(round(ends[c], 1), round(top + (r + 0.5) * ROW + size * CAPITALS, 1), texts[r][c])
        for r in range(len(rows))
        for c in range(columns)
    )
    brackets = _brackets(left - 9, left + block + 9, top + 2, height - top - 2)
    caption = shape_text(shape) if len(shape) > 2 else ""
    return Numbers(size, cells, "end", brackets, title, caption, width / 2, height + CAPTION_SIZE - 4)


def _typeset(rows: list[list[Scalar]], room: float, digits: int, num: str) -> tuple[list[list[str]], float]:
    """The numbers' texts and their font size in columns of `room`.

    Fewer digits come before smaller type: a matrix is looked at as a whole, its exact numbers are in the title.
    """
    most = max(1, digits if digits > USUAL_DIGITS else min(digits, MATRIX_DIGITS))
    for fewer in range(most, 0, -1):
        texts = [[number_text(x, fewer, num) for x in row] for row in rows]
        widest = max(text_width(text, 1.0) for row in texts for text in row)
        if widest * CELL_LEAST <= room or fewer == 1:
            break
    size = max(CELL_LEAST - 2.5, min(CELL_SIZE, math.floor(room / widest * 10) / 10))
    return [[fit(text, room + 4, size) for text in row] for row in texts], size


def _brackets(left: float, right: float, top: float, bottom: float) -> str:
    return (
        f"M{left + ARM:.1f} {top:.1f}H{left:.1f}V{bottom:.1f}H{left + ARM:.1f}"
        f"M{right - ARM:.1f} {top:.1f}H{right:.1f}V{bottom:.1f}H{right - ARM:.1f}"
    )
