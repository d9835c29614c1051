"""How far a maker is, told to whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Told `(done, total)`, in steps of the walk, on the maker's event loop: `(0, total)` first, `(total, total)` last, and
never backwards.

What it raises stops the maker there; so does cancelling the maker's task, at the next step.
"""


def silent(_done: int, _total: int) -> None:
    """Nobody waits to hear."""
