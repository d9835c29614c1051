"""Which cells depend on which: the input cells behind one output cell of an op, and the output cells that an input
cell enters.

Owns the pattern of a single edge and its closure over the graph. A pattern comes from shapes where the op's shapes
decide it (elementwise ops with their broadcasting, matrix products), else from the cells of the Jacobian that aren't 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import prod
from typing import Any, Literal

from app.core.trace import Edge, Endpoint
from app.explain.context import Context
from app.explain.elements import broadcast, ravel, unravel
from app.explain.graph import flat
from app.explain.operation import Operation

Shape = tuple[int, ...]

MOST_PAIRS = 1_024
"""Pairs of cells up to which an edge's pattern is listed; an identity and a full pattern need no list."""
MOST_CELLS = 65_536
"""Pairs of cells up to which a pattern is followed through the graph."""
LEFT = {"mm": "self", "bmm": "self", "mv": "self", "addmm": "mat1", "baddbmm": "batch1", "addmv": "mat"}
ADDEND = ("addmm", "baddbmm", "addmv", "addr", "addbmm")
"""Here `self` is added, and broadcast."""
RIGHT = {"mm": "mat2", "bmm": "mat2", "mv": "vec", "addmm": "mat2", "baddbmm": "batch2", "addmv": "vec"}


@dataclass(frozen=True, slots=True)
class Pattern:
    """The input cells (row-major places) that output cell `k` depends on.

    `kind`: `same` (cell k on cell k), `all` (every cell on every cell) or `table`. `by` tells whether shapes or the
    Jacobian's cells decide it.
    """

    kind: Literal["same", "all", "table"]
    by: Literal["shape", "jacobian"]
    rows: int
    columns: int
    table: tuple[tuple[int, ...], ...] = ()

    def feeds(self, k: int) -> Iterable[int]:
        """The input cells of output cell `k`."""
        return (k,) if self.kind == "same" else range(self.columns) if self.kind == "all" else self.table[k]

    def enters(self) -> list[list[int]]:
        """By input cell, the output cells that it enters: in a backward step these add into it."""
        made: list[list[int]] = [[] for _ in range(self.columns)]
        for k in range(self.rows):
            for cell in self.feeds(k):
                made[cell].append(k)
        return made


def pattern(ctx: Context, edge: Edge, output: int = 0, most: int = MOST_CELLS) -> Pattern | None:
    """The pattern of one edge; None where nothing is known of it or it has more than `most` pairs to list."""
    out, into = ctx.shape((edge.target, output)), ctx.shape((edge.source, edge.output))
    if out is None or into is None:
        return None
    rows, columns = prod(out), prod(into)
    op = ctx.operations.get(edge.target)
    by_shape = _by_shape(op, edge, out, into) if op is not None else None
    if by_shape is not None:
        return (
            _named(map(by_shape, range(rows)), rows, columns, "shape") if rows <= most else _whole(out, into, op, edge)
        )
    found = ctx.graph.jacobian(edge.id, output)
    cells = flat(found.value) if found else None
    if not cells or len(cells) != rows * columns or len(cells) > most:
        return Pattern("all", "shape", rows, columns) if rows == 1 == columns else None
    return _named(
        (
            tuple(j for j in range(columns) if cells[k * columns + j] != 0)
            for k in range(rows)
        ),
        rows, columns, "jacobian",
    )  # fmt: skip


def _whole(out: Shape, into: Shape, op: Operation | None, edge: Edge) -> Pattern | None:
    """Elementwise and too large to list, which an identity needn't be."""
    rule = op.rule(edge) if op is not None else None
    return Pattern("same", "shape", prod(out), prod(into)) if rule and rule.pointwise and out == into else None


def _named(feeds: Iterable[tuple[int, ...]], rows: int, columns: int, by: Literal["shape", "jacobian"]) -> Pattern:
    table = tuple(feeds)
    if rows == columns and all(cells == (k,) for k, cells in enumerate(table)):
        return Pattern("same", by, rows, columns)
    every = tuple(range(columns))
    if all(cells == every for cells in table):
        return Pattern("all", by, rows, columns)
    return Pattern("table", by, rows, columns, table)


def _by_shape(op: Operation, edge: Edge, out: Shape, into: Shape) -> Callable[[int], tuple[int, ...]] | None:
    rule, role = op.rule(edge), op.roles.get(edge.id)
    if rule is None or role is None:
        return None
    name = op.node.op.removesuffix("_")
    if rule.pointwise or (role.name == "self" and name in ADDEND):

        def own(k: int) -> tuple[int, ...]:
            at = broadcast(unravel(k, out), into, out)
            return () if at is None else (at,)

        return own
    if role.name == LEFT.get(name) and len(into) == len(out) + (len(into) == 2 and len(out) == 1):
        return lambda k: _row(unravel(k, out), into, vector=len(out) < len(into))
    if role.name == RIGHT.get(name):
        return lambda k: _column(unravel(k, out), into)
    return None


def _row(index: Shape, into: Shape, *, vector: bool) -> tuple[int, ...]:
    """Row i of the left factor, for cell (…, i, j) of the product."""
    head = index if vector else index[:-1]
    return tuple(at for p in range(into[-1]) if (at := ravel((*head, p), into)) is not None)


def _column(index: Shape, into: Shape) -> tuple[int, ...]:
    """Column j of the right factor; all of it where that is a vector."""
    if len(into) == 1:
        return tuple(range(into[0]))
    return tuple(at for p in range(into[-2]) if (at := ravel((*index[:-2], p, index[-1]), into)) is not None)


def cells(ctx: Context, edge: Edge, output: int) -> dict[str, Any] | None:
    """The `cells` of a rule: the pattern as data, with its lists where they are short. Fields: `docs/explain.md`."""
    found = pattern(ctx, edge, output)
    if found is None or found.rows == found.columns == 1:
        return None
    feeds, adds = None, None
    if found.kind == "table" and sum(map(len, found.table)) <= MOST_PAIRS and found.columns <= MOST_PAIRS:
        feeds, adds = [list(row) for row in found.table], found.enters()
    return {
        "kind": found.kind, "by": found.by, "rows": found.rows, "columns": found.columns, "feeds": feeds, "adds": adds,
    }  # fmt: skip


def reach(ctx: Context, end: Endpoint, place: int) -> dict[str, Any]:
    """All cells that one cell depends on, and all that depend on it, by node and output.

    Follows differentiable edges only. `omitted`: nodes behind an edge whose pattern isn't known.
    """
    omitted: set[str] = set()
    back = _closure(ctx, end, place, omitted, backward=True)
    forth = _closure(ctx, end, place, omitted, backward=False)
    return {"backward": _listed(back), "forward": _listed(forth), "omitted": sorted(omitted, key=_number)}


def _closure(ctx: Context, end: Endpoint, place: int, omitted: set[str], *, backward: bool) -> dict[Endpoint, set[int]]:
    """Breadth first in topological order, so that each edge is followed once."""
    order = {node.id: k for k, node in enumerate(ctx.graph.trace.nodes)}
    found: dict[Endpoint, set[int]] = {end: {place}}
    for node in sorted(order, key=lambda id_: order[id_], reverse=backward):
        edges = ctx.graph.into[node]
        for edge in edges:
            if not edge.differentiable:
                continue
            for output in range(max(len(ctx.graph.nodes[node].outputs), 1)):
                above, below = (node, output), (edge.source, edge.output)
                lit = found.get(above if backward else below)
                if not lit:
                    continue
                known = pattern(ctx, edge, output)
                if known is None:
                    if output == 0:
                        omitted.add(edge.source if backward else node)
                    continue
                if backward:
                    found.setdefault(below, set()).update(cell for k in lit for cell in known.feeds(k))
                else:
                    enters = known.enters()
                    found.setdefault(above, set()).update(k for cell in lit for k in enters[cell])
    found.pop(end)
    return found


def _listed(found: dict[Endpoint, set[int]]) -> list[dict[str, Any]]:
    return [
        {"node": node, "output": output, "cells": sorted(lit)} for (node, output), lit in found.items() if lit
    ]  # fmt: skip


def _number(node: str) -> int:
    digits = node[1:]
    return int(digits) if digits.isdecimal() else 0
