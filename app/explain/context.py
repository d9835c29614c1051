"""Everything one explanation shares: the indexed Trace, its names, operations, number format and the derivative's sign.

Owns names, shapes and the spelling of numbers; what is said with them is elsewhere.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from app.core.number import number_text
from app.core.sentence_words import written
from app.core.trace import Edge, Endpoint, Node, Scalar, Trace, Value
from app.explain import latex
from app.explain.graph import Flow, Graph, graph, single
from app.explain.names import Names, names
from app.explain.operation import Operation, local_number, operation

Sign = Literal["d", "∂"]
MOST_OPERANDS = 8
"""Operands that a title names."""


@dataclass(frozen=True, slots=True)
class Context:
    """One Trace and how to write about it."""

    graph: Graph
    names: Names
    operations: dict[str, Operation]
    locals: dict[str, float | None]
    """By edge id, ∂target/∂source where both are single numbers."""
    slots: dict[str, int]
    """By edge id, a number from 1 where the same output enters an op several times."""
    digits: int
    num: str
    sign: Sign
    fold_views: bool
    """Whether paths leave out views, so that a product reads as on paper."""

    def number(self, x: Scalar | None) -> str:
        """LaTeX of a number."""
        return latex.number(x, self.digits, self.num)

    def text(self, x: Scalar | None) -> str:
        """Unicode of a number."""
        return number_text(x, self.digits, self.num)

    def factor(self, x: Scalar | None) -> str:
        """LaTeX of a number that stands among factors: in brackets where it has a sign or a power."""
        return bracketed(self.number(x))

    def partial(self, edge: Edge, output: int) -> str:
        """LaTeX of ∂target/∂source."""
        above, below = self.names.latex[edge.target, output], self.names.latex[edge.source, edge.output]
        return latex.partial(above, below, self.slots.get(edge.id))

    def shape(self, end: Endpoint) -> tuple[int, ...] | None:
        """The shape of an output."""
        tensor = self.graph.result(*end)
        return tensor.shape if tensor is not None else None


def bracketed(number: str) -> str:
    """A factor of a product: signed numbers and those with a power of ten get brackets."""
    return f"({number})" if number.startswith("-") or r"\times" in number else number


def context(
    trace: Trace, digits: int, num: str, sign: Sign = "d", *, fold_views: bool = False, numbered: bool = False
) -> Context:
    """Index a Trace for explaining it. Linear in its size."""
    indexed = graph(trace)
    operations = {node.id: operation(indexed, node) for node in trace.nodes if node.kind == "op"}
    locals_ = {
        edge.id: local_number(indexed, operations[edge.target], edge)
        for edge in trace.edges
        if edge.differentiable and edge.target in operations
    }
    named = names(indexed, numbered=numbered)
    return Context(indexed, named, operations, locals_, _slots(indexed), digits, num, sign, fold_views)


def _slots(indexed: Graph) -> dict[str, int]:
    made: dict[str, int] = {}
    for edges in indexed.into.values():
        ends = Counter((edge.source, edge.output) for edge in edges)
        seen: Counter[Endpoint] = Counter()
        for edge in edges:
            end = (edge.source, edge.output)
            if ends[end] > 1:
                seen[end] += 1
                made[edge.id] = seen[end]
    return made


def title(ctx: Context, node: Node) -> str:
    """`u = w × x`, in plain Unicode."""
    own = ctx.names.plain[node.id, 0]
    if node.kind != "op":
        return own
    edges = ctx.graph.into[node.id]
    op = ctx.operations[node.id]
    order = {name: k for k, name in enumerate(op.schema.args)} if op.schema else {}

    def place(edge: Edge) -> tuple[int, int]:
        role = op.roles.get(edge.id)
        return (order.get(role.name, 99), role.place or 0) if role else (edge.input, 0)

    placed = sorted(edges, key=place)
    texts = [ctx.names.plain[edge.source, edge.output] for edge in placed]
    numbers = ("self", "other", "exponent")
    if len(texts) == 1 and op.schema and len(op.schema.args) > 1:
        for k, name in enumerate(op.schema.args[:2]):
            if name in numbers and name in op.args and isinstance(op.args[name], int | float):
                texts.insert(k, ctx.text(op.args[name]))
    if len(texts) > MOST_OPERANDS:
        texts = [*texts[:MOST_OPERANDS], "…"]
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
