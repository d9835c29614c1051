"""Difference quotients of one number by one number, and what they say of a derivative: right, wrong, or at a kink.

Central differences in float64 with the step eps^(1/3) · max(1, |x|), about 6·10⁻⁶, at which truncation (h²f‴/6) and
rounding (eps·f/h) are both near 10⁻¹¹ of a function of order one (Press et al., Numerical Recipes, 5.7).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from app.core.verdict import Status

EPS = 2.0**-52
STEP = EPS ** (1 / 3)
SHRINKS = 4
"""Steps that are tried, each a tenth of the one before, where the first says that something is odd."""
RELATIVE = 1e-5
"""Relative error up to which a derivative is right."""
ROUNDINGS = 40
"""Roundings that a value of the function may carry, in units of its last place."""
KINK = 1e-4
"""How far the one-sided quotients may lie apart, relative to their size, at the first step."""


@dataclass(frozen=True, slots=True)
class Quotient:
    """One-sided and central quotients at one step, and how much of the central one may be rounding."""

    step: float
    left: float
    right: float
    central: float
    noise: float

    @property
    def gap(self) -> float:
        """By how much the one-sided quotients disagree: h·f″ where the function is smooth."""
        return abs(self.right - self.left)

    @property
    def finite(self) -> bool:
        """All of it is a number."""
        return math.isfinite(self.left) and math.isfinite(self.right)

    @property
    def bent(self) -> bool:
        """The one-sided quotients differ by more than rounding and a modest second derivative explain."""
        return self.gap > KINK * max(abs(self.left), abs(self.right)) + 10 * self.noise


def quotient(f: Callable[[float], float], x: float, at_x: float, h: float) -> Quotient:
    """The quotients of `f` at `x`, where `f(x)` is known, with a step of about `h`."""
    above, below = x + h, x - h
    upper, lower = f(above), f(below)
    size = max(abs(upper), abs(lower), abs(at_x))
    return Quotient(
        above - x,
        (at_x - lower) / (x - below),
        (upper - at_x) / (above - x),
        (upper - lower) / (above - below),
        ROUNDINGS * EPS * size / h,
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """What the quotients say of a derivative."""

    status: Status
    best: Quotient
    error: float
    tolerance: float


def judge(f: Callable[[float], float], x: float, at_x: float, derivative: float) -> Judged:
    """Compare `derivative` with the difference quotients of `f` at `x`.

    A kink is where the one-sided quotients disagree at every step: at a smooth point their gap shrinks with the step.
    A smaller step is tried, too, where the derivative doesn't match: near a kink or a pole the first one is too wide.
    """
    smooth: list[Judged] = []
    bent: Judged | None = None
    for k in range(SHRINKS):
        q = quotient(f, x, at_x, STEP * max(1.0, abs(x)) * 0.1**k)
        judged = _judged(q, derivative)
        shrinks = bent is not None and bent.best.finite and q.gap <= bent.best.gap / 2
        if not q.finite or ((q.bent or bent is not None) and not shrinks):
            smooth.clear()
            bent = judged
            continue
        smooth.append(judged)
        if q.bent:
            bent = judged
        if judged.status == "ok":
            return judged
    if not smooth:
        assert bent is not None
        return Judged("nonsmooth", bent.best, bent.error, bent.tolerance)
    return min(smooth, key=lambda one: one.error)


def _judged(q: Quotient, derivative: float) -> Judged:
    error = abs(derivative - q.central)
    tolerance = RELATIVE * max(abs(derivative), abs(q.central)) + q.noise
    return Judged("ok" if error <= tolerance else "mismatch", q, error, tolerance)
