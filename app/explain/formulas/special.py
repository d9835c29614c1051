"""Less common elementwise functions of one to three arguments.

Source: Abramowitz & Stegun, 6.1, 6.3, 7.1; the rules of differentiation; derivatives.yaml at kinks.
"""

from __future__ import annotations

import math
from typing import Any

from app.explain.formula import Formula, formula, pointwise

FLAT = "A step function is flat: no gradient passes."


def _flat(forward: str) -> Formula:
    return formula(forward, self=pointwise("0", lambda xp, v: 0.0, "0", sparsity="zero"), note=FLAT)


def _same(forward: str, note: str) -> Formula:
    return formula(forward, self=pointwise("1", lambda xp, v: 1.0, "1", sparsity="identity"), note=note)


def _share(xp: Any, v: Any, mine: Any, base: float) -> Any:
    return base**mine / (base**v.self + base**v.other)


def _logaddexp(base: str, code: float) -> Formula:
    return formula(
        rf"\log_{{{base}}}({base}^{{<self>}} + {base}^{{<other>}})",
        self=pointwise(rf"{base}^{{<self> - <result>}}", lambda xp, v: _share(xp, v, v.self, code)),
        other=pointwise(rf"{base}^{{<other> - <result>}}", lambda xp, v: _share(xp, v, v.other, code)),
    )


COMPARISONS = {"gt": ">", "lt": r"<", "ge": r"\ge", "le": r"\le", "eq": "=", "ne": r"\ne"}

SPECIAL: dict[str, Formula] = {
    **{
        op: formula(rf"<self> {sign} <other>", note="True or False, not a number: it has no derivative.")
        for op, sign in COMPARISONS.items()
    },
    "addcmul": formula(
        r"<self> + <value> \cdot <tensor1> \cdot <tensor2>",
        self=pointwise("1", lambda xp, v: 1.0, "1", sparsity="identity"),
        tensor1=pointwise(r"<value> \cdot <tensor2>", lambda xp, v: v.value * v.tensor2),
        tensor2=pointwise(r"<value> \cdot <tensor1>", lambda xp, v: v.value * v.tensor1),
        symbols={"value": "c", "tensor1": "b", "tensor2": "d"},
    ),
    "addcdiv": formula(
        r"<self> + <value> \cdot \frac{<tensor1>}{<tensor2>}",
        self=pointwise("1", lambda xp, v: 1.0, "1", sparsity="identity"),
        tensor1=pointwise(r"\frac{<value>}{<tensor2>}", lambda xp, v: v.value / v.tensor2),
        tensor2=pointwise(
            r"-\frac{<value> \cdot <tensor1>}{<tensor2>^{2}}",
            lambda xp, v: -v.value * v.tensor1 / (v.tensor2 * v.tensor2),
        ),
        symbols={"value": "c", "tensor1": "b", "tensor2": "d"},
    ),
    "hypot": formula(
        r"\sqrt{<self>^{2} + <other>^{2}}",
        self=pointwise(r"\frac{<self>}{<result>}", lambda xp, v: v.self / v.result),
        other=pointwise(r"\frac{<other>}{<result>}", lambda xp, v: v.other / v.result),
    ),
    "xlogy.Tensor": formula(
        r"<self> \ln <other>",
        self=pointwise(r"\ln <other>", lambda xp, v: xp.log(v.other)),
        other=pointwise(r"\frac{<self>}{<other>}", lambda xp, v: v.self / v.other),
    ),
    "logaddexp": _logaddexp("e", math.e),
    "logaddexp2": _logaddexp("2", 2.0),
    "remainder.Tensor": formula(
        r"<self> \bmod <other>",
        self=pointwise("1", lambda xp, v: 1.0, "1", sparsity="identity"),
        other=pointwise(
            r"-\left\lfloor \frac{<self>}{<other>} \right\rfloor", lambda xp, v: -xp.floor(v.self / v.other)
        ),
    ),
    "remainder.Scalar": _same(r"<self> \bmod <other>", "The whole multiples taken away do not change with x."),
    "fmod.Scalar": _same(r"<self> \bmod <other>", "The whole multiples taken away do not change with x."),
    "fmod.Tensor": formula(
        r"<self> \bmod <other>",
        self=pointwise("1", lambda xp, v: 1.0, "1", sparsity="identity"),
        other=pointwise(
            r"-\operatorname{trunc} \frac{<self>}{<other>}",
            lambda xp, v: -xp.sign(v.self / v.other) * xp.floor(abs(v.self / v.other)),
        ),
    ),
    "copysign.Tensor": formula(
        r"|<self>| \operatorname{sign}(<other>)",
        self=pointwise(
            r"\operatorname{sign}(<self>) \operatorname{sign}(<other>)",
            lambda xp, v: xp.sign(v.self) * xp.sign(v.other),
        ),
        other=pointwise("0", lambda xp, v: 0.0, "0", sparsity="zero"),
    ),
    "special_entr": formula(
        r"-<self> \ln <self>", self=pointwise(r"-\ln <self> - 1", lambda xp, v: -xp.log(v.self) - 1)
    ),
    "special_xlog1py": formula(
        r"<self> \ln(1 + <other>)",
        self=pointwise(r"\ln(1 + <other>)", lambda xp, v: xp.log1p(v.other)),
        other=pointwise(r"\frac{<self>}{1 + <other>}", lambda xp, v: v.self / (1 + v.other)),
    ),
    "frac": _same(r"\operatorname{frac}(<self>)", "x without its whole part, which is flat."),
    "trunc": _flat(r"\operatorname{trunc}(<self>)"),
    "div.Tensor_mode": _flat(r"\left\lfloor \frac{<self>}{<other>} \right\rfloor"),
    "sgn": _flat(r"\operatorname{sign}(<self>)"),
    "nan_to_num": formula(
        r"\operatorname{finite}(<self>)",
        self=pointwise(r"\mathbf{1}[<self> \text{ finite}]", lambda xp, v: (abs(v.self) < math.inf) * 1.0),
    ),
    "lgamma": formula(
        r"\ln \Gamma(<self>)", self=pointwise(r"\psi(<self>)", lambda xp, v: xp.digamma(v.self)),
        note="ψ is the digamma function.",
    ),
    "erfinv": formula(
        r"\operatorname{erf}^{-1}(<self>)",
        self=pointwise(
            r"\frac{\sqrt{\pi}}{2} \, e^{<result>^{2}}",
            lambda xp, v: math.sqrt(math.pi) / 2 * xp.exp(v.result * v.result),
        ),
    ),
    "sinc": formula(
        r"\frac{\sin \pi <self>}{\pi <self>}",
        self=pointwise(
            r"\frac{\cos(\pi <self>) - <result>}{<self>}", lambda xp, v: (xp.cos(math.pi * v.self) - v.result) / v.self
        ),
    ),
    "deg2rad": formula(
        r"\tfrac{\pi}{180} \cdot <self>", self=pointwise(r"\frac{\pi}{180}", lambda xp, v: math.pi / 180)
    ),
    "rad2deg": formula(
        r"\tfrac{180}{\pi} \cdot <self>", self=pointwise(r"\frac{180}{\pi}", lambda xp, v: 180 / math.pi)
    ),
}  # fmt: skip
