"""Why a gradient is what it is, in two sentences, for every node: where it comes from, and what becomes of `.grad`.

Why one is None, zero or not a number is in `app.explain.why` and `app.explain.absent`.
"""

from __future__ import annotations

from app.core.trace import Node
from app.explain.context import Context, pass_symbol
from app.explain.graph import Flow, single

MOST_NAMED = 4
"""Senders that are named."""


def because(ctx: Context, node: Node) -> str | None:
    """What the last pass that reached the node says of its gradient; None where none did."""
    flows = ctx.graph.receivers.get((node.id, 0))
    if not flows:
        return None
    flow = flows[-1]
    _, root = pass_symbol(ctx, flow)
    name = ctx.names.plain[node.id, 0]
    value = single(flow.gradient((node.id, 0)))
    left = f"d{root}/d{name}" + (f" is {ctx.text(value)}" if value is not None else "")
    return f"{left}: {_comes_from(ctx, flow, node)}.{_becomes(ctx, flow, node)}"


def _comes_from(ctx: Context, flow: Flow, node: Node) -> str:
    senders = [
        ctx.names.plain[edge.target, 0]
        for output in range(max(len(node.outputs), 1))
        for edge in ctx.graph.out_of[node.id, output]
        if edge.id in flow.contributions
    ]
    seeded = any(end[0] == node.id for end in flow.seeds)
    if not senders:
        return "the pass starts here" if seeded else "the pass gives it"
    named = ", ".join(dict.fromkeys(senders[:MOST_NAMED])) + (", …" if len(senders) > MOST_NAMED else "")
    start = "where the pass starts, plus " if seeded else ""
    if len(senders) == 1:
        return f"{start}what {named} sends back, its own gradient times its local derivative"
    return f"{start}the sum of what {len(senders)} uses send back ({named})"


def _becomes(ctx: Context, flow: Flow, node: Node) -> str:
    name = ctx.names.plain[node.id, 0]
    if node.kind != "leaf":
        if node.name and f"{node.name}.retain_grad" in ctx.graph.trace.program.source:
            return f" {name} is no leaf, and retain_grad() keeps it as {name}.grad."
        return f" {name} is no leaf, so it is passed on and {name}.grad stays None."
    done = flow.accumulated.get(node.id)
    if done is None:
        return f" autograd.grad returns it; {name}.grad is left alone."
    before = single(done.before)
    if done.before is None:
        return f" It becomes {name}.grad, which was None."
    return f" It is added to {name}.grad" + (f", which was {ctx.text(before)}." if before is not None else ".")
