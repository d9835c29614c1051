"""Elementwise rules with the numbers of single elements: ∂u₀₁/∂w₀₁ = cos(0.5) = 0.8776.

Owns the walk between an output element and the input element that broadcasts to it.
"""

from __future__ import annotations

from math import prod
from typing import Any

from app.core.trace import Edge, Scalar
from app.explain import latex
from app.explain.context import Context
from app.explain.filling import with_numbers
from app.explain.formula import Rule
from app.explain.graph import flat, shape_of
from app.explain.operation import Operation, evaluate, values

MOST = 9
"""Elements up to which all are explained; of a larger tensor only the first."""
MOST_IN_SMALL, SMALL = 36, 60
"""The same in a graph of at most `SMALL` nodes: there a page can carry more."""

Shape = tuple[int, ...]


def elements(ctx: Context, op: Operation, edge: Edge, written: Rule) -> list[dict[str, Any]]:
    """One entry per output element of a small tensor, else one for the first."""
    count = prod(ctx.shape((edge.target, 0)) or ())
    most = MOST_IN_SMALL if len(ctx.graph.trace.nodes) <= SMALL else MOST
    made = (element(ctx, op, edge, written, place) for place in range(count if count <= most else 1))
    return [entry for entry in made if entry is not None]


def element(ctx: Context, op: Operation, edge: Edge, written: Rule, place: int) -> dict[str, Any] | None:
    """The rule at output element `place` (row-major): its index, the input's, and the equation with numbers."""
    target, source = ctx.shape((edge.target, 0)) or (), ctx.shape((edge.source, edge.output)) or ()
    if place >= prod(target):
        return None
    index = unravel(place, target)
    numbers: dict[str, Scalar] = {}
    for name, value in values(ctx.graph, op).items():
        shape, cells = shape_of(value), flat(value)
        where = None if shape is None else broadcast(index, shape, target)
        if cells and where is not None and where < len(cells):
            numbers[name] = cells[where]
    filled = with_numbers(ctx, op, written.local, numbers)
    at = broadcast(index, source, target)
    if filled is None or at is None:
        return None
    below = unravel(at, source)
    lhs = latex.partial(
        _at(ctx.names.latex[edge.target, 0], index), _at(ctx.names.latex[edge.source, edge.output], below)
    )
    result = _cell(ctx, edge, place, at, prod(source))
    number = evaluate(op, written, numbers) if result is None else result
    parts = dict.fromkeys(part for part in (filled, ctx.number(number) if number is not None else None) if part)
    return {"index": list(index), "input": list(below), "latex": " = ".join([lhs, *parts])}


def _cell(ctx: Context, edge: Edge, row: int, column: int, columns: int) -> Scalar | None:
    """PyTorch's own number, where the pass has the Jacobian."""
    found = ctx.graph.jacobian(edge.id)
    cells = flat(found.value) if found else None
    place = row * columns + column
    return cells[place] if cells and place < len(cells) else None


def _at(symbol: str, index: Shape) -> str:
    return latex.indexed(symbol, ",".join(map(str, index))) if index else symbol


def unravel(place: int, shape: Shape) -> Shape:
    """The index of the element at `place` in row-major order."""
    index = []
    for size in reversed(shape):
        place, at = divmod(place, max(size, 1))
        index.append(at)
    return tuple(reversed(index))


def ravel(index: Shape, shape: Shape) -> int | None:
    """The place of the element at `index` in row-major order; None where there is no such element."""
    if len(index) != len(shape) or any(not 0 <= at < size for at, size in zip(index, shape, strict=True)):
        return None
    place = 0
    for size, at in zip(shape, index, strict=True):
        place = place * size + at
    return place


def broadcast(index: Shape, shape: Shape, target: Shape) -> int | None:
    """The place of the element of `shape` that broadcasts to `index` of `target`; None if the shapes don't fit."""
    if len(shape) > len(target) or any(
        a not in (1, b) for a, b in zip(reversed(shape), reversed(target), strict=False)
    ):
        return None
    own = index[len(index) - len(shape) :]
    return ravel(tuple(at if size > 1 else 0 for size, at in zip(shape, own, strict=True)), shape)
