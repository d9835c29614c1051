"""Values put into others or put together, at indices, at a mask, on a diagonal, in blocks, as complex numbers; and
further functions of one or several elements.

Source: derivatives.yaml; the definitions.
"""

from __future__ import annotations

import math
from typing import Any

from app.explain.formula import Formula, formula, linear, pointwise


def _put_self(xp: Any, v: Any) -> Any:
    """Where the source replaced an element, that one has no gradient."""
    return v.g if v.accumulate else v.g.put(v.index, xp.zeros_like(v.source))


def _masked_source(xp: Any, v: Any) -> Any:
    """The gradients at the mask, in order, for as many elements of the source as were used."""
    taken = v.g.masked_select(v.mask)
    rest = v.source.numel() - taken.numel()
    return xp.cat([taken, xp.zeros(rest, dtype=taken.dtype)]).reshape(v.source.shape)


def _block(xp: Any, v: Any) -> Any:
    """The block of ḡ where the matrix stands."""
    row = sum(t.shape[0] for t in v.tensors[: v.place])
    column = sum(t.shape[1] for t in v.tensors[: v.place])
    rows, columns = v.tensors[v.place].shape
    return v.g[row : row + rows, column : column + columns]


def _distance(xp: Any, v: Any) -> Any:
    d = v.self - v.other
    return v.g * d.sign() * d.abs() ** (v.p - 1) / v.result ** (v.p - 1)


def _extremes(xp: Any, v: Any) -> Any:
    """Elements that tie share the gradient."""
    made = xp.zeros_like(v.self)
    for name, value in (("g0", v.result0), ("g1", v.result1)):
        if hasattr(v, name):
            chosen = v.self == value
            made = made + getattr(v, name) * chosen / chosen.sum()
    return made


def _logcumsumexp(xp: Any, v: Any) -> Any:
    """Element j is e^{xⱼ − yᵢ} of every later sum i."""
    weighted = v.g * xp.exp(-v.result)
    return xp.exp(v.self) * weighted.flip(v.dim).cumsum(v.dim).flip(v.dim)


def _margin(xp: Any, v: Any) -> Any:
    """Each class too near the target's pushes it away, and the target up."""
    taken = v.self.gather(1, v.target[:, None])
    z = (v.margin - taken + v.self).clamp(min=0)
    push = v.p * z ** (v.p - 1) * (z > 0) / v.self.shape[1]
    push = push.scatter(1, v.target[:, None], 0.0)
    push = push.scatter(1, v.target[:, None], -push.sum(1, keepdim=True))
    scale = v.g / v.self.shape[0] if v.reduction == 1 else v.g if v.reduction == 2 else v.g[:, None]
    return scale * push


ASSEMBLED: dict[str, Formula] = {
    "put": formula(
        r"\operatorname{put}(<self>, <source>)",
        self=linear(r"<g>, \; 0 \text{ where replaced}", _put_self, "<g>"),
        source=linear(r"<g>_{\mathrm{index}}", lambda xp, v: v.g.take(v.index), "pick(<g>)", sparsity="selection"),
    ),
    "masked_scatter": formula(
        r"\operatorname{scatter}(<self>, <source>)",
        self=linear(r"<g>, \; 0 \text{ at the mask}", lambda xp, v: v.g.masked_fill(v.mask, 0), "<g>"),
        source=linear(r"<g>_{\mathrm{mask}}", _masked_source, "pick(<g>)", sparsity="selection"),
    ),
    "diagonal_scatter": formula(
        r"\operatorname{scatter}(<self>, <src>)",
        self=linear(
            r"<g>, \; 0 \text{ on the diagonal}",
            lambda xp, v: v.g.diagonal_scatter(xp.zeros_like(v.src), v.offset, v.dim1, v.dim2),
            "<g>",
        ),
        src=linear(
            r"\operatorname{diag}(<g>)", lambda xp, v: v.g.diagonal(v.offset, v.dim1, v.dim2), "pick(<g>)",
            sparsity="selection",
        ),
    ),
    "block_diag": formula(
        r"\operatorname{blockdiag}(\ldots)",
        tensors=linear(r"\operatorname{block}(<g>)", _block, "pick(<g>)", sparsity="selection"),
        note="Each matrix gets its own block of the gradient.",
    ),
    "complex": formula(
        r"<real> + i \, <imag>",
        real=linear(r"\operatorname{Re}(<g>)", lambda xp, v: v.g.real, "Re(<g>)", sparsity="identity"),
        imag=linear(r"\operatorname{Im}(<g>)", lambda xp, v: v.g.imag, "Im(<g>)", sparsity="identity"),
    ),
    "dist": formula(
        r"\lVert <self> - <other> \rVert_{p}",
        self=linear(
            r"<g> \cdot \operatorname{sign}(d) \left(\frac{|d|}{<result>}\right)^{p - 1}, \; d = <self> - <other>",
            _distance, r"<g> \cdot \mathrm{row}",
        ),
        other=linear(
            r"-<g> \cdot \operatorname{sign}(d) \left(\frac{|d|}{<result>}\right)^{p - 1}, \; d = <self> - <other>",
            lambda xp, v: -_distance(xp, v), r"-<g> \cdot \mathrm{row}",
        ),
    ),
    "aminmax": formula(
        r"\min <self>, \, \max <self>",
        self=linear(r"<g> \cdot \mathbf{1}[<self> = <result>]", _extremes, "pick(<g>)", sparsity="one-hot"),
        note="Each gradient goes to the element that was taken; elements that tie share it.",
    ),
    "logcumsumexp": formula(
        r"\ln \sum_{j \le i} e^{<self>_{j}}",
        self=linear(
            r"\sum_{i \ge j} <g>_{i} \, e^{<self>_{j} - <result>_{i}}", _logcumsumexp, "VJP(<g>)",
            local=r"e^{<self>_{j} - <result>_{i}} \, \mathbf{1}[j \le i]",
        ),
    ),
    "multi_margin_loss": formula(
        r"\tfrac{1}{C} \sum_{j \ne t} \max(0, m - <self>_{t} + <self>_{j})^{p}",
        self=linear(r"<g> \cdot \left(\text{push of each class},\ -\text{their sum at } t\right)", _margin, "VJP(<g>)"),
        note="Each class whose margin is not kept pushes itself down and the target's score up.",
    ),
    "rrelu_with_noise": formula(
        r"\operatorname{rrelu}(<self>)",
        self=pointwise("<noise>", lambda xp, v: v.noise, "noise"),
        note="The slope of each negative element was drawn; the noise is 1 for the others.",
    ),
    "special_log_ndtr": formula(
        r"\ln \Phi(<self>)",
        self=pointwise(
            r"\frac{\varphi(<self>)}{\Phi(<self>)}",
            lambda xp, v: (
                xp.exp(-(v.self**2) / 2) / math.sqrt(2 * math.pi) / (0.5 * (1 + xp.erf(v.self / math.sqrt(2))))
            ),
        ),
    ),
    "digamma": formula(
        r"\psi(<self>)",
        self=linear(r"<g> \odot \psi_{1}(<self>)", lambda xp, v: v.g * xp.polygamma(1, v.self), "diag"),
    ),
    "polygamma": formula(
        r"\psi_{n}(<self>)",
        self=linear(r"<g> \odot \psi_{n+1}(<self>)", lambda xp, v: v.g * xp.polygamma(v.n + 1, v.self), "diag"),
    ),
    "i0": formula(
        r"I_{0}(<self>)",
        self=linear(r"<g> \odot I_{1}(<self>)", lambda xp, v: v.g * xp.special.i1(v.self), "diag"),
    ),
}  # fmt: skip
