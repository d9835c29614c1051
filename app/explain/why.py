"""Why a gradient is zero, NaN or infinite: one sentence, pointing at the node, edge and line where it began.

Why there is none at all is in `app.explain.absent`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.core.trace import Edge, Endpoint, Full, Node, Value
from app.explain.absent import absent, answer
from app.explain.context import Context
from app.explain.graph import Flow, flat, real, single

FLAT = {"sign", "floor", "ceil", "round", "trunc", "sgn", "heaviside", "zeros_like", "ones_like", "fix"}
HALF = {
    "relu": "is 0 or less there, and relu is flat on that side (a dead ReLU)",
    "clamp": "lies outside the clamp's bounds, where it is flat",
    "clamp_min": "lies below the clamp's bound, where it is flat",
    "clamp_max": "lies above the clamp's bound, where it is flat",
    "hardtanh": "lies outside the bounds, where hardtanh is flat",
    "threshold": "lies below the threshold, where the output is constant",
}
CHOOSING = {
    "max",
    "min",
    "amax",
    "amin",
    "where",
    "maximum",
    "minimum",
    "select",
    "slice",
    "index",
    "gather",
    "topk",
    "sort",
}


MOST_SEARCHED = 100
"""Inputs or outputs of one node that are looked at for a cause."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Where a special gradient began."""

    kind: str
    edge: str
    node: str


def kind_of(value: Value | None) -> str | None:
    """`nan`, `inf`, `zero` or None for an ordinary gradient."""
    if value is None:
        return None
    if isinstance(value, Full):
        cells = flat(value) or []
        nan, infinite = "nan" in cells, "inf" in cells or "-inf" in cells
        zero = bool(cells) and all(cell == 0 for cell in cells)
    else:
        nan, infinite, zero = bool(value.nan), bool(value.inf), value.zeros == value.numel
    return "nan" if nan else "inf" if infinite else "zero" if zero else None


def why(ctx: Context) -> dict[str, list[dict[str, Any]]]:
    """By node, the answers worth giving. Linear in the Trace; each leaf without a gradient is searched from once."""
    made: dict[str, list[dict[str, Any]]] = {}
    for flow in ctx.graph.flows:
        causes = _causes(ctx, flow)
        for end, grad in flow.grads.items():
            kind = kind_of(grad.value)
            if kind and end in ctx.names.plain:
                said = _special(ctx, flow, end, kind, causes.get(end))
                made.setdefault(end[0], []).append({"pass": flow.pass_.index, "output": end[1], **said})
    for node, answers in absent(ctx).items():
        made.setdefault(node, []).extend(answers)
    return made


def _causes(ctx: Context, flow: Flow) -> dict[Endpoint, Cause]:
    """Follow the engine's order: a special contribution has its sender's cause, or begins here."""
    causes: dict[Endpoint, Cause] = {}
    for id_, value in flow.contributions.items():
        edge = ctx.graph.edges.get(id_)
        kind = kind_of(value)
        if edge is None or kind is None:
            continue
        earlier = None
        for output in flow.received.get(edge.target, [])[:MOST_SEARCHED]:
            candidate = causes.get((edge.target, output))
            if candidate is not None and kind_of(flow.gradient((edge.target, output))) in (kind, candidate.kind):
                earlier = candidate
        if earlier is None and _seeded(flow, edge.target, kind):
            earlier = Cause(kind, "", edge.target)
        end = (edge.source, edge.output)
        if kind != "zero" or end not in causes:
            causes[end] = earlier if earlier and earlier.kind == kind else Cause(kind, id_, edge.target)
    return causes


def _seeded(flow: Flow, node: str, kind: str) -> bool:
    """The pass started here with it."""
    return any(end[0] == node and kind_of(flow.gradient(end)) == kind for end in flow.seeds)


def _special(ctx: Context, flow: Flow, end: Endpoint, kind: str, cause: Cause | None) -> dict[str, Any]:
    name = ctx.names.plain[end]
    word = {"zero": "zero", "nan": "NaN", "inf": "infinite"}[kind]
    if cause is None or cause.kind != kind:
        if end in flow.seeds:
            return answer(
                f"{kind}_seed",
                f"The gradient of {name} is {word} because the pass was started with it",
                ctx.graph.nodes[end[0]],
            )
        incoming = [e.id for e in ctx.graph.out_of[end] if e.id in flow.contributions]
        if kind == "zero" and len(incoming) > 1:
            return answer(
                "zero_cancels", f"The {len(incoming)} contributions to {name} cancel out", ctx.graph.nodes[end[0]]
            )
        return answer(f"{kind}_arrives", f"The gradient of {name} is {word}", ctx.graph.nodes[end[0]])
    node = ctx.graph.nodes[cause.node]
    if not cause.edge:
        root = ctx.names.plain[node.id, 0]
        text = f"The gradient of {name} is {word} because the pass was started with it, at {root}"
        return answer(f"{kind}_seed", text, node)
    edge = ctx.graph.edges[cause.edge]
    if kind == "zero":
        return _zero(ctx, end, edge, node)
    return _unbounded(ctx, kind, name, edge, node)


def _zero(ctx: Context, end: Endpoint, edge: Edge, node: Node) -> dict[str, Any]:
    name = ctx.names.plain[end]
    source = ctx.names.plain[edge.source, edge.output]
    target = ctx.names.plain[node.id, 0]
    head = f"The gradient of {name} is zero: "
    op = node.op.removesuffix("_")
    if _passes_something(ctx, edge):
        whole = ctx.names.plain[node.id, 0]
        return answer("zero_part", f"{head}the part of {whole}'s gradient that belongs to {source} is 0", node, edge.id)
    if op in HALF:
        return answer("zero_flat_side", f"{head}{source} {HALF[op]}, at {target} = {op}({source})", node, edge.id)
    if op in FLAT:
        return answer("zero_flat", f"{head}{op} is flat everywhere, so nothing passes {target}", node, edge.id)
    if op in CHOOSING:
        return answer(
            "zero_not_chosen", f"{head}{target} = {op}(…) does not take its value from {source}", node, edge.id
        )
    if op in ("mul", "mm", "mv", "dot", "bmm", "addmm"):
        factors = [
            ctx.names.plain[e.source, e.output]
            for e in ctx.graph.into[node.id][:MOST_SEARCHED]
            if e.id != edge.id and _is_zero(ctx, e)
        ]
        if factors:
            return answer(
                "zero_factor", f"{head}in {target} it is multiplied by {factors[0]}, which is 0", node, edge.id
            )
    return answer("zero_local", f"{head}the local derivative of {target} by {source} is 0 there", node, edge.id)


def _passes_something(ctx: Context, edge: Edge) -> bool:
    """The local derivative isn't zero: it was the gradient that had nothing for this input."""
    found = ctx.graph.jacobian(edge.id, ctx.graph.outputs_of(edge)[0])
    if found is not None:
        return kind_of(found.value) is None
    rule = ctx.operations[edge.target].rule(edge)
    return rule is not None and rule.sparsity in ("identity", "selection") and not rule.pointwise


def _is_zero(ctx: Context, edge: Edge) -> bool:
    operand = ctx.graph.operands.get(edge.id)
    return operand is not None and kind_of(operand.value) == "zero"


def _unbounded(ctx: Context, kind: str, name: str, edge: Edge, node: Node) -> dict[str, Any]:
    word = "NaN" if kind == "nan" else "infinite"
    target, source = ctx.names.plain[node.id, 0], ctx.names.plain[edge.source, edge.output]
    result, operand = ctx.graph.result(node.id), ctx.graph.operands.get(edge.id)
    head = f"The gradient of {name} is {word}: it first is so at {target} = {node.op}(…)"
    if operand is not None and kind_of(operand.value) == "nan":
        tail = f", whose input {source} is NaN already in the forward pass"
    elif result is not None and kind_of(result.value) in ("nan", "inf"):
        tail = f", whose own value is {'NaN' if kind_of(result.value) == 'nan' else 'infinite'}"
    else:
        x = real(single(operand.value)) if operand is not None else None
        at = f" at {source} = {ctx.text(x)}" if x is not None else ""
        tail = f", whose local derivative is not finite{at}" + (" (0 · ∞ gives NaN)" if kind == "nan" else "")
    return answer(kind, head + tail, node, edge.id)
