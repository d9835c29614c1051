"""Replays a log into nodes, edges, passes and steps. Knows what each entry means; numbering and pruning come after."""

from __future__ import annotations

from typing import Any

import torch

from app.record.autograd import Autograd, AutoNode, Key
from app.record.log import Bound, LeafRan, NodeRan, OpRun, PassEnd, PassStart, StatementDone
from app.record.match import COPY_SLICES, tensors_in
from app.record.nodes import EdgeRec, RawPass, RawStep, Rec, TensorRef
from app.record.ops import argument
from app.record.replay_names import bound
from app.record.replay_passes import leaf_ran, node_ran, pass_end, pass_start
from app.record.tensors import Tensors, memory_of
from app.record.updates import Updates
from app.record.writes import Writes

Tensor = torch.Tensor
RESULTS = ("result", "output")
"""Under these names nodes save what they returned."""


class Replay:
    """Everything that the log says, as records."""

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
        self.time = 0

    def run(self) -> None:
        """Replay all of it. Linear in the length of the log."""
        for time, entry in enumerate(self.log):
            self.time = time
            kind = type(entry)
            if kind is OpRun:
                self._op(entry)
            elif kind is Bound:
                bound(self, entry)
            elif kind is NodeRan:
                node_ran(self, entry)
            elif kind is LeafRan:
                leaf_ran(self, entry)
            elif kind is PassStart:
                pass_start(self, entry)
            elif kind is PassEnd:
                pass_end(self, entry)
            elif kind is StatementDone:
                self.steps.extend(self.updates.done(entry, time))
        self.time = len(self.log)
        self.steps.extend(self.updates.flush(self.time))

    # Operations

    def _op(self, run: OpRun) -> None:
        if run.hidden:
            return
        time, tensors, info = self.time, self.tensors, run.info
        if info.makes:
            tensors.made(run.out, run)
            return
        outs = tensors_in(run.out)
        given = _arguments(run)
        auto = self._auto(run)
        written = [t for i in info.writes for t in tensors_in(argument(info, run.args, run.kwargs, i))]
        if auto is None and len(written) == 1 == len(given) and tensors.is_blank(written[0]):
            tensors.made(memory_of(written[0]), run)
            return
        if auto is None and written and run.pass_ < 0:
            self.steps.extend(self.updates.flush_before(run, time))
        if auto is None and written and self.updates.is_update(written):
            self.updates.wrote(written, run)
            return
        if (not outs and not written) or (auto is None and any(_is_leaf(t) for t in written)):
            return  # the latter initialises a parameter that nobody has seen yet
        if auto is None and run.pass_ >= 0 and info.name == "detach":
            tensors.same(given[0][1], outs[0], time)
            return
        rec = self._new_op(run, auto)
        if written:
            outs = _unique([*outs, *written])
        if auto is not None:
            self._edges_of(rec, auto)
            if auto.name == COPY_SLICES:
                outs = [base if (base := w._base) is not None else w for w in written]
        self._plain_edges(rec, given)
        step = RawStep("forward" if run.pass_ < 0 else "backward", "compute", rec, None)
        step.code, step.lasti = run.code, run.lasti
        rec.phase = step.phase
        self._outputs(rec, outs, step)
        if auto is not None:
            self._saved(rec, auto, run)
        if written:
            tensors.refresh(written, rec, step, time + 1)
        self.ops.append(rec)
        self.steps.append(step)

    def _auto(self, run: OpRun) -> AutoNode | None:
        """The autograd node that the op made, unless another has it already."""
        found: AutoNode | None = run.node
        return None if found is None or found.key in self.by_key else found

    def _new_op(self, run: OpRun, auto: AutoNode | None) -> Rec:
        rec = Rec("op", run.info.name)
        rec.run = run
        rec.code, rec.lasti = run.code, run.lasti
        rec.auto = auto
        if auto is not None:
            self.by_key[auto.key] = rec
        return rec

    def _edges_of(self, rec: Rec, auto: AutoNode) -> None:
        for position, following in enumerate(auto.next):
            if following is not None:
                source = self.rec_of(following[0])
                edge = EdgeRec(source, following[1], rec, position, True)
                rec.edges.append(edge)
                self.edges[auto.key, position] = edge

    def _plain_edges(self, rec: Rec, given: list[tuple[int, Any]]) -> None:
        joined = {(edge.source, edge.output) for edge in rec.edges}
        for position, tensor in given:
            source, output = self.tensors.find(tensor, self.time)
            if (source, output) in joined:
                continue
            if rec.auto is not None and source.auto is not None and tensor.requires_grad:
                continue
            rec.edges.append(EdgeRec(source, output, rec, position, False))

    def _outputs(self, rec: Rec, outs: list[Any], step: RawStep) -> None:
        if rec.auto is not None and len(outs) > 1:
            outs = _in_order(outs)
        graded = 0 if rec.auto is None else len(rec.auto.metas)
        for index, out in enumerate(outs):
            ref = TensorRef(out, self.time + 1, index < graded, rec.auto is None)
            rec.outs.append(ref)
            rec.current.append(ref)
            self.tensors.enter(out, rec, index)
            step.sets.append((rec, index, ref))
        if outs:
            name = self.tensors.names.get(id(outs[0]))
            if name is not None:
                rec.name = name
                rec.shown = True
                self.named.append(rec)

    def _saved(self, rec: Rec, auto: AutoNode, run: OpRun) -> None:
        info = run.info
        for name, tensor in auto.saved:
            if name.startswith(RESULTS):
                number = int(name[6:]) if name[6:].isdecimal() else 0
                if number < len(rec.outs):
                    rec.saved.append((name, rec.outs[number]))
                    continue
            ref = self.tensors.seen(tensor) if tensor is not None else None
            if ref is None and name in info.arguments:
                given = argument(info, run.args, run.kwargs, info.arguments.index(name))
                if isinstance(given, Tensor):
                    ref = self.tensors.seen(given)
            if ref is None and tensor is not None:
                ref = TensorRef(tensor, self.time + 1, False, True)
            if ref is not None:
                rec.saved.append((name, ref))

    def show(self, tensors: list[Any]) -> list[Rec]:
        """The nodes that some tensors came out of, which are then shown whatever became of them."""
        recs = [self.tensors.find(tensor, self.time)[0] for tensor in tensors]
        self.named.extend(rec for rec in recs if not rec.shown)
        return recs

    def rec_of(self, key: Key) -> Rec:
        """The record of an autograd node, made now where no op of the log made it."""
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
            self._from_autograd(auto)
        return self.by_key[key]

    def _from_autograd(self, auto: AutoNode) -> None:
        """A node that no logged op made: built before the run, or by autograd itself for a view."""
        rec = Rec("op", auto.op)
        rec.auto = auto
        self.by_key[auto.key] = rec
        self._edges_of(rec, auto)
        early = auto.key < self.graph.first_seq
        step = RawStep("forward", "compute", rec, None)
        for number in range(len(auto.metas)):
            tensor, time = self.graph.tensor_of(auto, number, self.time)
            ref = TensorRef(tensor, time, True, False)
            rec.outs.append(ref)
            rec.current.append(ref)
            step.sets.append((rec, number, ref))
            self.tensors.enter(tensor, rec, number)
            if number == 0:
                rec.name = self.tensors.names.get(id(tensor))
        self.ops.append(rec)
        if early:
            self.before.append(rec)
        else:
            self.steps.append(step)


def _is_leaf(tensor: Any) -> bool:
    return bool(tensor.requires_grad and tensor.is_leaf)


def _unique(tensors: list[Any]) -> list[Any]:
    return list({id(t): t for t in tensors}.values())


def _arguments(run: OpRun) -> list[tuple[int, Any]]:
    """(position, tensor) of the tensors among the arguments; the items of a list count one position each."""
    out: list[tuple[int, Any]] = []
    position = 0
    every = list(run.args)
    if run.kwargs:
        every.extend(run.kwargs.values())
    for value in every:
        if isinstance(value, Tensor):
            out.append((position, value))
            position += 1
        elif isinstance(value, (list, tuple)) and any(isinstance(item, Tensor) for item in value):
            for item in value:
                if isinstance(item, Tensor):
                    out.append((position, item))
                position += 1
        else:
            position += 1
    return out


def _in_order(outs: list[Any]) -> list[Any]:
    """Differentiable outputs by `output_nr`, then the others."""
    numbered = [(out.output_nr, out) for out in outs if not out._is_view() and out.grad_fn is not None]
    if not numbered:
        return outs
    first = [out for _, out in sorted(numbered, key=lambda pair: pair[0])]
    ids = {id(out) for out in first}
    return first + [out for out in outs if id(out) not in ids]
