"""What a finished Trace shows of a training loop: gradients never reset, graphs that grow from turn to turn."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.trace import Note, SetGrad, SetTensor, Trace
from app.record.notes.numbers import largest


def stale_gradient(trace: Trace) -> Iterator[Note]:
    """A pass that adds to a gradient which an update has used already, where another update uses the sum."""
    nodes = {node.id: node for node in trace.nodes}
    leaves = {node.id for node in trace.nodes if node.kind == "leaf"}
    added: set[str] = set()
    used: dict[str, int | None] = {}
    """Leaves that an update has changed since a pass added to their `.grad`, and its line."""
    mixed: dict[str, Note] = {}
    """What to say once the sum is used, too."""
    for step in trace.steps:
        if step.kind == "update":
            for item in step.sets:
                if isinstance(item, SetGrad) and (item.grad is None or largest(item.grad) == 0):
                    added.discard(item.node)
                    used.pop(item.node, None)
                    mixed.pop(item.node, None)
                elif isinstance(item, SetTensor) and item.node in added & leaves:
                    if item.node in mixed:
                        yield mixed[item.node]
                        return
                    used[item.node] = step.line
        elif step.kind == "accumulate" and step.node is not None:
            if step.node in used:
                words = _stale(nodes[step.node].label, used[step.node])
                mixed.setdefault(step.node, Note("stale_gradient", words, step.line, step.node))
            added.add(step.node)


def _stale(leaf: str, line: int | None) -> str:
    where = f"the update in line {line}" if line is not None else "an update"
    return (
        f"{leaf}.grad still holds an earlier pass's gradient, which {where} has used, and this pass adds to it. "
        f"Reset it before each backward(): optimizer.zero_grad(), or {leaf}.grad = None."
    )


def growing_graph(trace: Trace) -> Iterator[Note]:
    """Passes of one line each of which walks through the graphs of all before it, too."""
    passes = [one for one in trace.passes if one.kind == "backward" and one.within is None and one.line is not None]
    for first, second, third in zip(passes, passes[1:], passes[2:], strict=False):
        if not first.line == second.line == third.line:
            continue
        a, b, c = ({grad.node for grad in one.grads} for one in (first, second, third))
        if a & b and b & c and len(a) < len(b) < len(c):
            words = (
                f"Each pass of this line walks through the graphs of all turns before, too ({len(a)}, {len(b)}, "
                f"{len(c)} operations), which retain_graph=True keeps. Cut what is carried from turn to turn: "
                "h = h.detach()."
            )
            yield Note("growing_graph", words, third.line, None)
            return


def kept_graph(trace: Trace) -> Iterator[Note]:
    """A sum, over turns, of losses whose passes have run, with their graphs."""
    nodes = {node.id: node for node in trace.nodes}
    walked = {grad.node for one in trace.passes for grad in one.grads}
    roots = {node for one in trace.passes for node, _ in one.roots}
    sums: dict[int | None, int] = {}
    into: dict[str, list[str]] = {}
    for edge in trace.edges:
        into.setdefault(edge.target, []).append(edge.source)
    for step in trace.steps:
        node = nodes.get(step.node or "") if step.kind == "compute" else None
        if node is None or node.grad_fn is None or node.op not in {"add", "add_"} or node.id in walked:
            continue
        loss = next((source for source in into.get(node.id, []) if source in roots), None)
        if loss is None:
            continue
        sums[node.line] = sums.get(node.line, 0) + 1
        if sums[node.line] == 2:
            yield kept(node.name or node.label, nodes[loss].label, node.line, node.id)


def kept(total: str, loss: str, line: int | None, node: str | None) -> Note:
    """That `total` keeps losses with their graphs."""
    words = f"{total} keeps the graph of every turn in memory, as {loss} brings its own. Take {loss}.item()."
    return Note("kept_graph", words, line, node)
