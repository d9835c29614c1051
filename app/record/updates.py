"""Gathers what a statement outside a pass does to leaves and their `.grad`, and makes one update step of it."""

from __future__ import annotations

from typing import Any

import torch

from app.record.log import OpRun, StatementDone
from app.record.nodes import RawStep, Rec, TensorRef, ValueRef
from app.record.tensors import Tensors, overlap
from app.record.writes import Writes


class Updates:
    """The writes since the last update step."""

    def __init__(self, tensors: Tensors, writes: Writes, statements: tuple[Any, ...]) -> None:
        self._tensors = tensors
        self._writes = writes
        self._statements = statements
        self._leaves: dict[Rec, bool] = {}
        self._grads: dict[Rec, Any] = {}
        self._held: dict[int, tuple[Rec, Any]] = {}
        self._place: tuple[Any, int] = (None, -1)

    def holds(self, rec: Rec, grad: Any) -> None:
        """The leaf's `.grad` is this tensor now."""
        if grad is not None and grad.layout is torch.strided:
            self._held[grad.untyped_storage()._cdata] = (rec, grad)

    def is_update(self, written: list[Any]) -> bool:
        """Whether one of the tensors written is a leaf, lies in one, or is a leaf's `.grad`."""
        return any(self._leaves_in(tensor) or self._grad_in(tensor) is not None for tensor in written)

    def _leaves_in(self, tensor: Any) -> list[Rec]:
        return [
            rec for rec, _, shared in self._tensors.sharing(tensor) if rec.kind == "leaf" and overlap(tensor, shared)
        ]

    def _grad_in(self, tensor: Any) -> tuple[Rec, Any] | None:
        if tensor.layout is not torch.strided:
            return None
        return self._held.get(tensor.untyped_storage()._cdata)

    def wrote(self, written: list[Any], run: OpRun) -> None:
        """An op wrote leaves or their gradients."""
        self._place = (run.code, run.lasti)
        for tensor in written:
            for rec in self._leaves_in(tensor):
                self._leaves[rec] = True
            held = self._grad_in(tensor)
            if held is not None:
                self._grads[held[0]] = held[1]

    def done(self, entry: StatementDone, time: int) -> list[RawStep]:
        """A statement ended: its update step, where it made one necessary."""
        for leaf, grad in entry.grads:
            rec = self._tensors.leaf(leaf, time)
            self._grads[rec] = grad
            self.holds(rec, grad)
        for leaf in entry.swapped:
            rec = self._tensors.leaf(leaf, time)
            self._leaves[rec] = True
            self._tensors.enter(leaf, rec, 0)
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
        self._leaves, self._grads = {}, {}
        self._place = (None, -1)
        return [step]
