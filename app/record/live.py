"""The live graph of one backward pass: what the recorder knows about autograd's nodes just before the engine runs.

Holds references into autograd, so it lives only during the run; `app.record.derive` reads it, nothing keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
