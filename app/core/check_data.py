"""Whether single pieces of a Trace are what the format says: values, arguments, shapes, places in the source."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from app.core.trace import FULL_LIMIT, Full, Value

SAMPLE_SIDE = 32
DEEPEST_ARGUMENT = 16
MOST_DIMENSIONS = 128
"""Twice PyTorch's own limit, for a Jacobian has the dimensions of two tensors."""

Found = Iterator[tuple[str, str]]
"""(message, where)"""


def is_shape(shape: Sequence[int]) -> bool:
    """Whether a tensor could have this shape."""
    return len(shape) <= MOST_DIMENSIONS and all(0 <= size < 2**63 for size in shape)


def value(item: Value, shape: Sequence[int], where: str) -> Found:
    """A value has the nesting of its shape, and elements that are numbers."""
    size = math.prod(shape)
    if not isinstance(item, Full):
        if item.numel != size:
            yield f"a summary of {item.numel} elements for {size}", where
        if len(item.sample) > SAMPLE_SIDE or any(len(row) > SAMPLE_SIDE for row in item.sample):
            yield "a sample above 32×32", where
        if not all(_is_scalar(x) for row in item.sample for x in row):
            yield "a sample that isn't of numbers", where
        if not all(x is None or _is_scalar(x) for x in (item.min, item.max, item.mean, item.std)):
            yield "a summary that isn't of numbers", where
        return
    if size > FULL_LIMIT:
        yield f"{size} elements in full", where
        return
    level: list[Any] = [item.data]
    for length in shape:
        if not all(isinstance(row, list) and len(row) == length for row in level):
            yield f"a nesting other than that of shape {tuple(shape)}", where
            return
        level = [x for row in level for x in row]
    if not all(_is_scalar(x) for x in level):
        yield "an element that isn't a number", where


def _is_scalar(x: Any) -> bool:
    if isinstance(x, dict):
        return x.keys() == {"re", "im"} and all(not isinstance(part, dict) and _is_scalar(part) for part in x.values())
    if isinstance(x, float):
        return math.isfinite(x)
    if isinstance(x, int):
        return -(2**63) <= x < 2**64
    return isinstance(x, str) and x in ("nan", "inf", "-inf")


def is_plain(argument: Any) -> bool:
    """Whether an argument is JSON data of bounded depth."""
    level = [argument]
    for _ in range(DEEPEST_ARGUMENT):
        if not all(x is None or isinstance(x, bool | int | float | str | list | dict) for x in level):
            return False
        level = [y for x in level if isinstance(x, list | dict) for y in (x.values() if isinstance(x, dict) else x)]
        if not level:
            return True
    return False


def place(line: int | None, span: Sequence[int] | None, where: str) -> Found:
    """Lines count from 1, columns from 0, and a span ends where it begins or later."""
    if line is not None and line < 1:
        yield f"line {line}", where
    if span is not None and not (span[0] >= 1 and span[1] >= 0 and span[3] >= 0 and tuple(span[2:]) >= tuple(span[:2])):
        yield f"span {tuple(span)}", where
