"""Why a gradient is None, zero, NaN or infinite: one sentence, pointing at the node, edge and line where it began."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.core.trace import Edge, Endpoint, Full, Node, Value
from app.explain.context import Context
from app.explain.graph import Flow, flat, real, single

DETACHING = {"detach", "detach_", "_detach"}
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
CONSTANT = {"ones_like", "zeros_like", "empty_like", "full_like", "rand_like", "randn_like", "new_zeros", "new_ones"}
INTEGER = ("int", "uint", "bool")


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
                answer = _special(ctx, flow, end, kind, causes.get(end))
                made.setdefault(end[0], []).append({"pass": flow.pass_.index, "output": end[1], **answer})
    _nones(ctx, made)
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
        for output in range(len(ctx.graph.nodes[edge.target].outputs)):
            candidate = causes.get((edge.target, output))
            if candidate is not None and kind_of(flow.gradient((edge.target, output))) in (kind, candidate.kind):
                earlier = candidate
        end = (edge.source, edge.output)
        if kind != "zero" or end not in causes:
            causes[end] = earlier if earlier and earlier.kind == kind else Cause(kind, id_, edge.target)
    return causes


def _answer(code: str, text: str, node: Node | None, edge: str | None = None) -> dict[str, Any]:
    where = f" (line {node.line})" if node is not None and node.line is not None else ""
    return {
        "code": code,
        "text": text + where + ".",
        "node": node.id if node else None,
        "edge": edge,
        "line": node.line if node else None,
    }


def _special(ctx: Context, flow: Flow, end: Endpoint, kind: str, cause: Cause | None) -> dict[str, Any]:
    name = ctx.names.plain[end]
    word = {"zero": "zero", "nan": "NaN", "inf": "infinite"}[kind]
    if cause is None or cause.kind != kind:
        if end in flow.seeds:
            return _answer(
                f"{kind}_seed",
                f"The gradient of {name} is {word} because the pass was started with it",
                ctx.graph.nodes[end[0]],
            )
        incoming = [e.id for e in ctx.graph.out_of[end] if e.id in flow.contributions]
        if kind == "zero" and len(incoming) > 1:
            return _answer(
                "zero_cancels", f"The {len(incoming)} contributions to {name} cancel out", ctx.graph.nodes[end[0]]
            )
        return _answer(f"{kind}_arrives", f"The gradient of {name} is {word}", ctx.graph.nodes[end[0]])
    edge, node = ctx.graph.edges[cause.edge], ctx.graph.nodes[cause.node]
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
        return _answer(
            "zero_part", f"{head}the part of {whole}'s gradient that belongs to {source} is 0", node, edge.id
        )
    if op in HALF:
        return _answer("zero_flat_side", f"{head}{source} {HALF[op]}, at {target} = {op}({source})", node, edge.id)
    if op in FLAT:
        return _answer("zero_flat", f"{head}{op} is flat everywhere, so nothing passes {target}", node, edge.id)
    if op in CHOOSING:
        return _answer(
            "zero_not_chosen", f"{head}{target} = {op}(…) does not take its value from {source}", node, edge.id
        )
    if op in ("mul", "mm", "mv", "dot", "bmm", "addmm"):
        factors = [
            ctx.names.plain[e.source, e.output] for e in ctx.graph.into[node.id] if e.id != edge.id and _is_zero(ctx, e)
        ]
        if factors:
            return _answer(
                "zero_factor", f"{head}in {target} it is multiplied by {factors[0]}, which is 0", node, edge.id
            )
    return _answer("zero_local", f"{head}the local derivative of {target} by {source} is 0 there", node, edge.id)


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
    return _answer(kind, head + tail, node, edge.id)


def _nones(ctx: Context, made: dict[str, list[dict[str, Any]]]) -> None:
    reached = {node for flow in ctx.graph.flows for node in flow.accumulated}
    captured = {node for flow in ctx.graph.flows for node, _ in flow.captured}
    roots = {root[0] for flow in ctx.graph.flows for root in flow.pass_.roots}
    below = _leads_to(ctx, roots)
    for node in ctx.graph.trace.nodes:
        if node.kind == "input":
            made.setdefault(node.id, []).append(_input(ctx, node))
        elif node.kind == "op":
            if node.grad_fn is None:
                made.setdefault(node.id, []).append(_plain_op(ctx, node))
        elif node.id not in reached:
            answer = _unreached(ctx, node, roots, below, node.id in captured)
            made.setdefault(node.id, []).append({"pass": None, "output": 0, **answer})


def _input(ctx: Context, node: Node) -> dict[str, Any]:
    tensor = ctx.graph.result(node.id)
    name = ctx.names.plain[node.id, 0]
    if tensor is not None and tensor.dtype.startswith(INTEGER):
        answer = _answer(
            "none_integer",
            f"{name}.grad is None: its dtype is {tensor.dtype}, and only floating-point tensors can have a gradient",
            node,
        )
    else:
        answer = _answer("none_not_required", f"{name}.grad is None: it was made without requires_grad=True", node)
    return {"pass": None, "output": 0, **answer}


def _plain_op(ctx: Context, node: Node) -> dict[str, Any]:
    return {"pass": None, "output": 0, **_broken(ctx, node, ctx.names.plain[node.id, 0])}


def _broken(ctx: Context, node: Node, name: str) -> dict[str, Any]:
    """Why an op without `grad_fn` passes no gradient."""
    result = ctx.graph.result(node.id)
    target = ctx.names.plain[node.id, 0]
    if node.op in DETACHING:
        return _answer("none_detached", f"No gradient for {name}: the graph is cut by detach() at {target}", node)
    if result is not None and result.dtype.startswith(INTEGER):
        return _answer(
            "none_integer",
            f"No gradient for {name}: {target} = {node.op}(…) is {result.dtype}, which has no derivative",
            node,
        )
    if node.op in CONSTANT:
        return _answer(
            "none_constant", f"No gradient for {name}: the values of {target} = {node.op}(…) are constant", node
        )
    needs = any(_requires(ctx, edge) for edge in ctx.graph.into[node.id])
    if needs:
        return _answer(
            "none_no_grad",
            f"No gradient for {name}: {target} = {node.op}(…) ran without recording, under no_grad",
            node,
        )
    return _answer("none_no_input", f"No gradient for {name}: nothing that enters {target} requires one", node)


def _requires(ctx: Context, edge: Edge) -> bool:
    tensor = ctx.graph.operands.get(edge.id)
    return tensor is not None and tensor.requires_grad


def _leads_to(ctx: Context, roots: set[str]) -> set[str]:
    """All nodes from which some root is reached, also through edges that carry no gradient."""
    found, stack = set(roots), list(roots)
    while stack:
        for edge in ctx.graph.into.get(stack.pop(), ()):
            if edge.source not in found:
                found.add(edge.source)
                stack.append(edge.source)
    return found


def _unreached(ctx: Context, node: Node, roots: set[str], below: set[str], captured: bool) -> dict[str, Any]:
    name = ctx.names.plain[node.id, 0]
    if not ctx.graph.flows:
        return _answer("none_no_pass", f"{name}.grad is None: no backward pass ran", node)
    if captured:
        return _answer(
            "none_grad_call", f"{name}.grad is None: autograd.grad returns the gradient and does not write .grad", node
        )
    used = [edge for output in range(max(len(node.outputs), 1)) for edge in ctx.graph.out_of[node.id, output]]
    if not used:
        return _answer("none_unused", f"{name}.grad is None: no operation uses {name}", node)
    if node.id not in below:
        ends = " or ".join(sorted(ctx.names.plain[root, 0] for root in roots))
        return _answer(
            "none_no_path",
            f"{name}.grad is None: no path leads from {ends} back to {name}",
            node,
        )
    cut = _cut(ctx, node, below)
    if cut is not None:
        return _broken(ctx, cut, name)
    return _answer("none_not_sent", f"{name}.grad is None: no gradient was sent to it in any pass", node)


def _cut(ctx: Context, node: Node, below: set[str]) -> Node | None:
    """The first op on the way to a root that has no `grad_fn`."""
    seen, queue = {node.id}, [node.id]
    for id_ in queue:
        for output in range(max(len(ctx.graph.nodes[id_].outputs), 1)):
            for edge in ctx.graph.out_of.get((id_, output), ()):
                if edge.target in below and edge.target not in seen:
                    seen.add(edge.target)
                    target = ctx.graph.nodes[edge.target]
                    if target.grad_fn is None:
                        return target
                    queue.append(edge.target)
    return None
