"""Activation functions, element by element.

Source: the definitions in `torch.nn.functional`; PyTorch's choice at a kink is told in the note.
"""

from __future__ import annotations

import math
from typing import Any

from app.explain.formula import Formula, formula, linear, pointwise

_CASES = r"\begin{cases} %s & %s \\ %s & \text{else} \end{cases}"


def _cases(first: str, condition: str, other: str) -> str:
    return _CASES % (first, condition, other)


def _between(x: Any, low: Any, high: Any) -> Any:
    return (x > low) * (x < high) * 1.0


def _gelu(xp: Any, v: Any) -> Any:
    """Φ(x) + x φ(x); Hendrycks & Gimpel 2016, section 2."""
    x = v.self
    return 0.5 * (1 + xp.erf(x / math.sqrt(2))) + x * xp.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)


def _gelu_tanh(xp: Any, v: Any) -> Any:
    """The derivative of ½ x (1 + tanh z), z = √(2/π)(x + 0.044715 x³)."""
    x, c = v.self, math.sqrt(2 / math.pi)
    t = xp.tanh(c * (x + 0.044715 * x * x * x))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * c * (1 + 3 * 0.044715 * x * x)


def _silu(xp: Any, v: Any) -> Any:
    s = xp.sigmoid(v.self)
    return s * (1 + v.self * (1 - s))


def _mish(xp: Any, v: Any) -> Any:
    """t + x (1 − t²) σ(x), t = tanh(softplus(x)); Misra 2019, section 2."""
    x = v.self
    t = xp.tanh(xp.log1p(xp.exp(x)))
    return t + x * (1 - t * t) * xp.sigmoid(x)


def _elu(xp: Any, v: Any) -> Any:
    x = v.self
    below = v.scale * v.alpha * v.input_scale * xp.exp(v.input_scale * xp.where(x > 0, 0 * x, x))
    return xp.where(x > 0, v.scale + 0 * x, below)


def _glu(xp: Any, v: Any) -> Any:
    a, b = v.self.chunk(2, v.dim)
    s = xp.sigmoid(b)
    return xp.cat([v.g * s, v.g * a * s * (1 - s)], v.dim)


_GELU = formula(
    r"\operatorname{gelu}(<self>)",
    self=pointwise(r"\Phi(<self>) + <self> \, \varphi(<self>)", _gelu),
    note="gelu(x) = x Φ(x), with Φ and φ the normal distribution and its density.",
)
_GELU_TANH = formula(
    r"\operatorname{gelu}(<self>)",
    self=pointwise(r"\tfrac{1}{2}(1 + t) + \tfrac{1}{2} <self> \, (1 - t^{2}) \, z'", _gelu_tanh),
    note="t = tanh z, z = √(2/π) (x + 0.044715 x³), the approximation of gelu by tanh.",
)
_ELU = formula(
    r"\operatorname{elu}(<self>)",
    self=pointwise(_cases("1", "<self> > 0", r"<alpha> \, e^{<self>}"), _elu),
    note="elu(x) = x where x > 0, else α (eˣ − 1).",
)
_SELU = formula(
    r"\operatorname{selu}(<self>)",
    self=pointwise(_cases("<scale>", "<self> > 0", r"<scale> \, <alpha> \, e^{<self>}"), _elu),
    symbols={"scale": r"\lambda"},
    note="selu(x) = λ elu(x).",
)

ACTIVATIONS: dict[str, Formula] = {
    "relu": formula(
        r"\operatorname{relu}(<self>)",
        self=pointwise(r"\mathbf{1}[<self> > 0]", lambda xp, v: (v.result > 0) * 1.0),
        note="relu(x) = max(0, x): slope 1 where x > 0, else 0. At 0 PyTorch takes 0.",
    ),
    "leaky_relu": formula(
        r"\operatorname{leaky\_relu}(<self>)",
        self=pointwise(
            _cases("1", "<self> > 0", "<negative_slope>"),
            lambda xp, v: (v.self > 0) * (1 - v.negative_slope) + v.negative_slope,
        ),
        note="leaky_relu(x) = x where x > 0, else α x.",
    ),
    "_prelu_kernel": formula(
        r"\operatorname{prelu}(<self>)",
        self=pointwise(
            _cases("1", "<self> > 0", "<weight>"), lambda xp, v: xp.where(v.self > 0, 1 + 0 * v.self, v.weight)
        ),
        weight=pointwise(
            _cases("0", "<self> > 0", "<self>"), lambda xp, v: xp.where(v.self > 0, 0 * v.self, v.self)
        ),
    ),
    "elu": Formula(
        _ELU.forward, _ELU.rules, variant=lambda args: _ELU if getattr(args, "scale", 1) in (1, None) else _SELU
    ),
    "celu": formula(
        r"\operatorname{celu}(<self>)",
        self=pointwise(
            _cases("1", "<self> > 0", r"e^{<self> / <alpha>}"),
            lambda xp, v: xp.exp(xp.where(v.self > 0, 0 * v.self, v.self) / v.alpha),
        ),
    ),
    "gelu": Formula(
        _GELU.forward, _GELU.rules,
        variant=lambda args: _GELU_TANH if getattr(args, "approximate", "none") == "tanh" else _GELU,
    ),
    "silu": formula(
        r"<self> \, \sigma(<self>)",
        self=pointwise(r"\sigma(<self>) \, (1 + <self> \, (1 - \sigma(<self>)))", _silu),
        note="silu(x) = x σ(x).",
    ),
    "mish": formula(
        r"<self> \, \tanh(\operatorname{softplus}(<self>))",
        self=pointwise(r"t + <self> \, (1 - t^{2}) \, \sigma(<self>)", _mish),
        note="t = tanh(softplus(x)).",
    ),
    "softplus": formula(
        r"\ln(1 + e^{<self>})",
        self=pointwise(
            r"\sigma(<beta> \, <self>)",
            lambda xp, v: xp.where(v.self * v.beta > v.threshold, 1 + 0 * v.self, xp.sigmoid(v.beta * v.self)),
        ),
        note="softplus(x) = ln(1 + e^{βx}) / β; above its threshold it is x itself, with slope 1.",
    ),
    "hardtanh": formula(
        r"\min(\max(<self>, <min_val>), <max_val>)",
        self=pointwise(
            r"\mathbf{1}[<min_val> < <self> < <max_val>]", lambda xp, v: _between(v.self, v.min_val, v.max_val)
        ),
        symbols={"min_val": "l", "max_val": "h"},
        note="1 between the bounds, 0 outside.",
    ),
    "hardsigmoid": formula(
        r"\operatorname{hardsigmoid}(<self>)",
        self=pointwise(r"\tfrac{1}{6} \, \mathbf{1}[-3 < <self> < 3]", lambda xp, v: _between(v.self, -3, 3) / 6),
    ),
    "hardswish": formula(
        r"<self> \cdot \operatorname{hardsigmoid}(<self>)",
        self=pointwise(
            r"\begin{cases} 0 & <self> \le -3 \\ 1 & <self> \ge 3 \\"
            r" \frac{2 \cdot <self> + 3}{6} & \text{else} \end{cases}",
            lambda xp, v: _between(v.self, -3, 3) * (2 * v.self + 3) / 6 + (v.self >= 3) * 1.0,
        ),
    ),
    "log_sigmoid_forward": formula(
        r"\ln \sigma(<self>)",
        self=pointwise(r"1 - \sigma(<self>)", lambda xp, v: xp.sigmoid(-v.self)),
    ),
    "threshold": formula(
        _cases("<self>", "<self> > <threshold>", "<value>"),
        self=pointwise(r"\mathbf{1}[<self> > <threshold>]", lambda xp, v: (v.self > v.threshold) * 1.0),
        symbols={"value": "c"},
    ),
    "softshrink": formula(
        r"\operatorname{softshrink}(<self>)",
        self=pointwise(r"\mathbf{1}[|<self>| > <lambd>]", lambda xp, v: (abs(v.self) > v.lambd) * 1.0),
        symbols={"lambd": r"\lambda"},
    ),
    "hardshrink": formula(
        r"\operatorname{hardshrink}(<self>)",
        self=pointwise(r"\mathbf{1}[|<self>| > <lambd>]", lambda xp, v: (abs(v.self) > v.lambd) * 1.0),
        symbols={"lambd": r"\lambda"},
    ),
    "glu": formula(
        r"a \odot \sigma(b), \; (a, b) = \operatorname{halves}(<self>)",
        self=linear(
            r"\left(<g> \odot \sigma(b), \; <g> \odot a \odot \sigma'(b)\right)",
            _glu,
            "halves(<g>)",
        ),
    ),
}  # fmt: skip
