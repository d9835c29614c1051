"""Leaves out the paths of leaves on whose way a hook changed a gradient, or that a failed pass did not come to.

Paths are computed before the pass, when nobody knows what hooks will do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app.record.derive.paths import left_out
from app.record.replay.nodes import RawPass, Rec
from app.record.replay.records import Records

CHANGED = "on them a hook changed a gradient"
FAILED = "the pass failed before its gradients came there"


def leave_out_paths(raw: RawPass, records: Records, changed: Iterable[Rec]) -> None:
    """Take from a pass the paths that don't add up to what it gave; `changed` are the nodes where a hook did that."""
    derived = raw.start.derived
    if derived is None or not derived.paths:
        return
    touched = _behind(changed)
    given = {rec for rec, *_ in raw.accumulated} | {rec for rec, _, value in raw.captured if value is not None}
    reasons: dict[str, list[str]] = {}
    for leaf in dict.fromkeys(paths.leaf for paths in derived.paths):
        rec = records.by_key[int(leaf)]
        if rec in touched:
            reasons.setdefault(CHANGED, []).append(leaf)
        elif raw.start.failed and rec not in given:
            reasons.setdefault(FAILED, []).append(leaf)
    gone = {leaf for leaves in reasons.values() for leaf in leaves}
    kept = tuple(paths for paths in derived.paths if paths.leaf not in gone)
    raw.start.derived = replace(derived, paths=kept, notes=(*derived.notes, *left_out(reasons)))


def _behind(changed: Iterable[Rec]) -> set[Rec]:
    """The nodes and every node that they send to."""
    seen: set[Rec] = set()
    stack = list(changed)
    while stack:
        rec = stack.pop()
        if rec not in seen:
            seen.add(rec)
            stack.extend(edge.source for edge in rec.edges if edge.differentiable)
    return seen
