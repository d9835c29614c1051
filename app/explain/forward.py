"""What an op computes, with the user's names and this run's numbers; and what the names uₖ stand for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.core.trace import Node
from app.explain import latex
from app.explain.context import Context
from app.explain.filling import named, with_numbers
from app.explain.rules import value_latex


def forward_of(ctx: Context, node: Node) -> dict[str, Any] | None:
    """The operation with the user's names, then with this run's numbers or the shapes."""
    op = ctx.operations.get(node.id)
    if op is None:
        return None
    result = ctx.graph.result(node.id)
    value = value_latex(ctx, result.value) if result is not None else None
    name = ctx.names.latex[node.id, 0]
    if op.formula is None:
        inputs = ", ".join(ctx.names.latex[edge.source, edge.output] for edge in ctx.graph.into[node.id])
        called = rf"{name} = \operatorname{{{latex.text(op.node.op)}}}({inputs})"
        return {"title": called, "named": called, "numbers": value, "note": None}
    said = named(ctx, op, op.formula.forward)
    heading = f"{name} = {said}" if said != name else name
    numbers = with_numbers(ctx, op, op.formula.forward) if "<" in op.formula.forward else None
    if numbers is None:
        shaped = (
            f"{latex.under(name, result.shape if result else ())} = {named(ctx, op, op.formula.forward, shapes=True)}"
        )
        return {"title": heading, "named": shaped, "numbers": value, "note": op.formula.note or None}
    parts = dict.fromkeys(part for part in (numbers, value) if part)
    return {"title": heading, "named": heading, "numbers": " = ".join(parts), "note": op.formula.note or None}


def definitions(ctx: Context, nodes: Iterable[str]) -> list[str]:
    """`u₂ = W x` for each numbered op among `nodes`, so that u₂ can be read where only u₂ is written."""
    made = []
    for id_ in dict.fromkeys(nodes):
        node = ctx.graph.nodes[id_]
        said = forward_of(ctx, node) if id_ in ctx.names.numbered else None
        if said is not None:
            made.append(said["title"])
    return made
