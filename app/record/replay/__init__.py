"""Replays a log into records, entry by entry. Numbering and pruning come after."""

from __future__ import annotations

from app.record.observe.log import (
    Bound,
    Filled,
    LeafRan,
    Moved,
    NodeRan,
    OpRun,
    OptimizersHold,
    PassEnd,
    PassStart,
    StatementDone,
)
from app.record.replay.names import bound
from app.record.replay.nodes import ValueRef
from app.record.replay.operations import op_ran
from app.record.replay.passes import leaf_ran, node_ran, pass_end, pass_start
from app.record.replay.records import Records


def replay(records: Records) -> None:
    """Replay all of it. Linear in the length of the log."""
    for time, entry in enumerate(records.log):
        records.time = time
        kind = type(entry)
        if kind is OpRun:
            op_ran(records, entry)
        elif kind is Bound:
            bound(records, entry)
        elif kind is NodeRan:
            node_ran(records, entry)
        elif kind is LeafRan:
            leaf_ran(records, entry)
        elif kind is PassStart:
            pass_start(records, entry)
        elif kind is PassEnd:
            pass_end(records, entry)
        elif kind is StatementDone:
            records.steps.extend(records.updates.done(entry, time))
        elif kind is Moved:
            records.updates.moved(entry, time)
        elif kind is Filled:
            records.updates.wrote([entry.tensor], entry, time)
        elif kind is OptimizersHold:
            optimizers_hold(records, entry)
    records.time = len(records.log)
    records.steps.extend(records.updates.flush(records.time))


def optimizers_hold(records: Records, entry: OptimizersHold) -> None:
    """What optimizers hold belongs to the update that has just been made, where it is another value than before."""
    step = records.steps[-1] if records.steps else None
    if step is None or step.kind != "update" or step.state:
        return
    for leaf, optimizer, key, tensor in entry.slots:
        storage = tensor.untyped_storage()._cdata
        now = (id(tensor), records.writes.version(storage, records.time))
        if records.held.get((id(leaf), key)) == now:
            continue
        records.held[id(leaf), key] = now
        rec = records.tensors.find(leaf, records.time)[0]
        step.state.append((rec, optimizer, key, ValueRef(tensor, records.time)))
