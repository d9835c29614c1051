"""The code and words for every way in which a run can end."""

from __future__ import annotations

import signal

import pytest

from app.core.errors import GradwalkError
from app.core.limits import Limits
from app.sandbox.result import End, Exit, answer, failure, refusal
from app.sandbox.wire import Transcript

LIMITS = Limits(wall=10, cpu=5)


@pytest.mark.parametrize(
    ("end", "status", "cpu", "garbled", "code", "words"),
    [
        ("wall", -signal.SIGKILL, 0.1, False, "time_limit", "after 10 seconds."),
        ("wall", -signal.SIGKILL, 0.1, True, "time_limit", "after 10 seconds."),
        ("flood", -signal.SIGKILL, 0.1, True, "output_limit", "more than a result may hold"),
        ("closed", -signal.SIGXCPU, 5.0, False, "time_limit", "5 seconds of computing"),
        ("closed", -signal.SIGKILL, 6.0, False, "time_limit", "5 seconds of computing"),
        ("closed", -signal.SIGKILL, 0.2, False, "memory_limit", "ran out of memory"),
        ("closed", -signal.SIGSYS, 0.2, False, "crashed", "not allowed here"),
        ("closed", -signal.SIGSEGV, 0.2, False, "crashed", "(SIGSEGV)"),
        ("closed", -signal.SIGABRT, 0.2, False, "crashed", "(SIGABRT)"),
        ("closed", 3, 0.2, False, "crashed", "exit code 3"),
        ("closed", 0, 0.2, True, "crashed", "wrote over its own result"),
        ("mute", -signal.SIGKILL, 0.2, False, "crashed", "wrote over its own result"),
    ],
)
def test_a_run_without_an_answer(end: End, status: int, cpu: float, garbled: bool, code: str, words: str) -> None:
    result = failure(Transcript("said", garbled=garbled), end, Exit(status, cpu), LIMITS, 1.5)
    assert result.error is not None
    assert (result.code, result.error.code, result.status, result.wall_s, result.cpu_s) == (
        code,
        code,
        status,
        1.5,
        cpu,
    )
    assert words in result.error.message
    assert result.trace is None
    assert result.stdout == "said"


def test_an_answer() -> None:
    result = answer(Transcript("out", 0.25, trace=b"{}"), 0.5)
    assert (result.code, result.trace, result.stdout, result.wall_s, result.cpu_s) == ("ok", b"{}", "out", 0.5, 0.25)
    error = GradwalkError("forbidden", "no")
    assert answer(Transcript(error=error), 0.5).code == "forbidden"
    assert refusal(error).error is error


@pytest.mark.parametrize("cpu", [float("nan"), float("inf"), -1.0, 1e300, None], ids=repr)
def test_a_child_cannot_make_its_clock_absurd(cpu: float | None) -> None:
    assert 0 <= answer(Transcript(cpu=cpu, trace=b"{}"), 0.5).cpu_s <= 0.5
