"""Recorded operations as functions that can be run again, in float64, with other inputs.

Owns which inputs of an op are variables and which output or leaf each of them came from; what is asked of the functions
is elsewhere. Ops run outside any observation; an op that draws random numbers can't be run again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_flatten, tree_unflatten

from app.record.observe.facts import tensors_in
from app.record.observe.log import OpRun
from app.record.observe.ops import OpInfo, argument
from app.record.replay.match import COPY_SLICES
from app.record.replay.nodes import EdgeRec, Rec
from app.record.replay.records import Records

End = tuple[Rec, int]
"""A node's output."""

NO_RUN = "autograd made this node by itself, so there is no operation to run again"
RANDOM = "it draws random numbers, which differ from run to run"
COMPLEX = "its numbers are complex, where a derivative is no single number"
UNUSUAL = "its tensors are sparse, nested or quantized"
SYMMETRIC = frozenset({"_linalg_eigh", "linalg_cholesky_ex", "cholesky"})
"""Ops that read one triangle of a symmetric matrix, and send a symmetric gradient back."""
ASYMMETRIC = "it reads one triangle of a matrix that isn't symmetric"
UNMATCHED = "its inputs can't be told apart"


class NotRerunError(Exception):
    """The op can't be run again; the message says why, and goes after a colon."""


class Gathering(Records):
    """Records that also keep what each op was given, and where that came from."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.given: dict[Rec, tuple[int, list[tuple[Any, End]]]] = {}
        """By op: its time, and per tensor among its arguments the output that it was."""

    def plain_edges(self, rec: Rec, given: list[tuple[int, Any]]) -> None:
        found = [(tensor, self.tensors.find(tensor, self.time)) for _, tensor in given]
        self.given[rec] = (self.time, found)
        super().plain_edges(rec, given)


@dataclass(frozen=True, slots=True)
class Variable:
    """A differentiable input: the edge that brings it, and its value when the op ran, in float64."""

    edge: EdgeRec
    value: Tensor


@dataclass(frozen=True, slots=True)
class Rerun:
    """One op node as a function of its variables."""

    rec: Rec
    variables: tuple[Variable, ...]
    call: Callable[[Sequence[Tensor]], list[Any]]
    """Tensors in the order of `variables` to the outputs, in the order of the node's."""

    def outputs(self, inputs: Sequence[Tensor]) -> list[Any]:
        """The op's outputs.

        Raises:
            NotRerunError: it refuses these inputs.
        """
        try:
            return self.call(inputs)
        except Exception as problem:
            name, said = self.rec.name or self.rec.op, f"{type(problem).__name__}: {str(problem)[:200]}"
            raise NotRerunError(f"{name} can't be run again in float64 ({said})") from problem


def rerun(replay: Gathering, functions: dict[int, Any], rec: Rec) -> Rerun:
    """`rec` as a function. `functions`: the `OpOverload` of each `OpInfo`, by the `id()` of the latter.

    Raises:
        NotRerunError: it can't be one.
    """
    run: OpRun | None = rec.run
    if run is None or rec not in replay.given:
        raise NotRerunError(NO_RUN)
    function = run.function.apply if run.function is not None else functions.get(id(run.info))
    if function is None:
        raise NotRerunError(NO_RUN)
    if run.function is None and torch.Tag.nondeterministic_seeded in function.tags and _draws(run):
        raise NotRerunError(RANDOM)
    time, given = replay.given[rec]
    if any(tensor.is_complex() for tensor, _ in given):
        raise NotRerunError(COMPLEX)
    leaves, tree = tree_flatten((run.args, run.kwargs or {}))
    places = [k for k, leaf in enumerate(leaves) if isinstance(leaf, Tensor)]
    if len(places) != len(given):
        raise NotRerunError(UNMATCHED)
    sliced = rec.auto is not None and rec.auto.name == COPY_SLICES
    written = _written(run.info, run) if run.function is None else []
    constants = [_wide(replay, leaf, time) for leaf in leaves]
    sources = dict(zip(places, (end for _, end in given), strict=True))
    base, window = (None, None)
    if sliced:
        base, window = _window(replay, written[0], time)
        place = next(k for k in places if leaves[k] is written[0])
        constants[place] = base
        sources[place] = _base_of(rec, sources[place])
    chosen = _variables(rec, sources)
    slots = [place for _, place in chosen]
    order = _order(rec, run, written)
    symmetric = rec.op in SYMMETRIC and len(slots) == 1
    if symmetric and not torch.allclose(constants[slots[0]], constants[slots[0]].mT):
        raise NotRerunError(ASYMMETRIC)
    marked = [k for k in places if any(leaves[k] is tensor for tensor in written)]

    def call(inputs: Sequence[Tensor]) -> list[Any]:
        values = list(constants)
        for slot, value in zip(slots, inputs, strict=True):
            values[slot] = (value + value.mT) / 2 if symmetric else value
        held = []
        for k in marked:
            whole = values[k].clone()
            held.append(whole)
            values[k] = whole.as_strided(*window) if window is not None else whole
        args, kwargs = tree_unflatten(values, tree)
        out = function(*args, **kwargs)
        if window is not None:
            return held
        outs = list({id(t): t for t in [*tensors_in(out), *held]}.values())
        return [outs[k] for k in order]

    variables = tuple(Variable(edge, constants[place]) for edge, place in chosen)
    return Rerun(rec, variables, call)


def _draws(run: OpRun) -> bool:
    """Attention draws nothing where its dropout is 0."""
    return "dropout_p" not in run.info.arguments or bool(
        argument(run.info, run.args, run.kwargs, run.info.arguments.index("dropout_p"))
    )


def _written(info: OpInfo, run: OpRun) -> list[Any]:
    kwargs = run.kwargs or {}
    values = [run.args[i] if i < len(run.args) else kwargs.get(info.arguments[i]) for i in info.writes]
    return [tensor for value in values for tensor in tensors_in(value)]


def _wide(replay: Records, leaf: Any, time: int) -> Any:
    """A tensor as it was, in float64; a floating dtype becomes that; anything else is itself."""
    if isinstance(leaf, torch.dtype):
        return torch.float64 if leaf.is_floating_point else leaf
    if not isinstance(leaf, Tensor):
        return leaf
    if leaf.layout is not torch.strided or leaf.is_nested or leaf.is_quantized:
        raise NotRerunError(UNUSUAL)
    value = replay.writes.at(leaf, time).detach()
    return value.to(torch.float64 if value.is_floating_point() else value.dtype, copy=True)


def _window(replay: Records, view: Any, time: int) -> tuple[Tensor, tuple[Any, ...]]:
    """The whole tensor that a written view is a part of, and the part's shape, stride and offset in it."""
    base = view._base
    if base is None or not base.is_contiguous():
        raise NotRerunError(UNMATCHED)
    shape, stride, offset, _, _ = replay.writes.geometry(view, time)
    whole: Tensor = _wide(replay, base, time)
    return whole, (shape, stride, offset - base.storage_offset())


def _base_of(rec: Rec, fallback: End) -> End:
    """The former value of the whole tensor: the first edge of its CopySlices node."""
    first = next((edge for edge in rec.edges if edge.differentiable and edge.input == 0), None)
    return fallback if first is None else (first.source, first.output)


def _variables(rec: Rec, sources: dict[int, End]) -> list[tuple[EdgeRec, int]]:
    """Each differentiable edge with the argument that it brings: the first of that origin that is left."""
    left = dict(sources)
    chosen = []
    for edge in sorted((e for e in rec.edges if e.differentiable), key=lambda e: e.input):
        place = next((k for k, end in left.items() if end == (edge.source, edge.output)), None)
        if place is None:
            raise NotRerunError(UNMATCHED)
        del left[place]
        chosen.append((edge, place))
    return chosen


def _order(rec: Rec, run: OpRun, written: list[Any]) -> list[int]:
    """For each output of the node, its place among what the op returns and writes."""
    raw = list({id(t): t for t in [*tensors_in(run.out), *written]})
    return [raw.index(id(ref.tensor)) for ref in rec.outs if id(ref.tensor) in raw]
