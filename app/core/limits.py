"""The limits of one run and of the sandbox that runs it, in one frozen object."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one snippet may use, and how many may run. Times are seconds, sizes bytes unless said otherwise."""

    wall: float = 10.0
    """From handing over the snippet to its result."""
    cpu: int = 5
    """Processor time; the kernel counts whole seconds."""
    memory: int = 768 * 2**20
    """Address space above that of the freshly forked child."""
    ops: int = 20_000
    """Recorded operations."""
    stdout: int = 64 * 2**10
    """Characters that a snippet may print; beyond, the run ends with `output_limit`."""
    result: int = 8 * 2**20
    """The Trace's JSON."""
    source: int = 20_000
    """Characters of a snippet."""

    running: int = 2
    """Snippets that run at the same time."""
    standby: int = 2
    """Children forked ahead."""
    queue: int = 16
    """Runs that may wait for their turn; one more is told `busy`."""
    wait: float = 10.0
    """Longest wait for a turn; beyond, the run is told `busy`."""
