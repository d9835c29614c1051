"""Why a tensor has no gradient: not asked for, cut off, not differentiable, not reached.

Owns the answers with codes `none_…`; each points at the node and line where the way ends.
"""

from __future__ import annotations

import re
from typing import Any

from app.core.trace import Edge, Node, SetGrad
from app.explain.context import Context

DETACHING = {"detach", "detach_", "_detach"}
CONSTANT = {"ones_like", "zeros_like", "empty_like", "full_like", "rand_like", "randn_like", "new_zeros", "new_ones"}
INTEGER = ("int", "uint", "bool")


MOST_SEARCHED = 500
"""Nodes behind one leaf that are searched for a cut."""
READ_GRAD = re.compile(r"\b([^\W\d]\w*)\.grad\b")
OUT = "|".join(
    (
        r"\b{0}\.(?:item|tolist|numpy)\b",
        r"\b(?:float|int|bool)\({0}\b",
        r"\btorch\.(?:tensor|as_tensor|asarray)\(.*(?<![\w.]){0}(?![\w.=])",
    )
)
"""Where a program takes the numbers of a tensor out of the graph."""
RETAINED = re.compile(r"\b([^\W\d]\w*)\.retain_grad\b")


def answer(code: str, text: str, node: Node | None, edge: str | None = None) -> dict[str, Any]:
    """One entry of `why`: the sentence ends with its line."""
    where = f" (line {node.line})" if node is not None and node.line is not None else ""
    return {
        "code": code,
        "text": text + where + ".",
        "node": node.id if node else None,
        "edge": edge,
        "line": node.line if node else None,
    }


def absent(ctx: Context) -> dict[str, list[dict[str, Any]]]:
    """By node without a gradient, the reason. Linear; each unreached leaf is searched from once."""
    made: dict[str, list[dict[str, Any]]] = {}
    reached = {node for flow in ctx.graph.flows for node in flow.accumulated}
    captured = {node for flow in ctx.graph.flows for node, _ in flow.captured}
    roots = {root[0] for flow in ctx.graph.flows for root in flow.pass_.roots}
    below = _leads_to(ctx, roots)
    source = ctx.graph.trace.program.source
    asked = set(READ_GRAD.findall(source)) - set(RETAINED.findall(source))
    for node in ctx.graph.trace.nodes:
        if node.kind == "input":
            made.setdefault(node.id, []).append(_input(ctx, node))
        elif node.kind == "op":
            if node.grad_fn is None:
                made.setdefault(node.id, []).append(_plain_op(ctx, node))
            elif ctx.graph.flows and node.id not in ctx.graph.received and node.id not in below:
                ends = " or ".join(sorted(ctx.names.plain[root, 0] for root in roots))
                text = f"No gradient for {ctx.names.plain[node.id, 0]}: no path leads from {ends} back to it"
                made.setdefault(node.id, []).append({"pass": None, "output": 0, **answer("none_no_path", text, node)})
            elif node.name in asked:
                text = f"{node.name}.grad is None: {node.name} is no leaf; its retain_grad() before backward keeps it"
                made.setdefault(node.id, []).append({"pass": None, "output": 0, **answer("none_not_leaf", text, node)})
        elif (reset := _reset(ctx, node)) is not None:
            made.setdefault(node.id, []).append({"pass": None, "output": 0, **reset})
        elif node.id not in reached:
            said = _unreached(ctx, node, roots, below, node.id in captured)
            made.setdefault(node.id, []).append({"pass": None, "output": 0, **said})
    return made


def _reset(ctx: Context, node: Node) -> dict[str, Any] | None:
    """The `.grad` was there, and a statement made it None again; `from` is the step of that."""
    writes = [
        (step, item)
        for step in ctx.graph.trace.steps
        for item in step.sets
        if isinstance(item, SetGrad) and item.node == node.id
    ]
    if not writes or writes[-1][1].grad is not None:
        return None
    step = writes[-1][0]
    where = f" in line {step.line}" if step.line is not None else ""
    text = f"{ctx.names.plain[node.id, 0]}.grad is None again: it is reset{where}."
    return {**answer("none_reset", "", node), "text": text, "line": step.line, "from": step.index}


def _input(ctx: Context, node: Node) -> dict[str, Any]:
    tensor = ctx.graph.result(node.id)
    name = ctx.names.plain[node.id, 0]
    if tensor is not None and tensor.dtype.startswith(INTEGER):
        said = answer(
            "none_integer",
            f"{name}.grad is None: its dtype is {tensor.dtype}, and only floating-point tensors can have a gradient",
            node,
        )
    else:
        why = (
            "it is frozen, its requires_grad is False"
            if _is_parameter(node)
            else "it was made without requires_grad=True"
        )
        said = answer("none_not_required", f"{name}.grad is None: {why}", node)
    return {"pass": None, "output": 0, **said}


def _is_parameter(node: Node) -> bool:
    """By its name, the path from a module's variable."""
    return node.name is not None and "." in node.name


def _plain_op(ctx: Context, node: Node) -> dict[str, Any]:
    return {"pass": None, "output": 0, **_broken(ctx, node, ctx.names.plain[node.id, 0])}


def _broken(ctx: Context, node: Node, name: str) -> dict[str, Any]:
    """Why an op without `grad_fn` passes no gradient."""
    result = ctx.graph.result(node.id)
    target = ctx.names.plain[node.id, 0]
    if node.op in DETACHING:
        return answer("none_detached", f"No gradient for {name}: the graph is cut by detach() at {target}", node)
    if result is not None and result.dtype.startswith(INTEGER):
        return answer(
            "none_integer",
            f"No gradient for {name}: {target} = {node.op}(…) is {result.dtype}, which has no derivative",
            node,
        )
    if node.op in CONSTANT:
        return answer(
            "none_constant", f"No gradient for {name}: the values of {target} = {node.op}(…) are constant", node
        )
    needs = any(_requires(ctx, edge) for edge in ctx.graph.into[node.id])
    if needs:
        return answer(
            "none_no_grad",
            f"No gradient for {name}: {target} = {node.op}(…) ran without recording, under no_grad",
            node,
        )
    return answer("none_no_input", f"No gradient for {name}: nothing that enters {target} requires one", node)


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
        return answer("none_no_pass", f"{name}.grad is None: no backward pass ran", node)
    if captured:
        return answer(
            "none_grad_call", f"{name}.grad is None: autograd.grad returns the gradient and does not write .grad", node
        )
    used = [edge for output in range(max(len(node.outputs), 1)) for edge in ctx.graph.out_of[node.id, output]]
    if not used:
        unused = answer("none_unused", f"{name}.grad is None: no operation uses {name}", node)
        return _taken_out(ctx, node) or unused
    if node.id not in below:
        ends = " or ".join(sorted(ctx.names.plain[root, 0] for root in roots))
        return answer(
            "none_no_path",
            f"{name}.grad is None: no path leads from {ends} back to {name}",
            node,
        )
    cut = _cut(ctx, node, below)
    if cut is not None:
        return _broken(ctx, cut, name)
    return answer("none_not_sent", f"{name}.grad is None: no gradient was sent to it in any pass", node)


def _taken_out(ctx: Context, node: Node) -> dict[str, Any] | None:
    """The line that reads the numbers of a tensor, so that what is made of them is a constant."""
    if node.name is None:
        return None
    pattern = re.compile(OUT.format(re.escape(node.name)))
    for line, text in enumerate(ctx.graph.trace.program.source.splitlines(), start=1):
        if (node.line is None or line != node.line) and pattern.search(text.partition("#")[0]):
            said = f"{node.name}.grad is None: line {line} takes its numbers out of the graph, as constants."
            return {**answer("none_number", "", node), "text": said, "line": line}
    return None


def _cut(ctx: Context, node: Node, below: set[str]) -> Node | None:
    """The first op on the way to a root that has no `grad_fn`."""
    seen, queue = {node.id}, [node.id]
    for id_ in queue:
        if len(queue) > MOST_SEARCHED:
            return None
        for output in range(max(len(ctx.graph.nodes[id_].outputs), 1)):
            for edge in ctx.graph.out_of.get((id_, output), ()):
                if edge.target in below and edge.target not in seen:
                    seen.add(edge.target)
                    target = ctx.graph.nodes[edge.target]
                    if target.grad_fn is None:
                        return target
                    queue.append(edge.target)
    return None
