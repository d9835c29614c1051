"""Where a number is taken out of the graph by `.item()` and goes on as a constant."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch

from app.core.trace import Note
from app.record.log import OpRun, Place
from app.record.spans import Source

COMMON = frozenset({0.0, 1.0, -1.0, 2.0, -2.0})
"""Numbers that a program writes itself too often to tell where one came from."""


def item_notes(log: list[Any], text: Source) -> Iterator[Note]:
    """A note for each `.item()` whose number an operation computes with later, as far as numbers can be told apart."""
    taken: dict[float, Place] = {}
    for entry in log:
        if type(entry) is not OpRun or entry.hidden or entry.pass_ >= 0:
            continue
        if entry.info.name == "_local_scalar_dense":
            number = entry.out
            if entry.args[0].requires_grad and isinstance(number, float) and _telling(number):
                taken[number] = (entry.code, entry.lasti)
        elif taken and entry.graded:
            for number in _numbers(entry):
                place = taken.pop(number, None)
                start, end = (None, None) if place is None else (text.span(*place), text.span(entry.code, entry.lasti))
                if start is not None and end is not None:
                    where = f"line {end[0]}" if end[0] != start[0] else "the same line"
                    message = (
                        f".item() takes {number:.4g} out of the graph here, and {where} computes with it as a "
                        "constant: no gradient flows back through it."
                    )
                    yield Note("graph_cut", message, start[0], None)


def _telling(number: float) -> bool:
    return math.isfinite(number) and number not in COMMON


def _numbers(entry: OpRun) -> list[float]:
    """The plain numbers that an op was given: among its arguments, or as the one element of a new tensor."""
    found = [arg for arg in entry.args if isinstance(arg, float)]
    if entry.info.name == "lift_fresh" and entry.args[0].numel() == 1 and entry.args[0].is_floating_point():
        with torch.no_grad():
            found.append(float(entry.args[0]))
    return found
