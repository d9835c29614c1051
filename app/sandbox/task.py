"""What a child does with a job: prepare the snippet, record it, answer with its Trace, its check or its error."""

from __future__ import annotations

import json
import os
from typing import Any, NoReturn, TextIO, cast

from app.core.errors import GradwalkError
from app.core.garbage import fewer_collections
from app.core.json_text import json_text
from app.core.limits import Limits
from app.core.source import prepare
from app.record import record
from app.record.verify import verify
from app.sandbox import selftest, warming, wire
from app.sandbox.child import Outlet, out_of_memory

OUT_OF_MEMORY_SIGNS = ("can't allocate memory", "std::bad_alloc", "Cannot allocate memory", "not enough memory")
"""How torch and the system say that an allocation failed, where the exception isn't a MemoryError."""


def warm() -> None:
    """Import and exercise torch, numpy and the recorder."""
    warming.warm()


REHEARSAL = """
w = torch.tensor(2.0, requires_grad=True)
a = torch.relu(w * torch.tensor(3.0) + 1)
a.backward()
"""


@fewer_collections()
def rehearse() -> None:
    """Prepare, record and write a small program, and forget it."""
    answer(record(prepare(REHEARSAL).source).to_dict())


@fewer_collections()
def run(task: bytes, limits: Limits, outlet: Outlet) -> NoReturn:
    """Answer one job through `outlet`, which ends the process."""
    job = json.loads(task)
    if job.get("probe"):
        outlet.report(selftest.attempt(os.getppid()))
    if job.get("overstep"):
        selftest.overstep()
        outlet.report({})
    try:
        asked = wire.Job(**job)
        if asked.verify:
            outlet.verdict(_verified(asked, limits, outlet))
        outlet.trace(_recorded(asked, limits, outlet))
    except GradwalkError as error:
        outlet.refuse(error)
    except MemoryError:
        outlet.run_out_of_memory()
    except Exception as error:
        if _is_about_memory("", str(error)):
            outlet.run_out_of_memory()
        message = f"This program can't be recorded ({type(error).__name__}: {error})."
        hint = "That is Gradwalk's fault, not yours. Leave lines out until it runs, and please report what is left out."
        outlet.refuse(GradwalkError("crashed", message, hint=hint))


def _recorded(job: wire.Job, limits: Limits, outlet: Outlet) -> bytes:
    """The JSON of the Trace of a job's snippet."""
    prepared = prepare(job.source, let=job.let, checked=job.checked, limit=limits.source)
    trace = record(
        prepared.source,
        seed=job.seed,
        explain=job.explain,
        root=job.root,
        cotangent=job.cotangent,
        max_ops=limits.ops,
        stdout=cast(TextIO, outlet),
    )
    if trace.error and _is_about_memory(trace.error.type or "", trace.error.message):
        raise out_of_memory(trace.error.line)
    plain = trace.to_dict()
    # The recorder sees the program that a bare expression was expanded to; that it was is known here.
    plain["program"]["expanded"] = prepared.expanded
    data = answer(plain)
    if len(data) > limits.result:
        raise _too_large(sum(node.kind == "op" for node in trace.nodes), len(data), limits.result)
    return data


def _too_large(operations: int, size: int, most: int) -> GradwalkError:
    """Values have become summaries by now, so that it is the operations that are too many."""
    fit = int(operations * most / size * 0.95) // 100 * 100
    return GradwalkError(
        "output_limit",
        f"The recording of this program's {operations:,} operations takes {size / 2**20:.1f} MB; "
        f"{most / 2**20:g} are the most.",
        hint=f"About {fit:,} operations like these fit: fewer iterations show the same graph." if fit else None,
    )


def _verified(job: wire.Job, limits: Limits, outlet: Outlet) -> bytes:
    """The JSON of the check of a job's snippet."""
    prepared = prepare(job.source, let=job.let, checked=job.checked, limit=limits.source)
    report = verify(
        prepared.source,
        seed=job.seed,
        root=job.root,
        cotangent=job.cotangent,
        max_ops=limits.ops,
        stdout=cast(TextIO, outlet),
    )
    return answer(report.to_dict())


def _is_about_memory(kind: str, message: str) -> bool:
    return kind.endswith("MemoryError") or any(sign in message for sign in OUT_OF_MEMORY_SIGNS)


def answer(plain: dict[str, Any]) -> bytes:
    """Compact UTF-8 JSON; a lone surrogate, which no page could show, becomes "?"."""
    return json_text(plain).encode(errors="replace")
