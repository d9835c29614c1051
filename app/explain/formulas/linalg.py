"""Inverse, determinant, linear systems and the Cholesky factor.

Source: Giles 2008, 2.2 and 3.1; Petersen & Pedersen, 2.1 and 2.2; Murray 2016 for the Cholesky factor.
"""

from __future__ import annotations

from typing import Any

from app.explain.formula import Formula, formula, linear


def _cholesky(xp: Any, v: Any) -> Any:
    """L⁻ᵀ sym(Φ(Lᵀ g)) L⁻¹, where Φ keeps the lower triangle and halves the diagonal; Murray 2016, eq. 9."""
    lower = v.L if hasattr(v, "L") else v.result
    m = (lower.mT @ v.g).tril()
    m = m - 0.5 * m.diagonal(dim1=-2, dim2=-1).diag_embed()
    inverse = xp.linalg.inv(lower)
    half = inverse.mT @ m @ inverse
    return 0.5 * (half + half.mT)


def _solve_left(xp: Any, v: Any) -> Any:
    vector = v.B.dim() == v.A.dim() - 1
    s = xp.linalg.solve(v.A.mT, v.g)
    return -xp.outer(s, v.result0) if vector else -s @ v.result0.mT


LINALG: dict[str, Formula] = {
    "linalg_inv_ex": formula(
        "<A>^{-1}",
        A=linear(
            r"-<result.T> \, <g> \, <result.T>",
            lambda xp, v: -v.result0.mT @ v.g @ v.result0.mT,
            r"-<result.T> \cdot <g> \cdot <result.T>",
        ),
        symbols={"A": "A", "result": "Y"},
    ),
    "_linalg_det": formula(
        r"\det <A>",
        A=linear(
            r"<g> \cdot <result> \, <A>^{-\top}",
            lambda xp, v: (v.g * v.result0)[..., None, None] * xp.linalg.inv(v.A).mT,
            r"<g> \cdot det \cdot <A>⁻ᵀ",
            local=r"<result> \, <A>^{-\top}", whole=True,
        ),
        symbols={"A": "A"},
        note="Jacobi's formula.",
    ),
    "_linalg_slogdet": formula(
        r"\ln |\det <A>|",
        A=linear(
            r"\bar{y} \cdot <A>^{-\top}",
            lambda xp, v: v.g1[..., None, None] * xp.linalg.inv(v.A).mT,
            "VJP(<g>)",
        ),
        symbols={"A": "A"},
        note="Of the second output; the sign is flat.",
    ),
    "_linalg_solve_ex": formula(
        r"<A>^{-1} <B>",
        A=linear(r"-(<A>^{-\top} <g>) \, <result.T>", _solve_left, "VJP(<g>)"),
        B=linear(r"<A>^{-\top} <g>", lambda xp, v: xp.linalg.solve(v.A.mT, v.g), r"<A>⁻ᵀ \cdot <g>"),
        symbols={"A": "A", "B": "B", "result": "X"},
    ),
    "linalg_cholesky_ex": formula(
        r"\operatorname{chol}(<self>)",
        self=linear(
            r"<result>^{-\top} \, \Phi(<result.T> <g>) \, <result>^{-1}", _cholesky, "VJP(<g>)",
        ),
        symbols={"self": "A", "result": "L"},
        note="Φ takes the lower triangle with half the diagonal; the result is symmetrised.",
    ),
    "linalg_cross": formula(
        r"<self> \times <other>",
        self=linear(r"<other> \times <g>", lambda xp, v: xp.linalg.cross(v.other, v.g, dim=v.dim), "VJP(<g>)"),
        other=linear(r"<g> \times <self>", lambda xp, v: xp.linalg.cross(v.g, v.self, dim=v.dim), "VJP(<g>)"),
    ),
}  # fmt: skip
