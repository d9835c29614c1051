"""Normalisation over features, batches and groups.

Source: Ioffe & Szegedy 2015, section 3; Ba, Kiros & Hinton 2016; Wu & He 2018; Zhang & Sennrich 2019. With
x̂ = (x − mean) / √(var + ε) and ĝ = g ⊙ γ, all have dx = (ĝ − mean ĝ − x̂ mean(ĝ x̂)) / √(var + ε).
"""

from __future__ import annotations

from typing import Any

from app.explain.formula import Formula, formula, linear

_INPUT = r"\frac{1}{\sigma} \left(\hat{g} - \overline{\hat{g}} - \hat{x} \odot \overline{\hat{g} \odot \hat{x}}\right)"


def _whitened(v: Any, x: Any, dims: list[int]) -> tuple[Any, Any]:
    """x̂ and 1/σ over `dims`."""
    mean = x.mean(dims, keepdim=True)
    rstd = 1 / ((x - mean).square().mean(dims, keepdim=True) + v.eps).sqrt()
    return (x - mean) * rstd, rstd


def _centred(g: Any, x: Any, rstd: Any, dims: list[int]) -> Any:
    return rstd * (g - g.mean(dims, keepdim=True) - x * (g * x).mean(dims, keepdim=True))


def _layer_dims(v: Any) -> list[int]:
    return list(range(v.input.dim() - len(v.normalized_shape), v.input.dim()))


def _layer(xp: Any, v: Any) -> Any:
    dims = _layer_dims(v)
    x, rstd = _whitened(v, v.input, dims)
    return _centred(v.g if v.weight is None else v.g * v.weight, x, rstd, dims)


def _channels(v: Any, x: Any) -> Any:
    return x.reshape(1, -1, *[1] * (v.input.dim() - 2))


def _batch_dims(v: Any) -> list[int]:
    return [0, *range(2, v.input.dim())]


def _batch_whitened(v: Any) -> tuple[Any, Any]:
    if v.training:
        return _whitened(v, v.input, _batch_dims(v))
    rstd = 1 / (_channels(v, v.running_var) + v.eps).sqrt()
    return (v.input - _channels(v, v.running_mean)) * rstd, rstd


def _batch(xp: Any, v: Any) -> Any:
    x, rstd = _batch_whitened(v)
    g = v.g if v.weight is None else v.g * _channels(v, v.weight)
    return _centred(g, x, rstd, _batch_dims(v)) if v.training else g * rstd


def _grouped(v: Any, x: Any) -> Any:
    return x.reshape(v.N, v.group, -1)


def _group(xp: Any, v: Any) -> Any:
    x, rstd = _whitened(v, _grouped(v, v.input), [2])
    g = v.g if v.weight is None else v.g * _channels(v, v.weight)
    return _centred(_grouped(v, g), x, rstd, [2]).reshape(v.input.shape)


def _group_weight(xp: Any, v: Any) -> Any:
    x = _whitened(v, _grouped(v, v.input), [2])[0].reshape(v.input.shape)
    return (v.g * x).sum(_batch_dims(v))


def _rms(xp: Any, v: Any) -> Any:
    """dx = r ĝ − x r³ mean(ĝ x), r = 1/√(mean x² + ε)."""
    dims = _layer_dims(v)
    r = 1 / (v.input.square().mean(dims, keepdim=True) + v.eps).sqrt()
    g = v.g if v.weight is None else v.g * v.weight
    return r * g - v.input * r**3 * (g * v.input).mean(dims, keepdim=True)


def _norm(name: str, input_: Any, weight: Any, bias: Any) -> Formula:
    return formula(
        rf"\operatorname{{{name}}}(<input>)",
        input=linear(_INPUT, input_, "VJP(<g>)"),
        weight=linear(r"\textstyle\sum <g> \odot \hat{x}", weight, r"sum(<g> \odot x̂)"),
        bias=linear(r"\textstyle\sum <g>", bias, "sum(<g>)", sparsity="selection"),
        symbols={"weight": r"\gamma", "bias": r"\beta"},
        note="x̂ is the normalised input, σ the deviation divided out, ĝ the gradient times the weight; bars are means.",
    )


_BATCH = _norm(
    r"batch\_norm",
    _batch,
    lambda xp, v: (v.g * _batch_whitened(v)[0]).sum(_batch_dims(v)),
    lambda xp, v: v.g.sum(_batch_dims(v)),
)

NORMALISATION: dict[str, Formula] = {
    "native_layer_norm": _norm(
        r"layer\_norm",
        _layer,
        lambda xp, v: (v.g * _whitened(v, v.input, _layer_dims(v))[0]).sum(list(range(v.input.dim() - v.weight.dim()))),
        lambda xp, v: v.g.sum(list(range(v.input.dim() - v.bias.dim()))),
    ),
    "native_batch_norm": _BATCH,
    "_native_batch_norm_legit": _BATCH,
    "native_group_norm": _norm(r"group\_norm", _group, _group_weight, lambda xp, v: v.g.sum(_batch_dims(v))),
    "_fused_rms_norm": formula(
        r"\operatorname{rms\_norm}(<input>)",
        input=linear(r"r \, \hat{g} - r^{3} <input> \odot \overline{\hat{g} \odot <input>}", _rms, "VJP(<g>)"),
        weight=linear(
            r"\textstyle\sum <g> \odot r <input>",
            lambda xp, v: (v.g * v.input / (v.input.square().mean(_layer_dims(v), keepdim=True) + v.eps).sqrt()).sum(
                list(range(v.input.dim() - v.weight.dim()))
            ),
            r"sum(<g> \odot x̂)",
        ),
        note="r = 1/√(mean x² + ε).",
    ),
}
