"""Sliding windows: convolution, pooling, padding, resampling.

Source: Dumoulin & Visin 2016, A guide to convolution arithmetic, chapter 4: the transpose of a convolution.
"""

from __future__ import annotations

from typing import Any

from app.explain.formula import Formula, formula, linear


def _lists(v: Any) -> dict[str, Any]:
    return {"stride": v.stride, "padding": v.padding, "dilation": v.dilation, "groups": v.groups}


def _conv_input(xp: Any, v: Any) -> Any:
    """The transposed convolution, with the output padding that restores the input's size."""
    rank = v.input.dim() - 2
    if v.transposed:
        return getattr(xp, f"conv{rank}d")(v.g, v.weight, None, **_lists(v))
    reached = [
        (v.g.shape[2 + k] - 1) * v.stride[k] - 2 * v.padding[k] + v.dilation[k] * (v.weight.shape[2 + k] - 1) + 1
        for k in range(rank)
    ]
    extra = [v.input.shape[2 + k] - reached[k] for k in range(rank)]
    return getattr(xp, f"conv_transpose{rank}d")(v.g, v.weight, None, output_padding=extra, **_lists(v))


def _conv_weight(xp: Any, v: Any) -> Any:
    """Correlate input and gradient, stride and dilation exchanged, group by group."""
    rank = v.input.dim() - 2
    x, g = (v.g, v.input) if v.transposed else (v.input, v.g)
    parts = []
    for a, b in zip(x.chunk(v.groups, 1), g.chunk(v.groups, 1), strict=True):
        part = getattr(xp, f"conv{rank}d")(
            a.transpose(0, 1), b.transpose(0, 1), None, stride=v.dilation, padding=v.padding, dilation=v.stride
        )
        for k in range(rank):
            part = part.narrow(2 + k, 0, v.weight.shape[2 + k])
        parts.append(part.transpose(0, 1))
    return xp.cat(parts, 0)


def _conv_bias(xp: Any, v: Any) -> Any:
    return v.g.sum([0, *range(2, v.g.dim())])


def _max_pool(xp: Any, v: Any) -> Any:
    """Add each window's gradient to the place its maximum came from."""
    flat = xp.zeros_like(v.self).flatten(-2)
    return flat.scatter_add(-1, v.result1.flatten(-2), v.g.flatten(-2)).reshape(v.self.shape)


def _max_pool3(xp: Any, v: Any) -> Any:
    flat = xp.zeros_like(v.self).flatten(-3)
    return flat.scatter_add(-1, v.result1.flatten(-3), v.g.flatten(-3)).reshape(v.self.shape)


def _avg_pool(xp: Any, v: Any) -> Any:
    """Spread each window's gradient evenly: a transposed convolution with a constant kernel (padding counted)."""
    kernel = v.kernel_size * 2 if len(v.kernel_size) == 1 else v.kernel_size
    stride, channels = (v.stride or kernel), v.self.shape[-3]
    weight = xp.full((channels, 1, *kernel), 1 / (kernel[0] * kernel[1]), dtype=v.g.dtype)
    reached = [(v.g.shape[-2 + k] - 1) * stride[k] - 2 * v.padding[k] + kernel[k] for k in range(2)]
    extra = [v.self.shape[-2 + k] - reached[k] for k in range(2)]
    return xp.conv_transpose2d(v.g, weight, None, stride, v.padding, extra, channels)


def _adaptive(xp: Any, v: Any) -> Any:
    """Each input cell gets the gradient of its window over the window's size."""
    made = xp.zeros_like(v.self)
    (height, width), (rows, columns) = v.self.shape[-2:], v.g.shape[-2:]
    for i in range(rows):
        top, bottom = i * height // rows, -(-(i + 1) * height // rows)
        for j in range(columns):
            left, right = j * width // columns, -(-(j + 1) * width // columns)
            area = (bottom - top) * (right - left)
            made[..., top:bottom, left:right] += v.g[..., i : i + 1, j : j + 1] / area
    return made


def _copies(xp: Any, v: Any) -> Any:
    height, width = v.self.shape[-2:]
    return v.g.unflatten(-1, (width, -1)).sum(-1).unflatten(-2, (height, -1)).sum(-2)


def _unpadded(xp: Any, v: Any) -> Any:
    return xp.constant_pad_nd(v.g, [-p for p in v.pad], 0)


_CONV_RULES = {
    "input": linear(r"<weight> *^{\top} <g>", _conv_input, "<weight> ∗ᵀ <g>"),
    "weight": linear("<input> * <g>", _conv_weight, "<input> ∗ <g>"),
    "bias": linear(r"\operatorname{sum}(<g>)", _conv_bias, "sum(<g>)", sparsity="selection"),
}
_CONV_NOTE = "∗ is cross-correlation, ∗ᵀ the transposed one: every window's gradient is spread back over the window."
_CONV = Formula("<weight> * <input> + <bias>", _CONV_RULES, note=_CONV_NOTE)
_CONV_WITHOUT_BIAS = Formula("<weight> * <input>", _CONV_RULES, note=_CONV_NOTE)


def _conv(args: Any) -> Formula:
    return _CONV if "bias" in getattr(args, "given", {"bias"}) else _CONV_WITHOUT_BIAS


WINDOWS: dict[str, Formula] = {
    "convolution": Formula(_CONV.forward, _CONV.rules, note=_CONV.note, variant=_conv),
    "max_pool2d_with_indices": formula(
        r"\max_{\text{window}} <self>",
        self=linear(
            r"\operatorname{put}_{\operatorname{argmax}}(<g>)",
            _max_pool,
            "pick(<g>)",
            local=r"\mathbf{1}[j \text{ is taken as } i]",
            sparsity="selection",
        ),
        note="Each window's gradient goes to the element that was its maximum.",
    ),
    **{
        f"{name}": formula(
            r"\max_{\text{window}} <self>",
            self=linear(
                r"\operatorname{put}_{\operatorname{argmax}}(<g>)", code, "pick(<g>)",
                local=r"\mathbf{1}[j \text{ is taken as } i]", sparsity="selection",
            ),
            note="Each window's gradient goes to the element that was its maximum.",
        )
        for name, code in (
            ("adaptive_max_pool2d", _max_pool),
            ("fractional_max_pool2d", _max_pool),
            ("max_pool3d_with_indices", _max_pool3),
        )
    },
    "avg_pool2d": formula(
        r"\operatorname{mean}_{\text{window}} <self>",
        self=linear(r"\operatorname{spread}(<g>)", _avg_pool, "spread(<g>)"),
        note="Each window's gradient is shared evenly by its elements.",
    ),
    "_adaptive_avg_pool2d": formula(
        r"\operatorname{mean}_{\text{window}} <self>",
        self=linear(r"\operatorname{spread}(<g>)", _adaptive, "spread(<g>)"),
        note="Each window's gradient is shared evenly by its elements.",
    ),
    "constant_pad_nd": formula(
        r"\operatorname{pad}(<self>)",
        self=linear(r"\operatorname{crop}(<g>)", _unpadded, "crop(<g>)", sparsity="selection"),
        note="The padding is constant: its part of the gradient is dropped.",
    ),
    "upsample_nearest1d": formula(
        r"\operatorname{upsample}(<self>)",
        self=linear(
            r"\operatorname{sum}_{\text{copies}}(<g>)",
            lambda xp, v: v.g.unflatten(-1, (v.self.shape[-1], -1)).sum(-1),
            "sum(<g>)",
            sparsity="selection",
        ),
        note="Each element was copied: its gradient is the sum over the copies.",
    ),
    "upsample_nearest2d": formula(
        r"\operatorname{upsample}(<self>)",
        self=linear(
            r"\operatorname{sum}_{\text{copies}}(<g>)",
            _copies,
            "sum(<g>)",
            sparsity="selection",
        ),
        note="Each element was copied: its gradient is the sum over the copies.",
    ),
}  # fmt: skip
