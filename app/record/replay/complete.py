"""Walks what no pass has walked, and finds tensors for nodes that no logged op made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from app.record.observe.facts import grad_fn_of, tensors_in
from app.record.observe.log import Bound, OpRun, PassStart
from app.record.observe.observation import Observation
from app.record.replay.match import Matching

Tensor = torch.Tensor


def complete(seen: Observation) -> None:
    """Enter every node that is left into the table, after the run, when looking can change nothing any more."""
    graph, log = seen.graph, seen.watch.log
    nodes = graph.nodes
    starts: list[Any] = []
    for entry in log:
        if type(entry) is OpRun:
            if entry.seq >= 0 and entry.seq not in nodes:
                starts.extend(grad_fn_of(out) for out in tensors_in(entry.out) if not out._is_view())
            if entry.info.writes and entry.graded:
                starts.extend(grad_fn_of(w._base) for w in tensors_in(entry.args) if w._base is not None)
        elif type(entry) is Bound:
            starts.extend(grad_fn_of(value) for value in tensors_in(entry.value))
    graph.walk(starts)
    covered = set()
    matching = Matching(nodes, graph.first_seq)
    for entry in log:
        if type(entry) is OpRun:
            entry.node = node = matching.of(entry)
            if node is not None:
                covered.add(node.key)
    missing = {key for key in nodes if key >= 0 and key not in covered}
    if not missing:
        return
    for tensor, time in _every_tensor(log):
        fn = grad_fn_of(tensor)
        if fn is not None and fn._sequence_nr() in missing:
            graph.outputs.setdefault((fn._sequence_nr(), tensor.output_nr), (tensor, time))


def _every_tensor(log: list[Any]) -> Iterator[tuple[Any, int]]:
    for time, entry in enumerate(log):
        if type(entry) is OpRun:
            for tensor in (*tensors_in(entry.args), *tensors_in(list((entry.kwargs or {}).values()))):
                yield tensor, time
            for tensor in tensors_in(entry.out):
                yield tensor, time + 1
        elif type(entry) is Bound:
            for tensor in tensors_in(entry.value):
                yield tensor, time
        elif type(entry) is PassStart:
            for tensor, _ in entry.roots:
                if tensor is not None:
                    yield tensor, time
