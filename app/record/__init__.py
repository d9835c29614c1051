"""The recorder: runs a snippet and writes down what autograd does, as a Trace. The one place that imports torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TextIO

from app.core.source import prepare
from app.core.trace import Note, Trace
from app.record.assemble.told import Told
from app.record.derive import Budget, derive
from app.record.notes.findings import findings
from app.record.observe.alone import rounded_otherwise
from app.record.run import run_callable, run_program

__all__ = ["record"]


def record(
    source_or_callable: str | Callable[[], Any],
    *,
    seed: int = 0,
    explain: bool = True,
    root: str | None = None,
    cotangent: str | None = None,
    max_ops: int | None = None,
    stdout: TextIO | None = None,
) -> Trace:
    """Run a snippet, or call a callable that takes nothing, and return everything observed.

    `explain=False` leaves out Jacobians and paths. Of a snippet, `root` names the variable, node (`@n5`) or element
    that a backward pass starts from, instead of one of the snippet's own, and `cotangent` what arrives there. What it
    prints goes to `stdout`, too, which then has to limit it. A snippet that raises gives a Trace up to there, with its
    `error` set.

    Raises:
        GradwalkError: `syntax_error`, `no_tensor`, `too_many_ops`, `output_limit` or `bad_view`.
    """
    deriving = partial(derive, budget=Budget()) if explain else None
    if not isinstance(source_or_callable, str):
        trace = run_callable(source_or_callable, seed=seed, max_ops=max_ops, derive=deriving)
        return Told(_with_notes(trace, explain=explain))
    prepared = prepare(source_or_callable, checked=False, limit=len(source_or_callable))
    trace = run_program(
        prepared.source,
        seed=seed,
        expanded=prepared.expanded,
        root=root,
        cotangent=cotangent,
        max_ops=max_ops,
        derive=deriving,
        stdout=stdout,
    )
    remarks = tuple(Note("lecturer", text, line, None) for line, text in prepared.notes_by_line.items())
    return Told(_with_notes(replace(trace, notes=(*trace.notes, *remarks)), explain=explain))


def _with_notes(trace: Trace, *, explain: bool) -> Trace:
    return replace(trace, notes=(*trace.notes, *rounded_otherwise(trace), *findings(trace))) if explain else trace
