"""Gathers what a statement outside a pass does to leaves and their `.grad`, and makes one update step of it."""

from __future__ import annotations

from typing import Any

import torch

from app.record.observe.facts import overlap
from app.record.observe.log import Filled, Moved, OpRun, StatementDone
from app.record.observe.writes import Writes
from app.record.replay.nodes import RawStep, Rec, TensorRef, ValueRef
from app.record.replay.tensors import Tensors


class Updates:
    """The writes since the last update step."""

    def __init__(self, tensors: Tensors, writes: Writes, statements: tuple[Any, ...]) -> None:
        self._tensors = tensors
        self._writes = writes
        self._statements = statements
        self._leaves: dict[Rec, bool] = {}
        self._grads: dict[Rec, Any] = {}
        self._written: list[Any] = []
        """The tensors that were written: what else lies there has changed with them."""
        self._held: dict[int, dict[Rec, Any]] = {}
        """By storage, the `.grad` of each leaf that lies there."""
        self._where: dict[Rec, int] = {}
        """The storage of each leaf's `.grad`."""
        self._place: tuple[Any, int] = (None, -1)

    def holds(self, rec: Rec, grad: Any) -> None:
        """The leaf's `.grad` is this tensor now, and no other."""
        former = self._where.pop(rec, None)
        if former is not None:
            del self._held[former][rec]
        if grad is not None:
            key = self._where[rec] = _memory(grad)
            self._held.setdefault(key, {})[rec] = grad

    def sharing(self, rec: Rec, grad: Any) -> list[tuple[Rec, Any]]:
        """The other leaves whose `.grad` lies in the memory of this one."""
        return [pair for pair in self._grads_in(grad) if pair[0] is not rec]

    def is_update(self, written: list[Any]) -> bool:
        """Whether one of the tensors written is a leaf, lies in one, or is a leaf's `.grad`."""
        return any(self._leaves_in(tensor) or self._grads_in(tensor) for tensor in written)

    def _leaves_in(self, tensor: Any) -> list[Rec]:
        found = [
            rec for rec, _, shared in self._tensors.sharing(tensor) if rec.kind == "leaf" and overlap(tensor, shared)
        ]
        own = self._tensors.leaf_known(tensor)  # which `set_` has given other memory
        return found if own is None or own in found else [*found, own]

    def _grads_in(self, tensor: Any) -> list[tuple[Rec, Any]]:
        held = self._held.get(_memory(tensor))
        if not held:
            return []
        return [pair for pair in held.items() if tensor.layout is not torch.strided or overlap(tensor, pair[1])]

    def wrote(self, written: list[Any], run: OpRun | Filled, time: int) -> None:
        """An op, or NumPy, wrote leaves or their gradients."""
        self._place = (run.code, run.lasti)
        for tensor in written:
            for rec in self._leaves_in(tensor):
                self._leaf(rec, time)
            self._written.append(tensor)
            self._grads.update(self._grads_in(tensor))

    def moved(self, entry: Moved, time: int) -> None:
        """A tensor lies in other memory now; where it is a leaf, that is an update."""
        rec = self._tensors.leaf_known(entry.tensor)
        if rec is not None:
            self._place = (entry.code, entry.lasti)
            self._leaf(rec, time)
            self._tensors.enter(entry.tensor, rec, 0)

    def _leaf(self, rec: Rec, time: int) -> None:
        """A leaf has changed. One that nothing has used is still being made while it has no name, or no value yet."""
        if not rec.used and (rec.blank or not rec.shown):
            rec.current[0].time = time + 1
            rec.blank = False
        if rec.used or rec.shown:
            self._leaves[rec] = True

    def done(self, entry: StatementDone, time: int) -> list[RawStep]:
        """A statement ended: its update step, where it made one necessary."""
        for leaf, grad in entry.grads:
            rec = self._tensors.leaf(leaf, time)
            self._grads[rec] = grad
            self.holds(rec, grad)
        return self.flush(time, entry.statement)

    def flush_before(self, run: OpRun, time: int) -> list[RawStep]:
        """Where statements don't say that they are done, a write from another place begins another update."""
        if self._statements or self._place == (run.code, run.lasti) or self._place[0] is None:
            return []
        return self.flush(time)

    def flush(self, time: int, statement: int = -1) -> list[RawStep]:
        """The update step of all that was gathered, if anything was."""
        if not self._leaves and not self._grads:
            return []
        step = RawStep("update", "update", None, None)
        step.statement = statement
        step.code, step.lasti = self._place
        for rec in self._leaves:
            old = rec.current[0]
            ref = TensorRef(old.tensor, time, old.requires_grad, True)
            ref.name = old.name
            rec.current[0] = ref
            step.sets.append((rec, 0, ref))
        for rec, grad in self._grads.items():
            step.sets.append((rec, None if grad is None else ValueRef(grad, time)))
        touched = [*self._leaves, *self._grads]
        step.rec = touched[0] if len(set(touched)) == 1 else None
        self._tensors.refresh(self._written, None, step, time)
        self._leaves, self._grads, self._written = {}, {}, []
        self._place = (None, -1)
        return [step]


def _memory(tensor: Any) -> int:
    """What tells the memory of a tensor from others': its storage, or a sparse tensor itself."""
    return tensor.untyped_storage()._cdata if tensor.layout is torch.strided else id(tensor)
