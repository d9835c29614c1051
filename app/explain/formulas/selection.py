"""Choosing between values element by element, and putting tensors together.

Source: derivatives.yaml, which also fixes who gets the gradient where two values tie.
"""

from __future__ import annotations

from typing import Any

from app.explain.formula import Formula, formula, linear, pointwise


def _clamped(xp: Any, v: Any) -> Any:
    inside = 1.0 + 0 * v.self
    if getattr(v, "min", None) is not None:
        inside = inside * (v.self >= v.min)
    if getattr(v, "max", None) is not None:
        inside = inside * (v.self <= v.max)
    return inside


def _clamp(args: Any) -> Formula:
    low, high = getattr(args, "min", None), getattr(args, "max", None)
    if low is not None and high is not None:
        forward, test = r"\min(\max(<self>, <min>), <max>)", r"<min> \le <self> \le <max>"
    elif high is not None:
        forward, test = r"\min(<self>, <max>)", r"<self> \le <max>"
    else:
        forward, test = r"\max(<self>, <min>)", r"<self> \ge <min>"
    return formula(
        forward,
        self=pointwise(rf"\mathbf{{1}}[{test}]", _clamped),
        note="1 inside the bounds (on them too), 0 outside.",
        symbols={"min": "l", "max": "h"},
    )


def _winner(sign: str) -> Any:
    """1 where the input wins, ½ where both tie."""

    def code(xp: Any, v: Any, mine: str, theirs: str) -> Any:
        a, b = getattr(v, mine), getattr(v, theirs)
        wins = a > b if sign == ">" else a < b
        return wins * 1.0 + (a == b) * 0.5

    return code


def _maximum(name: str, sign: str) -> Formula:
    relation = ">" if sign == ">" else r"<"
    code = _winner(sign)
    return formula(
        rf"\{name}(<self>, <other>)",
        self=pointwise(rf"\mathbf{{1}}[<self> {relation} <other>]", lambda xp, v: code(xp, v, "self", "other")),
        other=pointwise(rf"\mathbf{{1}}[<other> {relation} <self>]", lambda xp, v: code(xp, v, "other", "self")),
        note="The gradient goes to the one that was taken; where both are equal, half to each.",
    )


def _first_wins(sign: str) -> Formula:
    """fmax and fmin: ties go to the first."""
    name, relation = ("max", r"\ge") if sign == ">" else ("min", r"\le")
    return formula(
        rf"\{name}(<self>, <other>)",
        self=pointwise(
            rf"\mathbf{{1}}[<self> {relation} <other>]",
            lambda xp, v: ((v.self >= v.other) if sign == ">" else (v.self <= v.other)) * 1.0,
        ),
        other=pointwise(
            rf"1 - \mathbf{{1}}[<self> {relation} <other>]",
            lambda xp, v: ((v.self < v.other) if sign == ">" else (v.self > v.other)) * 1.0,
        ),
        note="The gradient goes to the one that was taken; where both are equal, to the first.",
    )


def _cat_part(xp: Any, v: Any) -> Any:
    """The slice of the gradient that belongs to tensor number `v.place`."""
    start = sum(tensor.shape[v.dim] for tensor in v.tensors[: v.place])
    return v.g.narrow(v.dim, start, v.tensors[v.place].shape[v.dim])


_CLAMP = _clamp(None)

SELECTION: dict[str, Formula] = {
    "where.self": formula(
        r"\begin{cases} <self> & <condition> \\ <other> & \text{else} \end{cases}",
        self=pointwise(r"\mathbf{1}[<condition>]", lambda xp, v: v.condition * 1.0),
        other=pointwise(r"1 - \mathbf{1}[<condition>]", lambda xp, v: 1.0 - v.condition * 1.0),
        note="Each output element depends on one of the two; the other one gets 0 there.",
    ),
    "clamp": Formula(_CLAMP.forward, _CLAMP.rules, variant=_clamp),
    "clamp_min": Formula(_CLAMP.forward, _CLAMP.rules, variant=_clamp),
    "clamp_max": Formula(_CLAMP.forward, _CLAMP.rules, variant=_clamp),
    "maximum": _maximum("max", ">"),
    "minimum": _maximum("min", "<"),
    "fmax": _first_wins(">"),
    "fmin": _first_wins("<"),
    "lerp.Scalar": formula(
        r"<self> + <weight> \cdot (<end> - <self>)",
        self=pointwise("1 - <weight>", lambda xp, v: 1 - v.weight + 0 * v.self),
        end=pointwise("<weight>", lambda xp, v: v.weight + 0 * v.self),
        symbols={"weight": "w", "end": "b", "self": "a"},
    ),
    "lerp.Tensor": formula(
        r"<self> + <weight> \cdot (<end> - <self>)",
        self=pointwise("1 - <weight>", lambda xp, v: 1 - v.weight),
        end=pointwise("<weight>", lambda xp, v: v.weight),
        weight=pointwise("<end> - <self>", lambda xp, v: v.end - v.self),
        symbols={"weight": "w", "end": "b", "self": "a"},
    ),
    "cat": formula(
        r"\operatorname{cat}(<tensors>)",
        tensors=linear(r"\operatorname{slice}(<g>)", _cat_part, "slice(<g>)", sparsity="selection"),
        note="Each part gets its own slice of the gradient.",
    ),
    "stack": formula(
        r"\operatorname{stack}(<tensors>)",
        tensors=linear(
            r"\operatorname{select}(<g>)", lambda xp, v: v.g.select(v.dim, v.place), "select(<g>)",
            sparsity="selection",
        ),
        note="Each part gets its own slice of the gradient.",
    ),
    "native_dropout": formula(
        r"\frac{\mathrm{mask}}{1 - <p>} \odot <input>",
        input=linear(
            r"<g> \odot \frac{\mathrm{mask}}{1 - <p>}",
            lambda xp, v: v.g * v.result1 / (1 - v.p),
            r"<g> \cdot \mathrm{diag}",
            local=r"\frac{\mathrm{mask}}{1 - <p>}", sparsity="diagonal",
        ),
        note="Dropped elements get no gradient; the others are scaled as in the forward pass.",
    ),
}  # fmt: skip
