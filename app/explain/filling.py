"""Formula templates filled from a node: in general, with the user's names, with this run's numbers, in plain Unicode.

Owns what a placeholder stands for; the templates are `app.explain.formulas`, the sentences around them elsewhere.
"""

from __future__ import annotations

import re
from typing import Any

from app.core.number import number_text
from app.core.trace import Endpoint, Scalar
from app.explain import latex
from app.explain.context import Context, bracketed
from app.explain.formula import Hole, Piece, fill
from app.explain.graph import single
from app.explain.names import SUBSCRIPT
from app.explain.operation import Operation, values
from app.explain.plain import one_line

JUXTAPOSED = re.compile(r"(?<=[\d)]) \\, (?=[\d(-])")
"""A thin space between two numbers, where a product needs its dot."""
GENERIC = {
    "self": "a", "other": "b", "input": "x", "weight": "W", "bias": "b", "target": "t", "exponent": "n", "mat": "A",
    "mat1": "A", "mat2": "B", "vec": "v", "batch1": "A", "batch2": "B", "result": "y", "result0": "y",
    "condition": "c", "alpha": r"\alpha", "beta": r"\beta", "g": r"\bar{y}", "negative_slope": r"\alpha",
    "query": "Q", "key": "K", "value": "V", "tensor": "b", "eps": r"\varepsilon", "min": r"\mathrm{min}",
    "max": r"\mathrm{max}", "index": "i", "indices": "i", "tensors": "x", "delta": r"\delta", "count": "n",
    "threshold": r"\theta",
}  # fmt: skip
"""What inputs and arguments are called where a formula is stated in general."""


MOST_LISTED = 8
"""Tensors of a list that are named."""
TRANSPOSES = (".T", ".mT", ".t()")


def general(op: Operation, template: str, *, index: str = "") -> str:
    """A template over generic names: a, b, x, W; `index` is put on tensors."""
    single_input = op.schema is None or len(op.schema.tensors) <= 1

    def piece(hole: Hole) -> Piece:
        symbol = op.formula.symbols.get(hole.name) if op.formula else None
        if symbol is None:
            symbol = "x" if hole.name == "self" and single_input else GENERIC.get(hole.name) or latex.name(hole.name)
        if index and (hole.name in _tensors(op) or hole.name.startswith("result")):
            symbol = latex.indexed(symbol, index)
        return Piece(latex.transposed(symbol) if hole.transposed else symbol)

    return fill(template, piece)


def named(ctx: Context, op: Operation, template: str, *, shapes: bool = False, index: str = "") -> str:
    """A template over the user's names; arguments are written as their values.

    `shapes` are put under tensors, or an element's `index` on them.
    """

    def piece(hole: Hole) -> Piece:
        found, shape = _named(ctx, op, hole.name)
        text = latex.transposed(found.latex) if hole.transposed else found.latex
        if shape and shapes and not hole.nested and hole.script != "_":
            text = latex.under(text, shape[:-2] + shape[-2:][::-1] if hole.transposed else shape)
        elif shape and index:
            text = latex.indexed(text, index)
        return Piece(text, found.atomic)

    return _dotted(fill(template, piece))


def _named(ctx: Context, op: Operation, name: str) -> tuple[Piece, tuple[int, ...] | None]:
    edges = op.edges_of(name)
    if len(edges) > 1:
        listed = [_source(ctx, edge) for edge in edges[:MOST_LISTED]]
        return Piece(", ".join(listed if len(edges) <= MOST_LISTED else [*listed, r"\ldots"])), None
    if edges:
        operand = ctx.graph.operands.get(edges[0])
        return Piece(_source(ctx, edges[0])), operand.shape if operand else None
    end = _output(op, name)
    if end is not None:
        return Piece(ctx.names.latex[end]), ctx.shape(end)
    if name == "g":
        return Piece(latex.bar(ctx.names.latex[op.node.id, 0])), ctx.shape((op.node.id, 0))
    if op.args.get(name) is not None or (name in op.args and name not in _tensors(op)):
        text = latex.argument(op.args[name])
        return Piece(text, bracketed(text) == text), None
    return Piece(GENERIC.get(name) or latex.name(name)), None


def _source(ctx: Context, edge_id: str) -> str:
    edge = ctx.graph.edges[edge_id]
    return ctx.names.latex[edge.source, edge.output]


def _tensors(op: Operation) -> tuple[str, ...]:
    return op.schema.tensors if op.schema else ()


def _output(op: Operation, name: str) -> Endpoint | None:
    returns = op.schema.returns if op.schema else ("result",)
    for k, returned in enumerate(returns):
        if name == returned or (len(returns) > 1 and name == f"result{k}") or (name == "result" and k == 0):
            return op.node.id, k
    return None


def with_numbers(ctx: Context, op: Operation, template: str, element: dict[str, Scalar] | None = None) -> str | None:
    """A template over this run's numbers; None where one of them is no single number, or it has no placeholder.

    `element` has the numbers of one chosen element instead.
    """
    known = element if element is not None else {k: single(v) for k, v in values(ctx.graph, op).items()}
    missing = False

    def piece(hole: Hole) -> Piece:
        nonlocal missing
        value = known.get(hole.name)
        if value is not None:
            text = ctx.number(value)
        elif op.args.get(hole.name) is not None:
            text = latex.argument(op.args[hole.name])
        else:
            missing = True
            return Piece("")
        return Piece(text, bracketed(text) == text)

    filled = fill(template, piece)
    return None if missing else _dotted(filled)


def _dotted(filled: str) -> str:
    return JUXTAPOSED.sub(r" \\cdot ", filled)


def in_plain(ctx: Context, op: Operation, template: str) -> str | None:
    """A template over the user's names as one line of Unicode; None where it has no such form."""
    line = one_line(template)
    if line is None:
        return None
    return fill(line, lambda hole: _plain_piece(ctx, op, hole), braces=False)


NUMBERED = re.compile(r"[^\W\d_]_?\d+")


def pretty(name: str) -> str:
    """`W₁` of `W1` and `W₁ᵀ` of `W1.T`, as on the cards of the drawing."""
    for suffix in TRANSPOSES:
        if name.endswith(suffix):
            return pretty(name.removesuffix(suffix)) + "ᵀ"
    return name.replace("_", "").translate(SUBSCRIPT) if NUMBERED.fullmatch(name) else name


def transposed(name: str) -> str:
    """`Wᵀ` of `W`, and `W` of `Wᵀ`."""
    return name.removesuffix("ᵀ") if name.endswith("ᵀ") else name + "ᵀ"


def _plain_piece(ctx: Context, op: Operation, hole: Hole) -> Piece:
    top = "ᵀ" if hole.transposed else ""
    edges = op.edges_of(hole.name)
    if edges:
        ends = [ctx.graph.edges[edge] for edge in edges[:MOST_LISTED]]
        names = [pretty(ctx.names.plain[edge.source, edge.output]) for edge in ends]
        return Piece(", ".join(transposed(name) if hole.transposed else name for name in names))
    end = _output(op, hole.name)
    if end is not None:
        return Piece(pretty(ctx.names.plain[end]) + top)
    if hole.name == "g":
        return Piece("ḡ" + top)
    argument: Any = op.args.get(hole.name)
    if isinstance(argument, int | float):
        text = number_text(argument, ctx.digits, ctx.num)
        return Piece(text, not text.startswith("−"))
    return Piece(hole.name + top)
