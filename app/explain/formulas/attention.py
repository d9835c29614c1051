"""Scaled dot-product attention as one fused op: Y = P V, P = softmax(s Q Kᵀ + mask).

Source: Vaswani et al. 2017, section 3.2.1; the backward steps are those of Dao et al. 2022, appendix B.2.
"""

from __future__ import annotations

from typing import Any

from app.explain.formula import Formula, formula, linear


def _weights(xp: Any, v: Any) -> tuple[Any, float]:
    scale = v.scale if v.scale is not None else v.query.shape[-1] ** -0.5
    scores = scale * v.query @ v.key.mT
    if v.is_causal:
        seen = xp.ones(scores.shape[-2:], dtype=xp.bool).tril()
        scores = scores.masked_fill(~seen, float("-inf"))
    if getattr(v, "attn_mask", None) is not None:
        scores = scores + v.attn_mask
    return xp.softmax(scores, -1), scale


def _scores(xp: Any, v: Any) -> tuple[Any, float]:
    """dS = P ⊙ (dP − rowsum(P ⊙ dP)), dP = g Vᵀ."""
    p, scale = _weights(xp, v)
    d = v.g @ v.value.mT
    return p * (d - (p * d).sum(-1, keepdim=True)), scale


def _query(xp: Any, v: Any) -> Any:
    s, scale = _scores(xp, v)
    return scale * s @ v.key


def _key(xp: Any, v: Any) -> Any:
    s, scale = _scores(xp, v)
    return scale * s.mT @ v.query


_ATTENTION = formula(
    r"\operatorname{softmax}(s \, <query> <key.T>) \, <value>",
    query=linear(r"s \, \bar{S} \, <key>", _query, r"S̄ \cdot <key>"),
    key=linear(r"s \, \bar{S}^{\top} <query>", _key, r"S̄ᵀ \cdot <query>"),
    value=linear(r"P^{\top} <g>", lambda xp, v: _weights(xp, v)[0].mT @ v.g, r"Pᵀ \cdot <g>"),
    note="P is the softmax, s the scale (1/√d), S̄ = P ⊙ (P̄ − rows of Σ P ⊙ P̄) with P̄ = ḡ Vᵀ.",
)

ATTENTION: dict[str, Formula] = {
    "_scaled_dot_product_flash_attention_for_cpu": _ATTENTION,
    "_scaled_dot_product_flash_attention": _ATTENTION,
    "_scaled_dot_product_efficient_attention": _ATTENTION,
}
