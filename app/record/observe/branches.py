"""Gradients that PyTorch computes otherwise while a mode observes: the operations by which it computes them alone.

Each is the branch of ATen's FunctionsManual.cpp that is taken where no tensor is like a subclass and a graph of the
gradient is made. The other branch rounds otherwise, or gives zeros another sign, by other nodes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True, slots=True)
class Branch:
    """What stock does for one kind of node."""

    taken: Callable[[Any], bool]
    """Of a node: whether stock takes this branch."""
    sends: Callable[[Any, Any, tuple[Any, ...]], tuple[Any, ...]]
    """Of a node, the gradient that arrives, and what the node sent: what it sends by this branch."""


def _divides(fn: Any) -> bool:
    """Whether `prod_backward` divides the result by the input, which it does where no element is zero."""
    x = fn._saved_self
    alone = x.dim() == 0 or ("Cumprod" in fn.name() and (x.numel() <= 1 or x.shape[_dim(fn, x)] == 1))
    return not alone and not bool((x == 0).any())


def _divided(fn: Any, grad: Any, _sent: tuple[Any, ...]) -> tuple[Any, ...]:
    """`prod_backward` and `cumprod_backward` where no element is zero."""
    x, result = fn._saved_self, fn._saved_result
    if "Cumprod" in fn.name():
        dim = _dim(fn, x)
        return ((result.conj() * grad).flip(dim).cumsum(dim).flip(dim).div(x.conj()),)
    if fn.name() == "ProdBackward1" and not fn._saved_keepdim:
        dim = _dim(fn, x)
        grad, result = grad.unsqueeze(dim), result.unsqueeze(dim)
    return (grad * (result / x).conj(),)


def _dim(fn: Any, x: Any) -> int:
    dim = int(fn._saved_dim)  # a negative one is shown without its sign
    return (dim - 2**64 if dim >= 2**63 else dim) % int(x.dim())


def _spread(fn: Any, grad: Any, _sent: tuple[Any, ...]) -> tuple[Any, ...]:
    """`evenly_distribute_backward`: an equal share for each element that is the result."""
    x, result = fn._saved_self, fn._saved_result
    mask = x.isnan() if bool(result.isnan()) else x == result
    return (grad.new_zeros(x.shape).masked_fill_(mask, grad / mask.sum()),)


def _is_regular(fn: Any) -> bool:
    """Whether `linalg_det_backward` solves: matrices have several rows, and none is near to singular."""
    det = fn._saved_result
    return (
        fn._saved_A.numel() > 0
        and fn._saved_A.shape[-1] > 1
        and not bool((det.abs() < 100 * torch.finfo(det.dtype).eps).any())
    )


def _solved(fn: Any, grad: Any, _sent: tuple[Any, ...]) -> tuple[Any, ...]:
    diagonal = grad * fn._saved_result.conj()
    full = torch.diag_embed(diagonal.unsqueeze(-1).expand_as(fn._saved_pivots)).mT
    return (torch.linalg.solve(fn._saved_A.mH, full),)


def _selected(fn: Any, grad: Any, sent: tuple[Any, ...]) -> tuple[Any, ...]:
    """`masked_fill_backward` of the value that was filled in."""
    mask = fn._saved_mask
    own = None if sent[0] is None else grad.masked_fill(mask, 0)
    return own, None if sent[1] is None else grad.masked_select(mask).sum()


def _always(_fn: Any) -> bool:
    return True


BRANCHES = {
    **dict.fromkeys(("ProdBackward0", "ProdBackward1", "CumprodBackward0"), Branch(_divides, _divided)),
    **dict.fromkeys(
        ("MaxBackward1", "MinBackward1", "MedianBackward0", "NanmedianBackward0"), Branch(_always, _spread)
    ),
    "LinalgDetBackward0": Branch(_is_regular, _solved),
    "MaskedFillBackward1": Branch(_always, _selected),
}
"""By the name of the node."""
