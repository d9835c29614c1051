"""Losses that are one op for the engine; `cross_entropy` is log_softmax followed by nll_loss.

Source: the definitions in `torch.nn.functional`. `n` is the number of elements averaged over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.explain.formula import Formula, formula, linear

NONE, MEAN, SUM = 0, 1, 2
"""PyTorch's numbers for `reduction`."""


def _scale(v: Any) -> float:
    return 1 / v.self.numel() if v.reduction == MEAN else 1.0


def _elementwise(
    forward: str, per_element: str, locals_: dict[str, tuple[str, Callable[[Any, Any], Any]]], note: str
) -> Formula:
    """A loss that is a mean (or sum, or neither) of a function of one element and its target."""

    def made(reduction: int) -> Formula:
        lead = {MEAN: r"\tfrac{1}{<count>} \cdot ", SUM: "", NONE: ""}[reduction]
        rules = {
            name: linear(rf"<g> \cdot {lead}{local}", _scaled(code), r"<g> \cdot \nabla", local=lead + local)
            for name, (local, code) in locals_.items()
        }
        summed = {MEAN: rf"\tfrac{{1}}{{<count>}} \sum {per_element}", SUM: rf"\sum {per_element}", NONE: per_element}[
            reduction
        ]
        return formula(summed, note=note, symbols={"self": "x", "target": "t"}, **rules)

    by_reduction = {reduction: made(reduction) for reduction in (NONE, MEAN, SUM)}
    mean = by_reduction[MEAN]
    return Formula(
        forward,
        mean.rules,
        mean.symbols,
        note,
        variant=lambda args: by_reduction.get(getattr(args, "reduction", MEAN), mean),
    )


def _scaled(code: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda xp, v: v.g * _scale(v) * code(xp, v)


def _weighted(v: Any, x: Any) -> Any:
    return x if getattr(v, "weight", None) is None else x * v.weight


def _smooth_l1(xp: Any, v: Any) -> Any:
    d = v.self - v.target
    return xp.where(abs(d) < v.beta, d / v.beta, xp.sign(d))


def _huber(xp: Any, v: Any) -> Any:
    d = v.self - v.target
    return xp.where(abs(d) <= v.delta, d, v.delta * xp.sign(d))


def _bce(xp: Any, v: Any) -> Any:
    return _weighted(v, (v.self - v.target) / (v.self * (1 - v.self)))


def _bce_logits(xp: Any, v: Any) -> Any:
    if getattr(v, "pos_weight", None) is None:
        return _weighted(v, xp.sigmoid(v.self) - v.target)
    s, p = xp.sigmoid(v.self), v.pos_weight
    return _weighted(v, (1 - v.target) * s - p * v.target * (1 - s))


def _nll(xp: Any, v: Any) -> Any:
    """−w at each row's target, divided by the sum of the weights where it's a mean."""
    chosen = v.target != v.ignore_index
    safe = xp.where(chosen, v.target, 0 * v.target)
    weight = chosen * 1.0 if v.weight is None else v.weight[safe] * chosen
    scaled = weight / weight.sum() if v.reduction == MEAN else weight
    classes = 1 if v.self.dim() > 1 else 0
    sent = -(v.g * scaled).unsqueeze(classes).to(v.self.dtype)
    return xp.zeros_like(v.self).scatter(classes, safe.unsqueeze(classes), sent)


def _nll_formula(reduction: int) -> Formula:
    lead = r"-\tfrac{1}{N} \," if reduction == MEAN else "-"
    forward = {
        MEAN: r"-\tfrac{1}{N} \sum_{i} <self>_{i, <target>_{i}}",
        SUM: r"-\sum_{i} <self>_{i, <target>_{i}}",
        NONE: r"-<self>_{i, <target>_{i}}",
    }[reduction]
    local = rf"{lead} \mathbf{{1}}[j = <target>_{{i}}]"
    return formula(
        forward,
        symbols={"self": "x", "target": "t"},
        self=linear(
            rf"{lead} <g> \cdot \operatorname{{onehot}}(<target>)", _nll, r"<g> \cdot \mathrm{onehot}", local=local,
            sparsity="one-hot",
        ),
        note="Only the target's log-probability of each row enters the loss; N counts the rows, or their weights.",
    )  # fmt: skip


def _nll_loss() -> Formula:
    by_reduction = {reduction: _nll_formula(reduction) for reduction in (NONE, MEAN, SUM)}
    mean = by_reduction[MEAN]
    return Formula(
        mean.forward, mean.rules, mean.symbols, mean.note,
        variant=lambda args: by_reduction.get(getattr(args, "reduction", MEAN), mean),
    )  # fmt: skip


LOSSES: dict[str, Formula] = {
    "mse_loss": _elementwise(
        r"\operatorname{mse}(<self>, <target>)",
        r"(<self> - <target>)^{2}",
        {
            "self": (r"2 (<self> - <target>)", lambda xp, v: 2 * (v.self - v.target)),
            "target": (r"2 (<target> - <self>)", lambda xp, v: 2 * (v.target - v.self)),
        },
        "The mean of squared errors.",
    ),
    "smooth_l1_loss": _elementwise(
        r"\operatorname{smooth\_l1}(<self>, <target>)",
        r"\operatorname{smooth}_{<beta>}(<self> - <target>)",
        {
            "self": (r"\operatorname{clip}_{\pm 1} \tfrac{<self> - <target>}{<beta>}", _smooth_l1),
            "target": (
                r"\operatorname{clip}_{\pm 1} \tfrac{<target> - <self>}{<beta>}",
                lambda xp, v: -_smooth_l1(xp, v),
            ),
        },
        "Squared where |x − t| < β, else linear: the slope is clipped to ±1.",
    ),
    "huber_loss": _elementwise(
        r"\operatorname{huber}(<self>, <target>)",
        r"\operatorname{huber}_{<delta>}(<self> - <target>)",
        {
            "self": (r"\operatorname{clip}_{\pm <delta>} (<self> - <target>)", _huber),
            "target": (r"\operatorname{clip}_{\pm <delta>} (<target> - <self>)", lambda xp, v: -_huber(xp, v)),
        },
        "Squared where |x − t| ≤ δ, else linear: the slope is clipped to ±δ.",
    ),
    "binary_cross_entropy": _elementwise(
        r"\operatorname{bce}(<self>, <target>)",
        r"\left(-<target> \ln <self> - (1 - <target>) \ln(1 - <self>)\right)",
        {
            "self": (r"\frac{<self> - <target>}{<self> \, (1 - <self>)}", _bce),
            "target": (
                r"\ln \frac{1 - <self>}{<self>}",
                lambda xp, v: _weighted(v, xp.log(1 - v.self) - xp.log(v.self)),
            ),
        },
        "x is a probability.",
    ),
    "binary_cross_entropy_with_logits": _elementwise(
        r"\operatorname{bce}(\sigma(<self>), <target>)",
        r"\left(\ln(1 + e^{<self>}) - <target> \, <self>\right)",
        {
            "self": (r"(\sigma(<self>) - <target>)", _bce_logits),
            "target": (r"(-<self>)", lambda xp, v: _weighted(v, -v.self)),
        },
        "x is a logit: probability minus target.",
    ),
    "soft_margin_loss": _elementwise(
        r"\operatorname{softmargin}(<self>, <target>)",
        r"\ln(1 + e^{-<target> \, <self>})",
        {
            "self": (
                r"\frac{-<target>}{1 + e^{<target> \, <self>}}",
                lambda xp, v: -v.target / (1 + xp.exp(v.target * v.self)),
            )
        },
        "The targets are 1 and −1.",
    ),
    "nll_loss_forward": _nll_loss(),
    "nll_loss2d_forward": _nll_loss(),
}
