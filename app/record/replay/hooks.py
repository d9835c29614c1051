"""Finds gradients that the snippet's own hooks looked at or changed: before is the sum of what arrived."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from app.record.observe.autograd import Key, reduced
from app.record.observe.passes import Passes
from app.record.observe.writes import Writes
from app.record.replay.hooked_paths import leave_out_paths
from app.record.replay.nodes import RawPass, Rec, ValueRef
from app.record.replay.records import Records


def mark_hooks(records: Records, passes: Passes) -> None:
    """Give `hook` to the gradients of hooked outputs, in every pass, and put the sum in their value."""
    nodes = records.by_key
    for key in (*(key for key, _ in passes.handles), *(key for raw in records.passes for key in _keys(raw))):
        if key in nodes:
            nodes[key].hooked = True
    for raw in records.passes:
        hooked = {(nodes[key], number) for key, number in raw.start.hooked if key in nodes}
        leave_out_paths(raw, records, _mark(raw, records.writes, hooked))


def _keys(raw: RawPass) -> Iterator[Key]:
    """The nodes with a hook while a pass ran."""
    yield from raw.start.hooked_nodes
    yield from (key for key, _ in raw.start.hooked)


def _mark(raw: RawPass, writes: Writes, hooked: set[tuple[Rec, int]]) -> set[Rec]:
    """Returns the nodes where a hook changed what had arrived."""
    parts: dict[tuple[Rec, int], list[ValueRef]] = {}
    for end, seed in zip(raw.roots, raw.seeds, strict=True):
        parts.setdefault(end, []).append(seed)
    for edge, ref in raw.contributions:
        parts.setdefault((edge.source, edge.output), []).append(ref)
    # What a hook made undefined has no gradient, whatever arrived.
    lost = (hooked & parts.keys()) - {(grad[0], grad[1]) for grad in raw.grads}
    altered = set() if raw.start.failed else {rec for rec, _ in lost}
    for grad in raw.grads:
        rec, number, arrived, _ = grad
        came = parts.get((rec, number))
        if came is None:
            continue
        changed = False
        if len(came) > 1 or came[0].tensor is not arrived.tensor or came[0].time != arrived.time:
            total = _sum(came, writes)
            changed = not same_bits(total, writes.at(arrived.tensor, arrived.time))
        if changed:
            rec.hooked = True
            altered.add(rec)
            before = ValueRef(total, arrived.time)
            grad[2], grad[3] = before, (before, arrived)
        elif (rec, number) in hooked:
            grad[3] = (arrived, arrived)
    return altered


def _sum(parts: list[ValueRef], writes: Writes) -> Any:
    total: Any = None
    with torch.no_grad():
        for part in parts:
            value = writes.at(part.tensor, part.time)
            if part.meta is not None:
                value = reduced(value, tuple(part.meta.shape), part.meta.dtype)
            total = value.detach().clone() if total is None else total + value
    return total


def same_bits(a: Any, b: Any) -> bool:
    """Whether two tensors hold the same bits, nan included."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    a, b = _comparable(a), _comparable(b)
    return bool(torch.equal(a, b) or torch.allclose(a, b, rtol=0.0, atol=0.0, equal_nan=True))


def _comparable(tensor: Any) -> Any:
    """Dense and real, of a dtype that can be compared."""
    tensor = tensor.detach()
    tensor = tensor if tensor.layout is torch.strided else tensor.to_dense()
    tensor = torch.view_as_real(tensor.resolve_conj()) if tensor.is_complex() else tensor
    return tensor.float() if tensor.dtype.itemsize == 1 and tensor.is_floating_point() else tensor
