"""Tensors as heat maps: a raster of shades for the last two dimensions, a stack of rasters for more.

The shade's hue is the slot's for positive numbers and grey ink for negative ones; zero is the ground. Colours are the
palette's business (`app.draw.theme`), here shades have names.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from app.core.number import number_text
from app.core.trace import Full, Scalar, Summary, Value
from app.draw.measure import fit

WIDTH, HEIGHT, CELL = 136.0, 104.0, 20.0
"""The most that one raster takes, and that one cell does."""
CELLS = 32
"""Rows and columns of a raster; of larger tensors every k-th element is drawn."""
LEAST = 16.0
LEVELS = 5
SLICES, STEP = 3, 9.0
"""Rasters of a stack, and how far each lies beside the one before it."""
PAD = 8.0
CAPTION_SIZE, CAPTION_ROOM = 15.0, 21.0


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A raster. `shades`: of each shade (`above-1` to `above-5`, `below-1` to `below-5`, `nan`) the path whose strokes,
    a cell high, are its cells; in units of cells.
    """

    x: float
    y: float
    width: float
    height: float
    columns: int
    rows: int
    shades: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Heat:
    """One heat map, or several one behind the other, hindmost first; below them shape and range."""

    maps: tuple[HeatMap, ...]
    caption: str
    caption_x: float
    caption_y: float
    title: str
    kind: Literal["heat"] = "heat"


def shape_text(shape: tuple[int, ...]) -> str:
    """`2×3`."""
    return "×".join(map(str, shape))


def heat_size(shape: tuple[int, ...]) -> tuple[float, float]:
    """Width and height of the slot that a tensor of `shape` takes as a heat map."""
    width, height = _raster_size(shape)
    deep = (_slices(shape) - 1) * STEP
    return max(WIDTH + 2 * PAD, width + deep + 2 * PAD), height + deep + CAPTION_ROOM + 2 * PAD


def heat(value: Value, shape: tuple[int, ...], digits: int, num: str) -> Heat:
    """The heat map of `value`, its places relative to a slot of `heat_size(shape)`."""
    width, _height = heat_size(shape)
    map_width, map_height = _raster_size(shape)
    planes = _planes(value, shape)
    deep = _slices(shape) - 1
    planes = (planes + [planes[-1]] * deep)[: deep + 1]
    most = max((abs(x) for x in _finite(value)), default=0.0) or 1.0
    left = (width - map_width - deep * STEP) / 2
    maps = []
    for k in range(deep, -1, -1):
        columns, rows, shades = _shades(planes[k], most)
        x, y = round(left + k * STEP, 1), round(PAD + (deep - k) * STEP, 1)
        maps.append(HeatMap(x, y, map_width, map_height, columns, rows, shades))
    caption = f"{shape_text(shape)} · {_reach(value, min(digits, 2), num)}".rstrip(" ·")
    base = PAD + map_height + deep * STEP + CAPTION_SIZE + 2
    title = f"{shape_text(shape)}, {_reach(value, digits, num)}".rstrip(", ")
    return Heat(tuple(maps), fit(caption, width - 8, CAPTION_SIZE), round(width / 2, 1), round(base, 1), title)


def _grid(shape: tuple[int, ...]) -> tuple[int, int]:
    return (1, shape[0]) if len(shape) == 1 else (shape[-2], shape[-1])


def _raster_size(shape: tuple[int, ...]) -> tuple[float, float]:
    rows, columns = (min(size, CELLS) for size in _grid(shape))
    cell = min(CELL, WIDTH / columns, HEIGHT / rows)
    return max(round(columns * cell, 1), LEAST), max(round(rows * cell, 1), LEAST)


def _slices(shape: tuple[int, ...]) -> int:
    return min(SLICES, math.prod(shape[:-2])) if len(shape) > 2 else 1


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


def _flat(data: Any) -> list[Scalar]:
    if not isinstance(data, list):
        return [data]
    if data and not isinstance(data[0], list):
        return data
    return [x for inner in data for x in _flat(inner)]


def _real(x: Scalar) -> float | None:
    """What a shade shows of an element: itself, 0 or 1 for a bool, the modulus of a complex number; None for nan."""
    if isinstance(x, str):
        return {"inf": math.inf, "-inf": -math.inf}.get(x)
    if isinstance(x, dict):
        parts = _real(x["re"]), _real(x["im"])
        return None if None in parts else math.hypot(*(part or 0.0 for part in parts))
    return float(x)


def _finite(value: Value) -> list[float]:
    source = _flat(value.data) if isinstance(value, Full) else [value.min, value.max]
    numbers = [_real(x) for x in source if x is not None]
    return [x for x in numbers if x is not None and math.isfinite(x)]


def _reach(value: Value, digits: int, num: str) -> str:
    """`−1.2 … 3`; empty where there is nothing to order."""
    if isinstance(value, Summary):
        least, most = value.min, value.max
    else:
        real = [(_real(x), x) for x in _flat(value.data) if not isinstance(x, dict)]
        known = [(number, x) for number, x in real if number is not None]
        least = min(known, key=lambda pair: pair[0])[1] if known else None
        most = max(known, key=lambda pair: pair[0])[1] if known else None
    if least is None or most is None:
        return ""
    return f"{number_text(least, digits, num)} … {number_text(most, digits, num)}"


def _shades(plane: list[list[Scalar]], most: float) -> tuple[int, int, tuple[tuple[str, str], ...]]:
    """Columns, rows and the paths of one raster; neighbours of one shade are one stroke."""
    rows = [plane[k * len(plane) // min(len(plane), CELLS)] for k in range(min(len(plane), CELLS))]
    columns = min(len(rows[0]), CELLS)
    picks = [k * len(rows[0]) // columns for k in range(columns)]
    strokes: dict[str, list[str]] = {}
    for r, row in enumerate(rows):
        start, current = 0, ""
        for c in range(columns + 1):
            shade = _shade(_real(row[picks[c]]), most) if c < columns else "end"
            if shade != current:
                if current not in ("", "zero"):
                    strokes.setdefault(current, []).append(f"M{start} {r}.5h{c - start}")
                start, current = c, shade
    return columns, len(rows), tuple((shade, "".join(strokes[shade])) for shade in sorted(strokes))


def _shade(number: float | None, most: float) -> str:
    """On a square-root scale, so that small numbers beside a large one keep the colour of their sign."""
    if number is None:
        return "nan"
    if number == 0:
        return "zero"
    level = LEVELS if math.isinf(number) else max(1, min(LEVELS, math.ceil(math.sqrt(abs(number) / most) * LEVELS)))
    return f"{'above' if number > 0 else 'below'}-{level}"
