"""The live graph of one backward pass: what the recorder knows about autograd's nodes just before the engine runs.

Holds references into autograd, so it lives only during the run; `app.record.derive` reads it, nothing keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.record.observe.autograd import AutoNode, Key

Endpoint = tuple[str, int]
"""A node's Trace id and the number of one of its outputs."""


@dataclass(frozen=True, slots=True)
class LiveOutput:
    """Shape and dtype of one differentiable output, thus of the gradient that arrives there."""

    shape: tuple[int, ...]
    dtype: Any
    """A `torch.dtype`."""


@dataclass(frozen=True, slots=True)
class LiveNode:
    """One autograd node that the pass will reach. A leaf's `fn` is its AccumulateGrad."""

    id: str
    fn: Any
    """The `torch.autograd.graph.Node`; calling it with one cotangent per output gives its VJPs."""
    outputs: tuple[LiveOutput, ...]
    safe: bool
    """False where calling `fn` besides the engine could show: user-written Function, hook, checkpointing."""


@dataclass(frozen=True, slots=True)
class LiveEdge:
    """Edge of the Trace, `input` being the index in the target's `next_functions`."""

    id: str
    source: str
    output: int
    target: str
    input: int
    source_shape: tuple[int, ...]
    """To which the engine reduces what `target` sends along this edge."""
    source_dtype: Any


@dataclass(frozen=True, slots=True)
class LiveGraph:
    """Every node and edge that the pass can reach, nodes in forward order (sources before targets)."""

    nodes: tuple[LiveNode, ...]
    edges: tuple[LiveEdge, ...]


def node_id(key: Key) -> str:
    """The id of a node in a LiveGraph; the Trace's own ids are given after the run."""
    return f"{key}"


def edge_id(key: Key, position: int) -> str:
    """The id of an edge in a LiveGraph, by its target and the index in `next_functions`."""
    return f"{key}/{position}"


def live_graph(live: dict[Key, Any], nodes: dict[Key, AutoNode], unsafe: set[Key]) -> LiveGraph:
    """The live nodes in forward order: leaves first, then by sequence number."""
    order = sorted(live)
    out: list[LiveNode] = []
    edges: list[LiveEdge] = []
    for key in order:
        node = nodes[key]
        outputs = tuple(LiveOutput(s, d) for s, d in zip(node.shapes, node.dtypes, strict=True))
        out.append(LiveNode(node_id(key), live[key], outputs, not (node.custom or node.packed or key in unsafe)))
        for position, following in enumerate(node.next):
            if following is not None:
                source, number = following
                meta = nodes[source].metas[number]
                shape, dtype = tuple(meta.shape), meta.dtype
                edges.append(
                    LiveEdge(edge_id(key, position), node_id(source), number, node_id(key), position, shape, dtype)
                )
    return LiveGraph(tuple(out), tuple(edges))
