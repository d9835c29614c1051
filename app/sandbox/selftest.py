"""The proof of the wall: a locked-down child tries to break out, and must fail at everything.

`attempt` runs in the child; `WallReport` is what the server learns from it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NEEDED = ("seccomp",)
"""Layers without which strangers' code isn't run."""
DEPTH = ("descriptors", "parent_death", "undumpable", "rlimits", "landlock", "no_new_privileges")
"""Layers whose absence is worth a warning. Giving up root's identity isn't: who isn't root has none to give up."""


def attempt(parent: int) -> dict[str, str]:
    """Try to reach the world outside by every common way; what each try came to: "refused" is the only good end.

    A try that fails for another reason (no such file, say) proves nothing, and counts as one that could have succeeded.
    """
    import resource  # noqa: PLC0415 - absent on Windows, where the server must be able to import this module

    tries: dict[str, Callable[[], object]] = {
        "read a file": lambda: Path(__file__).read_bytes(),
        "list a directory": lambda: os.listdir("/"),  # noqa: PTH208 - the plain call is the one to try
        "look at a file": lambda: Path("/").stat(),
        "write a file": lambda: os.open("/tmp", os.O_TMPFILE | os.O_RDWR),  # noqa: S108 - leaves nothing should it succeed
        "make a file in memory": lambda: os.memfd_create("probe"),
        "open a socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        "make a pipe": os.pipe,
        "start a process": _fork,
        "start a thread": lambda: threading.Thread(target=lambda: None).start(),
        "run a program": lambda: os.execv("/bin/true", ["true"]),  # noqa: S606 - must fail
        "signal another process": lambda: os.kill(parent, 0),
        "raise its own limits": lambda: resource.setrlimit(resource.RLIMIT_CPU, (1, 1)),
        "write to standard output": lambda: os.write(1, b""),
    }
    return {name: _outcome(trial) for name, trial in tries.items()}


def overstep() -> None:
    """Make a call that is on no list: the kernel must end this process."""
    libc = ctypes.CDLL(None)
    clone_newuser = 0x10000000
    libc.unshare(clone_newuser)


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _outcome(trial: Callable[[], object]) -> str:
    try:
        trial()
    except (PermissionError, RuntimeError):  # the latter is what Python makes of a thread that can't be started
        return "refused"
    except Exception as other:
        return type(other).__name__
    return "succeeded"


@dataclass(frozen=True, slots=True)
class WallReport:
    """Whether strangers' code may run here, and why not.

    `missing`: layer → why it is off ("fork_server" where there is nothing to prove). `breaches`: what the self-test's
    children could do. `proven`: they finished.
    """

    proven: bool
    missing: dict[str, str]
    breaches: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """The wall stands: every attempt failed, and no layer is off that strangers' code must not be run without."""
        return self.reason is None

    @property
    def warnings(self) -> tuple[str, ...]:
        """Layers that are depth behind the wall and are off here."""
        return tuple(f"{layer} is off: {why}" for layer, why in self.missing.items() if layer in DEPTH)

    @property
    def reason(self) -> str | None:
        """Why the wall doesn't stand, in the operator's words; None where it does."""
        if "fork_server" in self.missing:
            return f"The sandbox could not start: {self.missing['fork_server']}."
        said = [f"{layer} is off: {why}" for layer, why in self.missing.items() if layer in NEEDED]
        if self.breaches:
            said.append(f"a test child could {', '.join(self.breaches)}")
        if not self.proven:
            said.append("its test did not finish")
        return f"The wall around strangers' code is incomplete ({'; '.join(said)})." if said else None


UNPROVEN = WallReport(proven=False, missing={}, breaches=())


def judge(missing: dict[str, str], attempts: dict[str, Any] | None, overstep: int | None) -> WallReport:
    """The report on a child's attempts (None: it didn't finish) and on the exit status of one that overstepped."""
    if attempts is None:
        return WallReport(proven=False, missing=missing, breaches=())
    breaches = [what for what, came in attempts.items() if came != "refused"]
    if overstep != -signal.SIGSYS:
        breaches.append("make a call that is on no list")
    return WallReport(proven=True, missing=missing, breaches=tuple(breaches))


def platform_note() -> str:
    """What to do where the wall can't be had."""
    return "On your own computer, for your own code only: gradwalk serve --trust-local"
