"""What a checker says: violations, each with its rule and its place in the Trace."""

from __future__ import annotations

from dataclasses import dataclass

STRUCTURE = 0
"""The number under which facts of the format itself are reported; the rules are 1 to 5."""
STEPS = 6
"""The number under which the list of steps is reported."""
MOST = 100
"""Violations after which a checker stops: a hostile Trace must not grow an endless report."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule. `where` is a place in the JSON form, such as `passes[0].grads[3]`."""

    rule: int
    message: str
    where: str

    def __str__(self) -> str:
        return f"rule {self.rule}: {self.where}: {self.message}"
