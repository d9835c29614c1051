"""Sums, products, powers and signs, element by element.

Source of each derivative: the rules of differentiation; PyTorch's choices at the kinks (0 for |x| and sign at 0) from
derivatives.yaml.
"""

from __future__ import annotations

from typing import Any

from app.explain.formula import Formula, formula, pointwise

ONE = pointwise("1", lambda xp, v: 1.0, "1", sparsity="identity")
MINUS_ONE = pointwise("-1", lambda xp, v: -1.0, "−1", sparsity="identity")

_ADD = formula("<self> + <other>", self=ONE, other=ONE)
_ADD_SCALED = formula(
    r"<self> + <alpha> \cdot <other>", self=ONE, other=pointwise("<alpha>", lambda xp, v: v.alpha, "<alpha>")
)
_SUB = formula("<self> - <other>", self=ONE, other=MINUS_ONE)
_SUB_SCALED = formula(
    r"<self> - <alpha> \cdot <other>", self=ONE, other=pointwise("-<alpha>", lambda xp, v: -v.alpha, "−<alpha>")
)
_RSUB = formula("<other> - <self>", self=MINUS_ONE, other=ONE)
_RSUB_SCALED = formula(
    r"<other> - <alpha> \cdot <self>", self=pointwise("-<alpha>", lambda xp, v: -v.alpha, "−<alpha>"), other=ONE
)


def _by_alpha(plain: Formula, scaled: Formula) -> Formula:
    return Formula(
        plain.forward, plain.rules, variant=lambda args: plain if getattr(args, "alpha", 1) in (1, None) else scaled
    )


def _power_code(xp: Any, v: Any) -> Any:
    return v.exponent * v.self ** (v.exponent - 1) if v.exponent != 0 else 0 * v.self


_POWER = formula("<self>^{<exponent>}", self=pointwise(r"<exponent> \cdot <self>^{<exponent> - 1}", _power_code))
_KNOWN_POWERS: dict[Any, str] = {
    0: "0",
    1: "1",
    2: r"2 \cdot <self>",
    3: r"3 \cdot <self>^{2}",
    0.5: r"\frac{1}{2 \sqrt{<self>}}",
}


def _power(args: Any) -> Formula:
    """With the exponent in it: 2 x instead of 2 x²⁻¹."""
    known = _KNOWN_POWERS.get(getattr(args, "exponent", None))
    return formula("<self>^{<exponent>}", self=pointwise(known, _power_code)) if known else _POWER


ARITHMETIC: dict[str, Formula] = {
    "add": _by_alpha(_ADD, _ADD_SCALED),
    "sub": _by_alpha(_SUB, _SUB_SCALED),
    "rsub": _by_alpha(_RSUB, _RSUB_SCALED),
    "mul": formula(
        r"<self> \cdot <other>",
        self=pointwise("<other>", lambda xp, v: v.other),
        other=pointwise("<self>", lambda xp, v: v.self),
    ),
    "div": formula(
        r"\frac{<self>}{<other>}",
        self=pointwise(r"\frac{1}{<other>}", lambda xp, v: 1 / v.other),
        other=pointwise(r"-\frac{<self>}{<other>^{2}}", lambda xp, v: -v.self / (v.other * v.other)),
    ),
    "neg": formula("-<self>", self=MINUS_ONE),
    "reciprocal": formula(
        r"\frac{1}{<self>}", self=pointwise(r"-\frac{1}{<self>^{2}}", lambda xp, v: -v.result * v.result)
    ),
    "pow.Tensor_Scalar": Formula(_POWER.forward, _POWER.rules, variant=_power),
    "pow.Tensor_Tensor": formula(
        "<self>^{<exponent>}",
        self=pointwise(
            r"<exponent> \cdot <self>^{<exponent> - 1}",
            lambda xp, v: xp.where(v.exponent == 0, 0 * v.self, v.exponent * v.self ** (v.exponent - 1)),
        ),
        exponent=pointwise(r"<result> \cdot \ln <self>", lambda xp, v: v.result * xp.log(v.self)),
    ),
    "pow.Scalar": formula(
        "<self>^{<exponent>}",
        exponent=pointwise(r"<result> \cdot \ln <self>", lambda xp, v: v.result * xp.log(xp.asarray(v.self))),
    ),
    "sqrt": formula(
        r"\sqrt{<self>}", self=pointwise(r"\frac{1}{2 \sqrt{<self>}}", lambda xp, v: 1 / (2 * v.result))
    ),
    "rsqrt": formula(
        r"\frac{1}{\sqrt{<self>}}",
        self=pointwise(r"-\tfrac{1}{2} \, <self>^{-3/2}", lambda xp, v: -0.5 * v.result * v.result * v.result),
    ),
    "abs": formula(
        r"\left|<self>\right|", self=pointwise(r"\operatorname{sign}(<self>)", lambda xp, v: xp.sign(v.self)),
        note="At 0 PyTorch takes 0, the middle of the slopes −1 and 1.",
    ),
    "sign": formula(
        r"\operatorname{sign}(<self>)", self=pointwise("0", lambda xp, v: 0.0, "0", sparsity="zero"),
        note="sign is flat: no gradient passes.",
    ),
}  # fmt: skip
