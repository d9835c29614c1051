"""Ops that move or repeat elements without changing them: the backward step moves gradients back the same way.

Source: derivatives.yaml; the transpose (and inverse) of a permutation matrix.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.explain.formula import Formula, formula, linear

SAME = "The same numbers in another shape: the gradient is reshaped back."


def _moved(forward: str, vjp: str, code: Callable[[Any, Any], Any], short: str, note: str = SAME) -> Formula:
    return formula(forward, note=note, self=linear(vjp, code, short, sparsity="identity"))


def _reshaped(name: str) -> Formula:
    return _moved(
        rf"\operatorname{{{name}}}(<self>)",
        r"\operatorname{reshape}(<g>)",
        lambda xp, v: v.g.reshape(v.self.shape),
        "reshape(<g>)",
    )


def _same(forward: str, note: str) -> Formula:
    return _moved(forward, "<g>", lambda xp, v: v.g.to(v.self.dtype), "1", note)


def _permuted(v: Any) -> list[int]:
    rank = len(v.dims)
    return sorted(range(rank), key=lambda k: v.dims[k] % rank)


def _repeat(xp: Any, v: Any) -> Any:
    """Sum over the copies."""
    g, rank = v.g, len(v.repeats)
    shape = [1] * (rank - v.self.dim()) + list(v.self.shape)
    for k in range(rank):
        g = g.unflatten(2 * k, (v.repeats[k], shape[k]))
    return g.sum(list(range(0, 2 * rank, 2))).reshape(v.self.shape)


def _part(xp: Any, v: Any) -> Any:
    """The gradient of the first piece alone: zeros for the others."""
    zeros = xp.zeros_like(v.self)
    if hasattr(v, "split_size"):
        zeros.split(v.split_size, v.dim)[0].copy_(v.g)
    elif hasattr(v, "split_sizes"):
        zeros.split(v.split_sizes, v.dim)[0].copy_(v.g)
    else:
        zeros.unbind(v.dim)[0].copy_(v.g)
    return zeros


def _pieces(name: str, back: str) -> Formula:
    return formula(
        rf"\operatorname{{{name}}}(<self>)",
        self=linear(rf"\operatorname{{{back}}}(<g>)", _part, f"{back}(<g>)", sparsity="selection"),
        note="Each piece's gradient returns to its place; a piece that was not used sends zeros.",
    )


_TRANSPOSED = "Rows become columns, and the gradient's columns rows again."

_PERMUTED = _moved(
    r"\operatorname{permute}_{<dims>}(<self>)",
    r"\operatorname{permute}^{-1}(<g>)",
    lambda xp, v: v.g.permute(_permuted(v)),
    "permute(<g>)",
    "The gradient's dimensions are permuted back.",
)
_MATRIX_TRANSPOSED = _moved("<self.T>", "<g.T>", lambda xp, v: v.g.permute(_permuted(v)), "<g.T>", _TRANSPOSED)


def _permute(args: Any) -> Formula:
    return _MATRIX_TRANSPOSED if list(getattr(args, "dims", [])) in ([1, 0], [-1, -2]) else _PERMUTED


VIEWS: dict[str, Formula] = {
    "view": _reshaped("view"),
    "_unsafe_view": _reshaped("view"),
    "reshape": _reshaped("reshape"),
    "_reshape_alias": _reshaped("reshape"),
    "_reshape_copy": _reshaped("reshape"),
    "unsqueeze": _reshaped("unsqueeze"),
    "squeeze": _reshaped("squeeze"),
    "squeeze.dim": _reshaped("squeeze"),
    "squeeze.dims": _reshaped("squeeze"),
    "t": _moved("<self.T>", "<g.T>", lambda xp, v: v.g.t(), "<g.T>", _TRANSPOSED),
    "transpose": _moved("<self.T>", "<g.T>", lambda xp, v: v.g.transpose(v.dim0, v.dim1), "<g.T>", _TRANSPOSED),
    "pixel_shuffle": _moved(
        r"\operatorname{pixel\_shuffle}(<self>)",
        r"\operatorname{pixel\_unshuffle}(<g>)",
        lambda xp, v: xp.pixel_unshuffle(v.g, v.upscale_factor),
        "unshuffle(<g>)",
        "The gradient's elements go back the same way.",
    ),
    "unsafe_split.Tensor": _pieces("split", "cat"),
    "permute": Formula(_PERMUTED.forward, _PERMUTED.rules, note=_PERMUTED.note, variant=_permute),
    "expand": formula(
        r"\operatorname{expand}(<self>)",
        self=linear(
            r"\operatorname{sum}(<g>)", lambda xp, v: v.g.sum_to_size(v.self.shape), "sum(<g>)",
            sparsity="selection",
        ),
        note="One number stands in many places: its gradient is the sum over them.",
    ),
    "repeat": formula(
        r"\operatorname{repeat}(<self>)",
        self=linear(r"\operatorname{sum}(<g>)", _repeat, "sum(<g>)", sparsity="selection"),
        note="Each number was copied: its gradient is the sum over the copies.",
    ),
    "flip": _moved(
        r"\operatorname{flip}(<self>)", r"\operatorname{flip}(<g>)", lambda xp, v: v.g.flip(v.dims), "flip(<g>)",
        "The gradient is flipped back.",
    ),
    "roll": _moved(
        r"\operatorname{roll}(<self>)",
        r"\operatorname{roll}^{-1}(<g>)",
        lambda xp, v: v.g.roll([-s for s in v.shifts], v.dims),
        "roll(<g>)",
        "The gradient is rolled back.",
    ),
    "alias": _same("<self>", "The same tensor under another name."),
    "clone": _same("<self>", "A copy: the gradient passes unchanged."),
    "_to_copy": _same("<self>", "A copy in another dtype or on another device; the gradient is cast back."),
    "contiguous": _same("<self>", "A copy in another memory order: the gradient passes unchanged."),
    "lift_fresh": _same("<self>", "The same tensor."),
    "detach": formula("<self>", note="The same numbers, cut off from the graph: no gradient passes."),
    "unbind.int": _pieces("unbind", "stack"),
    "split.Tensor": _pieces("split", "cat"),
    "split_with_sizes": _pieces("split", "cat"),
}  # fmt: skip
