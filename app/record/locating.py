"""Finds where in a run a node of the Trace is, by running the snippet once before."""

from __future__ import annotations

from typing import Any

from app.core.errors import GradwalkError
from app.core.trace import Trace
from app.record.observe.observation import Observation
from app.record.replay.records import Records
from app.record.roots import Place, place_of


class Locating:
    """Finds where in a run a node of the Trace is."""

    def __init__(self, node: str) -> None:
        self._node = node
        self.place: Place | None = None
        self.called = ""

    def records(self, *args: Any) -> Records:
        """Plain ones."""
        return Records(*args)

    def done(self, seen: Observation, records: Records, trace: Trace) -> None:
        """Look the node up."""
        rec = next((rec for rec in (*records.ops, *records.named) if rec.id == self._node), None)
        node = next((node for node in trace.nodes if node.id == self._node), None)
        if rec is None or node is None:
            raise GradwalkError("bad_view", f"The snippet has no operation {self._node} to start from.")
        self.place, self.called = place_of(rec, seen.watch.log), node.label
