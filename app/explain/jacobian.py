"""The local Jacobian of an edge: its shape, its sparsity, and its cells where they are few.

The cells themselves are the Trace's (`passes[].jacobians`), exact and from PyTorch's own node.
"""

from __future__ import annotations

import itertools
from collections import Counter
from math import prod
from typing import Any

from app.core.trace import Edge, Scalar
from app.explain import latex
from app.explain.context import Context
from app.explain.formula import Rule
from app.explain.graph import flat

SHOWN = 36
"""Cells up to which a Jacobian is written as a matrix."""
LABELLED = 64
"""Rows and columns up to which each is labelled with its element."""


def jacobian(ctx: Context, edge: Edge, output: int, written: Rule | None) -> dict[str, Any]:
    """Shape and sparsity; `known` tells that the pass has the cells, else sparsity is the formula's."""
    out, into = ctx.shape((edge.target, output)), ctx.shape((edge.source, edge.output))
    found = ctx.graph.jacobian(edge.id, output)
    cells = flat(found.value) if found else None
    rows, columns = prod(out or ()), prod(into or ())
    scalar = out is not None and into is not None and rows == columns == 1
    known = cells is not None
    return {
        "rows": rows,
        "columns": columns,
        "out": list(out) if out is not None else None,
        "in": list(into) if into is not None else None,
        "scalar": scalar,
        "known": known,
        "sparsity": None
        if scalar
        else sparsity(cells, rows, columns)
        if cells
        else written.sparsity
        if written
        else None,
        "zeros": sum(cell == 0 for cell in cells) if cells is not None else None,
        "labels": _labels(ctx, edge, output, out, into) if known and not scalar else None,
    }


def _labels(
    ctx: Context, edge: Edge, output: int, out: tuple[int, ...] | None, into: tuple[int, ...] | None
) -> dict[str, list[str]] | None:
    """What each row and column of the Jacobian is: `y[0, 1]`, `w[2]`."""
    if out is None or into is None or max(prod(out), prod(into)) > LABELLED:
        return None
    above, below = ctx.names.plain[edge.target, output], ctx.names.plain[edge.source, edge.output]
    return {"rows": _elements(above, out), "columns": _elements(below, into)}


def _elements(name: str, shape: tuple[int, ...]) -> list[str]:
    index = itertools.product(*map(range, shape))
    return [f"{name}[{', '.join(map(str, at))}]" if at else name for at in index]


def sparsity(cells: list[Scalar], rows: int, columns: int) -> str:
    """`zero`, `identity`, `diagonal`, `one-hot` (a single cell), `selection` (ones, at most one a row), or `dense`."""
    if rows * columns != len(cells) or not cells:
        return "dense"
    places = [k for k, cell in enumerate(cells) if cell != 0]
    ones = all(cells[k] == 1 for k in places)
    if not places:
        return "zero"
    if rows == columns and all(k // columns == k % columns for k in places):
        return "identity" if ones and len(places) == rows else "diagonal"
    if len(places) == 1:
        return "one-hot"
    busiest = max(Counter(k // columns for k in places).values())
    return "selection" if ones and rows > 1 and busiest == 1 else "dense"


def matrix(ctx: Context, edge: Edge, output: int) -> str | None:
    """The Jacobian in LaTeX, outputs in rows and inputs in columns, if it is small."""
    found = ctx.graph.jacobian(edge.id, output)
    cells = flat(found.value) if found else None
    out, into = ctx.shape((edge.target, output)), ctx.shape((edge.source, edge.output))
    if not cells or out is None or into is None or len(cells) > SHOWN or prod(out) * prod(into) != len(cells):
        return None
    columns = prod(into)
    return latex.matrix([cells[k : k + columns] for k in range(0, len(cells), columns)], ctx.digits, ctx.num)
