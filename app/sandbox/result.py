"""What came of a run: the one place that tells a snippet's error, a limit, a crash and a sandbox fault apart."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Any, Literal

from app.core.errors import GradwalkError
from app.core.limits import Limits
from app.sandbox.told import too_long
from app.sandbox.wire import Transcript

End = Literal["closed", "mute", "wall", "flood"]
"""Why the server stopped listening: the child's pipe closed with its end, closed while it lived on, its time was over,
it sent too much."""


@dataclass(frozen=True, slots=True)
class Exit:
    """How a child's process ended. `status` is its exit code, or the negative number of the signal that ended it."""

    status: int
    cpu: float


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to one job.

    `code` is "ok" (also where the snippet raised: the Trace then holds its error) or an error code of the server.
    `trace` and `verdict` are the child's raw JSON, to be read only through `app.sandbox.parse`. `cpu_s` is the child's
    own word where it answered. `status` is the exit status of a process that ended without one; `report` a probe's.
    """

    code: str
    trace: bytes | None = None
    verdict: bytes | None = None
    error: GradwalkError | None = None
    stdout: str = ""
    wall_s: float = 0.0
    cpu_s: float = 0.0
    status: int | None = None
    report: dict[str, Any] | None = None


def refusal(error: GradwalkError) -> Result:
    """The Result of a job that was given to no child."""
    return Result(error.code, error=error)


def answer(said: Transcript, wall: float) -> Result:
    """The Result of a child that answered and closed its pipe."""
    return Result(
        said.error.code if said.error else "ok",
        trace=said.trace,
        verdict=said.verdict,
        error=said.error,
        report=said.report,
        stdout=said.stdout,
        wall_s=wall,
        cpu_s=min(wall, max(0.0, said.cpu or 0.0)),  # in this order NaN becomes 0
    )


def failure(said: Transcript, end: End, ended: Exit, limits: Limits, wall: float) -> Result:
    """The Result of a child that was stopped, or that ended without an answer."""
    error = _why(said, end, ended, limits)
    return Result(error.code, error=error, stdout=said.stdout, wall_s=wall, cpu_s=ended.cpu, status=ended.status)


def _why(said: Transcript, end: End, ended: Exit, limits: Limits) -> GradwalkError:
    if end == "flood":
        return _error(
            "output_limit",
            "The program sent more than a result may hold.",
            "Print less, and use tensors of a few dozen elements: they show the same gradients.",
        )
    if end == "wall":
        return too_long(f"{limits.wall:g} seconds")
    if said.garbled or end == "mute":
        message = "The program wrote over its own result, so that it can't be read."
        return _error("crashed", message, "Print with print(…), and leave file descriptors alone.")
    if ended.status >= 0:
        message = f"The program ended its own process (exit code {ended.status})."
        return _error("crashed", message, "Leave out os._exit and the like: a program ends with its last line.")
    return _killed(signal.Signals(-ended.status).name, ended.cpu, limits)


def _killed(by: str, cpu: float, limits: Limits) -> GradwalkError:
    if by == "SIGXCPU" or cpu >= limits.cpu:
        return too_long(f"{limits.cpu} seconds of computing")
    if by == "SIGKILL":
        message = "The system ran out of memory and stopped the program."
        hint = "Use smaller tensors: a few dozen elements show the same gradients. Does a list grow without end?"
        return _error("memory_limit", message, hint)
    if by == "SIGSYS":
        message = "The program asked the system for something that is not allowed here, and was stopped."
        return _error("crashed", message, "Files, the network, other processes and threads can't be reached.")
    hint = (
        "Usually something recurses too deep, or reaches outside of a tensor's memory (as_strided, set_). Leave lines "
        "out until it runs: the last one left out is the cause."
    )
    return _error("crashed", f"The program crashed its process ({by}).", hint)


def _error(code: str, message: str, hint: str | None) -> GradwalkError:
    return GradwalkError(code, message, hint=hint)
