"""What optimizers keep of each leaf between steps: momentum, averages of gradients and of their squares, counts.

Owns which of their tensors are shown; `app.record.observe.observation` asks after each statement that wrote something.
"""

from __future__ import annotations

from typing import Any

import torch

from app.core.trace import FULL_LIMIT
from app.record.observe.log import OptimizersHold

MOST_SLOTS = 4_000
"""Slots that a run may log; a long training run shows the first of them."""


class Optimizers:
    """The optimizers of a snippet that have made a step."""

    def __init__(self) -> None:
        self.known: list[Any] = []
        self._left = MOST_SLOTS

    def know(self, optimizer: Any) -> None:
        """Remember it."""
        if all(optimizer is not other for other in self.known):
            self.known.append(optimizer)

    def hold(self) -> OptimizersHold | None:
        """What they hold now; None where that is nothing, or has been logged too often."""
        slots = [
            (leaf, type(one).__name__, str(key), tensor)
            for one in self.known
            for leaf, state in one.state.items()
            for key, tensor in state.items()
            if isinstance(leaf, torch.Tensor) and isinstance(tensor, torch.Tensor) and tensor.numel() <= FULL_LIMIT
        ]
        self._left -= len(slots)
        return OptimizersHold(slots) if slots and self._left >= 0 else None

    def forget(self) -> None:
        """Let go of them."""
        self.known.clear()
