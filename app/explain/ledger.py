"""The accumulation ledger: contributions in the engine's order, the running sum, and `.grad` before and after."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from app.core.trace import Endpoint, Full, Scalar, Value
from app.explain.context import Context
from app.explain.graph import Flow, real, single
from app.explain.rules import value_latex

MOST_ENTRIES = 40
"""Contributions that are written out; of a weight used hundreds of times, the first and the last."""


def ledger(ctx: Context, nodes: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """By node of `nodes`: one page per pass for leaves and wherever several contributions meet. Linear."""
    made: dict[str, list[dict[str, Any]]] = {}
    for flow in ctx.graph.flows:
        arrivals: dict[Endpoint, list[str]] = {}
        for id_ in flow.contributions:
            edge = ctx.graph.edges.get(id_)
            if edge is not None:
                arrivals.setdefault((edge.source, edge.output), []).append(id_)
        ends = dict.fromkeys([*arrivals, *((node, 0) for node in flow.accumulated), *flow.captured])
        for end in ends:
            node = ctx.graph.nodes.get(end[0])
            edges = arrivals.get(end, [])
            fan_in = len(edges) + (end in flow.seeds) > 1
            if node is not None and node.id in nodes and (node.kind == "leaf" or fan_in or end in flow.captured):
                made.setdefault(end[0], []).append(_page(ctx, flow, end, edges))
    return made


def _page(ctx: Context, flow: Flow, end: Endpoint, edges: list[str]) -> dict[str, Any]:
    entries: list[dict[str, Any]] = []
    running: Value | None = None
    if end in flow.seeds:
        running = flow.seeds[end]
        text = value_latex(ctx, running)
        entries.append({"edge": None, "from": None, "text": "seed", "value": text, "running": text})
    for k, id_ in enumerate(edges):
        value = flow.contributions[id_]
        running = value if running is None and not entries else added(running, value)
        if k < MOST_ENTRIES - 1 or k == len(edges) - 1:
            sender = ctx.graph.edges[id_].target
            entries.append({
                "edge": id_, "from": sender, "text": f"from {ctx.names.plain[sender, 0]}",
                "value": value_latex(ctx, value), "running": value_latex(ctx, running),
            })  # fmt: skip
    done = flow.accumulated.get(end[0]) if end[1] == 0 else None
    grad = flow.grads.get(end)
    hook = grad.hook if grad else None
    captured = flow.captured.get(end)
    return {
        "pass": flow.pass_.index,
        "output": end[1],
        "entries": entries,
        "sum": value_latex(ctx, grad.value if grad else running),
        "hook": {"before": value_latex(ctx, hook.before), "after": value_latex(ctx, hook.after)} if hook else None,
        "before": _or_none(ctx, done.before) if done else None,
        "added": value_latex(ctx, done.added) if done else None,
        "after": value_latex(ctx, done.after) if done else None,
        "captured": _or_none(ctx, captured.value) if captured else None,
        "omitted": max(0, len(edges) - MOST_ENTRIES),
        "text": _words(ctx, flow, end, len(edges) + (end in flow.seeds)),
    }


def _or_none(ctx: Context, value: Value | None) -> str | None:
    return r"\mathrm{None}" if value is None else value_latex(ctx, value)


def _words(ctx: Context, flow: Flow, end: Endpoint, count: int) -> str:
    name = ctx.names.plain[end]
    many = "one contribution" if count == 1 else f"{count} contributions"
    done = flow.accumulated.get(end[0]) if end[1] == 0 else None
    if done is None:
        return f"{name} receives {many}."
    added_, before = single(done.added), single(done.before)
    if done.before is None:
        text = f"{name}.grad was None; {many} {'make' if count != 1 else 'makes'} it what it is"
    elif before is not None and added_ is not None:
        text = f"{name}.grad was {ctx.text(before)}; this pass adds {ctx.text(added_)} ({many})"
    else:
        text = f"{name}.grad was not None; this pass adds to it ({many})"
    earlier = [f for f in ctx.graph.flows if f.pass_.index < flow.pass_.index and end[0] in f.accumulated]
    kept = done.before is not None and earlier and earlier[-1].accumulated[end[0]].after == done.before
    return text + (". It was not zeroed since the pass before." if kept and real(before) != 0 else ".")


def added(a: Value | None, b: Value) -> Value | None:
    """The elementwise sum of two full values of one shape, else None."""
    if not (isinstance(a, Full) and isinstance(b, Full)):
        return None
    try:
        return Full(_plus(a.data, b.data))
    except (TypeError, ValueError, ArithmeticError):
        return None


def _plus(a: Any, b: Any) -> Any:
    if isinstance(a, list):
        return [_plus(x, y) for x, y in zip(a, b, strict=True)]
    return _float(a) + _float(b)


def _float(x: Scalar) -> float:
    if isinstance(x, dict):
        raise TypeError("complex numbers are left to the Trace")
    return float(x)
