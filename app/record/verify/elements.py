"""Compares a gradient with difference quotients, element by element: of an op's input, or of a leaf."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from app.core.verdict import Cell, Compared, Status, worst
from app.record.values import number
from app.record.verify.quotients import Judged, Quotient, judge

Function = Callable[[Tensor], float]
"""The scalar function: all of one input to one number."""

MOST_LISTED = 36
"""Elements that are listed; of more, those that stand out before the others."""
NOT_FINITE = "the derivative isn't finite there"
KINK = "the function has a kink or a jump there: its one-sided derivatives differ"
WRONG = "autograd gives another number than the differences do"


class Work:
    """Calls that may still be made; counted, not timed, so that the same snippet always gets the same report."""

    def __init__(self, calls: int) -> None:
        self.calls = calls

    def elements(self, count: int, cost: int) -> int:
        """How many of `count` elements can be compared, where a call costs `cost`: some, while any work is left."""
        fits = max(1, self.calls // max(1, 4 * cost)) if self.calls > 0 else 0
        chosen = min(count, fits, MOST_LISTED * 4)
        self.calls -= 3 * cost * chosen
        return chosen


def compared(
    place: dict[str, Any], f: Function, at: Tensor, gradient: Tensor, *, most: int, numbers: tuple[float, float] | None
) -> Compared:
    """Compare `gradient` with the quotients of `f` at `at`, at up to `most` elements, spread evenly.

    `numbers`: f(at) where it was computed already, and the weight of the output where that is one number, by which
    everything is divided, so that what is shown is the local derivative itself.
    """
    count = at.numel()
    chosen = sorted({round(k * (count - 1) / max(most - 1, 1)) for k in range(min(most, count))})
    flat, grads = at.detach().reshape(-1).clone(), gradient.detach().reshape(-1)
    start = f(at) if numbers is None else numbers[0]
    cells = []
    for k in chosen:
        index = tuple(int(i) for i in torch.unravel_index(torch.tensor(k), at.shape)) if at.dim() else ()
        cells.append(_cell(index, _along(f, flat, k, at), float(flat[k]), start, float(grads[k])))
    status = worst(cell.status for cell in cells)
    deciding = [cell for cell in cells if cell.status == status]
    largest = max(deciding, key=_error, default=None)
    listed = sorted(cells, key=lambda cell: cell.status == "ok")[:MOST_LISTED]
    return Compared(
        place,
        status,
        _reason(status, largest),
        count,
        len(cells),
        largest.error if largest else None,
        largest.step if largest else None,
        tuple(sorted(listed, key=lambda cell: cell.index)),
    )


def unchecked(place: dict[str, Any], elements: int, reason: str) -> Compared:
    """The entry of an edge or leaf that couldn't be checked."""
    return Compared(place, "not_checked", reason, elements, 0, None, None, ())


def _along(f: Function, flat: Tensor, k: int, at: Tensor) -> Callable[[float], float]:
    """`f` as a function of element `k` alone."""

    def moved(x: float) -> float:
        point = flat.clone()
        point[k] = x
        return f(point.reshape(at.shape))

    return moved


def _cell(index: tuple[int, ...], f: Callable[[float], float], x: float, at_x: float, derivative: float) -> Cell:
    if math.isfinite(x) and math.isfinite(at_x):
        judged = judge(f, x, at_x, derivative)
    else:
        judged = Judged("nonsmooth", Quotient(0.0, math.nan, math.nan, math.nan, 0.0), math.nan, 0.0)
    q = judged.best
    status: Status = judged.status if math.isfinite(derivative) else "nonsmooth"
    return Cell(
        index, status, number(derivative), number(q.central), number(q.left), number(q.right), number(judged.error),
        number(judged.tolerance), number(q.step),
    )  # fmt: skip


def _error(cell: Cell) -> float:
    return cell.error if isinstance(cell.error, float) else math.inf


def _reason(status: Status, cell: Cell | None) -> str | None:
    if status == "mismatch":
        return WRONG
    if status != "nonsmooth" or cell is None:
        return None
    known = all(isinstance(x, float) for x in (cell.autograd, cell.left, cell.right))
    return KINK if known else NOT_FINITE
