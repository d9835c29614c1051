"""Eigenvalues, singular values, QR, triangular systems, the pseudo-inverse.

Source: Giles 2008, An extended collection of matrix derivative results, 3.1 to 3.3; Townsend 2016, Differentiating the
SVD; Walter & Lehmann 2010, on QR; Golub & Pereyra 1973, eq. 4.12, on the pseudo-inverse.
"""

from __future__ import annotations

from typing import Any

from app.explain.formula import Formula, formula, linear


def _gaps(xp: Any, values: Any) -> Any:
    """1/(λⱼ − λᵢ) off the diagonal, 0 on it."""
    gap = values[..., None, :] - values[..., :, None]
    return xp.where(gap == 0, xp.zeros_like(gap), 1 / xp.where(gap == 0, xp.ones_like(gap), gap))


def _eigh(xp: Any, v: Any) -> Any:
    """V (diag(ḡ_λ) + F ⊙ skew(Vᵀ ḡ_V)) Vᵀ."""
    values, vectors = v.result0, v.result1
    inner = xp.diag_embed(v.g0) if hasattr(v, "g0") else 0
    if hasattr(v, "g1"):
        turned = vectors.mT @ v.g1
        inner = inner + _gaps(xp, values) * (turned - turned.mT) / 2
    return vectors @ inner @ vectors.mT


def _svd(xp: Any, v: Any) -> Any:
    """Of the singular values: U diag(ḡ) Vᵀ."""
    return v.result0 @ xp.diag_embed(v.g1) @ v.result2


def _qr(xp: Any, v: Any) -> Any:
    """(ḡ_Q + Q sym(M)) R⁻ᵀ with M = R ḡ_Rᵀ − ḡ_Qᵀ Q, the lower half mirrored."""
    q, r = v.result0, v.result1
    gq = getattr(v, "g0", xp.zeros_like(q))
    m = (r @ v.g1.mT if hasattr(v, "g1") else 0) - gq.mT @ q
    mirrored = m.tril() + m.tril(-1).mT
    return (gq + q @ mirrored) @ xp.linalg.inv(r).mT


def _triangular(xp: Any, v: Any) -> Any:
    """−Ā = (A⁻ᵀ ḡ) Xᵀ on the triangle that is read."""
    s = xp.linalg.inv(_read(v)).mT @ v.g if v.left else v.g @ xp.linalg.inv(_read(v)).mT
    made = -s @ v.result.mT if v.left else -v.result.mT @ s
    made = made.triu() if v.upper else made.tril()
    return made - made.diagonal(dim1=-2, dim2=-1).diag_embed() if v.unitriangular else made


def _read(v: Any) -> Any:
    """The triangle of A that the solver looks at."""
    a = v.self.triu() if v.upper else v.self.tril()
    if v.unitriangular:
        a = a - a.diagonal(dim1=-2, dim2=-1).diag_embed() + (a * 0 + 1).diagonal(dim1=-2, dim2=-1).diag_embed()
    return a


def _triangular_right(xp: Any, v: Any) -> Any:
    inverse = xp.linalg.inv(_read(v)).mT
    return inverse @ v.g if v.left else v.g @ inverse


def _cholesky_factor(xp: Any, v: Any) -> Any:
    """With A = L Lᵀ: Ā = −(A⁻¹ ḡ) Xᵀ, and the factor gets (Ā + Āᵀ) L."""
    factor = v.input2
    a = factor.mT @ factor if v.upper else factor @ factor.mT
    made = -(xp.linalg.solve(a, v.g)) @ v.result.mT
    both = made + made.mT
    return factor @ both if v.upper else both @ factor


def _cholesky_right(xp: Any, v: Any) -> Any:
    factor = v.input2
    return xp.linalg.solve(factor.mT @ factor if v.upper else factor @ factor.mT, v.g)


def _pinv(xp: Any, v: Any) -> Any:
    """−Pᵀ ḡ Pᵀ + (I − A P) ḡᵀ Pᵀ P … in its two projected parts."""
    a, p, g = v.self, v.result, v.g
    rows, columns = a.shape[-2:]
    left = (xp.eye(rows, dtype=a.dtype) - a @ p) @ g.mT @ p @ p.mT
    right = p.mT @ p @ g.mT @ (xp.eye(columns, dtype=a.dtype) - p @ a)
    return -p.mT @ g @ p.mT + left + right


DECOMPOSITIONS: dict[str, Formula] = {
    "_linalg_eigh": formula(
        r"<A> = V \Lambda V^{\top}",
        A=linear(
            r"V \left(\operatorname{diag} \bar{\lambda} + F \odot \mathrm{skew}(V^{\top} \bar{V})\right) V^{\top}",
            _eigh,
            "VJP(<g>)",
        ),
        symbols={"A": "A"},
        note="F has 1/(λⱼ − λᵢ) off its diagonal: eigenvalues that coincide have no gradient of their vectors.",
    ),
    "_linalg_svd": formula(
        r"<A> = U \Sigma V^{\top}",
        A=linear(r"U \operatorname{diag}(\bar{\sigma}) V^{\top}", _svd, "VJP(<g>)"),
        symbols={"A": "A"},
        note="Of the singular values; PyTorch adds the part of U and V.",
    ),
    "linalg_qr": formula(
        r"<A> = Q R",
        A=linear(
            r"\left(\bar{Q} + Q \operatorname{mirror}(R \bar{R}^{\top} - \bar{Q}^{\top} Q)\right) R^{-\top}",
            _qr,
            "VJP(<g>)",
        ),
        symbols={"A": "A"},
        note="mirror copies the lower triangle to the upper one.",
    ),
    "linalg_solve_triangular": formula(
        r"<self>^{-1} <B>",
        self=linear(r"-(<self>^{-\top} <g>) \, <result.T>", _triangular, "VJP(<g>)"),
        B=linear(r"<self>^{-\top} <g>", _triangular_right, r"<self>⁻ᵀ \cdot <g>"),
        symbols={"self": "A", "B": "B", "result": "X"},
        note="Only the triangle that is read gets a gradient.",
    ),
    "cholesky_solve": formula(
        r"(<input2> <input2>^{\top})^{-1} <self>",
        self=linear(r"(<input2> <input2>^{\top})^{-1} <g>", _cholesky_right, r"A⁻¹ \cdot <g>"),
        input2=linear(r"(\bar{A} + \bar{A}^{\top}) <input2>, \; \bar{A} = -(A^{-1} <g>) <result.T>", _cholesky_factor,
                      "VJP(<g>)"),
        symbols={"self": "B", "input2": "L", "result": "X"},
    ),
    "linalg_pinv.atol_rtol_tensor": formula(
        "<self>^{+}",
        self=linear(r"-<result.T> <g> <result.T> + \cdots", _pinv, "VJP(<g>)"),
        symbols={"self": "A", "result": "P"},
        note="The dots: what lies outside the row and the column space; none where A is invertible.",
    ),
}  # fmt: skip
