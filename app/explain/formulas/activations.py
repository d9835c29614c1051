"""Activation functions, element by element.

Source: `torch.nn.functional`'s definitions; at a kink PyTorch's choice is told in the note.
"""

from __future__ import annotations

import math

from app.explain.formula import Formula, formula, pointwise

_SELU_ALPHA = 1.6732632423543772
_SELU_SCALE = 1.0507009873554805


def _logistic(xp: object, x: float) -> float:
    return xp.sigmoid(x)  # type: ignore[attr-defined, no-any-return]


ACTIVATIONS: dict[str, Formula] = {
    "relu": formula(
        r"\operatorname{relu}(<self>)",
        self=pointwise(r"\mathbb{1}[<self> > 0]", lambda xp, v: (v.result > 0) * 1.0),
        note="relu(x) = max(0, x): slope 1 where x > 0, else 0. At 0 PyTorch takes 0.",
    ),
    "leaky_relu": formula(
        r"\operatorname{leaky\_relu}(<self>)",
        self=pointwise(
            r"\begin{cases} 1 & <self> > 0 \\ <negative_slope> & \text{else} \end{cases}",
            lambda xp, v: (v.self > 0) * (1 - v.negative_slope) + v.negative_slope,
        ),
        symbols={"negative_slope": r"\alpha"},
    ),
}  # fmt: skip
