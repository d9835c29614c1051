"""Look-ups over a Trace that every explanation needs, made in one walk over its steps.

Owns which value each operand had at the moment its op ran; says nothing about it.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from app.core.trace import (
    Accumulated,
    Captured,
    Edge,
    Endpoint,
    Full,
    Grad,
    Jacobian,
    Node,
    Pass,
    Scalar,
    SetTensor,
    Step,
    TensorEntry,
    Trace,
    Value,
)


@dataclass(frozen=True, slots=True)
class Flow:
    """One backward pass by edge and by output."""

    pass_: Pass
    grads: dict[Endpoint, Grad]
    contributions: dict[str, Value]
    jacobians: dict[tuple[str, int], Jacobian]
    order: dict[str, int]
    """Position of each contribution among the pass's, for ledgers."""
    accumulated: dict[str, Accumulated]
    captured: dict[Endpoint, Captured]
    arrivals: Counter[Endpoint]
    """How many contributions met at an output."""
    seeds: dict[Endpoint, Value]
    received: dict[str, list[int]]
    """The outputs of a node at which a gradient arrived."""

    def gradient(self, end: Endpoint) -> Value | None:
        """The gradient that the node used for its own backward step: after the snippet's hooks, where there are any."""
        grad = self.grads.get(end)
        if grad is None:
            return None
        return grad.hook.after if grad.hook is not None and grad.hook.after is not None else grad.value


@dataclass(frozen=True, slots=True)
class Graph:
    """A Trace with its look-ups."""

    trace: Trace
    nodes: dict[str, Node]
    edges: dict[str, Edge]
    tensors: dict[str, TensorEntry]
    into: dict[str, list[Edge]] = field(default_factory=lambda: defaultdict(list))
    """Edges that enter a node, in argument order."""
    out_of: dict[Endpoint, list[Edge]] = field(default_factory=lambda: defaultdict(list))
    operands: dict[str, TensorEntry] = field(default_factory=dict)
    """The value that came along an edge when its target ran."""
    compute: dict[str, Step] = field(default_factory=dict)
    """The step in which a node ran."""
    flows: tuple[Flow, ...] = ()
    carriers: dict[str, list[Flow]] = field(default_factory=lambda: defaultdict(list))
    """The passes that sent something along an edge."""
    receivers: dict[Endpoint, list[Flow]] = field(default_factory=lambda: defaultdict(list))
    """The passes in which a gradient arrived at an output."""
    received: dict[str, list[int]] = field(default_factory=dict)
    """The outputs of a node at which a gradient arrived in some pass."""
    jacobians: dict[tuple[str, int], Jacobian] = field(default_factory=dict)
    """Of the first pass that has one."""
    derived: dict[str, list[int]] = field(default_factory=dict)
    """The outputs by which an edge has a Jacobian."""

    def result(self, node: str, output: int = 0) -> TensorEntry | None:
        """A node's output as it was made."""
        outputs = self.nodes[node].outputs
        return self.tensors.get(outputs[output]) if output < len(outputs) else None

    def outputs_of(self, edge: Edge) -> list[int]:
        """The target's outputs that a gradient comes from: those with a Jacobian, else a gradient, else 0."""
        return self.derived.get(edge.id) or self.received.get(edge.target) or [0]

    def jacobian(self, edge: str, output: int = 0) -> Jacobian | None:
        """The first pass's Jacobian of an edge."""
        return self.jacobians.get((edge, output))


def graph(trace: Trace) -> Graph:
    """Index a Trace. Linear in its size."""
    edges = {edge.id: edge for edge in trace.edges}
    made = Graph(
        trace,
        {node.id: node for node in trace.nodes},
        edges,
        {tensor.id: tensor for tensor in trace.tensors},
        flows=tuple(_flow(pass_, edges) for pass_ in trace.passes),
    )
    for edge in trace.edges:
        made.into[edge.target].append(edge)
        made.out_of[edge.source, edge.output].append(edge)
    _index_flows(made)
    _index_operands(made)
    return made


def _index_flows(made: Graph) -> None:
    """Which passes used what."""
    for flow in made.flows:
        for id_ in flow.contributions:
            made.carriers[id_].append(flow)
        for end in flow.grads:
            made.receivers[end].append(flow)
        for key, jacobian in flow.jacobians.items():
            if made.jacobians.setdefault(key, jacobian) is jacobian:
                made.derived.setdefault(key[0], []).append(key[1])
    for node, output in sorted(made.receivers, key=lambda end: end[1]):
        made.received.setdefault(node, []).append(output)
    for outputs_ in made.derived.values():
        outputs_.sort()


def _index_operands(made: Graph) -> None:
    """Which value came along each edge: the one that its source showed in the step in which the target ran."""
    current: dict[Endpoint, str] = {}
    for step in made.trace.steps:
        for item in step.sets:
            if isinstance(item, SetTensor):
                current[item.node, item.output] = item.tensor
        if step.kind == "compute" and step.node in made.nodes:
            made.compute.setdefault(step.node, step)
            for edge in made.into[step.node]:
                outputs = made.nodes[edge.source].outputs
                born = outputs[edge.output] if edge.output < len(outputs) else ""
                tensor = made.tensors.get(current.get((edge.source, edge.output), born))
                if tensor is not None:
                    made.operands[edge.id] = tensor


def _flow(pass_: Pass, edges: dict[str, Edge]) -> Flow:
    received: dict[str, list[int]] = defaultdict(list)
    for grad in sorted(pass_.grads, key=lambda grad: grad.output):
        received[grad.node].append(grad.output)
    return Flow(
        pass_,
        {(grad.node, grad.output): grad for grad in pass_.grads},
        {item.edge: item.value for item in pass_.contributions},
        {(item.edge, item.of): item for item in pass_.jacobians},
        {item.edge: place for place, item in enumerate(pass_.contributions)},
        {item.node: item for item in pass_.accumulated},
        {(item.node, item.output): item for item in pass_.captured},
        Counter((edges[c.edge].source, edges[c.edge].output) for c in pass_.contributions if c.edge in edges),
        {(root[0], root[1]): seed for root, seed in zip(pass_.roots, pass_.seeds, strict=False)},
        received,
    )


def single(value: Value | None) -> Scalar | None:
    """The one element of a value of one element, whatever its rank; else None."""
    data = value.data if isinstance(value, Full) else None
    while isinstance(data, list):
        if len(data) != 1:
            return None
        data = data[0]
    return data


def real(x: Scalar | None) -> float | None:
    """A finite or infinite real number as a float; None for complex numbers and NaN, which explain nothing."""
    if isinstance(x, str):
        return {"inf": math.inf, "-inf": -math.inf}.get(x)
    if not isinstance(x, bool | int | float):
        return None
    try:
        number = float(x)
    except OverflowError:
        return math.inf if x > 0 else -math.inf
    return None if math.isnan(number) else number


def shape_of(value: Value | None) -> tuple[int, ...] | None:
    """The shape a full value shows; None for a summary."""
    if not isinstance(value, Full):
        return None
    shape = []
    data = value.data
    while isinstance(data, list):
        shape.append(len(data))
        data = data[0] if data else None
    return tuple(shape)


def flat(value: Value | None) -> list[Scalar] | None:
    """All elements of a full value in order; None for a summary."""
    if not isinstance(value, Full):
        return None
    level = [value.data]
    while level and isinstance(level[0], list):
        level = [item for part in level for item in part]
    return level
