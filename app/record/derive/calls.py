"""Calling one autograd node by hand, as the engine would, and counting what that costs.

A direct call runs no hook and frees no buffer (measured on torch 2.13), but its results aren't reduced to the
inputs' shapes and dtypes: that is done here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import prod

import torch
from torch import Tensor

from app.record.observe.live import LiveEdge, LiveGraph, LiveNode

ELEMENTS_PER_UNIT = 256
"""Elements that a node's inputs may have for one unit of work; a call costs one unit at least."""


class OutOfWorkError(Exception):
    """The work that a pass may cost is used up."""


class NodeCallError(Exception):
    """A node refused the call: its buffers are freed, a saved tensor has changed, or its formula has no such case."""


class Calls:
    """The nodes of one live graph, and the work left for calling them.

    Work is counted, not timed, so that the same snippet always gives the same Trace.
    """

    def __init__(self, graph: LiveGraph, work: int) -> None:
        self.nodes: dict[str, LiveNode] = {node.id: node for node in graph.nodes}
        self.entering: defaultdict[str, list[LiveEdge]] = defaultdict(list)
        for edge in sorted(graph.edges, key=lambda edge: edge.input):
            self.entering[edge.target].append(edge)
        self.work = work
        self._failed: set[str] = set()
        self._costs: dict[str, int] = {}

    def spend(self, units: int) -> None:
        """Take `units` of work.

        Raises:
            OutOfWorkError: less is left.
        """
        if units > self.work:
            raise OutOfWorkError
        self.work -= units

    def cost(self, node: str) -> int:
        """What one call of the node costs, in units."""
        if node not in self._costs:
            elements = sum(prod(edge.source_shape) for edge in self.entering[node])
            elements += sum(prod(output.shape) for output in self.nodes[node].outputs)
            self._costs[node] = 1 + elements // ELEMENTS_PER_UNIT
        return self._costs[node]

    def vjp(self, node: str, cotangents: Sequence[Tensor | None]) -> list[tuple[LiveEdge, Tensor | None]]:
        """What the node sends along each edge that enters it, for one cotangent (or None) per output.

        Raises:
            OutOfWorkError: no work is left.
            NodeCallError: the node can't be called.
        """
        self.spend(self.cost(node))
        live = self.nodes[node]
        if node in self._failed or not live.safe:
            raise NodeCallError(node)
        try:
            results = _called(live, cotangents)
            if all(result is None for result in results) and any(c is None for c in cotangents):
                # Some formulas, group_norm's for one, forget an output where another has no gradient.
                results = _called(live, _with_zeros(live, cotangents))
            return [(edge, reduced(results[edge.input], edge)) for edge in self.entering[node]]
        except Exception as error:
            self._failed.add(node)
            raise NodeCallError(node) from error


def _called(live: LiveNode, cotangents: Sequence[Tensor | None]) -> tuple[Tensor | None, ...]:
    results = live.fn(*cotangents)
    return results if isinstance(results, tuple) else (results,)


def _with_zeros(live: LiveNode, cotangents: Sequence[Tensor | None]) -> list[Tensor]:
    pairs = zip(cotangents, live.outputs, strict=True)
    return [torch.zeros(output.shape, dtype=output.dtype) if c is None else c for c, output in pairs]


def reduced(result: Tensor | None, edge: LiveEdge) -> Tensor | None:
    """`result` in the shape and dtype of the edge's source, dense."""
    if result is None:
        return None
    if result.layout != torch.strided:
        result = result.to_dense()
    if result.shape != edge.source_shape:
        result = result.sum_to_size(edge.source_shape)
    if result.dtype != edge.source_dtype:
        if result.is_complex() and not edge.source_dtype.is_complex:
            result = result.real
        result = result.to(edge.source_dtype)
    return result
