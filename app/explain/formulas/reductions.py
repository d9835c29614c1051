"""Sums, means, spreads, products, extremes and norms over some or all elements.

Source: the definitions; where several elements share an extreme, derivatives.yaml (`evenly_distribute_backward`).
"""

from __future__ import annotations

from typing import Any

from app.explain.formula import Formula, formula, linear


def spread(like: Any, reduced: Any, dim: Any, keepdim: Any) -> Any:
    """Give a reduced tensor back the dimensions it lost, so that it broadcasts against `like`."""
    if keepdim or dim is None or dim == [] or reduced.dim() == like.dim():
        return reduced
    for d in sorted(d % like.dim() for d in ([dim] if isinstance(dim, int) else dim)):
        reduced = reduced.unsqueeze(d)
    return reduced


def _spread(v: Any, x: Any) -> Any:
    return spread(v.self, x, getattr(v, "dim", None), getattr(v, "keepdim", False))


def _correction(v: Any) -> float:
    if getattr(v, "correction", None) is not None:
        return float(v.correction)
    return 1.0 if getattr(v, "unbiased", True) else 0.0


def _deviation(v: Any) -> Any:
    dim = getattr(v, "dim", None) or list(range(v.self.dim()))
    return v.self - v.self.mean(dim, keepdim=True), v.self.numel() / v.self.mean(dim).numel() - _correction(v)


def _var(xp: Any, v: Any) -> Any:
    deviation, n = _deviation(v)
    return _spread(v, v.g) * 2 * deviation / n


def _std(xp: Any, v: Any) -> Any:
    deviation, n = _deviation(v)
    return _spread(v, v.g / v.result) * deviation / n


def _evenly(xp: Any, v: Any) -> Any:
    """Elements that tie share the gradient."""
    chosen = v.self == _spread(v, v.result)
    dim = getattr(v, "dim", None) or list(range(v.self.dim()))
    return _spread(v, v.g) * chosen / chosen.sum(dim, keepdim=True)


def _at_index(xp: Any, v: Any) -> Any:
    """The gradient goes to the one element that was taken."""
    return xp.zeros_like(v.self).scatter(
        v.dim, spread(v.self, v.result1, v.dim, v.keepdim), spread(v.self, v.g, v.dim, v.keepdim)
    )


def _norm(xp: Any, v: Any) -> Any:
    """∂‖x‖ₚ/∂x = sign(x) |x|^{p−1} / ‖x‖ₚ^{p−1}."""
    p = float(getattr(v, "ord", getattr(v, "p", 2)) or 0)
    g, y = _spread(v, v.g), _spread(v, v.result)
    if p == float("inf"):
        chosen = v.self.abs() == y
        dim = v.dim or list(range(v.self.dim()))
        return g * v.self.sign() * chosen / chosen.sum(dim, keepdim=True)
    return g * v.self.sign() * v.self.abs() ** (p - 1) / y ** (p - 1)


def _by_correction(spread_: str) -> Formula:
    """Variance or standard deviation; the divisor is n minus the correction."""

    def made(n: str) -> Formula:
        if spread_ == "var":
            local, code, forward = (
                rf"\tfrac{{2}}{{{n}}} (<self> - \overline{{<self>}})",
                _var,
                r"\operatorname{var}(<self>)",
            )
        else:
            local, code, forward = (
                rf"\frac{{<self> - \overline{{<self>}}}}{{({n}) \, <result>}}",
                _std,
                r"\operatorname{std}(<self>)",
            )
        return formula(forward, self=linear(rf"<g> \cdot {local}", code, r"<g> \cdot \mathrm{row}", local=local))

    unbiased, biased = made("<count> - 1"), made("<count>")
    return Formula(
        unbiased.forward, unbiased.rules, variant=lambda args: biased if _correction(args) == 0 else unbiased
    )


def _p_norm(args: Any) -> Formula:
    p = getattr(args, "ord", getattr(args, "p", 2))
    forward = r"\lVert <self> \rVert"
    if p in (2, 2.0, None):
        local, forward = r"\frac{<self>}{<result>}", r"\lVert <self> \rVert_{2}"
    elif p in (1, 1.0):
        local, forward = r"\operatorname{sign}(<self>)", r"\lVert <self> \rVert_{1}"
    elif p in ("inf", float("inf")):
        local, forward = (
            r"\operatorname{sign}(<self>) \, \mathbf{1}[|<self>| = <result>]",
            r"\lVert <self> \rVert_{\infty}",
        )
    else:
        local = r"\operatorname{sign}(<self>) \left(\frac{|<self>|}{<result>}\right)^{p - 1}"
    return formula(forward, self=linear(rf"<g> \cdot {local}", _norm, r"<g> \cdot \mathrm{row}", local=local))


_SUM = formula(
    r"\sum <self>",
    self=linear(
        r"\operatorname{expand}(<g>)", lambda xp, v: _spread(v, v.g).expand_as(v.self), "expand(<g>)", local="1",
        sparsity="selection",
    ),
    note="Each element enters the sum once: the gradient is copied to all of them.",
)  # fmt: skip
_MEAN = formula(
    r"\tfrac{1}{<count>} \sum <self>",
    self=linear(
        r"\tfrac{1}{<count>} \operatorname{expand}(<g>)",
        lambda xp, v: _spread(v, v.g).expand_as(v.self) * (v.g.numel() / v.self.numel()),
        r"\frac{<g>}{<count>}",
        local=r"\frac{1}{<count>}",
    ),
    note="n elements enter the mean: each gets 1/n of the gradient.",
)


def _extreme(name: str) -> Formula:
    return formula(
        rf"\{name} <self>",
        self=linear(
            r"<g> \cdot \mathbf{1}[<self> = <result>]", _evenly, "pick(<g>)", local=r"\mathbf{1}[<self> = <result>]",
            sparsity="one-hot",
        ),
        note="The gradient goes to the element that was taken; elements that tie share it.",
    )  # fmt: skip


def _extreme_along(name: str) -> Formula:
    return formula(
        rf"\{name}_{{\mathrm{{dim}} = <dim>}} <self>",
        self=linear(
            r"\operatorname{scatter}_{\mathrm{idx}}(<g>)",
            _at_index,
            "pick(<g>)",
            local=r"\mathbf{1}[j \text{ is taken as } i]",
            sparsity="selection",
        ),
        note="The gradient goes to the one element that was taken, also where others tie.",
    )  # fmt: skip


def _running(name: str) -> Formula:
    return formula(
        rf"\operatorname{{{name}}}(<self>)",
        self=linear(
            r"\operatorname{put}_{\mathrm{idx}}(<g>)",
            lambda xp, v: xp.zeros_like(v.self).scatter_add(v.dim, v.result1, v.g),
            "put(<g>)",
            local=r"\mathbf{1}[j \text{ is taken as } i]",
            sparsity="selection",
        ),
        note="Each output's gradient goes to the element that was the extreme so far.",
    )


REDUCTIONS: dict[str, Formula] = {
    "sum": _SUM,
    "mean": _MEAN,
    "var": _by_correction("var"),
    "std": _by_correction("std"),
    "prod": formula(
        r"\prod <self>",
        self=linear(
            r"<g> \cdot \frac{<result>}{<self>}",
            lambda xp, v: _spread(v, v.g * v.result) / v.self,
            r"<g> \cdot \mathrm{row}",
            local=r"\frac{<result>}{<self>}",
        ),
        note="The product of all the other elements; where one is 0 PyTorch multiplies the others out.",
    ),
    "amax": _extreme("max"),
    "amin": _extreme("min"),
    "max": _extreme("max"),
    "min": _extreme("min"),
    "max.dim": _extreme_along("max"),
    "min.dim": _extreme_along("min"),
    "median": _extreme("operatorname{median}"),
    "linalg_vector_norm": Formula(_p_norm(None).forward, _p_norm(None).rules, variant=_p_norm),
    "norm": Formula(_p_norm(None).forward, _p_norm(None).rules, variant=_p_norm),
    "logsumexp": formula(
        r"\ln \sum e^{<self>}",
        self=linear(
            r"<g> \cdot e^{<self> - <result>}",
            lambda xp, v: _spread(v, v.g) * xp.exp(v.self - _spread(v, v.result)),
            r"<g> \cdot \mathrm{softmax}",
            local="e^{<self> - <result>}",
        ),
        note="The derivative of log-sum-exp is the softmax.",
    ),
    "nansum": formula(
        r"\sum_{\text{no NaN}} <self>",
        self=linear(
            r"\operatorname{expand}(<g>), \; 0 \text{ at NaN}",
            lambda xp, v: _spread(v, v.g) * (v.self == v.self),
            "expand(<g>)",
        ),
    ),
    "kthvalue": _extreme_along("operatorname{kth}"),
    "mode": _extreme_along("operatorname{mode}"),
    "cummax": _running("cummax"),
    "cummin": _running("cummin"),
    "trace": formula(
        r"\operatorname{tr} <self>",
        self=linear(r"<g> \cdot I", lambda xp, v: v.g * xp.eye(*v.self.shape, dtype=v.g.dtype), r"<g> \cdot I"),
    ),
    "cumsum": formula(
        r"\operatorname{cumsum}(<self>)",
        self=linear(
            r"\operatorname{cumsum}^{\leftarrow}(<g>)",
            lambda xp, v: v.g.flip(v.dim).cumsum(v.dim).flip(v.dim),
            "cumsum(<g>)",
            local=r"\mathbf{1}[j \le i]",
        ),
        note="Element j enters every later sum: its gradient is the sum of the gradients from j to the end.",
    ),
    "cumprod": formula(
        r"\operatorname{cumprod}(<self>)",
        self=linear(
            r"\frac{\operatorname{cumsum}^{\leftarrow}(<g> \odot <result>)}{<self>}",
            lambda xp, v: (v.g * v.result).flip(v.dim).cumsum(v.dim).flip(v.dim) / v.self,
            "VJP(<g>)",
            local=r"\frac{<result>_{i}}{<self>_{j}} \, \mathbf{1}[j \le i]",
        ),
    ),
}
