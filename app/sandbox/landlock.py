"""Landlock: no file, no TCP port, no abstract socket, no signal outward. Depth behind seccomp; a kernel may lack it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


class LandlockUnavailableError(Exception):
    """This kernel has no Landlock; the message says so in the user's words."""


@dataclass(frozen=True, slots=True)
class Denial:
    """A ruleset that grants nothing, made before the fork so that the child only has to enter it."""

    descriptor: int
    enforce: Callable[[], None]
    """Restrict this process for good and close the descriptor. Raises OSError where the kernel refuses."""


def deny_all() -> Denial:
    """Make the ruleset with every right that the running kernel knows.

    Raises:
        LandlockUnavailableError: not Linux, or a kernel without it.
    """
    try:
        from landlockpy import Ruleset, Scope  # noqa: PLC0415 - absent outside Linux

        ruleset = Ruleset(scoped=Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL)
    except (ImportError, OSError) as why:
        raise LandlockUnavailableError(f"this kernel has no Landlock ({why})") from why

    def enforce() -> None:
        ruleset.restrict()
        ruleset.close()

    return Denial(ruleset.fileno(), enforce)
