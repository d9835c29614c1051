"""What a logged operation says: the node that it made, its edges, outputs and saved tensors."""

from __future__ import annotations

from typing import Any

import torch

from app.record.observe.autograd import AutoNode
from app.record.observe.facts import grad_fn_of, is_leaf, memory_of, tensors_in
from app.record.observe.log import OpRun
from app.record.observe.ops import FILLERS, argument
from app.record.replay.match import COPY_SLICES
from app.record.replay.nodes import RawStep, Rec, TensorRef
from app.record.replay.records import Records
from app.record.replay.tensors import Tensors

Tensor = torch.Tensor
RESULTS = ("result", "output")
"""Under these names nodes save what they returned."""


def op_ran(records: Records, run: OpRun) -> None:
    """An operation ran: a node of its own, part of an update, or only memory that something will use."""
    if run.hidden:
        return
    time, tensors, info = records.time, records.tensors, run.info
    if info.makes:
        tensors.made(run.out, run)
        return
    outs = tensors_in(run.out)
    auto = _auto(records, run)
    written = [t for i in info.writes for t in tensors_in(argument(info, run.args, run.kwargs, i))]
    given = _used(_arguments(run), written, tensors) if written else _arguments(run)
    if auto is None and len(written) == 1 == len(given) and _fills(records, run, written[0]):
        tensors.made(memory_of(written[0]), run)
        return
    if auto is None and written and run.pass_ < 0:
        records.steps.extend(records.updates.flush_before(run, time))
    if auto is None and written and records.updates.is_update(written):
        records.updates.wrote(written, run, time)
        return
    if (not outs and not written) or (auto is None and any(is_leaf(t) for t in written)):
        return  # the latter initialises a parameter that nobody has seen yet
    if auto is None and info.name == "detach" and (run.pass_ >= 0 or _is_kept(records, run, given[0][1])):
        tensors.same(given[0][1], outs[0], time)
        return
    rec = _new_op(records, run, auto)
    if written:
        outs = _unique([*outs, *written])
    if auto is not None:
        records.edges_of(rec, auto)
        if auto.name == COPY_SLICES:
            outs = [base if (base := w._base) is not None else w for w in written]
    records.plain_edges(rec, given)
    step = RawStep("forward" if run.pass_ < 0 else "backward", "compute", rec, None)
    step.code, step.lasti = run.code, run.lasti
    rec.phase = step.phase
    _outputs(records, rec, outs, step)
    if auto is not None:
        _saved(records, rec, auto, run)
    if written or info.renews:
        renewed = [t for i in info.renews for t in tensors_in(argument(info, run.args, run.kwargs, i))]
        tensors.refresh([*written, *renewed], rec, step, time + 1)
    records.ops.append(rec)
    records.steps.append(step)


def _fills(records: Records, run: OpRun, tensor: Any) -> bool:
    """Whether the op gives memory that nobody has looked at its first value, as constructors do."""
    blank = records.tensors.is_new(tensor)
    return blank if blank else blank is not None and run.call is not None and run.info.name in FILLERS


def _auto(records: Records, run: OpRun) -> AutoNode | None:
    """The autograd node that the op made, unless another has it already."""
    found: AutoNode | None = run.node
    return None if found is None or found.key in records.by_key else found


def _used(given: list[tuple[int, Any]], written: list[Any], tensors: Tensors) -> list[tuple[int, Any]]:
    """Without memory whose contents nobody has seen and which is overwritten, unless there is nothing else."""
    if len(given) == 1:
        return given
    return [pair for pair in given if not (any(t is pair[1] for t in written) and tensors.is_blank(pair[1]))]


def _is_kept(records: Records, run: OpRun, tensor: Any) -> bool:
    """Whether autograd detaches what the last node returned, as that node keeps it, and not the snippet."""
    rec = records.ops[-1] if records.ops else None
    if rec is None or rec.auto is None or rec.run is None or all(ref.tensor is not tensor for ref in rec.outs):
        return False
    made = rec.run
    place = run.code, run.lasti, run.call, run.call_lasti
    return (made.code, made.lasti, made.call, made.call_lasti) == place and (
        rec.auto.packed or any(name.startswith(RESULTS) for name, _ in rec.auto.saved)
    )


def _new_op(records: Records, run: OpRun, auto: AutoNode | None) -> Rec:
    rec = Rec("op", run.info.name)
    rec.run = run
    rec.code, rec.lasti = run.code, run.lasti
    rec.auto = auto
    if auto is not None:
        records.by_key[auto.key] = rec
    return rec


def _outputs(records: Records, rec: Rec, outs: list[Any], step: RawStep) -> None:
    if rec.auto is not None and len(outs) > 1:
        outs = _in_order(outs)
    graded = 0 if rec.auto is None else len(rec.auto.metas)
    for index, out in enumerate(outs):
        ref = TensorRef(out, records.time + 1, index < graded, rec.auto is None)
        rec.outs.append(ref)
        rec.current.append(ref)
        records.tensors.enter(out, rec, index)
        step.sets.append((rec, index, ref))
    if outs:
        name = records.tensors.names.get(id(outs[0]))
        if name is not None:
            rec.name = name
            rec.shown = True
            records.named.append(rec)


def _saved(records: Records, rec: Rec, auto: AutoNode, run: OpRun) -> None:
    info = run.info
    for name, tensor in auto.saved:
        if name.startswith(RESULTS):
            number = int(name[6:]) if name[6:].isdecimal() else 0
            if number < len(rec.outs):
                rec.saved.append((name, rec.outs[number]))
                continue
        ref = records.tensors.seen(tensor) if tensor is not None else None
        if ref is None and name in info.arguments:
            given = argument(info, run.args, run.kwargs, info.arguments.index(name))
            if isinstance(given, Tensor):
                ref = records.tensors.seen(given)
        if ref is None and tensor is not None:
            ref = TensorRef(tensor, records.time + 1, False, True)
        if ref is not None:
            rec.saved.append((name, ref))


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
    numbered = [(out.output_nr, out) for out in outs if not out._is_view() and grad_fn_of(out) is not None]
    if not numbered:
        return outs
    first = [out for _, out in sorted(numbered, key=lambda pair: pair[0])]
    ids = {id(out) for out in first}
    return first + [out for out in outs if id(out) not in ids]
