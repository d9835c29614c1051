"""Softmax and its logarithm, along one dimension.

Source: Bishop 2006, Pattern Recognition and Machine Learning, eq. 4.106.
"""

from __future__ import annotations

from app.explain.formula import Formula, formula, linear

_SOFTMAX = formula(
    r"\operatorname{softmax}(<self>)",
    self=linear(
        r"<result> \odot \left(<g> - \textstyle\sum <g> \odot <result>\right)",
        lambda xp, v: v.result * (v.g - (v.g * v.result).sum(v.dim, keepdim=True)),
        "VJP(<g>)",
        local=r"<result>_{i} \, (\delta_{ij} - <result>_{j})",
    ),
    note="Along its dimension every output depends on every input.",
)
_LOG_SOFTMAX = formula(
    r"\ln \operatorname{softmax}(<self>)",
    self=linear(
        r"<g> - e^{<result>} \odot \textstyle\sum <g>",
        lambda xp, v: v.g - xp.exp(v.result) * v.g.sum(v.dim, keepdim=True),
        "VJP(<g>)",
        local=r"\delta_{ij} - e^{<result>_{j}}",
    ),
    note="eʸ is the softmax itself.",
)

SOFTMAX: dict[str, Formula] = {
    "_safe_softmax": _SOFTMAX,
    "_softmax": _SOFTMAX,
    "softmax": _SOFTMAX,
    "_log_softmax": _LOG_SOFTMAX,
    "log_softmax": _LOG_SOFTMAX,
}
