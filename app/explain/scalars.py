"""The functions of `torch` that formulas call, for single Python numbers; evaluates local derivatives at runtime."""

from __future__ import annotations

import math
from typing import Any

exp, expm1, log1p = math.exp, math.expm1, math.log1p
sin, cos, tan, sinh, cosh, tanh = math.sin, math.cos, math.tan, math.sinh, math.cosh, math.tanh
erf, lgamma, floor, ceil = math.erf, math.lgamma, math.floor, math.ceil
pi = math.pi


def log(x: float) -> float:
    """ln x; −∞ at 0 and NaN below, as in floating point."""
    return math.log(x) if x > 0 else (-math.inf if x == 0 else math.nan)


def sqrt(x: float) -> float:
    """√x, NaN below 0."""
    return math.sqrt(x) if x >= 0 else math.nan


def where(condition: Any, a: Any, b: Any) -> Any:
    """`a` if `condition` else `b`."""
    return a if condition else b


def sign(x: float) -> float:
    """−1, 0 or 1."""
    return float((x > 0) - (x < 0))


def sigmoid(x: float) -> float:
    """1/(1+e⁻ˣ) without overflow."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def softplus(x: float) -> float:
    """log(1+eˣ) without overflow."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def asarray(x: Any) -> Any:
    """The number itself."""
    return x
