"""The check on request: every operation, and every gradient of every pass, against finite differences in float64."""

from __future__ import annotations

import contextlib
from typing import Any, TextIO

from app.core.source import prepare
from app.core.trace import Trace
from app.core.verdict import Report
from app.record.observe.observation import Observation
from app.record.replay.records import Records
from app.record.run import run_program
from app.record.stdout import Unheard
from app.record.verify.elements import Work
from app.record.verify.nodes import verify_node
from app.record.verify.program import verify_pass
from app.record.verify.rerun import Gathering

NODE_CALLS = 30_000
"""Calls that checking the nodes may take: about half a second for small tensors."""
PASS_CALLS = 60_000
"""The same for whole passes, where a call is one operation run again."""
MOST_NODES = 1_000
"""Op nodes that are checked, in the order of the Trace."""


class Verifying:
    """Stands in for the records of a run, and checks before everything is let go."""

    def __init__(self) -> None:
        self.report: Report | None = None

    def records(self, *args: Any) -> Records:
        """The records that keep what the check needs."""
        return Gathering(*args)

    def done(self, seen: Observation, records: Records, trace: Trace) -> None:
        """The nodes have their ids now."""
        assert isinstance(records, Gathering)
        functions = {id(info): function for function, info in seen.watch.infos.items()}
        shown = {node.id for node in trace.nodes}
        work = Work(NODE_CALLS)
        ops = [rec for rec in records.ops if rec.id in shown and rec.auto is not None]
        with contextlib.redirect_stdout(Unheard()):
            nodes = tuple(verify_node(records, functions, rec, work) for rec in ops[:MOST_NODES])
            work = Work(PASS_CALLS)
            leaves = [
                entry
                for index, raw in enumerate(records.passes)
                for entry in verify_pass(records, functions, index, raw, work)
                if entry.place["node"] in shown
            ]
        self.report = Report(tuple(sorted(nodes, key=lambda node: int(node.node[1:]))), tuple(leaves))


def verify(
    source: str,
    *,
    seed: int = 0,
    root: str | None = None,
    cotangent: str | None = None,
    max_ops: int | None = None,
    stdout: TextIO | None = None,
) -> Report:
    """Run a snippet and check its gradients. Ids are those of its Trace.

    Raises:
        GradwalkError: as `record` does.
    """
    prepared = prepare(source, checked=False, limit=len(source))
    verifying = Verifying()
    run_program(
        prepared.source,
        seed=seed,
        expanded=prepared.expanded,
        root=root,
        cotangent=cotangent,
        max_ops=max_ops,
        derive=None,
        stdout=stdout,
        keep=verifying,
    )
    assert verifying.report is not None
    return verifying.report
