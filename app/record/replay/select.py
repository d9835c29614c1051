"""Chooses which nodes a Trace shows: what autograd made, what is named, and what leads there."""

from __future__ import annotations

from collections.abc import Iterable

from app.record.replay.nodes import Rec
from app.record.replay.records import Records


def mark_kept(records: Records, extra: Iterable[Rec]) -> None:
    """Set `kept` on every node to show. `extra`: nodes that must be there, such as what the snippet returned."""
    stack: list[Rec] = list(extra)
    for raw in records.passes:
        stack.extend(rec for rec, _ in (*raw.roots, *raw.inputs))
        stack.extend(grad[0] for grad in raw.grads)
        stack.extend(edge.source for edge, _ in raw.contributions)
    creating = {raw.start.index for raw in records.passes if raw.start.create_graph}
    for rec in records.ops:
        run = rec.run
        if run is None or run.inner:
            continue
        if (run.pass_ < 0 or run.pass_ in creating) and rec.auto is not None:
            stack.append(rec)
    plain = not any(rec.auto is not None for rec in records.ops)
    for rec in records.named:
        hidden = rec.run is not None and (rec.run.inner or rec.run.pass_ >= 0)
        if rec.kind == "leaf" or (rec.kind == "op" and not hidden) or (plain and rec.kind == "input"):
            stack.append(rec)
    _close(stack)
    writers = [(step.rec, step.sets) for step in records.steps if step.rec is not None and step.rec.run is not None]
    writers = [(rec, sets) for rec, sets in writers if not rec.kept and rec.run.info.writes]
    changed = True
    while changed:
        found = [rec for rec, sets in writers if not rec.kept and any(item[0].kept for item in sets)]
        _close(found)
        changed = bool(found)


def _close(stack: list[Rec]) -> None:
    while stack:
        rec = stack.pop()
        if not rec.kept:
            rec.kept = True
            stack.extend(edge.source for edge in rec.edges)
