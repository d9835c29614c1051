"""The short texts on edges, as the explanation spells them, cut into the lines of a chip."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.trace import Trace
from app.explain import chip_texts, local_texts

JOINTS = (" = ", " → ")
"""Where the arithmetic of a chip may be broken into two lines: before its result."""


@dataclass(frozen=True, slots=True)
class Chip:
    """`whole` on one line; `factors` and `result` where it takes two (both empty where it can't be broken)."""

    whole: str
    factors: str
    result: str


class Labels:
    """The texts of all edges of one Trace."""

    def __init__(self, trace: Trace, digits: int, num: str) -> None:
        self._locals = local_texts(trace, digits=digits, num=num) if trace.passes else {}
        self._chips = chip_texts(trace, digits=digits, num=num) if trace.passes else {}

    def local(self, edge: str) -> str | None:
        """`3`, or of tensors `Wᵀ`, `diag`; None where no gradient passes."""
        return self._locals.get(edge)

    def chip(self, pass_: int, edge: str) -> Chip | None:
        """The arithmetic of one contribution: `1 × 3 = 3`, `ḡ · Wᵀ → 2×3`."""
        text = self._chips.get((pass_, edge))
        if text is None:
            return None
        for joint in JOINTS:
            factors, found, result = text.rpartition(joint)
            if found:
                return Chip(text, factors, f"{joint.strip()} {result}")
        return Chip(text, "", "")
