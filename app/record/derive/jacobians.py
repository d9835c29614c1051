"""Local Jacobians: how each output of a node depends on each of its inputs, by one VJP per output element."""

from __future__ import annotations

from collections import defaultdict
from math import prod

import torch
from torch import Tensor

from app.core.trace import Jacobian
from app.record.derive.calls import Calls, NodeCallError, OutOfWorkError
from app.record.observe.live import LiveEdge, LiveGraph, LiveOutput
from app.record.values import value_of

MOST_ELEMENTS = 1024
"""Output elements times input elements up to which a Jacobian is given."""
MOST_NODES = 200
"""Operations in the graph up to which Jacobians are given."""


def jacobians(graph: LiveGraph, calls: Calls) -> tuple[list[Jacobian], bool]:
    """The Jacobians in the order of the edges, and whether all that should be there are.

    Complex inputs or outputs have none: there a VJP is only real-linear. An input that an output can't reach
    (its VJP is undefined throughout) has none either.
    """
    operations = [node for node in graph.nodes if calls.entering[node.id]]
    if len(operations) > MOST_NODES:
        return [], True
    found: dict[tuple[str, int], Jacobian] = {}
    complete = True
    for node in operations:
        if not node.safe:
            continue
        for of, output in enumerate(node.outputs):
            edges = [edge for edge in calls.entering[node.id] if _is_small(edge, output)]
            if not edges:
                continue
            try:
                rows = _rows(calls, node.id, of, {edge.id for edge in edges})
            except OutOfWorkError:
                complete = False
                continue
            except NodeCallError:
                continue
            for edge in edges:
                shape = (*output.shape, *edge.source_shape)
                jacobian = _assembled(rows[edge.id], shape, prod(output.shape))
                if jacobian is not None:
                    found[edge.id, of] = Jacobian(edge.id, of, shape, value_of(jacobian))
    return [found[key] for edge in graph.edges for key in _keys(edge, calls) if key in found], complete


def _keys(edge: LiveEdge, calls: Calls) -> list[tuple[str, int]]:
    return [(edge.id, of) for of in range(len(calls.nodes[edge.target].outputs))]


def _is_small(edge: LiveEdge, output: LiveOutput) -> bool:
    if edge.source_dtype.is_complex or output.dtype.is_complex:
        return False
    return prod(output.shape) * prod(edge.source_shape) <= MOST_ELEMENTS


def _rows(calls: Calls, node: str, of: int, wanted: set[str]) -> dict[str, list[Tensor | None]]:
    """For each wanted edge: one row of the Jacobian per output element, None where undefined."""
    outputs = calls.nodes[node].outputs
    output = outputs[of]
    elements = prod(output.shape)
    if calls.cost(node) * elements > calls.work:
        raise OutOfWorkError
    rows: defaultdict[str, list[Tensor | None]] = defaultdict(list)
    for element in range(elements):
        basis = torch.zeros(elements, dtype=output.dtype)
        basis[element] = 1
        cotangents: list[Tensor | None] = [None] * len(outputs)
        cotangents[of] = basis.reshape(output.shape)
        for edge, row in calls.vjp(node, cotangents):
            if edge.id in wanted:
                rows[edge.id].append(row)
    return rows


def _assembled(rows: list[Tensor | None], shape: tuple[int, ...], elements: int) -> Tensor | None:
    if elements == 0 or prod(shape) == 0:
        return torch.zeros(shape)
    like = next((row for row in rows if row is not None), None)
    if like is None:
        return None
    return torch.stack([torch.zeros_like(like) if row is None else row for row in rows]).reshape(shape)
