"""Exponentials, logarithms, trigonometric and hyperbolic functions, element by element.

Source: standard derivatives (Abramowitz & Stegun, 4.2 to 4.6, 7.1); each is checked numerically against PyTorch's node.
"""

from __future__ import annotations

import math

from app.explain.formula import Formula, formula, pointwise

TRANSCENDENTAL: dict[str, Formula] = {
    "exp": formula("e^{<self>}", self=pointwise("e^{<self>}", lambda xp, v: v.result)),
    "exp2": formula("2^{<self>}", self=pointwise(r"2^{<self>} \ln 2", lambda xp, v: v.result * math.log(2))),
    "expm1": formula("e^{<self>} - 1", self=pointwise("e^{<self>}", lambda xp, v: v.result + 1)),
    "log": formula(r"\ln <self>", self=pointwise(r"\frac{1}{<self>}", lambda xp, v: 1 / v.self)),
    "log2": formula(
        r"\log_{2} <self>", self=pointwise(r"\frac{1}{<self> \ln 2}", lambda xp, v: 1 / (v.self * math.log(2)))
    ),
    "log10": formula(
        r"\log_{10} <self>", self=pointwise(r"\frac{1}{<self> \ln 10}", lambda xp, v: 1 / (v.self * math.log(10)))
    ),
    "log1p": formula(r"\ln(1 + <self>)", self=pointwise(r"\frac{1}{1 + <self>}", lambda xp, v: 1 / (1 + v.self))),
    "sin": formula(r"\sin <self>", self=pointwise(r"\cos <self>", lambda xp, v: xp.cos(v.self))),
    "cos": formula(r"\cos <self>", self=pointwise(r"-\sin <self>", lambda xp, v: -xp.sin(v.self))),
    "tan": formula(r"\tan <self>", self=pointwise(r"1 + <result>^{2}", lambda xp, v: 1 + v.result * v.result)),
    "asin": formula(
        r"\arcsin <self>",
        self=pointwise(r"\frac{1}{\sqrt{1 - <self>^{2}}}", lambda xp, v: 1 / xp.sqrt(1 - v.self * v.self)),
    ),
    "acos": formula(
        r"\arccos <self>",
        self=pointwise(r"-\frac{1}{\sqrt{1 - <self>^{2}}}", lambda xp, v: -1 / xp.sqrt(1 - v.self * v.self)),
    ),
    "atan": formula(
        r"\arctan <self>", self=pointwise(r"\frac{1}{1 + <self>^{2}}", lambda xp, v: 1 / (1 + v.self * v.self))
    ),
    "atan2": formula(
        r"\operatorname{atan2}(<self>, <other>)",
        self=pointwise(
            r"\frac{<other>}{<self>^{2} + <other>^{2}}",
            lambda xp, v: v.other / (v.self * v.self + v.other * v.other),
        ),
        other=pointwise(
            r"-\frac{<self>}{<self>^{2} + <other>^{2}}",
            lambda xp, v: -v.self / (v.self * v.self + v.other * v.other),
        ),
    ),
    "sinh": formula(r"\sinh <self>", self=pointwise(r"\cosh <self>", lambda xp, v: xp.cosh(v.self))),
    "cosh": formula(r"\cosh <self>", self=pointwise(r"\sinh <self>", lambda xp, v: xp.sinh(v.self))),
    "tanh": formula(r"\tanh <self>", self=pointwise(r"1 - <result>^{2}", lambda xp, v: 1 - v.result * v.result)),
    "asinh": formula(
        r"\operatorname{arsinh} <self>",
        self=pointwise(r"\frac{1}{\sqrt{<self>^{2} + 1}}", lambda xp, v: 1 / xp.sqrt(v.self * v.self + 1)),
    ),
    "acosh": formula(
        r"\operatorname{arcosh} <self>",
        self=pointwise(r"\frac{1}{\sqrt{<self>^{2} - 1}}", lambda xp, v: 1 / xp.sqrt(v.self * v.self - 1)),
    ),
    "atanh": formula(
        r"\operatorname{artanh} <self>",
        self=pointwise(r"\frac{1}{1 - <self>^{2}}", lambda xp, v: 1 / (1 - v.self * v.self)),
    ),
    "sigmoid": formula(
        r"\sigma(<self>)",
        self=pointwise(r"<result> \, (1 - <result>)", lambda xp, v: v.result * (1 - v.result)),
        note="σ(x) = 1/(1+e⁻ˣ)",
    ),
    "logit": formula(
        r"\ln \frac{<self>}{1 - <self>}",
        self=pointwise(r"\frac{1}{<self> \, (1 - <self>)}", lambda xp, v: 1 / (v.self * (1 - v.self))),
    ),
    "erf": formula(
        r"\operatorname{erf}(<self>)",
        self=pointwise(
            r"\frac{2}{\sqrt{\pi}} \, e^{-<self>^{2}}",
            lambda xp, v: 2 / math.sqrt(math.pi) * xp.exp(-v.self * v.self),
        ),
    ),
    "erfc": formula(
        r"\operatorname{erfc}(<self>)",
        self=pointwise(
            r"-\frac{2}{\sqrt{\pi}} \, e^{-<self>^{2}}",
            lambda xp, v: -2 / math.sqrt(math.pi) * xp.exp(-v.self * v.self),
        ),
    ),
    "floor": formula(
        r"\lfloor <self> \rfloor", self=pointwise("0", lambda xp, v: 0.0, "0", sparsity="zero"),
        note="A step function is flat: no gradient passes.",
    ),
    "ceil": formula(
        r"\lceil <self> \rceil", self=pointwise("0", lambda xp, v: 0.0, "0", sparsity="zero"),
        note="A step function is flat: no gradient passes.",
    ),
    "round": formula(
        r"\operatorname{round}(<self>)", self=pointwise("0", lambda xp, v: 0.0, "0", sparsity="zero"),
        note="A step function is flat: no gradient passes.",
    ),
}  # fmt: skip
