"""Whether a Trace hangs together: ids, references, order, shapes of values, no cycle. Says nothing about arithmetic.

Linear, without recursion, and safe on a Trace that a hostile process wrote (types are `Trace.from_dict`'s business).
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable

from app.core.check_data import Found, is_plain, is_shape, place, value
from app.core.check_report import MOST, STRUCTURE, Violation
from app.core.trace import Endpoint, Full, Pass, SetGrad, Step, Trace, Value

LONGEST_COUNT = 4000
"""Digits of a path count that Python still reads as a number."""
MOST_SHAPES = 16
"""Different shapes that one output may take on; more would make a hostile Trace slow to check."""


def check_structure(trace: Trace) -> list[Violation]:
    """Every fact without which a drawing, a sentence or `check` itself could go astray; empty where all hold."""
    facts = (ids, tensors, storages, nodes, edges, acyclic, passes, steps)
    out: list[Violation] = []
    lookup = Lookup(trace)
    for fact in facts:
        for message, where in fact(trace, lookup):
            out.append(Violation(STRUCTURE, message, where))
            if len(out) >= MOST:
                return out
    return out


class Lookup:
    """Ids of one Trace, and the shapes seen at each output."""

    def __init__(self, trace: Trace) -> None:
        self.tensors = {tensor.id: tensor for tensor in trace.tensors}
        self.storages = {storage.id: storage for storage in trace.storages}
        self.nodes = {node.id: node for node in trace.nodes}
        self.edges = {edge.id: edge for edge in trace.edges}
        self.shapes: dict[Endpoint, set[tuple[int, ...]]] = {}
        for node in trace.nodes:
            for output, id_ in enumerate(node.outputs):
                self._see((node.id, output), id_)
        for step in trace.steps:
            for item in step.sets:
                if not isinstance(item, SetGrad):
                    self._see((item.node, item.output), item.tensor)

    def _see(self, endpoint: Endpoint, tensor: str) -> None:
        shapes = self.shapes.setdefault(endpoint, set())
        if tensor in self.tensors and len(shapes) < MOST_SHAPES:
            shapes.add(self.tensors[tensor].shape)

    def has(self, endpoint: Endpoint) -> bool:
        """Whether the endpoint is an output of a node."""
        node = self.nodes.get(endpoint[0])
        return node is not None and 0 <= endpoint[1] < len(node.outputs)


def ids(trace: Trace, _lookup: Lookup) -> Found:
    """Ids are unique within their list."""
    for name in ("tensors", "storages", "nodes", "edges"):
        for id_, count in Counter(item.id for item in getattr(trace, name)).items():
            if count > 1:
                yield f"the id {id_!r} stands {count} times", name


def tensors(trace: Trace, lookup: Lookup) -> Found:
    """A tensor has its storage, sizes that fit each other, and a value of its shape."""
    for i, tensor in enumerate(trace.tensors):
        where = f"tensors[{i}]"
        if tensor.storage is not None and tensor.storage not in lookup.storages:
            yield f"no storage {tensor.storage!r}", where
        if not is_shape(tensor.shape) or tensor.offset < 0:
            yield "an impossible shape or offset", where
        elif tensor.layout == "strided" and len(tensor.stride) != len(tensor.shape):
            yield "stride and shape differ in length", where
        else:
            yield from value(tensor.value, tensor.shape, f"{where}.value")


def storages(trace: Trace, _lookup: Lookup) -> Found:
    """A storage's cells are as many as its size."""
    for i, storage in enumerate(trace.storages):
        if storage.size < 0 or storage.itemsize < 1:
            yield "an impossible size", f"storages[{i}]"
        else:
            yield from value(storage.cells, (storage.size,), f"storages[{i}].cells")


def nodes(trace: Trace, lookup: Lookup) -> Found:
    """A node has outputs that exist, a place in the source that is one, and plain arguments."""
    for i, node in enumerate(trace.nodes):
        where = f"nodes[{i}]"
        for id_ in (*node.outputs, *(saved.tensor for saved in node.saved)):
            if id_ not in lookup.tensors:
                yield f"no tensor {id_!r}", where
        if not node.outputs and node.kind != "op":
            yield "a leaf or input without a tensor", where
        yield from place(node.line, node.span, where)
        if not is_plain(node.args):
            yield "an argument that isn't plain data", f"{where}.args"


def edges(trace: Trace, lookup: Lookup) -> Found:
    """An edge joins an output that exists to an op node; a differentiable input is entered once."""
    entered: set[Endpoint] = set()
    for i, edge in enumerate(trace.edges):
        where = f"edges[{i}]"
        if not lookup.has((edge.source, edge.output)):
            yield f"no output {edge.output} of node {edge.source!r}", where
        if edge.target not in lookup.nodes or lookup.nodes[edge.target].kind != "op":
            yield f"no op node {edge.target!r}", where
        if edge.input < 0:
            yield "a negative input", where
        if edge.differentiable:
            if (edge.target, edge.input) in entered:
                yield f"input {edge.input} of {edge.target} is entered twice", where
            entered.add((edge.target, edge.input))


def acyclic(trace: Trace, lookup: Lookup) -> Found:
    """No node is its own ancestor."""
    waiting = Counter(edge.target for edge in trace.edges)
    outgoing: dict[str, list[str]] = {}
    for edge in trace.edges:
        outgoing.setdefault(edge.source, []).append(edge.target)
    ready = deque(id_ for id_ in lookup.nodes if not waiting[id_])
    done = 0
    while ready:
        done += 1
        for target in outgoing.get(ready.popleft(), ()):
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    if done < len(lookup.nodes):
        yield f"{len(lookup.nodes) - done} nodes lie on or behind a cycle", "edges"


def passes(trace: Trace, lookup: Lookup) -> Found:
    """A pass speaks of outputs and edges that exist, in values of their shapes."""
    for i, one in enumerate(trace.passes):
        where = f"passes[{i}]"
        if one.index != i:
            yield f"index {one.index}", where
        if one.within is not None and not 0 <= one.within < i:
            yield f"within {one.within}", where
        if len(one.roots) != len(one.seeds):
            yield f"{len(one.roots)} roots, {len(one.seeds)} seeds", where
        for endpoint, seed in zip(one.roots, one.seeds, strict=False):
            yield from at_output(seed, endpoint, lookup, f"{where}.seeds")
        for endpoint in one.inputs:
            if not lookup.has(endpoint):
                yield f"no output {endpoint}", f"{where}.inputs"
        yield from _pass_values(one, lookup, where)
        yield from _pass_paths(one, lookup, where)


def _pass_values(one: Pass, lookup: Lookup, where: str) -> Found:
    for k, grad in enumerate(one.grads):
        values = [grad.value] if grad.hook is None else [grad.value, grad.hook.before, grad.hook.after]
        for item in values:
            yield from at_output(item, (grad.node, grad.output), lookup, f"{where}.grads[{k}]")
    for k, contribution in enumerate(one.contributions):
        edge = lookup.edges.get(contribution.edge)
        if edge is None:
            yield f"no edge {contribution.edge!r}", f"{where}.contributions[{k}]"
        else:
            yield from at_output(contribution.value, (edge.source, edge.output), lookup, f"{where}.contributions[{k}]")
    for k, entry in enumerate(one.accumulated):
        for item in (entry.before, entry.added, entry.after):
            yield from at_output(item, (entry.node, 0), lookup, f"{where}.accumulated[{k}]")
    for k, taken in enumerate(one.captured):
        yield from at_output(taken.value, (taken.node, taken.output), lookup, f"{where}.captured[{k}]")
    for k, jacobian in enumerate(one.jacobians):
        if jacobian.edge not in lookup.edges or jacobian.of < 0:
            yield f"no edge {jacobian.edge!r} or output {jacobian.of}", f"{where}.jacobians[{k}]"
        elif not is_shape(jacobian.shape):
            yield "an impossible shape", f"{where}.jacobians[{k}]"
        else:
            yield from value(jacobian.value, jacobian.shape, f"{where}.jacobians[{k}]")


def _pass_paths(one: Pass, lookup: Lookup, where: str) -> Found:
    for k, paths in enumerate(one.paths):
        here = f"{where}.paths[{k}]"
        if not lookup.has((paths.leaf, 0)) or not lookup.has(paths.root):
            yield "no such leaf or root", here
            continue
        if isinstance(paths.count, str) and not (
            paths.count.isascii() and paths.count.isdecimal() and len(paths.count) <= LONGEST_COUNT
        ):
            yield "a count that is no number", here
        for shown in paths.shown:
            if any(id_ not in lookup.edges for id_ in shown.edges or ()):
                yield "a path along an edge that doesn't exist", here
            yield from at_output(shown.contribution, (paths.leaf, None), lookup, here)


def steps(trace: Trace, lookup: Lookup) -> Found:
    """Steps are numbered from 0 and speak of nodes, passes and tensors that exist."""
    for i, step in enumerate(trace.steps):
        where = f"steps[{i}]"
        if step.index != i:
            yield f"index {step.index}", where
        if step.node is not None and step.node not in lookup.nodes:
            yield f"no node {step.node!r}", where
        if step.pass_ is not None and not 0 <= step.pass_ < len(trace.passes):
            yield f"no pass {step.pass_}", where
        yield from place(step.line, step.span, where)
        yield from _sets(step, lookup, where)
        for slot in step.state or ():
            if slot.node not in lookup.nodes:
                yield f"no node {slot.node!r} with a state", where
            yield from value(slot.value, _shape(slot.value), where)


def _shape(item: Value) -> tuple[int, ...]:
    """The shape that a value says it has: what an optimizer keeps may have another one than its leaf."""
    shape: list[int] = []
    if not isinstance(item, Full):
        return (item.numel,)
    data = item.data
    while isinstance(data, list):
        shape.append(len(data))
        data = data[0] if data else None
    return tuple(shape)


def _sets(step: Step, lookup: Lookup, where: str) -> Found:
    for item in step.sets:
        if isinstance(item, SetGrad):
            yield from at_output(item.grad, (item.node, None), lookup, where)
        elif not lookup.has((item.node, item.output)) or item.tensor not in lookup.tensors:
            yield f"sets {item.node!r}[{item.output}] to {item.tensor!r}", where


def at_output(item: Value | None, endpoint: tuple[str, int | None], lookup: Lookup, where: str) -> Found:
    """A value that belongs to an output has its shape; output None stands for any of the node's."""
    node, output = endpoint
    numbers: Iterable[int] = (
        [output] if output is not None else range(len(lookup.nodes[node].outputs)) if node in lookup.nodes else ()
    )
    shapes: set[tuple[int, ...]] = set()
    for k in numbers:
        if lookup.has((node, k)):
            shapes |= lookup.shapes.get((node, k), set())
    if not shapes:
        yield f"no output {output} of node {node!r}", where
        return
    if item is None:
        return
    problems = [list(value(item, shape, where)) for shape in sorted(shapes)]
    if all(problems):
        yield from problems[0]
