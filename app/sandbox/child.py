"""The life of one child: shut itself in, wait for its job, run it, answer, end. Never used twice."""

from __future__ import annotations

import io
import json
import os
import select
import signal
import sys
import time
from types import FrameType
from typing import Any, NoReturn, Protocol

from app.core.errors import GradwalkError
from app.core.limits import Limits
from app.core.running import running_line
from app.sandbox import wire
from app.sandbox.lockdown import Lockdown, die_first
from app.sandbox.seccomp import JOB_FD, RESULT_FD
from app.sandbox.told import too_long

EARLY = 0.2
"""Seconds of processor time by which a run is told of its limit before the kernel ends it."""


class Body(Protocol):
    """What a child does, as a module."""

    def warm(self) -> None:
        """Load and exercise, in the fork server, what jobs need: a child can open no file any more."""

    def rehearse(self) -> None:
        """Do once, while on standby, what every job needs.

        A fresh process pays for each page that it touches first (some two thousand of them: two thirds of a small run);
        here it pays before the job comes.
        """

    def run(self, task: bytes, limits: Limits, outlet: Outlet) -> None:
        """Answer a job, given as bytes, through the outlet."""


def main(pipes: tuple[int, int], parent: int, lockdown: Lockdown, limits: Limits, body: Body) -> NoReturn:
    """Run in the forked process; `pipes` are its ends of the two: job, result."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setpgid(0, 0)
        for pipe, descriptor in zip(pipes, (JOB_FD, RESULT_FD), strict=True):
            os.dup2(pipe, descriptor, inheritable=False)
        sys.stdin, sys.stderr = io.StringIO(), Nowhere()
        outlet = Outlet(limits.stdout)
        outlet.limit_time(limits.cpu)
        sys.stdout = outlet
        die_first()
        awaited, _, _ = select.select([JOB_FD], [], [], 0)
        lockdown.apply(parent)
        if not awaited:
            body.rehearse()
        task = _read_all(JOB_FD)
        outlet.start_clock()
        os.close(JOB_FD)
        if task:
            body.run(task, limits, outlet)
    finally:
        os._exit(1)


def _read_all(descriptor: int) -> bytes:
    """What the server sent; empty where it went away instead."""
    parts = []
    while part := os.read(descriptor, 1 << 16):
        parts.append(part)
    return b"".join(parts)


class Nowhere(io.TextIOBase):
    """Standard error: what is written there is nobody's business."""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)


class Outlet(io.TextIOBase):
    """The child's way out: standard output as it is printed, then one answer, which ends the process."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._limit = limit
        self._started = 0.0
        self._sending = False
        self._late: GradwalkError | None = None
        """What to answer as soon as what is being sent is out."""
        # made now, while there is memory for it
        self._no_memory = wire.frame(wire.ERROR, json.dumps(out_of_memory().to_dict()).encode())

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        """Print. Beyond the limit the run ends here and now, so that no `except` can go on printing."""
        if not text:
            return 0
        self._send(wire.frame(wire.STDOUT, text[: self._left].encode(errors="replace")))
        self._left -= len(text)
        if self._left < 0:
            self.refuse(
                GradwalkError(
                    "output_limit",
                    f"The program printed more than {self._limit:,} characters.",
                    line=running_line(sys._getframe(1)),
                    hint="Print less, as with if i % 100 == 0:, or nothing: the values are in the picture.",
                )
            )
        return len(text)

    def limit_time(self, seconds: int) -> None:
        """Answer shortly before the kernel ends a run that has computed for so long: then it is known where it was.

        What never comes back from compiled code is left to the kernel.
        """

        def out_of_time(_signal: int, frame: FrameType | None) -> None:
            error = too_long(f"{seconds} seconds of computing", running_line(frame))
            if self._sending:
                self._late = error
            else:
                self.refuse(error)

        signal.signal(signal.SIGPROF, out_of_time)
        signal.setitimer(signal.ITIMER_PROF, max(seconds - EARLY - time.process_time(), EARLY))

    def start_clock(self) -> None:
        """Count processor time from now on."""
        self._started = time.process_time()

    def trace(self, data: bytes) -> NoReturn:
        """Answer with a Trace's JSON."""
        self._answer(wire.TRACE, data)

    def verdict(self, data: bytes) -> NoReturn:
        """Answer with the JSON of a check by finite differences."""
        self._answer(wire.VERDICT, data)

    def report(self, data: dict[str, Any]) -> NoReturn:
        """Answer a probe."""
        self._answer(wire.REPORT, json.dumps(data).encode())

    def refuse(self, error: GradwalkError) -> NoReturn:
        """Answer with an error."""
        self._answer(wire.ERROR, json.dumps(error.to_dict()).encode())

    def run_out_of_memory(self) -> NoReturn:
        """Answer `memory_limit`, without needing any."""
        self._send(self._no_memory)
        os._exit(0)

    def _answer(self, kind: bytes, payload: bytes) -> NoReturn:
        self._send(
            wire.frame(wire.CPU, wire.SECONDS.pack(time.process_time() - self._started)) + wire.frame(kind, payload)
        )
        # the server answers as soon as the pipe closes; the rest of the ending takes milliseconds
        os.close(RESULT_FD)
        os._exit(0)

    def _send(self, data: bytes) -> None:
        self._sending = True
        view = memoryview(data)
        while view:
            view = view[os.write(RESULT_FD, view) :]
        self._sending = False
        if self._late is not None:
            late, self._late = self._late, None
            self.refuse(late)


def out_of_memory(line: int | None = None) -> GradwalkError:
    """The error of a snippet that needs too much, at a line if that is known."""
    message = "The program needs more memory than a run may have."
    return GradwalkError(
        "memory_limit", message, line=line, hint="Use smaller tensors: a few dozen elements show the same gradients."
    )
