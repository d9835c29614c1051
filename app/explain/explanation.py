"""The explanation of a whole Trace as JSON-able data, and the short texts of its drawing."""

from __future__ import annotations

from typing import Any

from app.core.trace import Edge, Node, Trace
from app.explain import latex
from app.explain.chain import chain, chip, local
from app.explain.context import Context, Sign, context, named, pass_symbol, title, with_numbers
from app.explain.graph import single
from app.explain.ledger import ledger
from app.explain.paths import paths
from app.explain.rules import rule, value_latex
from app.explain.saved import saved
from app.explain.why import why


def explain(trace: Trace, *, digits: int = 4, num: str = "auto", totals: Sign = "d") -> dict[str, Any]:
    """Say of every number in the picture why it is that number. The fields are `docs/explain.md`.

    Args:
        trace: any Trace, also a partial one.
        digits: significant digits of numbers.
        num: `auto`, `fixed` or `sci`.
        totals: how total derivatives are written: `"d"`, or `"∂"` as local ones.

    Linear in the size of the Trace, apart from paths, which are linear in what the Trace shows of them.
    """
    ctx = context(trace, digits, num, totals)
    rules = {edge.id: rule(ctx, edge) for edge in trace.edges if edge.differentiable and edge.target in ctx.operations}
    chains: dict[str, list[dict[str, Any]]] = {}
    for flow in ctx.graph.flows:
        for id_ in flow.contributions:
            edge = ctx.graph.edges.get(id_)
            line = chain(ctx, flow, edge) if edge is not None else None
            if line is not None:
                chains.setdefault(id_, []).append(line)
    kept, reasons = saved(ctx), why(ctx)
    return {
        "version": 1,
        "totals": totals,
        "passes": [_pass(ctx, index) for index in range(len(ctx.graph.flows))],
        "nodes": {node.id: _node(ctx, node, rules, chains, kept, reasons) for node in trace.nodes},
        "edges": {edge.id: _edge(ctx, edge, rules, chains) for edge in trace.edges},
        "paths": paths(ctx),
        "ledger": ledger(ctx),
    }


def local_texts(trace: Trace, *, digits: int = 4, num: str = "auto") -> dict[str, str]:
    """`local_text` of every edge that has one, in one walk."""
    ctx = context(trace, digits, num)
    texts = {edge.id: local(ctx, edge) for edge in trace.edges}
    return {id_: text for id_, text in texts.items() if text is not None}


def chip_texts(trace: Trace, *, digits: int = 4, num: str = "auto") -> dict[tuple[int, str], str]:
    """`chip_text` of every (pass index, edge id) that was evaluated, in one walk."""
    ctx = context(trace, digits, num)
    made = {}
    for flow in ctx.graph.flows:
        for id_ in flow.contributions:
            text = chip(ctx, flow, ctx.graph.edges[id_]) if id_ in ctx.graph.edges else None
            if text is not None:
                made[flow.pass_.index, id_] = text
    return made


def local_text(trace: Trace, edge_id: str, *, digits: int = 4, num: str = "auto") -> str | None:
    """Short Unicode of ∂target/∂source: `3`, `−0.25`, for tensors `Wᵀ`, `diag`, `3×4`; None where no gradient passes."""
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


def _all_ones(seed: Any) -> bool:
    level = [getattr(seed, "data", None)]
    while level and isinstance(level[0], list):
        level = [item for part in level for item in part]
    if level == [None]:
        return bool(seed.min == 1 and seed.max == 1)
    return all(item == 1 for item in level)


def _edge(ctx: Context, edge: Edge, rules: dict[str, Any], chains: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    source = ctx.names.plain[edge.source, edge.output]
    target = ctx.names.plain[edge.target, 0]
    made: dict[str, Any] = {
        "title": f"{source} → {target}",
        "local": local(ctx, edge),
        "rule": rules.get(edge.id),
        "chain": chains.get(edge.id, []),
    }
    if not edge.differentiable:
        made["text"] = f"{source} enters {target} without a gradient."
    return made


def _node(
    ctx: Context, node: Node, rules: dict[str, Any], chains: dict[str, list[dict[str, Any]]],
    kept: dict[str, list[dict[str, Any]]], reasons: dict[str, list[dict[str, Any]]],
) -> dict[str, Any]:  # fmt: skip
    edges = [edge.id for edge in ctx.graph.into[node.id] if edge.id in rules]
    return {
        "title": title(ctx, node),
        "name": ctx.names.latex[node.id, 0],
        "plain": ctx.names.plain[node.id, 0],
        "forward": _forward(ctx, node),
        "rules": [rules[id_] for id_ in edges],
        "backward": _backward(ctx, node, edges, chains),
        "saved": kept.get(node.id, []),
        "why": reasons.get(node.id, []),
    }


def _forward(ctx: Context, node: Node) -> dict[str, Any] | None:
    op = ctx.operations.get(node.id)
    if op is None:
        return None
    result = ctx.graph.result(node.id)
    value = value_latex(ctx, result.value) if result is not None else None
    name = ctx.names.latex[node.id, 0]
    if op.formula is None:
        inputs = ", ".join(ctx.names.latex[edge.source, edge.output] for edge in ctx.graph.into[node.id])
        called = rf"\operatorname{{{latex.text(op.node.op)}}}"
        return {"named": rf"{name} = {called}({inputs})", "numbers": value, "note": None}
    numbers = with_numbers(ctx, op, op.formula.forward)
    parts = [part for k, part in enumerate((numbers, value)) if part and (k == 0 or part != numbers)]
    return {
        "named": f"{name} = {named(ctx, op, op.formula.forward, shapes=numbers is None)}",
        "numbers": " = ".join(parts) or None,
        "note": op.formula.note or None,
    }


def _backward(
    ctx: Context, node: Node, edges: list[str], chains: dict[str, list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """Per pass: what the node receives and what it sends along each edge."""
    made = []
    for flow in ctx.graph.flows:
        received = [
            (k, grad) for k in range(max(len(node.outputs), 1)) if (grad := flow.gradient((node.id, k))) is not None
        ]
        if not received:
            continue
        root, _ = pass_symbol(ctx, flow)
        lines = []
        for k, grad in received:
            value = value_latex(ctx, grad)
            lhs = latex.total(root, ctx.names.latex[node.id, k], d=ctx.sign)
            lines.append({"output": k, "latex": f"{lhs} = {value}" if value else lhs, "value": value})
        sends = [line for id_ in edges for line in chains.get(id_, []) if line["pass"] == flow.pass_.index]
        made.append({"pass": flow.pass_.index, "receives": lines, "sends": sends})
    return made
