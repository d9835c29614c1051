"""Memory that tensors share with NumPy, whose writes are no ops: they are found by comparison after each statement."""

from __future__ import annotations

from typing import Any

import torch

from app.record.observe.facts import has_storage
from app.record.observe.log import Filled
from app.record.observe.watch import Watch

MOST = 64
"""Tensors that are compared."""
LARGEST = 2**20
"""Bytes of the largest storage that is."""


class Shared:
    """Tensors by storage, with what it held when it was looked at last."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._held: dict[int, tuple[Any, Any, int]] = {}
        """(tensor, content, time) by storage."""

    def share(self, tensor: Any) -> None:
        """NumPy has the tensor's memory from now on."""
        if has_storage(tensor) and len(self._held) < MOST and tensor.untyped_storage().nbytes() <= LARGEST:
            key = tensor.untyped_storage()._cdata
            self._held.setdefault(key, (tensor, _content(tensor), len(self._watch.log)))

    def tell(self) -> None:
        """Log what has been written since, by NumPy and not by an op."""
        watch = self._watch
        with watch.paused():
            for key, (tensor, before, time) in self._held.items():
                now = _content(tensor)
                if torch.equal(now, before):
                    continue
                self._held[key] = (tensor, now, len(watch.log))
                if watch.writes.content(key, time) is None:
                    watch.writes.keep_content(tensor, len(watch.log), before)
                    watch.log.append(Filled(tensor, watch.place(2)))

    def __bool__(self) -> bool:
        return bool(self._held)

    def forget(self) -> None:
        """Let go of them."""
        self._held.clear()


def _content(tensor: Any) -> Any:
    with torch.no_grad():
        return torch.empty(0, dtype=torch.uint8).set_(tensor.untyped_storage()).clone()
