"""The log of a run: what was seen, in order, as raw references; `app.record.assemble.assembly` makes the Trace of it.

An entry's time is its index in the log. Everything that costs time is left for after the run.
"""

from __future__ import annotations

from types import CodeType
from typing import Any

Place = tuple[CodeType | None, int]
"""A user's code object and the offset of its current instruction; `(None, -1)` where no user code was running."""
NOWHERE: Place = (None, -1)


class OpRun:
    """One aten op that ran, or one custom Function that was applied."""

    __slots__ = (
        "args", "built_in", "call", "call_lasti", "code", "function", "graded", "hidden", "info", "inner", "kwargs",
        "lasti", "module", "node", "out", "pass_", "seq",
    )  # fmt: skip

    def __init__(  # noqa: PLR0917 - on the hot path
        self,
        info: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any] | None,
        seq: int,
        code: CodeType | None,
        lasti: int,
    ) -> None:
        self.info = info
        self.args = args
        self.kwargs = kwargs
        self.out: Any = None
        self.seq = seq
        """Sequence number of the autograd node that this op may have made, -1 where it made none."""
        self.code = code
        self.lasti = lasti
        self.pass_ = -1
        """Index of the pass that was running, else -1."""
        self.call: Any = None
        """Code of the library function between the user's frame and the op, inside the innermost module."""
        self.call_lasti = -1
        """Offset of its current instruction."""
        self.built_in = False
        """A module of the library lies between the user's frame and the op."""
        self.module: Any = None
        """The innermost `nn.Module` whose forward was running."""
        self.hidden = False
        """Made only to print or to look at a tensor."""
        self.inner = False
        """Run inside the forward of a custom Function."""
        self.graded = True
        """Grad mode was on."""
        self.function: Any = None
        """The class of an applied custom Function."""
        self.node: Any = None
        """The autograd node that it made; found after the run."""


class Bound:
    """A name was bound to a tensor, to a module, or to a tuple that holds some."""

    __slots__ = ("name", "parameters", "statement", "value")

    def __init__(self, statement: int, name: str, value: Any) -> None:
        self.statement = statement
        self.name = name
        self.value = value
        self.parameters: list[tuple[str, Any]] = []
        """Path and tensor of each parameter that a module had then; one of a lazy module may come later."""


class Moved:
    """A tensor was given other memory: `w.data = …`."""

    __slots__ = ("code", "lasti", "tensor")

    def __init__(self, tensor: Any, place: Place) -> None:
        self.tensor = tensor
        self.code, self.lasti = place


class Filled:
    """NumPy has written the memory of a tensor."""

    __slots__ = ("code", "lasti", "tensor")

    def __init__(self, tensor: Any, place: Place) -> None:
        self.tensor = tensor
        self.code, self.lasti = place


class StatementDone:
    """A statement that could write leaves has run; `grads` are the leaves whose `.grad` is another object now."""

    __slots__ = ("grads", "statement")

    def __init__(self, statement: int, grads: list[tuple[Any, Any]]) -> None:
        self.statement = statement
        self.grads = grads


class OptimizersHold:
    """What optimizers hold after a statement that wrote something."""

    __slots__ = ("slots",)

    def __init__(self, slots: list[tuple[Any, str, str, Any]]) -> None:
        self.slots = slots
        """(leaf, class of the optimizer, key, tensor)"""


class PassStart:
    """The engine is about to run."""

    __slots__ = (
        "captured", "code", "create_graph", "derived", "failed", "hooked", "hooked_nodes", "implicit",
        "index", "inputs", "kind", "lasti", "lets_go", "roots", "seeds", "within",
    )  # fmt: skip

    def __init__(self, index: int, kind: str, place: Place) -> None:
        self.index = index
        self.kind = kind
        self.code, self.lasti = place
        self.implicit = False
        self.create_graph = False
        self.within: int | None = None
        self.inputs: list[tuple[Any, Any]] | None = None
        """(tensor or None, key and output) of each input that `inputs=` named, None where all leaves are meant."""
        self.roots: list[tuple[Any, Any]] = []
        """(tensor or None, key and output) of each root."""
        self.seeds: list[Any] = []
        self.captured: tuple[Any, ...] | None = None
        self.failed = False
        self.derived: Any = None
        self.hooked: set[tuple[int, int]] = set()
        """Node outputs with a hook of the snippet's own while it ran."""
        self.hooked_nodes: set[int] = set()
        """Nodes with a hook of the snippet's own on what they send."""
        self.lets_go = False
        """Gradients must not be held, as the snippet can tell whether a leaf's `.grad` is a copy of one."""


class NodeRan:
    """The engine ran one op node: the gradients that arrived and those that it sends."""

    __slots__ = ("grads", "key", "pass_", "sends")

    def __init__(self, pass_: int, key: int, grads: tuple[Any, ...], sends: tuple[Any, ...]) -> None:
        self.pass_ = pass_
        self.key = key
        self.grads = grads
        self.sends = sends


class LeafRan:
    """AccumulateGrad ran for one leaf."""

    __slots__ = ("added", "after", "before", "leaf", "pass_")

    def __init__(self, pass_: int, leaf: Any, before: Any, added: Any, after: Any) -> None:
        self.pass_ = pass_
        self.leaf = leaf
        self.before = before
        self.added = added
        self.after = after


class PassEnd:
    """The engine has returned, or raised."""

    __slots__ = ("index",)

    def __init__(self, index: int) -> None:
        self.index = index


class Read:
    """The numbers of a tensor were read in a way that no op shows (`.tolist()`, `.numpy()`)."""

    __slots__ = ("place", "tensor", "time")

    def __init__(self, time: int, tensor: Any, place: Place) -> None:
        self.time = time
        self.tensor = tensor
        self.place = place
