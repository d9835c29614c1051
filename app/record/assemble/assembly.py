"""Gives ids and makes the frozen Trace of what the replay found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from app.core.fresh import maker
from app.core.trace import (
    Accumulated,
    Captured,
    Contribution,
    Edge,
    Endpoint,
    Failure,
    Grad,
    Hook,
    Node,
    Note,
    OptimizerSlot,
    Pass,
    Program,
    Saved,
    SetGrad,
    SetTensor,
    Span,
    Step,
    TensorEntry,
    Trace,
)
from app.record.assemble.arguments import plain_arguments
from app.record.assemble.budget import sizes
from app.record.assemble.memory import Memory
from app.record.assemble.naming import call_of, module_of
from app.record.observe.live import edge_id, node_id
from app.record.observe.ops import symbol
from app.record.replay.nodes import EdgeRec, RawPass, RawStep, Rec, TensorRef
from app.record.replay.records import Records
from app.record.spans import Source

_new_node, _new_edge, _new_tensor = maker(Node), maker(Edge), maker(TensorEntry)
_new_step, _new_set, _new_saved = maker(Step), maker(SetTensor), maker(Saved)
_new_grad, _new_contribution = maker(Grad), maker(Contribution)
LAYOUTS = {torch.strided: "strided"}


class Assembly:
    """One Trace in the making; `trace` is called once."""

    def __init__(self, records: Records, source: Source) -> None:
        self._records = records
        self._source = source
        self._memory = Memory(records.writes, *sizes(records))
        self._nodes: list[Rec] = []
        self._edges: list[tuple[EdgeRec, Rec]] = []
        """Each with the node that it ends at."""
        self._refs: list[TensorRef] = []
        self._notes: list[Note] = []
        self._appeared: set[Rec] = set()
        self._spans: dict[Rec, Span | None] = {}

    def trace(self, program: Program, stdout: str, notes: list[Note], error: Failure | None) -> Trace:
        """Number everything in the order of the steps."""
        steps = self._steps()
        passes = tuple(self._pass(raw) for raw in self._records.passes)
        nodes = tuple(self._node(rec) for rec in self._nodes)
        edges = tuple(
            _new_edge(e.id, e.source.id, e.output, target.id, e.input, e.differentiable) for e, target in self._edges
        )
        tensors = tuple(self._tensor(ref) for ref in self._refs)
        storages = self._memory.storages()
        return Trace(program, tensors, storages, nodes, edges, passes, steps, stdout, (*notes, *self._notes), error)

    # Steps

    def _steps(self) -> tuple[Step, ...]:
        records = self._records
        start = RawStep("start", "start", None, None)
        for early in records.before:
            if early.kept:
                self._show_sources(early, start)
                self._number(early)
                start.sets.extend((early, i, ref) for i, ref in enumerate(early.outs))
        raws = [start]
        shown: list[RawStep] = []
        for raw in records.steps:
            if raw.kind == "compute":
                rec = raw.rec
                if rec is None or not rec.kept or rec.id:
                    continue
                before: list[Any] = []
                self._show_sources(rec, raw, before)
                self._number(rec)
                raw.sets[:0] = before
            elif raw.kind == "seed":
                self._show_pass(records.passes[raw.pass_ or 0], raw)
            raw.sets = [item for item in raw.sets if item[0].kept]
            if raw.kind == "update" and not raw.sets:
                continue
            known = {item[0] for item in raw.sets if len(item) == 3}
            for item in tuple(raw.sets):
                if item[0].kind != "op":
                    if item[0] not in known and item[0] not in self._appeared:
                        raw.sets.insert(0, (item[0], 0, item[0].outs[0]))
                    self._appear(item[0])
            shown.append(raw)
        end = RawStep("end", "end", None, None)
        for unused in records.named:
            if unused.kept and unused.kind != "op" and unused not in self._appeared:
                self._appear(unused)
                end.sets.append((unused, 0, unused.current[0]))
        raws.extend(shown)
        raws.append(end)
        return tuple(self._step(index, raw) for index, raw in enumerate(raws))

    def _show_sources(self, rec: Rec, raw: RawStep, into: list[Any] | None = None) -> None:
        sets = raw.sets if into is None else into
        for edge in rec.edges:
            source = edge.source
            if source.kind != "op" and source not in self._appeared:
                self._appear(source)
                sets.append((source, 0, source.outs[0]))

    def _show_pass(self, one: RawPass, raw: RawStep) -> None:
        for rec in (*(r for r, _ in one.roots), *(r for r, _ in one.inputs)):
            if rec.kind != "op" and rec not in self._appeared:
                self._appear(rec)
                raw.sets.append((rec, 0, rec.outs[0]))

    def _appear(self, rec: Rec) -> None:
        if rec not in self._appeared:
            self._appeared.add(rec)
            rec.kept = True
            self._number(rec)

    def _number(self, rec: Rec) -> None:
        rec.id = f"n{len(self._nodes)}"
        self._nodes.append(rec)
        for ref in rec.outs:
            self._ref(ref)
        for edge in rec.edges:
            edge.id = f"e{len(self._edges)}"
            self._edges.append((edge, rec))

    def _ref(self, ref: TensorRef) -> str:
        if ref.id is None:
            ref.id = f"t{len(self._refs)}"
            self._refs.append(ref)
        return ref.id

    def _step(self, index: int, raw: RawStep) -> Step:
        span = self._place(raw)
        sets: list[SetTensor | SetGrad] = []
        for item in raw.sets:
            if not item[0].id:
                continue
            if len(item) == 3:
                sets.append(_new_set(item[0].id, item[1], self._ref(item[2])))
            else:
                value = None if item[1] is None else self._memory.gradient(item[1])
                sets.append(SetGrad(item[0].id, value))
        node = raw.rec.id if raw.rec is not None and raw.rec.id else None
        line = span[0] if span is not None else None
        state = self._state(raw) if raw.state else None
        return _new_step(index, raw.phase, raw.kind, node, raw.pass_, line, span, "", tuple(sets), state)

    def _state(self, raw: RawStep) -> tuple[OptimizerSlot, ...] | None:
        state = [
            OptimizerSlot(rec.id, optimizer, key, self._memory.gradient(ref))
            for rec, optimizer, key, ref in raw.state
            if rec.id
        ]
        return tuple(state) or None

    def _place(self, raw: RawStep | Rec) -> Span | None:
        if raw.statement >= 0:
            return self._source.of_statement(self._records.statements[raw.statement].span)
        return self._source.span(raw.code, raw.lasti)

    # Nodes

    def _node(self, rec: Rec) -> Node:
        span = self._place(rec)
        run = rec.run
        label = rec.name or (rec.label if rec.kind != "op" else None) or self._source.text_of(span) or rec.op
        return _new_node(
            rec.id,
            rec.kind,
            rec.op,
            symbol(rec.op) if rec.kind == "op" else "",
            rec.auto.name.rpartition("::")[2] if rec.auto is not None else None,
            rec.name,
            label,
            plain_arguments(run) if run is not None else {},
            span[0] if span is not None else None,
            span,
            call_of(run, span, self._source) if run is not None else None,
            module_of(run, self._records.modules) if run is not None else None,
            tuple([self._ref(ref) for ref in rec.outs]),
            rec.hooked,
            tuple([_new_saved(name, self._ref(ref)) for name, ref in rec.saved]),
        )

    def _tensor(self, ref: TensorRef) -> TensorEntry:
        tensor = ref.tensor
        shape, stride, offset, storage, version, dtype = self._memory.place(ref)
        return _new_tensor(
            ref.id,
            ref.name,
            shape,
            dtype,
            "nested" if tensor.is_nested else LAYOUTS.get(tensor.layout) or str(tensor.layout)[6:],
            stride,
            offset,
            storage,
            version,
            ref.requires_grad,
            ref.is_leaf,
            self._memory.value(tensor, ref.time),
        )

    # Passes

    def _pass(self, raw: RawPass) -> Pass:
        start, memory = raw.start, self._memory
        span = self._source.span(start.code, start.lasti)
        took = {(grad[0], grad[1]) for grad in raw.grads}
        jacobians, paths = self._derived(start.derived) if start.derived is not None else ((), ())
        return Pass(
            index=start.index,
            kind=start.kind,
            line=span[0] if span is not None else None,
            implicit=start.implicit,
            create_graph=start.create_graph,
            within=start.within,
            inputs=_ends(raw.inputs),
            roots=_ends(raw.roots),
            seeds=tuple(memory.gradient(seed) for seed in raw.seeds),
            grads=tuple(
                _new_grad(rec.id, n, memory.gradient(ref), None if hook is None else self._hook(hook))
                for rec, n, ref, hook in raw.grads
            ),
            contributions=tuple(
                _new_contribution(edge.id, memory.gradient(ref))
                for edge, ref in raw.contributions
                if (edge.source, edge.output) in took or start.failed
            ),
            jacobians=jacobians,
            accumulated=tuple(
                Accumulated(
                    rec.id,
                    None if before is None else memory.gradient(before),
                    memory.gradient(added),
                    memory.gradient(after),
                )
                for rec, before, added, after in raw.accumulated
            ),
            captured=tuple(
                Captured(rec.id, n, None if ref is None else memory.gradient(ref)) for rec, n, ref in raw.captured
            ),
            paths=paths,
        )

    def _hook(self, hook: tuple[Any, Any]) -> Hook:
        before, after = hook
        gradient = self._memory.gradient
        return Hook(None if before is None else gradient(before), None if after is None else gradient(after))

    def _derived(self, derived: Any) -> tuple[Any, Any]:
        records = self._records
        nodes = {node_id(key): rec.id for key, rec in records.by_key.items()}
        edges = {edge_id(*place): edge.id for place, edge in records.edges.items()}
        jacobians = tuple(replace(j, edge=edges[j.edge]) for j in derived.jacobians if edges.get(j.edge))
        paths = tuple(
            replace(
                p,
                leaf=nodes[p.leaf],
                root=(nodes[p.root[0]], p.root[1]),
                shown=tuple(
                    s if s.edges is None else replace(s, edges=tuple(edges[e] for e in s.edges)) for s in p.shown
                ),
            )
            for p in derived.paths
        )
        for note in derived.notes:
            self._notes.append(replace(note, node=nodes.get(note.node)) if note.node else note)
        return jacobians, paths


def _ends(pairs: list[tuple[Rec, int]]) -> tuple[Endpoint, ...]:
    return tuple((rec.id, number) for rec, number in pairs)


def torch_version() -> str:
    """As in `program.torch`."""
    return str(torch.__version__)
