"""What a child does with a job: prepare the snippet, record it, answer with its Trace or its error."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Any

from app.core.errors import GradwalkError
from app.core.limits import Limits
from app.core.source import prepare
from app.record import record
from app.sandbox import selftest, wire
from app.sandbox.child import Outlet

OUT_OF_MEMORY_SIGNS = ("can't allocate memory", "std::bad_alloc", "Cannot allocate memory", "not enough memory")
"""How torch says that an allocation failed, in its RuntimeError's text."""


def run(task: bytes, limits: Limits, outlet: Outlet) -> None:
    """Answer one job through `outlet`, which ends the process."""
    job = json.loads(task)
    if job.get("probe"):
        outlet.report(selftest.attempt(os.getppid()))
    if job.get("overstep"):
        selftest.overstep()
        outlet.report({})
    try:
        outlet.trace(_trace(wire.Job(**job), limits))
    except GradwalkError as error:
        outlet.refuse(error)
    except MemoryError:
        outlet.out_of_memory()
    except Exception as error:
        if any(sign in str(error) for sign in OUT_OF_MEMORY_SIGNS):
            outlet.out_of_memory()
        outlet.refuse(GradwalkError("crashed", f"Recording this program failed: {type(error).__name__}: {error}"))


def _trace(job: wire.Job, limits: Limits) -> bytes:
    prepared = prepare(job.source, let=job.let, checked=job.checked)
    trace = record(prepared.source, seed=job.seed, explain=job.explain, root=job.root, max_ops=limits.ops)
    trace = replace(trace, program=replace(trace.program, expanded=prepared.expanded))
    return json_bytes(trace.to_dict())


def json_bytes(plain: dict[str, Any]) -> bytes:
    """Compact UTF-8 JSON; a lone surrogate, which UTF-8 lacks, becomes "?"."""
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode(errors="replace")
