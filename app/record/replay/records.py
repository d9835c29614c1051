"""What a replay of the log has found so far: nodes, edges, passes and steps, still without ids."""

from __future__ import annotations

from typing import Any

from app.record.observe.autograd import Autograd, AutoNode, Key
from app.record.observe.writes import Writes
from app.record.replay.match import COPY_SLICES
from app.record.replay.nodes import EdgeRec, RawPass, RawStep, Rec, TensorRef
from app.record.replay.tensors import Tensors
from app.record.replay.updates import Updates

LOOKING = frozenset({"alias", "as_strided", "detach", "select", "slice", "t", "_to_copy", "view"})
"""Ops that only reach for a tensor's elements; a module's constructor may do so before it fills them."""


class Records:
    """Everything that the log says, as records; `app.record.replay` fills them in the order of the log."""

    def __init__(self, log: list[Any], graph: Autograd, writes: Writes, statements: tuple[Any, ...]) -> None:
        self.log = log
        self.graph = graph
        self.writes = writes
        self.statements = statements
        self.tensors = Tensors(writes)
        self.updates = Updates(self.tensors, writes, statements)
        self.steps: list[RawStep] = []
        self.passes: list[RawPass] = []
        self.by_key: dict[Key, Rec] = {}
        self.ops: list[Rec] = []
        self.named: list[Rec] = []
        self.edges: dict[tuple[Key, int], EdgeRec] = {}
        self.modules: dict[int, str] = {}
        """Paths of modules by `id()`."""
        self.weak_modules: set[int] = set()
        """Modules whose path holds inside a function only."""
        self.before: list[Rec] = []
        """Nodes that were there before the run."""
        self.held: dict[tuple[int, str], tuple[int, int]] = {}
        """By leaf and key, which value of which tensor an optimizer was last seen to hold."""
        self.time = 0

    def mark_named(self, rec: Rec) -> None:
        """The node has a name of its own now, so that it may be shown."""
        if not rec.shown:
            rec.shown = True
            self.named.append(rec)

    def show(self, tensors: list[Any]) -> list[Rec]:
        """The nodes that some tensors came out of, which are then shown whatever became of them."""
        recs = [self.tensors.find(tensor, self.time)[0] for tensor in tensors]
        self.named.extend(rec for rec in recs if not rec.shown)
        return recs

    def edges_of(self, rec: Rec, auto: AutoNode) -> None:
        """Join the node of an autograd node with those that it sends to."""
        for position, following in enumerate(auto.next):
            if following is not None:
                source = self.rec_of(following[0], rec)
                source.used = True
                edge = EdgeRec(source, following[1], position, True)
                rec.edges.append(edge)
                self.edges[auto.key, position] = edge

    def plain_edges(self, rec: Rec, given: list[tuple[int, Any]]) -> None:
        """Join a node with the tensors that its op was given, by position, where no edge of autograd's brings them."""
        joined = {(edge.source, edge.output) for edge in rec.edges}
        for position, tensor in given:
            source, output = self.tensors.find(tensor, self.time)
            if rec.op not in LOOKING:
                source.used = True
            if (source, output) in joined:
                continue
            known = rec.auto is not None and source.auto is not None and tensor.requires_grad
            # Autograd's edge to what holds a view doesn't bring the view that is written.
            if known and (position or rec.auto.name != COPY_SLICES):
                continue
            rec.edges.append(EdgeRec(source, output, position, False))

    def rec_of(self, key: Key, user: Rec | None = None) -> Rec:
        """The record of an autograd node, made now where no op of the log made it, in the place of its first user."""
        found = self.by_key.get(key)
        if found is not None:
            return found
        stack = [key]
        while stack:
            top = stack[-1]
            if top in self.by_key:
                stack.pop()
                continue
            auto = self.graph.nodes[top]
            if top < 0:
                self.by_key[top] = self.tensors.leaf(auto.leaf, self.time)
                stack.pop()
                continue
            missing = [f[0] for f in auto.next if f is not None and f[0] not in self.by_key]
            if missing:
                stack.extend(missing)
                continue
            stack.pop()
            self._from_autograd(auto, user)
        return self.by_key[key]

    def _from_autograd(self, auto: AutoNode, user: Rec | None) -> None:
        """A node that no logged op made: built before the run, or by autograd itself for a view."""
        rec = Rec("op", auto.op)
        rec.auto = auto
        self.by_key[auto.key] = rec
        self.edges_of(rec, auto)
        early = auto.key < self.graph.first_seq
        step = RawStep("forward", "compute", rec, None)
        if user is not None and not early:
            rec.code, rec.lasti = step.code, step.lasti = user.code, user.lasti
        source = rec.edges[0].source.outs[rec.edges[0].output] if len(rec.edges) == 1 else None
        base = None if source is None else (source.tensor, source.time)
        for number in range(len(auto.metas)):
            tensor, time = self.graph.tensor_of(auto, number, self.time, base)
            ref = TensorRef(tensor, time, True, False)
            rec.outs.append(ref)
            rec.current.append(ref)
            step.sets.append((rec, number, ref))
            self.tensors.enter(tensor, rec, number)
            if number == 0:
                rec.name = self.tensors.names.get(id(tensor))
        self.ops.append(rec)
        for name, kept in auto.saved:
            if kept is not None:
                rec.saved.append((name, self.tensors.seen(kept) or TensorRef(kept, self.time, False, True)))
        if early:
            self.before.append(rec)
        else:
            self.steps.append(step)
