"""The explanation of a whole Trace as JSON-able data, and the short texts of its drawing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.core.trace import Edge, Node, Summary, Trace, Value
from app.explain import latex
from app.explain.because import because
from app.explain.cells import reach
from app.explain.chain import chain, chip, local
from app.explain.context import Context, Sign, context, pass_symbol, title
from app.explain.cost import cost
from app.explain.elements import element, ravel
from app.explain.folded import with_folded
from app.explain.forward import definitions, forward_of
from app.explain.gradients import gradients
from app.explain.graph import flat, single
from app.explain.ledger import ledger
from app.explain.rules import rule, value_latex
from app.explain.saved import saved
from app.explain.stops import stops
from app.explain.why import why

Lists = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class _Told:
    """What is said by node or edge, before it is put together."""

    chains: Lists
    saved: Lists
    why: Lists


MOST_NODES = 1_000
"""Nodes that are explained unless others are asked for; nobody reads more at once, and a page has to carry them."""


def explain(
    trace: Trace,
    *,
    digits: int = 4,
    num: str = "auto",
    totals: Sign = "d",
    fold_views: bool = False,
    numbered: bool = False,
    nodes: Collection[str] | None = None,
    eta: float = 0.1,
) -> dict[str, Any]:
    """Say of every number in the picture why it is that number. The fields are `docs/explain.md`.

    Args:
        trace: any Trace, also a partial one.
        digits: significant digits of numbers.
        num: `auto`, `fixed` or `sci`.
        totals: how total derivatives are written: `"d"`, or `"∂"` as local ones.
        fold_views: leave transposes and reshapes out of paths, so that a product reads as on paper.
        numbered: call each operation without a name of the user's uₖ, also where its source text reads as a name.
        eta: the learning rate of the steps θ − η · gradient beside the gradients.
        nodes: explain these only, with the edges that enter them; without, the first `MOST_NODES`.

    Linear in the size of the Trace, apart from paths, which are linear in what the Trace shows of them.
    """
    ctx = context(trace, digits, num, totals, fold_views=fold_views, numbered=numbered)
    chosen = [node for node in trace.nodes if nodes is None or node.id in nodes][:MOST_NODES]
    edges = [edge for node in chosen for edge in ctx.graph.into[node.id]]
    rules = {edge.id: rule(ctx, edge) for edge in edges if edge.differentiable and edge.target in ctx.operations}
    chains = {id_: _chains(ctx, ctx.graph.edges[id_]) for id_ in rules}
    told = _Told(chains, saved(ctx, chosen), why(ctx))
    return {
        "version": 1,
        "totals": totals,
        "omitted": len(trace.nodes) - len(chosen),
        "passes": [_pass(ctx, index) for index in range(len(ctx.graph.flows))],
        "nodes": {node.id: _node(ctx, node, rules, told) for node in chosen},
        "edges": {edge.id: _edge(ctx, edge, rules) for edge in edges},
        "paths": with_folded(ctx, {node.id for node in chosen}),
        "ledger": ledger(ctx, {node.id for node in chosen}),
        "gradients": gradients(ctx, eta),
        "cost": cost(ctx),
        "stops": stops(trace),
    }


def _chains(ctx: Context, edge: Edge) -> list[dict[str, Any]]:
    lines = (chain(ctx, flow, edge) for flow in ctx.graph.carriers.get(edge.id, ()))
    return [line for line in lines if line is not None]


class EdgeTexts(NamedTuple):
    """What a drawing writes on its edges."""

    locals: dict[str, str]
    """`local_text` by edge."""
    chips: dict[tuple[int, str], str]
    """`chip_text` by pass and edge."""


def edge_texts(trace: Trace, *, digits: int = 4, num: str = "auto", numbered: bool = False) -> EdgeTexts:
    """The texts of all edges that have some, in one walk."""
    ctx = context(trace, digits, num, numbered=numbered)
    locals_ = {edge.id: text for edge in trace.edges if (text := local(ctx, edge)) is not None}
    chips = {}
    for flow in ctx.graph.flows:
        for id_ in flow.contributions:
            text = chip(ctx, flow, ctx.graph.edges[id_]) if id_ in ctx.graph.edges else None
            if text is not None:
                chips[flow.pass_.index, id_] = text
    return EdgeTexts(locals_, chips)


def local_texts(trace: Trace, *, digits: int = 4, num: str = "auto") -> dict[str, str]:
    """`local_text` of every edge that has one."""
    return edge_texts(trace, digits=digits, num=num).locals


def chip_texts(trace: Trace, *, digits: int = 4, num: str = "auto") -> dict[tuple[int, str], str]:
    """`chip_text` of every (pass index, edge id) that was evaluated."""
    return edge_texts(trace, digits=digits, num=num).chips


def local_text(trace: Trace, edge_id: str, *, digits: int = 4, num: str = "auto") -> str | None:
    """Short Unicode of ∂target/∂source: `3`, `−0.25`, for tensors `Wᵀ`, `diag`; None where no gradient passes."""
    ctx = context(trace, digits, num)
    return local(ctx, ctx.graph.edges[edge_id])


def chip_text(trace: Trace, pass_index: int, edge_id: str, *, digits: int = 4, num: str = "auto") -> str | None:
    """What an edge carried back in a pass: `1 × 3 = 3`, for tensors `ḡ · Wᵀ → 2×3`; None where it carried nothing."""
    ctx = context(trace, digits, num)
    return chip(ctx, ctx.graph.flows[pass_index], ctx.graph.edges[edge_id])


def _pass(ctx: Context, index: int) -> dict[str, Any]:
    flow = ctx.graph.flows[index]
    symbol, plain = pass_symbol(ctx, flow)
    made = {"index": index, "objective": symbol, "plain": plain, "defined": None}
    if symbol == r"\mathcal{L}":
        terms = []
        for end, seed in flow.seeds.items():
            if end not in ctx.names.latex:
                continue
            root, one = ctx.names.latex[end], single(seed)
            ones = value_latex(ctx, seed)
            if one is not None:
                terms.append(root if one == 1 else rf"{ctx.factor(one)} \cdot {root}")
            elif _all_ones(seed):
                terms.append(rf"\textstyle\sum {root}")
            else:
                seed_ = ones or rf"\bar{{{root}}}"
                terms.append(rf"\left\langle {seed_}, {root} \right\rangle")
        made["defined"] = r"\mathcal{L} = " + " + ".join(terms)
    return made


def _all_ones(seed: Value) -> bool:
    if isinstance(seed, Summary):
        return seed.min == seed.max == 1
    return all(cell == 1 for cell in flat(seed) or [])


def _edge(ctx: Context, edge: Edge, rules: dict[str, Any]) -> dict[str, Any]:
    source, target = ctx.names.plain[edge.source, edge.output], ctx.names.plain[edge.target, 0]
    told = rules.get(edge.id)
    return {
        "title": f"{source} → {target}",
        "local": local(ctx, edge),
        "text": told["plain"] if told else f"{source} enters {target} without a gradient.",
    }


def _node(ctx: Context, node: Node, rules: dict[str, Any], told: _Told) -> dict[str, Any]:
    edges = [edge.id for edge in ctx.graph.into[node.id] if edge.id in rules]
    forward = forward_of(ctx, node)
    return {
        "title": forward["title"] if forward else ctx.names.latex[node.id, 0],
        "plain": title(ctx, node),
        "name": ctx.names.latex[node.id, 0],
        "forward": forward,
        "where": definitions(ctx, (edge.source for edge in ctx.graph.into[node.id])),
        "receives": _receives(ctx, node),
        "rules": [rules[id_] for id_ in edges],
        "chain": [line for id_ in edges for line in told.chains.get(id_, [])],
        "saved": told.saved.get(node.id, []),
        "why": told.why.get(node.id, []),
        "because": because(ctx, node),
    }


def _receives(ctx: Context, node: Node) -> list[dict[str, Any]]:
    """Per output and pass, the gradient that the node's own backward step uses."""
    made = []
    for output in range(max(len(node.outputs), 1)):
        for flow in ctx.graph.receivers.get((node.id, output), ()):
            grad = flow.gradient((node.id, output))
            value = value_latex(ctx, grad)
            lhs = latex.total(pass_symbol(ctx, flow)[0], ctx.names.latex[node.id, output], d=ctx.sign)
            line = f"{lhs} = {value}" if value else lhs
            made.append({"pass": flow.pass_.index, "output": output, "latex": line, "value": value})
    return made


def explain_element(
    trace: Trace, edge_id: str, index: Sequence[int], *, digits: int = 4, num: str = "auto"
) -> dict[str, Any] | None:
    """An elementwise rule at one element: ∂u₀₁/∂w₀₁ = cos(0.5) = 0.8776. `index` counts in the target's output.

    None where the op is not elementwise or there is no such element; the entry is that of a rule's `elements`.
    """
    ctx = context(trace, digits, num)
    edge = ctx.graph.edges[edge_id]
    op = ctx.operations.get(edge.target)
    written = op.rule(edge) if op is not None else None
    place = ravel(tuple(index), ctx.shape((edge.target, 0)) or ())
    if op is None or written is None or not written.pointwise or place is None:
        return None
    return element(ctx, op, edge, written, place)


def explain_cells(trace: Trace, node: str, index: Sequence[int], output: int = 0) -> dict[str, Any] | None:
    """The cells that one cell depends on, and those that depend on it, over the whole graph.

    `index` counts in the node's output. None where there is no such cell. Fields: `docs/explain.md`.
    """
    ctx = context(trace, 4, "auto")
    shape = ctx.shape((node, output)) if node in ctx.graph.nodes else None
    place = ravel(tuple(index), shape) if shape is not None else None
    return None if place is None else reach(ctx, (node, output), place)
