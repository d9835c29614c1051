"""Ops that take each output cell from one place of the input, or from none, or that are linear with fixed weights.

Their VJP is the transposed map: every gradient goes back to where its cell came from, times the same weight.
Source: derivatives.yaml; Strang, Introduction to Linear Algebra, 2.7, on transposes of linear maps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.explain.formula import Formula, formula, linear

Apply = Callable[[Any, Any, Any], Any]
"""`apply(xp, v, x)`: the op with `x` for its input."""


def _back(apply: Apply) -> Callable[[Any, Any], Any]:
    """Give each cell's gradient to the cell it came from. Cells are numbered from 1, so that 0 is none of them."""

    def code(xp: Any, v: Any) -> Any:
        count = v.self.numel()
        numbers = xp.arange(1, count + 1, dtype=xp.float64).reshape(v.self.shape)
        origin = apply(xp, v, numbers).round().long().flatten()
        found = xp.zeros(count + 1, dtype=v.g.dtype).index_add(0, origin, v.g.flatten())
        return found[1:].reshape(v.self.shape)

    return code


def _transposed(name: str, apply: Apply) -> Callable[[Any, Any], Any]:
    """x̄ⱼ = Σ ḡ ⊙ f(eⱼ), where f is linear in the input called `name`."""

    def code(xp: Any, v: Any) -> Any:
        x = getattr(v, name)
        basis = xp.eye(x.numel(), dtype=v.g.dtype)
        return xp.stack([(v.g * apply(xp, v, e.reshape(x.shape))).sum() for e in basis]).reshape(x.shape)

    return code


def _moved(name: str, apply: Apply, note: str) -> Formula:
    return formula(
        rf"\operatorname{{{name}}}(<self>)",
        self=linear(
            r"\operatorname{put\ back}(<g>)", _back(apply), "put(<g>)", local=r"\mathbf{1}[i \text{ comes from } j]",
            sparsity="selection",
        ),
        note=note,
    )  # fmt: skip


def _weighted(name: str, apply: Apply, note: str) -> Formula:
    rule = linear(r"M^{\top} <g>", _transposed("self", apply), r"Mᵀ \cdot <g>", local="M", whole=True)
    return formula(rf"\operatorname{{{name}}}(<self>) = M <self>", self=rule, note=note)


def _aten(name: str, *arguments: str) -> Apply:
    """The op itself, with its own arguments by name."""
    return lambda xp, v, x: getattr(xp.ops.aten, name)(x, *(getattr(v, key) for key in arguments))


def _of_three(name: str) -> Apply:
    """The sum of products of three tensors, as a function of one of them."""

    def apply(xp: Any, v: Any, x: Any) -> Any:
        three = [x if key == name else getattr(v, key) for key in ("i1", "i2", "i3")]
        return xp.ops.aten._trilinear(*three, v.expand1, v.expand2, v.expand3, v.sumdim, v.unroll_dim)

    return apply


COPIED = "Cells at the edge are copied: each gets its own gradient plus those of its copies."
REORDERED = "The same cells in another order: each gradient goes back to its place."
OVERLAPS = "A cell that lies in several windows gets the sum of their gradients."
MIXED = "Each output cell is a fixed mixture M of input cells; the gradient is shared by the same weights."

MOVES: dict[str, Formula] = {
    **{
        f"reflection_pad{rank}d": _moved("reflect", _aten(f"reflection_pad{rank}d", "padding"), COPIED)
        for rank in (1, 2, 3)
    },
    **{
        f"replication_pad{rank}d": _moved("replicate", _aten(f"replication_pad{rank}d", "padding"), COPIED)
        for rank in (1, 2, 3)
    },
    "pixel_unshuffle": _moved("unshuffle", _aten("pixel_unshuffle", "downscale_factor"), REORDERED),
    "channel_shuffle": _moved("shuffle", _aten("channel_shuffle", "groups"), REORDERED),
    "rot90": _moved("rot90", _aten("rot90", "k", "dims"), REORDERED),
    "unfold": _moved("unfold", _aten("unfold", "dimension", "size", "step"), OVERLAPS),
    "im2col": _moved("unfold", _aten("im2col", "kernel_size", "dilation", "padding", "stride"), OVERLAPS),
    "as_strided": _moved("strided", _aten("as_strided", "size", "stride", "storage_offset"), OVERLAPS),
    "upsample_linear1d": _weighted(
        "interpolate", _aten("upsample_linear1d", "output_size", "align_corners", "scales"), MIXED
    ),
    **{
        f"upsample_{kind}": _weighted(
            "interpolate",
            _aten(f"upsample_{kind}", "output_size", "align_corners", *(f"scales_{axis}" for axis in axes)),
            MIXED,
        )
        for kind, axes in (("bilinear2d", "hw"), ("bicubic2d", "hw"), ("trilinear3d", "dhw"))
    },
    "col2im": _weighted("fold", _aten("col2im", "output_size", "kernel_size", "dilation", "padding", "stride"), MIXED),
    "avg_pool3d": _weighted(
        "mean",
        _aten("avg_pool3d", "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override"),
        "Each window's gradient is shared evenly by its elements.",
    ),
    "_adaptive_avg_pool3d": _weighted(
        "mean", _aten("_adaptive_avg_pool3d", "output_size"), "Each window's gradient is shared evenly by its elements."
    ),
    "affine_grid_generator": formula(
        r"\operatorname{grid}(<theta>)",
        symbols={"theta": r"\Theta"},
        theta=linear(
            r"M^{\top} <g>",
            _transposed("theta", lambda xp, v, x: xp.ops.aten.affine_grid_generator(x, v.size, v.align_corners)),
            r"Mᵀ \cdot <g>",
        ),
        note="The grid is linear in the matrix: each coordinate is a row of it times a fixed point.",
    ),
    "_trilinear": formula(
        r"<i1> \cdot <i2> \cdot <i3>",
        symbols={"i1": "a", "i2": "W", "i3": "b"},
        i1=linear(r"<g> \cdot <i2> \cdot <i3>", _transposed("i1", _of_three("i1")), "VJP(<g>)"),
        i2=linear(r"<g> \cdot <i1> \cdot <i3>", _transposed("i2", _of_three("i2")), "VJP(<g>)"),
        i3=linear(r"<g> \cdot <i1> \cdot <i2>", _transposed("i3", _of_three("i3")), "VJP(<g>)"),
        note="A sum of products of three: the gradient of each is the product of the two others.",
    ),
}  # fmt: skip
