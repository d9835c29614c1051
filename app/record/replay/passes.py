"""What a logged pass says: its roots and seeds, what each node received and sent, what leaves added."""

from __future__ import annotations

import torch

from app.record.observe.log import LeafRan, NodeRan, PassEnd, PassStart
from app.record.replay.nodes import RawPass, RawStep, Rec, ValueRef
from app.record.replay.records import Records


def pass_start(records: Records, start: PassStart) -> None:
    """The engine is about to run."""
    records.steps.extend(records.updates.flush(records.time))
    raw = RawPass(start)
    records.passes.append(raw)
    step = RawStep("backward", "seed", None, start.index)
    for (tensor, (key, number)), seed in zip(start.roots, start.seeds, strict=True):
        rec = records.rec_of(key)
        if tensor is not None:
            records.tensors.enter(tensor, rec, number, weak=True)
        raw.roots.append((rec, number))
        given = torch.ones_like(tensor) if seed is None and tensor is not None else seed
        raw.seeds.append(ValueRef(given, records.time))
        records.tensors.hints.setdefault(id(given), ("seed", start.code, start.lasti))
    step.rec = raw.roots[0][0] if raw.roots else None
    step.code, step.lasti = start.code, start.lasti
    for tensor, end in start.inputs or ():
        if end is not None and end[0] in records.graph.nodes:
            raw.inputs.append((records.rec_of(end[0]), end[1]))
        elif tensor is not None:
            raw.inputs.append(records.tensors.find(tensor, records.time))
    records.steps.append(step)


def _step(records: Records, kind: str, rec: Rec, raw: RawPass) -> RawStep:
    step = RawStep("backward", kind, rec, raw.start.index)
    step.code, step.lasti = raw.start.code, raw.start.lasti
    records.steps.append(step)
    return step


def node_ran(records: Records, entry: NodeRan) -> None:
    """It ran one op node."""
    raw = records.passes[entry.pass_]
    nodes = records.graph.nodes
    auto = nodes[entry.key]
    rec = records.rec_of(entry.key)
    _step(records, "backward", rec, raw)
    for number, grad in enumerate(entry.grads):
        if grad is not None:
            raw.grads.append([rec, number, ValueRef(grad, records.time), None])
    for position, send in enumerate(entry.sends):
        following = auto.next[position] if position < len(auto.next) else None
        if send is not None and following is not None:
            edge = records.edges[entry.key, position]
            like = edge.source.outs[following[1]].tensor if following[1] < len(edge.source.outs) else None
            ref = ValueRef(send, records.time, nodes[following[0]].metas[following[1]], like)
            raw.contributions.append((edge, ref))


def leaf_ran(records: Records, entry: LeafRan) -> None:
    """It added to one leaf's `.grad`."""
    raw = records.passes[entry.pass_]
    rec = records.rec_of(-1 - id(entry.leaf))
    added = ValueRef(entry.added, records.time)
    before = None if entry.before is None else ValueRef(*entry.before)
    after = ValueRef(entry.after, records.time + 1)
    raw.grads.append([rec, 0, added, None])
    raw.accumulated.append((rec, before, added, after))
    step = _step(records, "accumulate", rec, raw)
    step.sets.append((rec, after))
    records.updates.holds(rec, entry.after)
    for other, grad in records.updates.sharing(rec, entry.after):
        step.sets.append((other, ValueRef(grad, records.time + 1)))
    owner = rec.name or rec.label
    records.tensors.hints[id(entry.after)] = (owner and f"{owner}.grad", raw.start.code, raw.start.lasti)


def pass_end(records: Records, entry: PassEnd) -> None:
    """It has returned: what `autograd.grad` gave."""
    raw = records.passes[entry.index]
    start = raw.start
    if start.captured is None:
        return
    ran = {(grad[0], grad[1]) for grad in raw.grads}
    for (rec, output), result in zip(raw.inputs, start.captured, strict=False):
        value = None if result is None else ValueRef(result, records.time)
        if result is not None:
            records.tensors.hints.setdefault(id(result), (None, start.code, start.lasti))
        raw.captured.append((rec, output, value))
        if value is not None and (rec, output) not in ran:
            raw.grads.append([rec, output, value, None])
            ran.add((rec, output))
        _step(records, "capture", rec, raw)
