"""Which node a tensor object came out of, found by identity, else by where it lies in memory."""

from __future__ import annotations

from typing import Any

import torch

from app.record.observe.facts import has_storage, is_leaf, memory_of, overlap
from app.record.observe.writes import Writes
from app.record.replay.nodes import RawStep, Rec, TensorRef

Place = tuple[Rec, int]


class Tensors:
    """Tensor objects and the outputs that they are; the log keeps the objects alive, so an `id()` stays theirs."""

    def __init__(self, writes: Writes) -> None:
        self._writes = writes
        self._written = bool(writes)
        self._known: dict[int, Place] = {}
        self._by_memory: dict[Any, Place] = {}
        self._by_storage: dict[int, dict[int, tuple[Rec, int, Any]]] = {}
        """Leaves, inputs and named tensors in each storage that is ever written, by `id()`: their changes show."""
        self.names: dict[int, str] = {}
        """The first name of each tensor object."""
        self.hints: dict[int, tuple[str | None, Any, int]] = {}
        """Label and place of buffers, seeds and what lies in a `.grad`, should an op be given them.

        One with a place is meant for what came into being there.
        """
        self._entered: list[tuple[Any, Any, Place]] = []
        """(tensor, where it lies if known, output) of what isn't in `_by_memory` yet; most runs never look there."""

    def made(self, memory: Any, run: Any) -> None:
        """A tensor came from nothing (`torch.ones`) and lies there: an input or a leaf, once something uses it."""
        if memory is not None:
            rec = Rec("input", "input")
            rec.code, rec.lasti = run.code, run.lasti
            rec.blank = run.info.blank
            self._entered.append((None, memory, (rec, 0)))

    def is_new(self, tensor: Any) -> bool | None:
        """Of memory that was made and that nobody has looked at yet: whether it has no value; None of any other."""
        found = self._known.get(id(tensor)) or self._at(tensor)
        return None if found is None or found[0].outs else found[0].blank

    def is_blank(self, tensor: Any) -> bool:
        """Whether nobody has seen what the tensor's memory happens to hold."""
        return self.is_new(tensor) is True

    def _at(self, tensor: Any) -> Place | None:
        """The output that lies where a tensor lies."""
        for entered, memory, place in self._entered:
            where = memory_of(entered) if memory is None else memory
            if where is not None:
                self._by_memory[where] = place
        self._entered.clear()
        memory = memory_of(tensor)
        return None if memory is None else self._by_memory.get(memory)

    def _first(self, rec: Rec, tensor: Any, time: int) -> None:
        ref = TensorRef(tensor, time, rec.kind == "leaf", True)
        rec.name = ref.name = self.names.get(id(tensor))
        label, code, lasti = self.hints.get(id(tensor), (None, None, -1))
        if rec.code is None:
            rec.code, rec.lasti = code, lasti
        if code is None or (code, lasti) == (rec.code, rec.lasti):
            rec.label = rec.label or label
        rec.outs.append(ref)
        rec.current.append(ref)
        self.enter(tensor, rec, 0)

    def same(self, tensor: Any, alias: Any, time: int) -> None:
        """`alias` is shown as the output that `tensor` is."""
        self.enter(alias, *self.find(tensor, time))

    def enter(self, tensor: Any, rec: Rec, output: int, *, weak: bool = False) -> None:
        """From now on `tensor` is this output; `weak`: unless it is known."""
        if weak and id(tensor) in self._known:
            return
        place = (rec, output)
        self._known[id(tensor)] = place
        self._entered.append((tensor, None, place))
        if self._written and (rec.kind != "op" or id(tensor) in self.names):
            self.follow(tensor, rec, output)

    def follow(self, tensor: Any, rec: Rec, output: int) -> None:
        """Show every change of the tensor from now on."""
        if self._written and has_storage(tensor):
            for key in self._writes.storages(tensor):
                if self._writes.touches(key):
                    self._by_storage.setdefault(key, {})[id(tensor)] = (rec, output, tensor)

    def find(self, tensor: Any, time: int) -> Place:
        """The output that a tensor is; a leaf or an input where it is new."""
        found = self._known.get(id(tensor))
        leaf = is_leaf(tensor)
        if found is not None and (not leaf or found[0].kind == "leaf"):
            return found
        if leaf:
            return self.leaf(tensor, time), 0
        found = self._at(tensor)
        if found is None:
            rec = Rec("input", "input")
            self._first(rec, tensor, time)
            return rec, 0
        if not found[0].outs:
            self._first(found[0], tensor, time)
        self._known[id(tensor)] = found
        return found

    def leaf(self, tensor: Any, time: int) -> Rec:
        """The node of a leaf, new or made of the input that it was so far."""
        found = self._known.get(id(tensor))
        if found is None:
            found = self._at(tensor)
        if found is not None and not found[0].outs:
            found[0].kind = found[0].op = "leaf"
            self._first(found[0], tensor, time)
            return found[0]
        if found is not None and found[0].kind == "leaf" and found[0].current[0].tensor is tensor:
            return found[0]
        rec = Rec("leaf", "leaf")
        if found is not None:
            source = found[0]
            rec.code, rec.lasti, rec.statement = source.code, source.lasti, source.statement
            if source.outs and source.outs[0].tensor is tensor:
                rec.name = source.name
        ref = TensorRef(tensor, time, True, True)
        ref.name = self.names.get(id(tensor))
        rec.name = rec.name or ref.name
        rec.outs.append(ref)
        rec.current.append(ref)
        self.enter(tensor, rec, 0)
        return rec

    def leaf_known(self, tensor: Any) -> Rec | None:
        """The node of a leaf that has been seen, by the tensor object."""
        found = self._known.get(id(tensor))
        return found[0] if found is not None and found[0].kind == "leaf" else None

    def seen(self, tensor: Any) -> TensorRef | None:
        """The last value of a known tensor."""
        found = self._known.get(id(tensor))
        if found is None:
            found = self._at(tensor)
        return None if found is None or not found[0].outs else found[0].current[found[1]]

    def sharing(self, tensor: Any) -> list[tuple[Rec, int, Any]]:
        """The leaves, inputs and named tensors that lie in the same storage."""
        if tensor.layout is not torch.strided:
            found = self._known.get(id(tensor))
            return [] if found is None else [(*found, tensor)]
        return list(self._by_storage.get(tensor.untyped_storage()._cdata, {}).values())

    def refresh(self, written: list[Any], writer: Rec | None, step: RawStep, time: int) -> None:
        """Give every output that shares memory with what was written, but those of the writer, its new value."""
        for tensor in written:
            for rec, output, shared in self.sharing(tensor):
                if rec is not writer and rec.current[output].time < time and overlap(tensor, shared):
                    old = rec.current[output]
                    ref = TensorRef(old.tensor, time, old.requires_grad, old.is_leaf)
                    ref.name = old.name
                    rec.current[output] = ref
                    step.sets.append((rec, output, ref))
