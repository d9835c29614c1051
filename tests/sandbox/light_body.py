"""What a child does in tests that start many fork servers: run a program without torch, answer with an empty Trace.

A body is named by its module, because the fork server is a process of its own that imports it.
"""

from __future__ import annotations

import json
import os
import traceback
from typing import Any

from app.core.limits import Limits
from app.sandbox import selftest
from app.sandbox.child import Outlet

EMPTY: dict[str, Any] = {
    "version": 1,
    "program": {"source": "", "seed": 0, "torch": "", "expanded": False},
    **{name: [] for name in ("tensors", "storages", "nodes", "edges", "passes", "steps", "notes")},
    "stdout": "",
}


def warm() -> None:
    """Nothing to load."""


def rehearse() -> None:
    """Nothing to rehearse."""


def run(task: bytes, limits: Limits, outlet: Outlet) -> None:
    """Answer probes as always; execute a program, and answer with how it ended."""
    job = json.loads(task)
    if job.get("probe"):
        outlet.report(selftest.attempt(os.getppid()))
    if job.get("overstep"):
        selftest.overstep()
        outlet.report({})
    error = None
    try:
        exec(compile(job["source"], "<program>", "exec"), {"__name__": "__main__"})
    except BaseException as problem:
        lines = [frame.lineno for frame in traceback.extract_tb(problem.__traceback__) if frame.filename == "<program>"]
        place = {"line": lines[-1] if lines else None, "column": None, "hint": None}
        error = {"code": "raised", "type": type(problem).__name__, "message": str(problem), **place}
    outlet.trace(json.dumps(EMPTY | {"error": error}).encode())
