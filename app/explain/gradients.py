"""The gradients of all leaves in one table, ∇θℓ, and beside each the step that they ask for: θₜ₊₁ = θₜ − η · gradient.

Where the program itself updates the leaf after the pass, its own new value stands there instead.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from math import prod
from typing import Any, NamedTuple

from app.core.trace import Accumulated, Full, SetTensor, Step, Value
from app.explain import latex
from app.explain.context import Context, pass_symbol
from app.explain.graph import Flow, real, single

MOST_CELLS = 1_024
"""Elements of a leaf up to which the step is worked out."""
ROUNDED = {"float32": "f", "float16": "e"}
"""Formats that round a number as a dtype does; float64 needs none, bfloat16 has none."""


class Eta(NamedTuple):
    """The learning rate, and the steps between a pass and the next one, in which the program may have its own."""

    eta: float
    steps: tuple[Step, ...]


def gradients(ctx: Context, eta: float) -> list[dict[str, Any]]:
    """One table per pass that writes `.grad` or returns gradients. Linear in the Trace."""
    steps = ctx.graph.trace.steps
    starts = {step.pass_: step.index for step in steps if step.kind == "seed"}
    return [
        _table(ctx, flow, eta, starts.get(flow.pass_.index, 0), _until(steps, flow.pass_.index))
        for flow in ctx.graph.flows
        if flow.accumulated or flow.captured
    ]


def _until(steps: tuple[Step, ...], index: int) -> tuple[Step, ...]:
    """The updates from the end of a pass to the start of the next one."""
    last = max((step.index for step in steps if step.pass_ == index), default=0)
    following = next((step.index for step in steps[last + 1 :] if step.kind == "seed"), len(steps))
    return tuple(step for step in steps[last + 1 : following] if step.kind == "update")


def _table(ctx: Context, flow: Flow, eta: float, start: int, after: tuple[Step, ...]) -> dict[str, Any]:
    objective, plain = pass_symbol(ctx, flow)
    captured = {node: item.value for (node, output), item in flow.captured.items() if output == 0}
    given: dict[str, Accumulated | Value | None] = {**captured, **flow.accumulated}
    leaves = [node for node in ctx.graph.trace.nodes if node.kind == "leaf"]
    now = _values(ctx.graph.trace.steps[: start + 1])
    now = {node.id: node.outputs[0] for node in leaves if node.outputs} | now
    rows = [
        _row(ctx, flow, node.id, now.get(node.id), given.get(node.id))
        | _next(ctx, node.id, now, given, Eta(eta, after))
        for node in leaves
    ]
    return {"pass": flow.pass_.index, "objective": objective, "plain": plain, "eta": eta, "rows": rows}


def _values(steps: tuple[Step, ...]) -> dict[str, str]:
    """The tensor that each node's first output shows after some steps."""
    return {
        item.node: item.tensor
        for step in steps
        for item in step.sets
        if isinstance(item, SetTensor) and item.output == 0
    }


def _row(ctx: Context, flow: Flow, leaf: str, tensor: str | None, given: Any) -> dict[str, Any]:
    name = ctx.names.latex[leaf, 0]
    return {
        "leaf": leaf,
        "name": name,
        "plain": ctx.names.plain[leaf, 0],
        "lhs": latex.total(pass_symbol(ctx, flow)[0], name, d=ctx.sign),
        "tensor": tensor,
        "gradient": _data(given.added if isinstance(given, Accumulated) else given),
    }


def _next(ctx: Context, leaf: str, now: dict[str, str], given: Any, after: Eta) -> dict[str, Any]:
    """The leaf's next value: the program's own, else θ − η · `.grad`."""
    found = given.get(leaf)
    used = found.after if isinstance(found, Accumulated) else found
    made: dict[str, Any] = {"by": None, "next": None, "line": None, "latex": None}
    own = next((s for s in after.steps if any(isinstance(x, SetTensor) and x.node == leaf for x in s.sets)), None)
    if own is not None:
        new = next(item.tensor for item in own.sets if isinstance(item, SetTensor) and item.node == leaf)
        value = ctx.graph.tensors.get(new)
        return made | {"by": "program", "next": _data(value.value if value else None), "line": own.line}
    entry = ctx.graph.tensors.get(now.get(leaf, ""))
    if entry is None or used is None:
        return made
    stepped = _stepped(entry.value, used, after.eta, entry.dtype)
    x, g, y = single(entry.value), single(used), single(stepped)
    if None not in (x, g, y):
        made["latex"] = rf"{ctx.number(x)} - {ctx.number(after.eta)} \cdot {ctx.factor(g)} = {ctx.number(y)}"
    return made | {"by": "eta" if stepped is not None else None, "next": _data(stepped)}


def _data(value: Value | None) -> dict[str, Any] | None:
    """A value as the Trace's JSON has it, where it is complete and small."""
    if not isinstance(value, Full):
        return None
    return {"kind": "full", "data": value.data} if prod(_shape(value.data)) <= MOST_CELLS else None


def _shape(data: Any) -> tuple[int, ...]:
    return (len(data), *_shape(data[0])) if isinstance(data, list) and data else ()


def _stepped(value: Value, gradient: Value, eta: float, dtype: str) -> Full | None:
    """θ − η · g, element by element, rounded to the dtype of θ."""
    if not isinstance(value, Full) or not isinstance(gradient, Full):
        return None
    code = ROUNDED.get(dtype)

    def rounded(x: float) -> float:
        return x if code is None else float(struct.unpack(code, struct.pack(code, x))[0])

    try:
        return Full(_each(value.data, gradient.data, lambda x, g: rounded(x - eta * g)))
    except (TypeError, ValueError, OverflowError, struct.error):
        return None


def _each(a: Any, b: Any, f: Callable[[float, float], float]) -> Any:
    if isinstance(a, list):
        return [_each(x, y, f) for x, y in zip(a, b, strict=True)]
    x, y = real(a), real(b)
    if x is None or y is None:
        raise ValueError("no number")
    return f(x, y)
