"""The elementwise rules of one operation at one chosen output element, of tensors too large to have them all listed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.core.trace import Trace
from app.explain.context import context
from app.explain.elements import element, ravel


def elements_at(
    trace: Trace, node: str, index: Sequence[int], *, digits: int = 4, num: str = "auto", numbered: bool = False
) -> dict[str, dict[str, Any]]:
    """By edge into `node`, the rule at output element `index`, as a rule's `elements` has it.

    Empty where the operation is not elementwise or there is no such element.
    """
    ctx = context(trace, digits, num, numbered=numbered)
    op = ctx.operations.get(node)
    place = ravel(tuple(index), ctx.shape((node, 0)) or ())
    made: dict[str, dict[str, Any]] = {}
    if op is None or place is None:
        return made
    for edge in ctx.graph.into[node]:
        written = op.rule(edge) if edge.differentiable else None
        found = element(ctx, op, edge, written, place) if written is not None and written.pointwise else None
        if found is not None:
            made[edge.id] = found
    return made
