"""The recursive form of a total derivative, as in the lecture: du/dW = Σ ∂u/∂v · dv/dW, one line per node.

A reader unfolds a factor dv/dW in place by reading on at v's line.
"""

from __future__ import annotations

from typing import Any

from app.core.trace import Endpoint
from app.explain import latex
from app.explain.context import Context
from app.explain.graph import Flow

MOST_UNFOLDED = 48
"""Nodes between a root and a leaf up to which each factor du/dW can be unfolded in place."""


def unfold(ctx: Context, flow: Flow, root: Endpoint, end: Endpoint) -> dict[str, Any] | None:
    """The recursive form: per node the line du/dW = Σ ∂u/∂v · dv/dW, for unfolding factors in place.

    None where more than `MOST_UNFOLDED` nodes lie between.
    """
    between = _between(ctx, flow, root, end)
    if between is None:
        return None
    below = ctx.names.latex[end]
    lines: dict[str, Any] = {}
    for node in between:
        terms: list[dict[str, Any]] = []
        for edge in ctx.graph.into[node]:
            if edge.id not in flow.contributions:
                continue
            source = (edge.source, edge.output)
            if source == end:
                terms.append({"edge": edge.id, "into": None, "latex": ctx.partial(edge, 0)})
            elif edge.source in between:
                inner = latex.total(ctx.names.latex[source], below, d=ctx.sign)
                local = ctx.partial(edge, 0)
                terms.append({"edge": edge.id, "into": edge.source, "latex": rf"{local} \cdot {inner}"})
        lhs = latex.total(ctx.names.latex[node, 0], below, d=ctx.sign)
        lines[node] = {"lhs": lhs, "terms": terms, "latex": f"{lhs} = " + " + ".join(term["latex"] for term in terms)}
    return lines


def _between(ctx: Context, flow: Flow, root: Endpoint, end: Endpoint) -> dict[str, None] | None:
    """Op nodes on a path from `root` to `end`, root first; None beyond the limit."""
    up: set[str] = set()
    stack = [edge for edge in ctx.graph.out_of[end] if edge.id in flow.contributions]
    while stack:
        if len(stack) > 40 * MOST_UNFOLDED:
            return None
        edge = stack.pop()
        if edge.target in up:
            continue
        up.add(edge.target)
        if len(up) > 4 * MOST_UNFOLDED:
            return None
        for output in range(len(ctx.graph.nodes[edge.target].outputs)):
            stack += [nxt for nxt in ctx.graph.out_of[edge.target, output] if nxt.id in flow.contributions]
    found: dict[str, None] = {}
    queue = [root[0]] if root[0] in up else []
    for node in queue:
        if node in found:
            continue
        found[node] = None
        if len(found) > MOST_UNFOLDED:
            return None
        queue += [e.source for e in ctx.graph.into[node] if e.source in up and e.id in flow.contributions]
    return found
