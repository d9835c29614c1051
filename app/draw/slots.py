"""A tensor's value in the room of a slot: a number, a matrix of numbers, a heat map, a stack of slices.

A slot's size depends on shape and dtype alone, never on the numbers, so that new numbers never move anything.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from app.core.number import number_text
from app.core.trace import Full, Scalar, Summary, Value
from app.draw.measure import Face, fit, shrink, text_width

NUMBER_SIZE, NUMBER_LEAST = 32.0, 15.0
CELL_SIZE, CELL_LEAST = 22.0, 13.0
CAPTION_SIZE = 15.0
SLOT_WIDTH, SLOT_HEIGHT = 102.0, 42.0
"""Of a number."""
ROW = 30.0
COLUMN = {1: 96.0, 2: 70.0, 3: 64.0, 4: 60.0, 5: 58.0}
"""Width of a column of floats, by their number."""
INTEGER_COLUMN = 40.0
USUAL_DIGITS, MATRIX_DIGITS = 4, 3
"""A matrix is shown with fewer digits than a number, unless more than the usual were asked for."""
BRACKET = 7.0
MOST_ROWS, MOST_COLUMNS = 4, 5
HEAT_WIDTH, HEAT_HEIGHT = 136.0, 104.0
HEAT_CELL = 20.0
HEAT_CELLS = 32
"""Rows and columns of a heat map; of larger tensors every k-th element is drawn."""
PAD = 8.0
LEVELS = 5
SLICES, SLICE_STEP = 3, 9.0

Side = Literal["value", "grad"]
FaceOfSide: dict[Side, Face] = {"value": "strong", "grad": "strong"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One number at its right or middle end, on its base line."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """A number or a matrix of numbers. `brackets`: path data, empty for a number."""

    size: float
    cells: tuple[Cell, ...]
    anchor: Literal["middle", "end"]
    brackets: str
    title: str
    kind: Literal["numbers"] = "numbers"


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A raster whose cells of one shade are one path of strokes a cell high; the slot's ground is zero."""

    x: float
    y: float
    width: float
    height: float
    columns: int
    rows: int
    shades: tuple[tuple[str, str], ...]
    """(`above-3` | `below-2` | `nan`, path data in units of cells)."""


@dataclass(frozen=True, slots=True)
class Heat:
    """One heat map, or several one behind the other, hindmost first; below them shape and range."""

    maps: tuple[HeatMap, ...]
    caption: str
    caption_x: float
    caption_y: float
    title: str
    kind: Literal["heat"] = "heat"


Content = Numbers | Heat


def numbers_fit(shape: tuple[int, ...]) -> bool:
    """Whether a tensor of `shape` is shown by its numbers."""
    if len(shape) > 2 or 0 in shape:
        return False
    rows, columns = _grid(shape)
    return rows <= MOST_ROWS and columns <= MOST_COLUMNS


def slot_size(shape: tuple[int, ...], dtype: str) -> tuple[float, float]:
    """Width and height of the slot of a tensor."""
    if not shape or 0 in shape:
        return SLOT_WIDTH, SLOT_HEIGHT
    rows, columns = _grid(shape)
    if numbers_fit(shape):
        return max(SLOT_WIDTH, columns * _column(columns, dtype) + 2 * (PAD + BRACKET)), rows * ROW + 2 * PAD - 2
    width, height = _heat_size(rows, columns)
    deep = _slices(shape) - 1
    caption = CAPTION_SIZE + 6
    return max(SLOT_WIDTH + 40, width + deep * SLICE_STEP + 2 * PAD), height + deep * SLICE_STEP + caption + 2 * PAD


def content(value: Value, shape: tuple[int, ...], dtype: str, side: Side, digits: int, num: str) -> Content:
    """What a slot of `slot_size(shape, dtype)` shows of `value`; places are relative to the slot's corner."""
    if 0 in shape:
        return _empty(shape)
    if isinstance(value, Full) and not shape:
        return _number(value.data, digits, num)
    if isinstance(value, Full) and numbers_fit(shape):
        return _matrix(value.data, shape, dtype, digits, num)
    return _heat(value, shape, side, digits, num)


def words(text: str, shape: tuple[int, ...], dtype: str) -> Numbers:
    """A word such as None in the middle of a slot."""
    width, height = slot_size(shape, dtype)
    return Numbers(18.0, (Cell(width / 2, height / 2 + 6.3, text),), "middle", "", text)


def _grid(shape: tuple[int, ...]) -> tuple[int, int]:
    if not shape:
        return 1, 1
    return (1, shape[0]) if len(shape) == 1 else (shape[-2], shape[-1])


def _column(columns: int, dtype: str) -> float:
    whole = dtype.startswith(("int", "uint", "bool"))
    return INTEGER_COLUMN if whole and columns > 1 else COLUMN[columns]


def _empty(shape: tuple[int, ...]) -> Numbers:
    text = "×".join(map(str, shape))
    size = shrink(text, SLOT_WIDTH - 2 * PAD, 18.0, 11.0)
    text = fit(text, SLOT_WIDTH - 2 * PAD, size)
    title = f"no elements, shape {'×'.join(map(str, shape))}"
    return Numbers(size, (Cell(SLOT_WIDTH / 2, SLOT_HEIGHT / 2 + 6.3, text),), "middle", "", title)


def _number(x: Scalar, digits: int, num: str) -> Numbers:
    text = number_text(x, digits, num)
    room = SLOT_WIDTH - 12
    size = shrink(text, room, NUMBER_SIZE, NUMBER_LEAST, "strong")
    shown = fit(text, room, size, "strong")
    base = round(SLOT_HEIGHT / 2 + size * 0.364, 1)
    return Numbers(size, (Cell(SLOT_WIDTH / 2, base, shown),), "middle", "", text)


def _matrix(data: Any, shape: tuple[int, ...], dtype: str, digits: int, num: str) -> Numbers:
    rows = [data] if len(shape) == 1 else data
    width, height = slot_size(shape, dtype)
    columns = len(rows[0])
    most = _column(columns, dtype)
    room = most - 7
    texts = [[number_text(x, digits, num) for x in row] for row in rows]
    title = "\n".join("  ".join(row) for row in texts)
    # Fewer digits before smaller type: a matrix is looked at as a whole, its exact numbers are in the title and the inspector.
    for fewer in range(_matrix_digits(digits), 0, -1):
        if fewer < digits:
            texts = [[number_text(x, fewer, num) for x in row] for row in rows]
        widest = max(text_width(text, 1.0, "text") for row in texts for text in row)
        if widest * CELL_LEAST <= room or fewer == 1:
            break
    size = max(CELL_LEAST - 2.5, min(CELL_SIZE, math.floor(room / widest * 10) / 10))
    texts = [[fit(text, room + 8, size) for text in row] for row in texts]
    widths = [max(text_width(row[c], size, "text") for row in texts) for c in range(columns)]
    gap = min(24.0, (width - 2 * (PAD + BRACKET) - sum(widths)) / max(columns, 1))
    block = sum(widths) + gap * (columns - 1)
    left = (width - block) / 2
    ends, x = [], left
    for column in widths:
        x += column
        ends.append(x)
        x += gap
    top = (height - len(rows) * ROW) / 2
    cells = tuple(
        Cell(round(ends[c], 1), round(top + (r + 0.5) * ROW + size * 0.364, 1), texts[r][c])
        for r in range(len(rows))
        for c in range(columns)
    )
    return Numbers(size, cells, "end", _brackets(left - 9, left + block + 9, top + 2, height - top - 2), title)


def _brackets(left: float, right: float, top: float, bottom: float) -> str:
    arm = 5
    return (
        f"M{left + arm:g} {top:g}H{left:g}V{bottom:g}H{left + arm:g}"
        f"M{right - arm:g} {top:g}H{right:g}V{bottom:g}H{right - arm:g}"
    )


def _heat_size(rows: int, columns: int) -> tuple[float, float]:
    rows, columns = min(rows, HEAT_CELLS), min(columns, HEAT_CELLS)
    cell = min(HEAT_CELL, HEAT_WIDTH / columns, HEAT_HEIGHT / rows)
    return max(round(columns * cell, 1), 16.0), max(round(rows * cell, 1), 16.0)


def _slices(shape: tuple[int, ...]) -> int:
    return min(SLICES, math.prod(shape[:-2])) if len(shape) > 2 else 1


def _heat(value: Value, shape: tuple[int, ...], side: Side, digits: int, num: str) -> Heat:
    width, _height = slot_size(shape, "float32")
    rows, columns = _grid(shape)
    map_width, map_height = _heat_size(rows, columns)
    slices = _planes(value, shape)
    low, high = _range(value)
    deep = _slices(shape) - 1
    slices = (slices + [slices[-1]] * (deep + 1))[: deep + 1]
    left = (width - map_width - deep * SLICE_STEP) / 2
    maps = tuple(
        _raster(slices[k], left + k * SLICE_STEP, PAD + (deep - k) * SLICE_STEP, map_width, map_height, low, high)
        for k in range(deep, -1, -1)
    )
    sizes = "×".join(map(str, shape))
    least, most = _extremes(value)
    brief = min(digits, 2)
    reach = "" if least is None else f"{number_text(least, brief, num)} … {number_text(most, brief, num)}"
    full = "" if least is None else f", {number_text(least, digits, num)} to {number_text(most, digits, num)}"
    caption = f"{sizes}   {reach}".rstrip()
    caption = fit(caption, width - 8, CAPTION_SIZE)
    base = PAD + map_height + deep * SLICE_STEP + CAPTION_SIZE + 2
    return Heat(maps, caption, round(width / 2, 1), round(base, 1), f"{sizes}{full}")


def _planes(value: Value, shape: tuple[int, ...]) -> list[list[list[Scalar]]]:
    """The last two dimensions, slice by slice, as many as are drawn."""
    if isinstance(value, Summary):
        return [value.sample or [[0.0]]]
    if len(shape) == 1:
        return [[value.data]]
    planes: list[Any] = [value.data]
    for _ in range(len(shape) - 2):
        planes = [inner for outer in planes for inner in outer][:SLICES]
    return planes


def _real(x: Scalar) -> float | None:
    """The number that a cell's shade shows: itself, 0 or 1 for a bool, the modulus of a complex number, None for nan."""
    if isinstance(x, str):
        return {"inf": math.inf, "-inf": -math.inf}.get(x)
    if isinstance(x, dict):
        parts = _real(x["re"]), _real(x["im"])
        return None if None in parts else math.hypot(*(part or 0.0 for part in parts))
    return float(x)


def _flat(data: Any) -> list[Scalar]:
    if not isinstance(data, list):
        return [data]
    if data and not isinstance(data[0], list):
        return data
    return [x for inner in data for x in _flat(inner)]


def _extremes(value: Value) -> tuple[Scalar | None, Scalar | None]:
    if isinstance(value, Summary):
        return value.min, value.max
    pairs = [(real, x) for x in _flat(value.data) if (real := _real(x)) is not None and not isinstance(x, dict)]
    if not pairs:
        return None, None
    return min(pairs, key=lambda pair: pair[0])[1], max(pairs, key=lambda pair: pair[0])[1]


def _range(value: Value) -> tuple[float, float]:
    """Smallest and largest finite number, zero included where all have one sign and it is near."""
    source = _flat(value.data) if isinstance(value, Full) else [value.min, value.max]
    numbers = [real for x in source if x is not None and (real := _real(x)) is not None and math.isfinite(real)]
    return (min(numbers), max(numbers)) if numbers else (0.0, 0.0)


def _raster(
    plane: list[list[Scalar]], x: float, y: float, width: float, height: float, low: float, high: float
) -> HeatMap:
    rows = [plane[k * len(plane) // min(len(plane), HEAT_CELLS)] for k in range(min(len(plane), HEAT_CELLS))]
    count = min(len(rows[0]), HEAT_CELLS)
    picks = [k * len(rows[0]) // count for k in range(count)]
    most = max(abs(low), abs(high)) or 1.0
    strokes: dict[str, list[str]] = {}
    for r, row in enumerate(rows):
        start, current = 0, ""
        for c in range(count + 1):
            shade = _shade(_real(row[picks[c]]), most) if c < count else "end"
            if shade != current:
                if current not in ("", "zero"):
                    strokes.setdefault(current, []).append(f"M{start} {r}.5h{c - start}")
                start, current = c, shade
    shades = tuple((shade, "".join(strokes[shade])) for shade in sorted(strokes))
    return HeatMap(round(x, 1), round(y, 1), width, height, count, len(rows), shades)


def _shade(number: float | None, most: float) -> str:
    """The shade of a number, on a square-root scale: small numbers beside a large one keep their sign's colour."""
    if number is None:
        return "nan"
    if number == 0:
        return "zero"
    level = LEVELS if math.isinf(number) else max(1, min(LEVELS, math.ceil(math.sqrt(abs(number) / most) * LEVELS)))
    return f"{'above' if number > 0 else 'below'}-{level}"


def _matrix_digits(digits: int) -> int:
    return max(1, digits if digits > USUAL_DIGITS else min(digits, MATRIX_DIGITS))
