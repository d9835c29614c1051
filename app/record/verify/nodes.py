"""Checks each operation by itself: the VJP of its node against differences of the op, run again in float64.

The cotangent is 1 where the output is one number, else fixed numbers of either sign, so that no error cancels.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import prod
from typing import Any

import torch
from torch import Tensor

from app.core.verdict import Checked, Compared, worst
from app.record.replay.nodes import Rec
from app.record.verify.elements import Work, compared, unchecked
from app.record.verify.rerun import Gathering, NotRerunError, Rerun, rerun

ELEMENTS_PER_CALL = 2_048
"""Elements of inputs and outputs that make an op cost one more call."""
PRODUCTS_PER_CALL = 20_000
CONTRACTING = re.compile(r"mm|mv|dot|linear|linalg|attention|cdist|inverse|cholesky|lu|svd|eig|qr|rnn|lstm|gru")
"""Ops of which an element of the output takes as many products as a row of the input has elements."""
VARIES = "its value changes from call to call, so that differences say nothing"
NO_GRADIENT = "none of its inputs needs a gradient"
TOO_LARGE = "checking it would take too long"


def verify_node(replay: Gathering, functions: dict[int, Any], rec: Rec, work: Work) -> Checked:
    """Compare every differentiable edge that enters an op node."""
    edges = [edge for edge in rec.edges if edge.differentiable and edge.id]
    try:
        again = rerun(replay, functions, rec)
        if not again.variables:
            return Checked(rec.id, "not_checked", NO_GRADIENT, ())
        found = _edges(again, work)
    except NotRerunError as why:
        found = tuple(unchecked({"edge": edge.id}, 0, str(why)) for edge in edges)
        return Checked(rec.id, "not_checked", str(why), found)
    status = worst(edge.status for edge in found)
    reason = next((edge.reason for edge in found if edge.status == status), None)
    return Checked(rec.id, status, reason, found)


def cost_of(again: Rerun) -> int:
    """What one call of the op costs, in calls of a small one: more for many elements, and for many products."""
    sizes = [int(variable.value.numel()) for variable in again.variables]
    out = sum(int(ref.tensor.numel()) for ref in again.rec.outs)
    return 1 + (sum(sizes) + out) // ELEMENTS_PER_CALL + out * _products(again) // PRODUCTS_PER_CALL


def _products(again: Rerun) -> int:
    """How many products make one element of the output, roughly."""
    op, shapes = again.rec.op, [variable.value.shape for variable in again.variables if variable.value.dim() > 1]
    if not shapes:
        return 1
    if "conv" in op:
        return int(prod(shapes[-1][1:]))
    return int(shapes[0][-1]) if CONTRACTING.search(op) else 1


def _edges(again: Rerun, work: Work) -> tuple[Compared, ...]:
    at = [variable.value for variable in again.variables]
    weights = cotangents(_tried(again, at))
    if not weights:
        raise NotRerunError(NO_GRADIENT)

    def value(inputs: Sequence[Tensor]) -> float:
        with torch.no_grad():
            return weighted(again.outputs(inputs), weights)

    start, again_ = value(at), value(at)
    if start != again_ and not start != start:  # noqa: PLR0124 - NaN
        raise NotRerunError(VARIES)
    gradients = vjp(again, at, weights)
    cost, made = cost_of(again), []
    for k, variable in enumerate(again.variables):
        place = {"edge": variable.edge.id}
        count = variable.value.numel()
        most = work.elements(count, cost)
        if not most and count:
            made.append(unchecked(place, count, TOO_LARGE))
            continue

        def along(moved: Tensor, k: int = k) -> float:
            return value([*at[:k], moved, *at[k + 1 :]])

        made.append(compared(place, along, at[k], gradients[k], most=most, numbers=(start, 1.0)))
    return tuple(made)


def _tried(again: Rerun, at: Sequence[Tensor]) -> list[Any]:
    """The outputs with their graph, which tells the differentiable ones."""
    with torch.enable_grad():
        return again.outputs([tensor.detach().requires_grad_() for tensor in at])


def vjp(again: Rerun, at: Sequence[Tensor], weights: dict[int, Tensor]) -> list[Tensor]:
    """The gradient of the weighted outputs by each variable, as autograd has it."""
    inputs = [tensor.detach().requires_grad_() for tensor in at]
    with torch.enable_grad():
        outputs = again.outputs(inputs)
    try:
        found = torch.autograd.grad([outputs[k] for k in weights], inputs, list(weights.values()), allow_unused=True)
    except Exception as problem:
        raise NotRerunError(f"its backward step raises {type(problem).__name__}: {str(problem)[:200]}") from problem
    return [
        torch.zeros_like(tensor) if grad is None else grad.to_dense().to(torch.float64)
        for tensor, grad in zip(at, found, strict=True)
    ]


def cotangents(outputs: Sequence[Any]) -> dict[int, Tensor]:
    """Fixed weights for each differentiable output, by its number: 1, or several of either sign, 0.5 to 1.5."""
    floating = [k for k, output in enumerate(outputs) if output.is_floating_point() and output.requires_grad]
    if len(floating) == 1 and outputs[floating[0]].numel() == 1:
        return {floating[0]: torch.ones(outputs[floating[0]].shape, dtype=torch.float64)}
    generator = torch.Generator().manual_seed(1)
    made = {}
    for k in floating:
        size = torch.rand(outputs[k].shape, generator=generator, dtype=torch.float64) + 0.5
        sign = torch.randint(0, 2, outputs[k].shape, generator=generator).double() * 2 - 1
        made[k] = size * sign
    return made


def weighted(outputs: Sequence[Tensor], weights: dict[int, Tensor]) -> float:
    """Σ weight · output."""
    return float(sum((outputs[k].double() * weight).sum() for k, weight in weights.items()))
