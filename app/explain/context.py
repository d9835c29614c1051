"""Everything one explanation shares: the indexed Trace, its names, operations, number format and the derivative's sign.

Owns how placeholders of formulas are filled from a node; what is said with them is elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from app.core.number import number_text
from app.core.sentence_words import written
from app.core.trace import Endpoint, Node, Scalar, Trace, Value
from app.explain import latex
from app.explain.formula import Piece, fill
from app.explain.graph import Flow, Graph, graph, single
from app.explain.names import Names, names
from app.explain.operation import Operation, operation, values
from app.explain.plain import one_line

Sign = Literal["d", "∂"]
JUXTAPOSED = re.compile(r"(?<=[\d)}]) \\, (?=[\d(-])")
"""A thin space between two numbers, where a product needs its dot."""
GENERIC = {
    "self": "a", "other": "b", "input": "x", "weight": "W", "bias": "b", "target": "t", "exponent": "n", "mat": "A",
    "mat1": "A", "mat2": "B", "vec": "v", "batch1": "A", "batch2": "B", "result": "y", "result0": "y",
    "condition": "c", "alpha": r"\alpha", "beta": r"\beta", "g": r"\bar{y}", "negative_slope": r"\alpha",
    "query": "Q", "key": "K", "value": "V", "tensor": "b", "eps": r"\varepsilon", "min": r"\mathrm{min}",
    "max": r"\mathrm{max}", "index": "i", "indices": "i", "tensors": "x", "delta": r"\delta",
    "threshold": r"\theta",
}  # fmt: skip
"""What inputs and arguments are called where a formula is stated in general."""


@dataclass(frozen=True, slots=True)
class Context:
    """One Trace and how to write about it."""

    graph: Graph
    names: Names
    operations: dict[str, Operation]
    digits: int
    num: str
    sign: Sign

    def number(self, x: Scalar | None) -> str:
        """LaTeX of a number."""
        return latex.number(x, self.digits, self.num)

    def text(self, x: Scalar | None) -> str:
        """Unicode of a number."""
        return number_text(x, self.digits, self.num)

    def factor(self, x: Scalar | None) -> str:
        """LaTeX of a number that stands among factors: in brackets where it has a sign or a power."""
        return bracketed(self.number(x))

    def shape(self, end: Endpoint) -> tuple[int, ...] | None:
        """The shape of an output."""
        tensor = self.graph.result(*end)
        return tensor.shape if tensor is not None else None


def bracketed(number: str) -> str:
    """A factor of a product: signed numbers and those with a power of ten get brackets."""
    return f"({number})" if number.startswith("-") or r"\times" in number else number


def context(trace: Trace, digits: int, num: str, sign: Sign = "d") -> Context:
    """Index a Trace for explaining it. Linear in its size."""
    indexed = graph(trace)
    operations = {node.id: operation(indexed, node) for node in trace.nodes if node.kind == "op"}
    return Context(indexed, names(indexed), operations, digits, num, sign)


def general(op: Operation, template: str) -> str:
    """A template over generic names: a, b, x, W."""
    single_input = op.schema is None or len(op.schema.tensors) <= 1

    def piece(name: str, transposed: bool) -> Piece:
        symbol = op.formula.symbols.get(name) if op.formula else None
        if symbol is None:
            symbol = "x" if name == "self" and single_input else GENERIC.get(name) or latex.name(name)
        return Piece(latex.transposed(symbol) if transposed else symbol)

    return fill(template, piece)


def named(ctx: Context, op: Operation, template: str, *, shapes: bool = False) -> str:
    """A template over the user's names; arguments are written as their values. `shapes` are put under tensors."""

    def piece(name: str, transposed: bool) -> Piece:
        found, shape = _named(ctx, op, name)
        latex_ = latex.transposed(found.latex) if transposed else found.latex
        if shapes and shape:
            latex_ = latex.under(latex_, shape[:-2] + shape[-2:][::-1] if transposed else shape)
        return Piece(latex_, found.atomic)

    return fill(template, piece)


def _named(ctx: Context, op: Operation, name: str) -> tuple[Piece, tuple[int, ...] | None]:
    edge_id = op.edge_of(name)
    if edge_id is not None:
        edge = ctx.graph.edges[edge_id]
        operand = ctx.graph.operands.get(edge_id)
        return Piece(ctx.names.latex[edge.source, edge.output]), operand.shape if operand else None
    end = _output(op, name)
    if end is not None:
        return Piece(ctx.names.latex[end]), ctx.shape(end)
    if name == "g":
        return Piece(rf"\bar{{{ctx.names.latex[op.node.id, 0]}}}"), ctx.shape((op.node.id, 0))
    if name in op.args:
        text = latex.argument(op.args[name])
        return Piece(text, bracketed(text) == text), None
    return Piece(GENERIC.get(name) or latex.name(name)), None


def _output(op: Operation, name: str) -> Endpoint | None:
    returns = op.schema.returns if op.schema else ("result",)
    for k, returned in enumerate(returns):
        if name == returned or (len(returns) > 1 and name == f"result{k}") or (name == "result" and k == 0):
            return op.node.id, k
    return None


def with_numbers(ctx: Context, op: Operation, template: str, element: dict[str, Scalar] | None = None) -> str | None:
    """A template over this run's numbers; None where one of them is no single number.

    `element` has the numbers of one chosen element instead.
    """
    known = element if element is not None else {k: single(v) for k, v in values(ctx.graph, op).items()}
    missing = False

    def piece(name: str, _transposed: bool) -> Piece:
        nonlocal missing
        value = known.get(name)
        if value is not None:
            text = ctx.number(value)
        elif name in op.args:
            text = latex.argument(op.args[name])
        else:
            missing = True
            return Piece("")
        return Piece(text, bracketed(text) == text)

    filled = fill(template, piece)
    return None if missing else JUXTAPOSED.sub(r" \\cdot ", filled)


def in_plain(ctx: Context, op: Operation, template: str) -> str | None:
    """A template over the user's names as one line of Unicode."""
    line = one_line(template)
    if line is None:
        return None

    def piece(name: str, transposed: bool) -> Piece:
        top = "ᵀ" if transposed else ""
        edge_id = op.edge_of(name)
        if edge_id is not None:
            edge = ctx.graph.edges[edge_id]
            return Piece(ctx.names.plain[edge.source, edge.output] + top)
        end = _output(op, name)
        if end is not None:
            return Piece(ctx.names.plain[end] + top)
        if name == "g":
            return Piece("ḡ")
        argument = op.args.get(name)
        if isinstance(argument, int | float):
            text = number_text(argument, ctx.digits, ctx.num)
            return Piece(text, not text.startswith("−"))
        return Piece(name + top)

    return fill(line, piece)


def title(ctx: Context, node: Node) -> str:
    """`u = w × x`, in plain Unicode."""
    own = ctx.names.plain[node.id, 0]
    if node.kind != "op":
        return own
    edges = ctx.graph.into[node.id]
    op = ctx.operations[node.id]
    order = {name: k for k, name in enumerate(op.schema.args)} if op.schema else {}
    placed = sorted(
        edges, key=lambda edge: order.get(op.roles[edge.id].name, 99) if edge.id in op.roles else edge.input
    )
    texts = [ctx.names.plain[edge.source, edge.output] for edge in placed]
    numbers = ("self", "other", "exponent")
    if len(texts) == 1 and op.schema and len(op.schema.args) > 1:
        for k, name in enumerate(op.schema.args[:2]):
            if name in numbers and name in op.args and isinstance(op.args[name], int | float):
                texts.insert(k, ctx.text(op.args[name]))
    return f"{own} = {written(node, texts)}"


def pass_symbol(ctx: Context, flow: Flow) -> tuple[str, str]:
    """What a pass differentiates, in LaTeX and plain: its root where that is one number seeded with 1, else 𝓛."""
    roots = flow.pass_.roots
    if len(roots) == 1 and len(flow.pass_.seeds) == 1:
        end = (roots[0][0], roots[0][1])
        seed = single(flow.pass_.seeds[0])
        if seed == 1 and end in ctx.names.latex:
            return ctx.names.latex[end], ctx.names.plain[end]
    return r"\mathcal{L}", "L"


def shape_text(shape: tuple[int, ...] | None) -> str:
    """`2×3`; a number's shape is `number`."""
    if shape is None:
        return "large"
    return "×".join(map(str, shape)) if shape else "number"


def small(ctx: Context, value: Value | None, limit: int = 9) -> str | None:
    """LaTeX of a value of rank ≤ 2 and at most `limit` elements."""
    data = getattr(value, "data", None)
    if data is None:
        return None
    rows = data if isinstance(data, list) else [data]
    if any(isinstance(row, list) and row and isinstance(row[0], list) for row in rows):
        return None
    count = sum(len(row) if isinstance(row, list) else 1 for row in rows)
    return latex.tensor(data, ctx.digits, ctx.num) if 0 < count <= limit else None
