"""The chain rule at one edge of one pass: what arrives, times the local derivative, is what is sent on.

Owns chain-rule lines and the texts of the drawing's chips.
"""

from __future__ import annotations

from math import prod
from typing import Any

from app.core.trace import Edge
from app.explain import latex
from app.explain.context import Context, pass_symbol, shape_text, small
from app.explain.filling import in_plain
from app.explain.formula import Rule
from app.explain.graph import Flow, real, shape_of, single
from app.explain.operation import Operation
from app.explain.rules import vjp

LONGEST_CHIP = 24
LONGEST_LOCAL = 10
IN_DRAWING = {"put": "one-hot", "pick": "one-hot", "expand": "1…1", "<g.T>": "transpose"}
"""What the local derivative looks like, for rules whose short form says what happens to the gradient."""
MOST_TERMS = 4
"""Outputs of one node whose gradients are written as a sum."""
MEAN = r"\frac{<g>}{<count>}"


def chain(ctx: Context, flow: Flow, edge: Edge) -> dict[str, Any] | None:
    """The chain-rule line of one edge in one pass; None where the pass did not evaluate it.

    `whole`: this is the only contribution, so the line is the total derivative itself; else it is one summand.
    """
    contribution = flow.contributions.get(edge.id)
    if contribution is None:
        return None
    op = ctx.operations[edge.target]
    whole = _is_whole(flow, edge)
    terms = factors(ctx, flow, edge)
    result = single(contribution)
    made: dict[str, Any] = {"pass": flow.pass_.index, "edge": edge.id, "whole": whole}
    below = ctx.names.latex[edge.source, edge.output]
    root, _ = pass_symbol(ctx, flow)
    lhs = latex.total(root, below, d=ctx.sign)
    if terms and result is not None:
        names = " + ".join(
            f"{latex.total(root, above, d=ctx.sign)} \\cdot {latex.partial(above, below, ctx.slots.get(edge.id))}"
            for above, _, _ in terms
        )
        numbers = " + ".join(rf"{ctx.factor(arrived)} \cdot {ctx.factor(local)}" for _, arrived, local in terms)
        made |= {"names": names, "numbers": numbers, "result": ctx.number(result)}
        made["latex"] = (
            f"{lhs} = {names} = {numbers} = {made['result']}" if whole else f"{names} = {numbers} = {made['result']}"
        )
    else:
        written = op.rule(edge)
        line = vjp(ctx, op, edge, written) if written else _fallback(ctx, op, edge)
        value = small(ctx, contribution)
        made |= {
            "names": line if whole else line.replace(" = ", r" \mathrel{+}= ", 1),
            "numbers": None,
            "result": value,
        }
        made["latex"] = made["names"] if value is None else f"{made['names']} = {value}"
    made["plain"] = chip(ctx, flow, edge)
    return made


def factors(ctx: Context, flow: Flow, edge: Edge) -> list[tuple[str, float, float]]:
    """(target's name, arriving gradient, local derivative) per output; empty unless all are single numbers."""
    outputs = flow.received.get(edge.target, [])
    if len(outputs) > MOST_TERMS:
        return []
    terms = []
    for k in outputs:
        arrived = real(single(flow.gradient((edge.target, k))))
        jacobian = flow.jacobians.get((edge.id, k))
        local = real(single(jacobian.value)) if jacobian else ctx.locals.get(edge.id) if len(outputs) == 1 else None
        if arrived is None or local is None:
            return []
        terms.append((ctx.names.latex[edge.target, k], arrived, local))
    return terms


def _is_whole(flow: Flow, edge: Edge) -> bool:
    end = (edge.source, edge.output)
    return end not in flow.seeds and flow.arrivals[end] == 1


def _fallback(ctx: Context, op: Operation, edge: Edge) -> str:
    source, target = ctx.shape((edge.source, edge.output)), ctx.shape((edge.target, 0))
    bar = latex.under(latex.bar(ctx.names.latex[edge.source, edge.output]), source or ())
    arrived = latex.under(latex.bar(ctx.names.latex[edge.target, 0]), target or ())
    return rf"{bar} = \operatorname{{VJP}}_{{{latex.text(op.node.grad_fn or op.node.op)}}}\!\left({arrived}\right)"


def chip(ctx: Context, flow: Flow, edge: Edge) -> str | None:
    """`1 × 3 = 3`; for tensors `ḡ · Wᵀ → 2×3`. None where the pass did not evaluate the edge."""
    contribution = flow.contributions.get(edge.id)
    if contribution is None:
        return None
    terms = factors(ctx, flow, edge)
    result = single(contribution)
    if terms and result is not None and len(terms) == 1:
        _, arrived, local = terms[0]
        return f"{ctx.text(arrived)} × {ctx.text(local)} = {ctx.text(result)}"
    shape = shape_of(contribution) or ctx.shape((edge.source, edge.output))
    tail = ctx.text(result) if result is not None else shape_text(shape)
    body = _chip_body(ctx, ctx.operations[edge.target], edge, shape)
    return f"{body} → {tail}" if body else f"→ {tail}"


def _chip_body(ctx: Context, op: Operation, edge: Edge, shape: tuple[int, ...] | None) -> str:
    written = op.rule(edge)
    if written is None:
        return "VJP(ḡ)"
    body = in_plain(ctx, op, written.short if not written.pointwise else _pointwise(written)) or "VJP(ḡ)"
    if written.pointwise and shape is not None and shape != ctx.shape((edge.target, 0)):
        body = f"Σ {body}" if len(body) == 1 else f"Σ({body})"
    return body if len(body) <= LONGEST_CHIP else "ḡ ⊙ f′" if written.pointwise else "VJP(ḡ)"


def _pointwise(written: Rule) -> str:
    return (
        "<g>" if written.local == "1" else "-<g>" if written.local == "-1" else rf"<g> \odot {_wrapped(written.local)}"
    )


def _wrapped(local: str) -> str:
    return local if " " not in local or local.startswith("\\") else f"({local})"


def local(ctx: Context, edge: Edge) -> str | None:
    """Short Unicode of a local derivative for the drawing: `3`, `Wᵀ`, `diag`, `3×4`; None where there is none."""
    if not edge.differentiable:
        return None
    op = ctx.operations.get(edge.target)
    if op is None:
        return None
    number = ctx.locals.get(edge.id)
    if number is not None:
        return ctx.text(number)
    written = op.rule(edge)
    if written is not None:
        bare = (
            written.short.replace(r" \cdot <g>", "")
            .replace(r"<g> \cdot ", "")
            .replace("(<g>)", "")
            .removesuffix(" <g>")
        )
        text = IN_DRAWING.get(bare) or in_plain(ctx, op, written.local if bare == MEAN else bare)
        if text and "VJP" not in text and len(text) <= LONGEST_LOCAL:
            return text
    out, into = ctx.shape((edge.target, 0)), ctx.shape((edge.source, edge.output))
    if out is None or into is None or prod(out) == prod(into) == 1:
        return None
    return f"{prod(out)}×{prod(into)}"
