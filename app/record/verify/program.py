"""Checks a whole pass: the gradient of each leaf, or captured input, against differences of the recorded operations.

The operations between leaf and root are run again in float64, in their order, on the values that they had. So control
flow stays as it was, numbers that the snippet drew stay the same, and no code of the snippet runs but its Functions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from app.core.verdict import Compared
from app.record.replay.nodes import RawPass, Rec
from app.record.verify.elements import Work, compared, unchecked
from app.record.verify.nodes import cost_of
from app.record.verify.rerun import COMPLEX, End, Gathering, NotRerunError, Rerun, rerun

DRIFT = (1e-2, 1e-4)
"""Distance from the recorded value, relative and absolute, beyond which a value run again isn't the same any more."""
NARROW = {torch.float64: (1e-8, 1e-9), torch.float32: (1e-3, 1e-4)}
"""Up to which error, relative and absolute, a gradient recorded in a dtype is that of the run in float64."""
WIDE = (0.1, 0.01)
"""The same for dtypes of 16 bits and fewer."""
CHANGED = "a value on the way was changed outside autograd, so that running the operations again gives another one"
OTHER = "the pass gave another gradient than these operations have: a hook, or a Function, changed it on its way"
UNREACHED = "no gradient was computed for it"
TOO_LARGE = "checking it would take too long"


@dataclass(frozen=True, slots=True)
class Chain:
    """The operations of a pass, sources first, each run again from what came before."""

    steps: tuple[Rerun, ...]
    roots: tuple[tuple[End, Tensor], ...]
    """Roots that the pass started from, with their seeds in float64."""
    cost: int

    def value(self, moved: dict[End, Tensor]) -> Tensor:
        """Σ seed · root, where each output in `moved` is replaced by what it came to be, plus the tensor given."""
        made = self.values(moved)
        total = torch.zeros((), dtype=torch.float64)
        for end, seed in self.roots:
            total = total + (made[end].double() * seed).sum()
        return total

    def values(self, moved: dict[End, Tensor]) -> dict[End, Tensor]:
        """Every output of the steps. Leaves have the value that each op saw, plus what they are moved by."""
        made: dict[End, Tensor] = {}
        for step in self.steps:
            inputs = []
            for variable in step.variables:
                end = (variable.edge.source, variable.edge.output)
                if end in made:
                    inputs.append(made[end])
                else:
                    inputs.append(variable.value + moved[end] if end in moved else variable.value)
            for k, output in enumerate(step.outputs(inputs)):
                end = (step.rec, k)
                made[end] = output + moved[end] if end in moved else output
        for end, _ in self.roots:
            if end not in made:
                made[end] = moved[end] if end in moved else torch.zeros((), dtype=torch.float64)
        return made


def verify_pass(replay: Gathering, functions: dict[int, Any], index: int, raw: RawPass, work: Work) -> list[Compared]:
    """Compare every gradient that a pass accumulated or captured."""
    found: list[Compared] = []
    targets = [((rec, 0), added) for rec, _, added, _ in raw.accumulated]
    targets += [((rec, output), value) for rec, output, value in raw.captured if value is not None]
    if raw.start.failed:
        return []
    cached: dict[Rec, Rerun | str] = {}
    for end, recorded in targets:
        place = {"pass": index, "node": end[0].id, "output": end[1]}
        count = end[0].outs[end[1]].tensor.numel()
        try:
            chain = _chain(replay, functions, raw, end, cached)
            own = replay.writes.at(recorded.tensor, recorded.time).detach()
            most = work.elements(count, chain.cost)
            if not most and count:
                raise NotRerunError(TOO_LARGE)
            found.append(_compared(chain, end, place, own, most))
        except NotRerunError as why:
            found.append(unchecked(place, count, str(why)))
        except Exception as problem:
            why_not = f"running its operations again raises {type(problem).__name__}: {str(problem)[:200]}"
            found.append(unchecked(place, count, why_not))
    return found


def _compared(chain: Chain, end: End, place: dict[str, Any], own: Tensor, most: int) -> Compared:
    """`own`: the gradient that the pass gave."""
    own = own.to_dense() if own.layout is not torch.strided else own
    if own.is_complex():
        raise NotRerunError(COMPLEX)
    zero = torch.zeros(end[0].outs[end[1]].tensor.shape, dtype=torch.float64)
    with torch.no_grad():
        _same(chain, chain.values({end: zero}))
        start = float(chain.value({end: zero}))

    def value(moved: Tensor) -> float:
        with torch.no_grad():
            return float(chain.value({end: moved}))

    shift = zero.clone().requires_grad_()
    with torch.enable_grad():
        total = chain.value({end: shift})
    (gradient,) = torch.autograd.grad(total, shift, allow_unused=True) if total.requires_grad else (None,)
    gradient = zero if gradient is None else gradient.to_dense()
    theirs = own.double().sum_to_size(zero.shape) if own.shape != zero.shape else own.double()
    if not _close(theirs, gradient, NARROW.get(own.dtype, WIDE)):
        raise NotRerunError(OTHER)
    at = _value_at(chain, end, zero)

    def along(point: Tensor) -> float:
        return value(point - at)

    return compared(place, along, at, gradient, most=most, numbers=(start, 1.0))


def _value_at(chain: Chain, end: End, fallback: Tensor) -> Tensor:
    """The value of what is moved, so that steps are in proportion to it."""
    for step in chain.steps:
        for variable in step.variables:
            if (variable.edge.source, variable.edge.output) == end:
                return variable.value
    return fallback


def _close(a: Tensor, b: Tensor, within: tuple[float, float]) -> bool:
    if not (torch.isfinite(a).all() and torch.isfinite(b).all()):
        return True
    size = float(torch.maximum(a.abs().max(), b.abs().max())) if a.numel() else 0.0
    return not a.numel() or float((a - b).abs().max()) <= within[0] * size + within[1]


def _same(chain: Chain, made: dict[End, Tensor]) -> None:
    """Raise where a value that is run again isn't the one that the next op saw."""
    for step in chain.steps:
        for variable in step.variables:
            again = made.get((variable.edge.source, variable.edge.output))
            if again is None or again.shape != variable.value.shape:
                continue
            if not _close(again.double(), variable.value, DRIFT):
                raise NotRerunError(CHANGED)


def _chain(
    replay: Gathering, functions: dict[int, Any], raw: RawPass, end: End, cached: dict[Rec, Rerun | str]
) -> Chain:
    """The operations between `end` and the roots, in the order in which they ran."""
    recs = _between(end[0], [rec for rec, _ in raw.roots])
    steps = []
    for rec in recs:
        if rec is end[0] or rec.kind != "op":
            continue
        if rec not in cached:
            try:
                cached[rec] = rerun(replay, functions, rec)
            except NotRerunError as why:
                cached[rec] = str(why)
        known = cached[rec]
        if isinstance(known, str):
            raise NotRerunError(f"{rec.name or rec.op} can't be run again: {known}")
        steps.append(known)
    steps.sort(key=lambda step: replay.given[step.rec][0])
    roots = []
    for (rec, output), seed in zip(raw.roots, raw.seeds, strict=False):
        if rec is end[0] or rec in recs:
            weight = replay.writes.at(seed.tensor, seed.time).detach()
            roots.append(((rec, output), weight.double()))
    if not roots:
        raise NotRerunError(UNREACHED)
    return Chain(tuple(steps), tuple(roots), sum(map(cost_of, steps)) or 1)


def _between(source: Rec, roots: Iterable[Rec]) -> dict[Rec, None]:
    """The recs on some differentiable path from `source` to a root, both included."""
    order: dict[Rec, None] = {}
    stack = list(roots)
    while stack:
        rec = stack.pop()
        if rec not in order:
            order[rec] = None
            stack.extend(edge.source for edge in rec.edges if edge.differentiable)
    reach = {source}
    changed = True
    ops = sorted((rec for rec in order if rec.kind == "op"), key=lambda rec: rec.auto.key if rec.auto else 0)
    while changed:
        before = len(reach)
        reach.update(rec for rec in ops if any(e.differentiable and e.source in reach for e in rec.edges))
        changed = len(reach) > before
    return {rec: None for rec in order if rec in reach}
