"""The local derivative of one edge: in general, with the user's names, with this run's numbers, and the result.

Owns the `rules` entries of an explanation; chain-rule products are in `app.explain.chain`.
"""

from __future__ import annotations

from math import prod
from typing import Any

from app.core.trace import Edge, Value
from app.explain import latex
from app.explain.cells import cells
from app.explain.context import Context, shape_text, small
from app.explain.elements import elements
from app.explain.filling import general, in_plain, named, pretty, with_numbers
from app.explain.formula import Rule
from app.explain.graph import single
from app.explain.jacobian import jacobian, matrix
from app.explain.names import SUBSCRIPT
from app.explain.operation import Operation
from app.explain.pytorch import own_rule

Shape = tuple[int, ...]


def rule(ctx: Context, edge: Edge) -> dict[str, Any]:
    """All that is said of ∂target/∂source along one differentiable edge. Fields: `docs/explain.md`."""
    op = ctx.operations[edge.target]
    output = ctx.graph.outputs_of(edge)[0]
    role = op.roles[edge.id].name if edge.id in op.roles else None
    number = ctx.locals.get(edge.id)
    written = op.rule(edge)
    own = own_rule(op.node.grad_fn, op.node.op, role or "")
    made: dict[str, Any] = {
        "edge": edge.id,
        "from": edge.source,
        "to": edge.target,
        "input": role,
        "output": output,
        "source": "formula" if written else "pytorch" if own else "engine",
        "pytorch": own,
        "general": None,
        "named": None,
        "numbers": None,
        "result": ctx.number(number) if number is not None else matrix(ctx, edge, output),
        "line": None,
        "plain": None,
        "vjp": None,
        "broadcast": None,
        "elements": None,
        "jacobian": jacobian(ctx, edge, output, written),
        "cells": cells(ctx, edge, output),
        "note": _note(op, written, own),
    }
    lhs = ctx.partial(edge, output)
    if written is None:
        made["line"] = _equation(lhs, [made["result"]])
    elif made["jacobian"]["scalar"]:
        _of_numbers(ctx, op, edge, written, made)
    else:
        _of_tensors(ctx, op, edge, written, made)
    made["plain"] = _plain(ctx, edge, written, made, number)
    return made


def _note(op: Operation, written: Rule | None, own: str | None) -> str | None:
    """The formula's remark; for other nodes, where their rule comes from."""
    if written is not None:
        return (op.formula.note if op.formula else None) or None
    if own is not None:
        return f"PyTorch's own rule: {own}"
    return f"Given by the backward of {op.node.op}, the snippet's own Function." if op.node.grad_fn else None


def _of_numbers(ctx: Context, op: Operation, edge: Edge, written: Rule, made: dict[str, Any]) -> None:
    """Input and output are single numbers: one equation from the rule to the result."""
    above, below = _generic(op, edge)
    lhs = ctx.partial(edge, made["output"])
    if not written.local:
        made["general"] = f"{latex.bar(below)} = {general(op, written.vjp)}"
        made["line"] = _equation(lhs, [made["result"]])
        return
    local = named(ctx, op, written.local)
    made["general"] = f"{latex.partial(above, below)} = {general(op, written.local)}"
    made["named"] = f"{lhs} = {local}"
    made["numbers"] = with_numbers(ctx, op, written.local)
    made["line"] = _equation(lhs, [local, made["numbers"], made["result"]])


def _of_tensors(ctx: Context, op: Operation, edge: Edge, written: Rule, made: dict[str, Any]) -> None:
    """The rule element by element, the Jacobian as a whole where it can be written, and the VJP with shapes."""
    above, below = _generic(op, edge)
    target, source = ctx.names.latex[edge.target, made["output"]], ctx.names.latex[edge.source, edge.output]
    out, into = ctx.shape((edge.target, made["output"])), ctx.shape((edge.source, edge.output))
    lhs = ctx.partial(edge, made["output"])
    made["vjp"] = vjp(ctx, op, edge, written)
    if written.pointwise and out is not None and into is not None and out != into:
        made["broadcast"] = broadcast_dims(into, out)
    if not written.local:
        made["general"] = f"{latex.bar(below)} = {general(op, written.vjp)}"
        made["line"] = _equation(lhs, [made["result"]])
        return
    i, j = ("i", "i") if written.pointwise else ("", "") if written.whole else ("i" if out else "", "j" if into else "")
    index = i if written.pointwise else ""
    made["general"] = f"{_indexed_partial(above, i, below, j)} = {general(op, written.local, index=index)}"
    local = named(ctx, op, written.local, index=index)
    made["named"] = f"{_indexed_partial(target, i, source, j)} = {local}"
    made["line"] = _equation(lhs, [_whole(ctx, op, written, out == into), made["result"]])
    if written.pointwise:
        made["elements"] = elements(ctx, op, edge, written)


def _generic(op: Operation, edge: Edge) -> tuple[str, str]:
    result, operand = general(op, f"<result>|<{op.roles[edge.id].name}>").split("|")
    return result, operand


def _indexed_partial(above: str, i: str, below: str, j: str) -> str:
    return latex.partial(latex.indexed(above, i) if i else above, latex.indexed(below, j) if j else below)


def _whole(ctx: Context, op: Operation, written: Rule, same_shape: bool) -> str | None:
    """The Jacobian in one symbol: a diagonal matrix, the identity, zero, or what the rule says of the whole."""
    if written.whole:
        return named(ctx, op, written.local)
    if not written.pointwise or not same_shape:
        return None
    plain = {"1": "I", "-1": "-I", "0": "0"}.get(written.local)
    return plain or rf"\operatorname{{diag}}\left({named(ctx, op, written.local)}\right)"


def vjp(ctx: Context, op: Operation, edge: Edge, written: Rule) -> str:
    """The VJP with names and shapes under the factors; broadcasting undone by a sum."""
    source = ctx.shape((edge.source, edge.output))
    target = ctx.shape((edge.target, 0))
    body = named(ctx, op, written.vjp, shapes=True)
    if written.pointwise and source is not None and target is not None and source != target:
        body = rf"\operatorname{{sum}}_{{{_broadcast(source, target)}}}\!\left({body}\right)"
    bar = latex.bar(ctx.names.latex[edge.source, edge.output])
    return f"{latex.under(bar, source or ())} = {body}"


def _broadcast(source: Shape, target: Shape) -> str:
    return r"\text{dim " + ",".join(map(str, broadcast_dims(source, target))) + "}"


def broadcast_dims(source: Shape, target: Shape) -> list[int]:
    """The dimensions of `target` along which one element of `source` stands in many places."""
    lead = len(target) - len(source)
    return [k for k in range(len(target)) if k < lead or (source[k - lead] == 1 and target[k] != 1)]


def _equation(lhs: str, parts: list[str | None]) -> str | None:
    shown: list[str] = []
    for part in parts:
        if part and (not shown or part != shown[-1]):
            shown.append(part)
    return " = ".join([lhs, *shown]) if shown else None


def _plain(ctx: Context, edge: Edge, written: Rule | None, made: dict[str, Any], number: float | None) -> str:
    above, below = ctx.names.plain[edge.target, made["output"]], ctx.names.plain[edge.source, edge.output]
    slot = ctx.slots.get(edge.id)
    head = f"∂{pretty(above)}/∂{pretty(below)}{f'|{slot}'.translate(SUBSCRIPT) if slot else ''}"
    op = ctx.operations[edge.target]
    middle = in_plain(ctx, op, written.local) if written and written.local else None
    if number is not None:
        return " = ".join(dict.fromkeys(part for part in (head, middle, ctx.text(number)) if part))
    out, into = ctx.shape((edge.target, made["output"])), ctx.shape((edge.source, edge.output))
    if written and written.pointwise and out == into and middle:
        head += f" = {'I' if middle == '1' else '0' if middle == '0' else f'diag({middle})'}"
    if made["jacobian"]["scalar"]:
        return head
    sparsity = made["jacobian"]["sparsity"]
    rows = f"{prod(out)} × {prod(into)}" if out is not None and into is not None else shape_text(out)
    return f"{head}, {rows}{f', {sparsity}' if sparsity and sparsity != 'dense' else ''}"


def value_latex(ctx: Context, value: Value | None) -> str | None:
    """A gradient's LaTeX: a number, or a small vector or matrix."""
    one = single(value)
    return ctx.number(one) if one is not None else small(ctx, value)
