"""Where a walk may stop besides at each step: behind a call or module, at a pass or iteration, at what touches a node.

The player goes there; it works none of it out.
"""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from typing import Any

from app.core.trace import Full, Node, SetTensor, Step, TensorEntry, Trace
from app.explain.loops import Iteration, iterations

Scalar = bool | int | float | str
_MOST_TOUCHES = 200_000
"""Beyond this many no page could carry them; then only a node's own steps are listed."""


def stops(trace: Trace) -> dict[str, Any]:
    """The stops as JSON-able data; the fields are `docs/explain.md`. Linear in the Trace's steps and edges."""
    turns = iterations(trace)
    return {
        "over": _over(trace),
        "passes": _passes(trace),
        "iterations": [
            {"first": turn.first, "last": turn.last, "passes": list(turn.passes), "loss": loss}
            for turn, loss in zip(turns, _losses(trace, turns), strict=True)
        ],
        "touch": _touch(trace),
    }


def _over(trace: Trace) -> list[int]:
    """The last step of each run of steps within one call or module, and each step that lies in none."""
    unit = _units(trace)
    keys = [(step.phase, step.pass_, _inside(step, unit)) for step in trace.steps]
    last = len(keys) - 1
    return [k for k, key in enumerate(keys) if k == last or key[2] is None or keys[k + 1] != key]


def _inside(step: Step, unit: dict[str, tuple[object, ...]]) -> tuple[object, ...] | None:
    """A pass starts outside of everything."""
    return None if step.kind == "seed" else unit.get(step.node or "")


def _units(trace: Trace) -> dict[str, tuple[object, ...]]:
    """The module or call that each operation belongs to; a leaf belongs where its only user does."""
    found: dict[str, tuple[object, ...]] = {}
    for node in trace.nodes:
        key = _unit(node)
        if key is not None:
            found[node.id] = key
    users: defaultdict[str, set[tuple[object, ...] | None]] = defaultdict(set)
    for edge in trace.edges:
        users[edge.source].add(found.get(edge.target))
    for node in trace.nodes:
        if node.kind != "op" and len(users[node.id]) == 1:
            (key,) = users[node.id]
            if key is not None and key[0] == "module":
                found[node.id] = key
    return found


def _unit(node: Node) -> tuple[object, ...] | None:
    if node.kind != "op":
        return None
    if node.module:
        return ("module", node.module, node.span)
    return ("call", node.call, node.span) if node.call else None


def _passes(trace: Trace) -> list[dict[str, Any]]:
    """Of each pass its first and last step, in the order of the walk."""
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for step in trace.steps:
        if step.pass_ is not None and step.phase == "backward":
            first.setdefault(step.pass_, step.index)
            last[step.pass_] = step.index
    line = {one.index: one.line for one in trace.passes}
    return [
        {"pass": pass_, "line": line.get(pass_), "first": step, "last": last[pass_]}
        for pass_, step in sorted(first.items(), key=lambda item: item[1])
    ]


def _losses(trace: Trace, turns: tuple[Iteration, ...]) -> list[dict[str, Any] | None]:
    """Of each iteration the scalar that its first pass starts from, and the step at which that is known."""
    writes: defaultdict[tuple[str, int], list[tuple[int, str]]] = defaultdict(list)
    for step in trace.steps:
        for item in step.sets:
            if isinstance(item, SetTensor):
                writes[item.node, item.output].append((step.index, item.tensor))
    tensors = {tensor.id: tensor for tensor in trace.tensors}
    nodes = {node.id: node for node in trace.nodes}
    seeds = {step.pass_: step.index for step in trace.steps if step.kind == "seed"}
    roots = {one.index: one.roots[0] for one in trace.passes if one.roots}
    found: list[dict[str, Any] | None] = []
    for turn in turns:
        root = roots.get(turn.passes[0])
        written = writes.get(root, []) if root else []
        place = bisect(written, (seeds[turn.passes[0]],))
        tensor = tensors.get(written[place - 1][1]) if place else None
        number = _number(tensor)
        if root is None or number is None:
            found.append(None)
            continue
        node = nodes[root[0]]
        found.append({"step": written[place - 1][0], "node": node.id, "name": node.name or node.label, "value": number})
    return found


def _number(tensor: TensorEntry | None) -> Scalar | None:
    """The one real number that a tensor holds."""
    data = tensor.value.data if tensor is not None and isinstance(tensor.value, Full) else None
    while isinstance(data, list) and len(data) == 1:
        data = data[0]
    return None if isinstance(data, list | dict) else data


def _touch(trace: Trace) -> dict[str, list[int]]:
    """Of each node the steps that make it, use it, change it, or bring it a gradient."""
    steps: defaultdict[str, set[int]] = defaultdict(set)
    count = 0
    users = _neighbours(trace)
    roots = {one.index: [node for node, _output in one.roots] for one in trace.passes}
    sent = {one.index: {contribution.edge for contribution in one.contributions} for one in trace.passes}
    for step in trace.steps:
        nodes = _own(step, roots)
        if count < _MOST_TOUCHES and step.node is not None:
            along = users.get(step.node, ())
            if step.kind == "compute":
                nodes |= {source for _edge, source in along}
            elif step.kind == "backward" and step.pass_ is not None:
                nodes |= {source for edge, source in along if edge in sent.get(step.pass_, ())}
        count += len(nodes)
        for node in nodes:
            steps[node].add(step.index)
    return {node.id: sorted(steps[node.id]) for node in trace.nodes if node.id in steps}


def _own(step: Step, roots: dict[int, list[str]]) -> set[str]:
    nodes = {item.node for item in step.sets} | ({step.node} if step.node is not None else set())
    return nodes | set(roots.get(step.pass_, ())) if step.kind == "seed" and step.pass_ is not None else nodes


def _neighbours(trace: Trace) -> dict[str, list[tuple[str, str]]]:
    """The edges into each node, with their sources."""
    into: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for edge in trace.edges:
        into[edge.target].append((edge.id, edge.source))
    return into
