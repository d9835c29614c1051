"""The other line of a mistake: where the graph was walked first, was cut, or a saved tensor was overwritten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.core.paths import PathGraph
from app.core.trace import Node, SetTensor, Step, Trace


def places(code: str, trace: Trace) -> str:
    """One more sentence, with a blank before it; empty where nothing is found."""
    if code == "backward_twice":
        lines = [one.line for one in trace.passes[:-1] if one.line is not None]
        return f" That was in line {lines[-1]}." if lines else ""
    if code == "nothing_requires_grad":
        return _cut(trace)
    if code == "inplace_saved":
        return _overwritten(trace)
    return ""


def _cut(trace: Trace) -> str:
    """The last operation behind the newest value that took what requires grad and gave what doesn't."""
    taken = [note.line for note in trace.notes if note.code == "graph_cut" and ".item()" in note.message]
    if taken:
        return f" The graph was cut in line {taken[-1]}, by .item()."
    requires = {tensor.id: tensor.requires_grad for tensor in trace.tensors}
    nodes = {node.id: node for node in trace.nodes}
    cuts = {
        edge.target
        for edge in trace.edges
        if nodes[edge.target].grad_fn is None and requires[nodes[edge.source].outputs[edge.output]]
    }
    results = [node.id for node in trace.nodes if node.kind == "op"][-1:]
    behind = {id_ for result in results for id_ in PathGraph(trace.edges).ancestors(result)}
    last = next((node for node in reversed(trace.nodes) if node.id in cuts & behind), None)
    return f" The graph was cut in line {last.line}, at {last.name or last.label}." if last and last.line else ""


@dataclass(frozen=True, slots=True)
class _Overwrite:
    """A node saved a tensor, and a later step wrote its memory."""

    saver: Node
    saved: Step
    writer: Step
    name: str


def _overwritten(trace: Trace) -> str:
    """Which node saved what, and which line changed it: of the node where the pass broke, else the last such pair."""
    found = list(_overwrites(trace))
    if not found:
        return ""
    stuck = _waiting(trace)
    one = next((pair for pair in found if pair.saver.id in stuck), found[-1])
    what = one.name or "It"
    return f" {what} was saved for {one.saver.label} in line {one.saved.line}, and line {one.writer.line} changed it."


def _overwrites(trace: Trace) -> Iterator[_Overwrite]:
    """The first write after each save, in the order of the saves."""
    tensors = {tensor.id: tensor for tensor in trace.tensors}
    nodes = {node.id: node for node in trace.nodes}
    names = {t.storage: t.name for t in reversed(trace.tensors) if t.name}
    order = [step for step in trace.steps if step.kind in {"compute", "update"}]
    writers: dict[str, list[int]] = {}
    """Places in `order` of the steps that wrote each storage."""
    for place, step in enumerate(order):
        writer = nodes.get(step.node or "")
        if step.kind == "update" or (writer is not None and writer.op.endswith("_")):
            for item in step.sets:
                storage = tensors[item.tensor].storage if isinstance(item, SetTensor) else None
                if storage is not None:
                    writers.setdefault(storage, []).append(place)
    for place, step in enumerate(order):
        saver = nodes.get(step.node or "") if step.kind == "compute" else None
        for saved in saver.saved if saver is not None else ():
            tensor = tensors[saved.tensor]
            later = next((k for k in writers.get(tensor.storage or "", ()) if k > place), None)
            if later is not None and saver is not None:
                yield _Overwrite(saver, step, order[later], tensor.name or names.get(tensor.storage) or "")


def _waiting(trace: Trace) -> set[str]:
    """Nodes that the last pass had reached and not run when it broke."""
    if not trace.passes:
        return set()
    last = trace.passes[-1]
    sources = {edge.id: edge.source for edge in trace.edges}
    reached = {node for node, _ in last.roots} | {sources[one.edge] for one in last.contributions}
    ran = {step.node for step in trace.steps if step.pass_ == last.index and step.kind in {"backward", "accumulate"}}
    return reached - ran
