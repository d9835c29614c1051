"""Notes on what the numbers and the graph of a finished Trace show: nan, dead ReLUs, leaves without a path, …"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from app.core.paths import PathGraph
from app.core.trace import Full, Note, Pass, SetTensor, Summary, Trace, Value

SMALL, LARGE = 1e-7, 1e7
"""Ratio of a leaf's gradient to the pass's seed below or above which the gradient is said to vanish or explode."""
MOST_NODES = 2000
FEWEST_ROWS = 8
"""Rows of a batch from which on a unit that is zero for all of them is called dead."""
RELUS = frozenset({"relu", "relu_", "relu6", "threshold", "clamp_min"})


def findings(trace: Trace) -> Iterator[Note]:
    """Every finding, at most one of each kind for each pass."""
    yield from _cuts(trace)
    yield from _unreached(trace)
    if len(trace.nodes) > MOST_NODES:
        return
    yield from _not_finite(trace)
    yield from _dead(trace)
    yield from _extremes(trace)


def _cuts(trace: Trace) -> Iterator[Note]:
    """`detach` (and `.data`) of something that needs grad, where the result goes on."""
    nodes = {node.id: node for node in trace.nodes}
    used = {edge.source for edge in trace.edges}
    tensors = {tensor.id: tensor for tensor in trace.tensors}
    for edge in trace.edges:
        target = nodes[edge.target]
        source = nodes[edge.source]
        if target.op != "detach" or target.id not in used or target.grad_fn is not None:
            continue
        if tensors[source.outputs[edge.output]].requires_grad:
            name = target.name or target.label
            message = f"{name} is cut from the graph here: no gradient flows through it back to {source.label}."
            yield Note("graph_cut", message, target.line, target.id)


def _unreached(trace: Trace) -> Iterator[Note]:
    """Leaves that no pass gave a gradient, in a run whose passes went to all leaves."""
    passes = [one for one in trace.passes if one.kind == "backward" and not one.inputs and one.within is None]
    if not passes or trace.error is not None:
        return
    reached = {entry.node for one in trace.passes for entry in one.accumulated}
    reached |= {entry.node for one in trace.passes for entry in one.captured}
    alone = [node for node in trace.nodes if node.kind == "leaf" and node.id not in reached and node.name]
    graph = PathGraph(edge for edge in trace.edges if edge.differentiable and alone)
    behind = {id_ for one in passes for root, _ in one.roots for id_ in (graph.ancestors(root) if alone else ())}
    for node in alone:
        if node.id in behind:
            message = f"No operation sends a gradient to {node.name} along any path, so its .grad stays None."
        else:
            message = f"No path leads from where backward starts to {node.name}, so its .grad stays None."
        yield Note("unreached_leaf", message, node.line, node.id)


def _not_finite(trace: Trace) -> Iterator[Note]:
    """The first value and the first gradient that are nan or infinite."""
    tensors = {tensor.id: tensor for tensor in trace.tensors}
    nodes = {node.id: node for node in trace.nodes}
    for step in trace.steps:
        for item in step.sets:
            kind = _bad(tensors[item.tensor].value) if isinstance(item, SetTensor) else None
            if kind is not None:
                node = nodes[item.node]
                message = f"{node.label} holds {kind}, the first node that does."
                yield Note(_code(kind), message, step.line or node.line, node.id)
                break
        else:
            continue
        break
    for one in trace.passes:
        for contribution in one.contributions:
            kind = _bad(contribution.value)
            if kind is not None:
                edge = next(edge for edge in trace.edges if edge.id == contribution.edge)
                sender, receiver = nodes[edge.target], nodes[edge.source]
                message = (
                    f"The gradient that {sender.label} sends to {receiver.label} holds {kind}, the first that does."
                )
                yield Note(f"{_code(kind)}_gradient", message, sender.line, sender.id)
                return


def _code(kind: str) -> str:
    return "nan" if kind == "nan" else "infinity"


def _bad(value: Value | None) -> str | None:
    if isinstance(value, Summary):
        return "nan" if value.nan else "infinity" if value.inf else None
    if not isinstance(value, Full):
        return None
    found = None
    for x in _numbers(value.data):
        if isinstance(x, str):
            if x == "nan":
                return "nan"
            found = "infinity"
    return found


def _numbers(data: Any) -> Iterator[Any]:
    stack = [data]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, dict):
            stack.extend(item.values())
        else:
            yield item


def _dead(trace: Trace) -> Iterator[Note]:
    """ReLUs of which every output is zero, and units that are zero for every row of a batch."""
    tensors = {tensor.id: tensor for tensor in trace.tensors}
    for node in trace.nodes:
        if node.kind != "op" or node.op not in RELUS or node.grad_fn is None or not node.outputs:
            continue
        if node.op == "clamp_min" and node.args.get("min") != 0:
            continue
        if largest(tensors[node.outputs[0]].value) == 0:
            message = f"Every output of {node.label} is zero: this ReLU is dead here, and no gradient flows through it."
            yield Note("dead_relu", message, node.line, node.id)
            continue
        dead, units, rows = _dead_units(tensors[node.outputs[0]].value)
        if dead:
            message = (
                f"{dead} of {units} units of {node.label} {'is' if dead == 1 else 'are'} zero for all {rows} rows: "
                "dead here, so that no gradient flows through."
            )
            yield Note("dead_relu", message, node.line, node.id)


def _dead_units(value: Value) -> tuple[int, int, int]:
    """(dead units, units, rows) of a batch of vectors; no unit is called dead where the rows are few."""
    rows = value.data if isinstance(value, Full) else None
    if not isinstance(rows, list) or len(rows) < FEWEST_ROWS or not isinstance(rows[0], list) or not rows[0]:
        return 0, 0, 0
    if isinstance(rows[0][0], list):
        return 0, 0, 0
    columns = list(zip(*rows, strict=True))
    return sum(not any(column) for column in columns), len(columns), len(rows)


def largest(value: Value) -> float | None:
    """The largest magnitude, None where there is none or it isn't finite."""
    if isinstance(value, Summary):
        ends = [x for x in (value.min, value.max) if isinstance(x, (int, float))]
        return max((abs(float(x)) for x in ends), default=None)
    numbers = list(_numbers(value.data))
    if not numbers or any(isinstance(x, str) for x in numbers):
        return None
    return max(abs(float(x)) for x in numbers)


def _extremes(trace: Trace) -> Iterator[Note]:
    """Gradients of leaves that are tiny or huge beside what the pass started with; the first time for each leaf."""
    nodes = {node.id: node for node in trace.nodes}
    said: set[str] = set()
    for one in trace.passes:
        start = max((size for size in map(largest, one.seeds) if size), default=0.0)
        for entry in one.accumulated:
            size = largest(entry.added)
            if not start or not size or not math.isfinite(size) or entry.node in said:
                continue
            name = nodes[entry.node].label
            if size < start * SMALL and not _cancels(trace, one, entry.node, start):
                message = f"The gradient vanishes on its way to {name}: at most {size:.1e} of {start:g} arrives."
                yield Note("vanishing_gradient", message, one.line, entry.node)
            elif size > start * LARGE:
                message = f"The gradient explodes on its way to {name}: {size:.1e} arrives from {start:g}."
                yield Note("exploding_gradient", message, one.line, entry.node)
            else:
                continue
            said.add(entry.node)
            break


def _cancels(trace: Trace, one: Pass, leaf: str, start: float) -> bool:
    """Whether gradients that aren't small sum up to nothing, as for a bias before a batch norm."""
    shapes = {tensor.id: tensor.shape for tensor in trace.tensors}
    nodes = {node.id: node for node in trace.nodes}
    targets = {edge.target for edge in trace.edges if edge.source == leaf and edge.differentiable}
    own = math.prod(shapes[nodes[leaf].outputs[0]])
    return any(
        grad.node in targets
        and math.prod(shapes[nodes[grad.node].outputs[grad.output]]) > own
        and (largest(grad.value) or 0.0) >= start * SMALL
        for grad in one.grads
    )
