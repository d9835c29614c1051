"""Every restriction that the operating system offers, prepared once before the fork and applied in the child, in order.

seccomp is the wall; the other layers are depth behind it. Nothing here knows what the child will run.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import sys
from dataclasses import dataclass
from pathlib import Path

from app.core.limits import Limits
from app.sandbox.landlock import Denial, LandlockUnavailableError, deny_all
from app.sandbox.seccomp import JOB_FD, RESULT_FD, Filter, FilterUnavailableError, compile_filter

LAYERS = (
    "descriptors",
    "identity",
    "parent_death",
    "undumpable",
    "rlimits",
    "landlock",
    "no_new_privileges",
    "seccomp",
)
"""In the order in which the child applies them."""

NOBODY = 65534
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 4, 36, 38
SIGKILL = 9


@dataclass(frozen=True, slots=True)
class Lockdown:
    """What the child will apply. `missing`: each layer that this system lacks or that was switched off, and why."""

    missing: dict[str, str]
    rlimits: tuple[tuple[int, int, int], ...]
    """(resource, soft, hard)."""
    denial: Denial | None
    filter: Filter | None

    def apply(self, parent: int) -> None:
        """Shut this process in. `parent` is the process id that it must not outlive.

        Raises:
            OSError: a layer that this system has was refused; the child must not go on.
        """
        if self._has("descriptors"):
            keep = sorted({JOB_FD, RESULT_FD} | ({self.denial.descriptor} if self.denial else set()))
            for below, above in zip([-1, *keep], [*keep, os.sysconf("SC_OPEN_MAX")], strict=True):
                os.closerange(below + 1, above)
        if self._has("identity"):
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
        # a change of identity clears both of the next two, so they come after it
        if self._has("parent_death"):
            _prctl(PR_SET_PDEATHSIG, SIGKILL)
            if os.getppid() != parent:
                os._exit(1)
        if self._has("undumpable"):
            _prctl(PR_SET_DUMPABLE, 0)
        if self._has("rlimits"):
            for which, soft, hard in self.rlimits:
                resource.setrlimit(which, (soft, hard))
        if self._has("no_new_privileges"):
            _prctl(PR_SET_NO_NEW_PRIVS, 1)
        if self.denial:
            self.denial.enforce()
        if self._has("rlimits"):
            resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
        if self.filter:
            self.filter.install()

    def _has(self, layer: str) -> bool:
        return layer not in self.missing


def prepare(limits: Limits, without: frozenset[str] = frozenset()) -> Lockdown:
    """Compile and measure all that can be done once, in the process that will fork.

    `without` switches layers off, for the tests that show what each is worth.
    """
    missing = dict.fromkeys(without, "switched off")
    if sys.platform != "linux":
        missing |= {layer: "only Linux has it" for layer in LAYERS if layer not in ("descriptors", "rlimits", *without)}
    if "identity" not in missing and os.geteuid() != 0:
        missing["identity"] = "not root, so there is no identity to give up"
    denial = None
    if "landlock" not in missing:
        try:
            denial = deny_all()
        except LandlockUnavailableError as why:
            missing["landlock"] = str(why)
    code = None
    if "seccomp" not in missing:
        try:
            code = compile_filter()
        except FilterUnavailableError as why:
            missing["seccomp"] = str(why)
    return Lockdown(missing, _rlimits(limits), denial, code)


def guard_fork_server() -> None:
    """Let this process die with the thread that started it, and reap whatever its children leave behind."""
    if sys.platform == "linux":
        _prctl(PR_SET_PDEATHSIG, SIGKILL)
        _prctl(PR_SET_CHILD_SUBREAPER, 1)


def die_first() -> None:
    """Where the machine runs out of memory, let it take this process, not the server."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _rlimits(limits: Limits) -> tuple[tuple[int, int, int], ...]:
    """Nothing to write, no new process, and memory counted from what this process already has."""
    nothing = ("CORE", "FSIZE", "NPROC", "MEMLOCK", "MSGQUEUE")
    found = [(getattr(resource, f"RLIMIT_{name}"), 0, 0) for name in nothing if hasattr(resource, f"RLIMIT_{name}")]
    found.append((resource.RLIMIT_CPU, limits.cpu, limits.cpu + 1))
    status = Path("/proc/self/status")
    if status.exists():
        size = {
            name: int(rest.split()[0]) * 1024
            for name, _, rest in (line.partition(":") for line in status.read_text().splitlines())
            if name in ("VmSize", "VmData")
        }
        for which, base in ((resource.RLIMIT_AS, size["VmSize"]), (resource.RLIMIT_DATA, size["VmData"])):
            found.append((which, base + limits.memory, base + limits.memory))
    return tuple(found)


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}) was refused")
