"""The nodes, edges and tensors of a Trace in the making: mutable, still without ids, hidden ones included."""

from __future__ import annotations

from typing import Any


class TensorRef:
    """A tensor's value at one time."""

    __slots__ = ("id", "is_leaf", "name", "requires_grad", "tensor", "time")

    def __init__(self, tensor: Any, time: int, requires_grad: bool, is_leaf: bool) -> None:
        self.tensor = tensor
        self.time = time
        self.requires_grad = requires_grad
        self.is_leaf = is_leaf
        self.name: str | None = None
        self.id: str | None = None


class ValueRef:
    """A gradient's value at one time, reduced to the shape and dtype of `meta` where given, as the engine does."""

    __slots__ = ("like", "made", "meta", "tensor", "time")

    def __init__(self, tensor: Any, time: int, meta: Any = None, like: Any = None) -> None:
        self.tensor = tensor
        self.time = time
        self.meta = meta
        self.like = like
        """A tensor of the shape and dtype of `meta`, which is cheaper to compare with."""
        self.made: Any = None


class Rec:
    """One node."""

    __slots__ = (
        "args",
        "auto",
        "blank",
        "call",
        "code",
        "current",
        "edges",
        "hooked",
        "id",
        "kept",
        "key",
        "kind",
        "label",
        "lasti",
        "module",
        "name",
        "names",
        "op",
        "outs",
        "phase",
        "run",
        "saved",
        "shown",
        "statement",
        "used",
        "weak",
    )  # fmt: skip

    def __init__(self, kind: str, op: str) -> None:
        self.kind = kind
        self.op = op
        self.auto: Any = None
        """The AutoNode, where the op is differentiable."""
        self.run: Any = None
        self.blank = False
        """Memory that nothing has been written to yet (`empty`)."""
        self.code: Any = None
        self.lasti = -1
        self.statement = -1
        self.name: str | None = None
        self.weak = False
        """The name was given inside a function, to a parameter that may have a better one."""
        self.label: str | None = None
        self.outs: list[TensorRef] = []
        self.current: list[TensorRef] = []
        self.edges: list[EdgeRec] = []
        """Edges that end here."""
        self.saved: list[tuple[str, TensorRef]] = []
        self.hooked = False
        self.kept = False
        self.shown = False
        self.used = False
        """An op has computed with it."""
        self.phase = "forward"
        self.id = ""


class EdgeRec:
    """One edge into the node that lists it; it doesn't name that node, so that records are no cycles of garbage."""

    __slots__ = ("differentiable", "id", "input", "output", "source")

    def __init__(self, source: Rec, output: int, input_: int, differentiable: bool) -> None:
        self.source = source
        self.output = output
        self.input = input_
        self.differentiable = differentiable
        self.id = ""


class RawStep:
    """One step in the making; `sets` holds (Rec, output, TensorRef) and (Rec, ValueRef or None)."""

    __slots__ = ("code", "kind", "lasti", "pass_", "phase", "rec", "sets", "state", "statement")

    def __init__(self, phase: str, kind: str, rec: Rec | None, pass_: int | None) -> None:
        self.phase = phase
        self.kind = kind
        self.rec = rec
        self.pass_ = pass_
        self.code: Any = None
        self.lasti = -1
        self.statement = -1
        self.sets: list[tuple[Any, ...]] = []
        self.state: list[tuple[Rec, str, str, ValueRef]] = []
        """(leaf, class of the optimizer, key, value) of what optimizers hold from then on."""


class RawPass:
    """One pass in the making."""

    __slots__ = ("accumulated", "captured", "contributions", "grads", "inputs", "roots", "seeds", "start")

    def __init__(self, start: Any) -> None:
        self.start = start
        self.roots: list[tuple[Rec, int]] = []
        self.seeds: list[ValueRef] = []
        self.inputs: list[tuple[Rec, int]] = []
        self.grads: list[list[Any]] = []
        """[Rec, output, ValueRef, None or (before, after) of the snippet's own hook]"""
        self.contributions: list[tuple[EdgeRec, ValueRef]] = []
        self.accumulated: list[tuple[Rec, ValueRef | None, ValueRef, ValueRef]] = []
        self.captured: list[tuple[Rec, int, ValueRef | None]] = []
