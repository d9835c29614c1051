"""What a tensor was computed from, by the log: and so where the need for a gradient was lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.record.observe.facts import memory_of, tensors_in
from app.record.observe.log import OpRun

MOST_TENSORS = 500
"""Tensors that are looked at on the way back."""


class Origins:
    """The operations of a log by the tensors that they gave."""

    def __init__(self, log: list[Any]) -> None:
        self._log = log
        self._made: dict[Any, OpRun] | None = None

    def detached(self, tensor: Any) -> bool:
        """Whether the tensor, that needs no gradient, comes directly from one that does."""
        run = self.of(tensor)
        return run is not None and run.info.name == "detach" and requires(run)

    def of(self, tensor: Any) -> OpRun | None:
        """The last operation that gave the tensor."""
        if self._made is None:
            self._made = {}
            for entry in self._log:
                if type(entry) is OpRun and not entry.hidden:
                    for one in tensors_in(entry.out):
                        self._made[id(one)] = entry
                        where = memory_of(one)
                        if where is not None:
                            self._made[where] = entry
        return self._made.get(id(tensor)) or self._made.get(memory_of(tensor))

    def behind(self, root: Any) -> Iterator[tuple[Any, OpRun | None]]:
        """The tensors that `root` was computed from, nearest first, each with the operation that gave it; what is
        behind one that needs a gradient is left out.
        """
        waiting = [root]
        seen: set[int] = set()
        while waiting and len(seen) < MOST_TENSORS:
            tensor = waiting.pop(0)
            if id(tensor) in seen:
                continue
            seen.add(id(tensor))
            run = self.of(tensor)
            yield tensor, run
            if run is not None and not requires(run):
                waiting.extend(_operands(run))


def requires(run: OpRun) -> bool:
    """Whether an operand of the operation requires grad."""
    return any(one.requires_grad for one in _operands(run))


def _operands(run: OpRun) -> list[Any]:
    return tensors_in((*run.args, *(run.kwargs or {}).values()))
