"""Notes on what the numbers and the graph of a finished Trace show: nan, dead ReLUs, leaves without a path, …"""

from __future__ import annotations

import math
from collections.abc import Iterator

from app.core.paths import PathGraph
from app.core.trace import Full, Node, Note, Pass, SetTensor, Trace, Value
from app.record.notes.habits import habits
from app.record.notes.losses import Losses
from app.record.notes.numbers import largest, not_finite
from app.record.notes.training import growing_graph, kept_graph, stale_gradient

SMALL, LARGE = 1e-7, 1e7
"""Ratio of a leaf's gradient to the pass's seed below or above which the gradient is said to vanish or explode."""
MOST_NODES = 2000
MOST_NAMES = 4
"""Leaves that one note names."""
CUTTING = frozenset({"detach", "data", "tensor", "as_tensor", "numpy", "Parameter"})
"""What a snippet calls to cut the graph."""
FEWEST_ROWS = 8
"""Rows of a batch from which on a unit that is zero for all of them is called dead."""
RELUS = frozenset({"relu", "relu_", "relu6", "threshold", "clamp_min"})


def findings(trace: Trace) -> Iterator[Note]:
    """Every finding, at most one of each kind for each pass."""
    yield from habits(trace.program.source)
    yield from _cuts(trace)
    yield from _unreached(trace)
    if len(trace.nodes) > MOST_NODES:
        return
    yield from not_finite(trace)
    if trace.passes or trace.error is None:
        yield from _dead(trace)
    yield from _extremes(trace)
    yield from Losses(trace).notes()
    yield from stale_gradient(trace)
    yield from growing_graph(trace)
    yield from kept_graph(trace)


def _cuts(trace: Trace) -> Iterator[Note]:
    """`detach` (and `.data`) of something that needs grad, where the result goes on."""
    nodes = {node.id: node for node in trace.nodes}
    used = {edge.source for edge in trace.edges}
    tensors = {tensor.id: tensor for tensor in trace.tensors}
    lines = trace.program.source.split("\n")
    told: set[tuple[int | None, str]] = set()
    for edge in trace.edges:
        target = nodes[edge.target]
        source = nodes[edge.source]
        if target.op != "detach" or target.id not in used or target.grad_fn is not None:
            continue
        if not _is_written(target, lines):
            continue  # PyTorch's own, as inside a library's function
        if tensors[source.outputs[edge.output]].requires_grad:
            name = target.name or target.label
            back = source.label if source.label != name else f"what {name} was before"
            message = f"{name} is cut from the graph here: no gradient flows through it back to {back}."
            if (target.line, message) not in told:
                told.add((target.line, message))
                yield Note("graph_cut", message, target.line, target.id)


def _is_written(node: Node, lines: list[str]) -> bool:
    """Whether the snippet itself writes there what cuts the graph."""
    if node.call is not None:
        return node.call.rpartition(".")[2] in CUTTING
    if node.span is None:
        return True
    text = " ".join(lines[node.span[0] - 1 : node.span[2]])
    return any(word in text for word in CUTTING)


def _unreached(trace: Trace) -> Iterator[Note]:
    """Leaves that no pass gave a gradient, in a run whose passes went to all leaves."""
    passes = [one for one in trace.passes if one.kind == "backward" and not one.inputs and one.within is None]
    if not passes or trace.error is not None:
        return
    reached = {entry.node for one in trace.passes for entry in one.accumulated}
    reached |= {entry.node for one in trace.passes for entry in one.captured}
    last = max((one.line for one in passes if one.line is not None), default=None)
    spared = reached | _aside(trace)
    alone = [node for node in trace.nodes if node.kind == "leaf" and node.id not in spared and node.name]
    graph = PathGraph(edge for edge in trace.edges if edge.differentiable and alone)
    behind = {id_ for one in passes for root, _ in one.roots for id_ in (graph.ancestors(root) if alone else ())}
    lost: dict[tuple[int | None, bool], list[Node]] = {}
    for node in alone:
        if last is None or node.line is None or node.line <= last:  # else it was made after the last pass
            lost.setdefault((node.line, node.id in behind), []).append(node)
    for (line, led), leaves in lost.items():
        names = list(dict.fromkeys(leaf.name or leaf.label for leaf in leaves))
        shown = names if len(names) <= MOST_NAMES else [*names[: MOST_NAMES - 1], f"{len(names) - MOST_NAMES + 1} more"]
        whose = " and ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part)
        its = "its .grad stays" if len(names) == 1 else "their .grad stay"
        if led:
            message = f"No operation sends a gradient to {whose} along any path, so {its} None."
        else:
            message = f"No path leads from where backward starts to {whose}, so {its} None."
        yield Note("unreached_leaf", message, line, leaves[0].id)


def _aside(trace: Trace) -> set[str]:
    """Leaves that are only computed with, or written, under `no_grad`, as those of a target network or an average."""
    nodes = {node.id: node for node in trace.nodes}
    graded: set[str] = set()
    plain: set[str] = set()
    for edge in trace.edges:
        target = nodes[edge.target]
        (plain if target.grad_fn is None and target.op != "detach" else graded).add(edge.source)
    for step in trace.steps:
        if step.kind == "update":
            plain |= {item.node for item in step.sets if isinstance(item, SetTensor)}
    return plain - graded


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
