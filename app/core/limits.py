"""The limits that one run has, in one frozen object."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one snippet may use. Times are seconds, sizes bytes unless said otherwise."""

    wall: float = 10.0
    cpu: int = 5
    memory: int = 768 * 2**20
    """Address space above that of the freshly forked child."""
    ops: int = 20_000
    """Recorded operations."""
    stdout: int = 64 * 2**10
    """Text that a snippet may print; beyond, the run ends with `output_limit`."""
    result: int = 8 * 2**20
    """The Trace's JSON."""
    source: int = 20_000
    """Characters of a snippet."""
