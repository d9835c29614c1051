"""Paths from a root to a leaf as products of local derivatives, and their sum, which is the gradient.

The paths and their contributions are the Trace's; here they are written down as in the lecture.
"""

from __future__ import annotations

from math import prod
from typing import Any

from app.core.trace import Edge, Paths, ShownPath, Value
from app.explain import latex
from app.explain.context import Context, pass_symbol
from app.explain.graph import Flow, real, single
from app.explain.operation import local_number
from app.explain.rules import value_latex

MOST_UNFOLDED = 48
"""Nodes between a root and a leaf up to which each factor du/dW can be unfolded in place."""
MOST_FACTORS = 24
"""Factors of a product that are written out; a longer path is shortened in the middle."""


def paths(ctx: Context) -> list[dict[str, Any]]:
    """One entry per pass, root and leaf. Linear in the length of the paths shown."""
    return [_entry(ctx, flow, entry) for flow in ctx.graph.flows for entry in flow.pass_.paths]


def _entry(ctx: Context, flow: Flow, entry: Paths) -> dict[str, Any]:
    root = (entry.root[0], entry.root[1])
    leaf = (entry.leaf, 0)
    end = _leaf_end(entry, ctx, leaf)
    objective, _ = pass_symbol(ctx, flow)
    lhs = latex.total(objective, ctx.names.latex[end], d=ctx.sign)
    shown = [_path(ctx, flow, path, root) for path in entry.shown]
    total = _total(ctx, flow, entry)
    made = {
        "pass": flow.pass_.index,
        "leaf": entry.leaf,
        "root": list(root),
        "count": entry.count,
        "exact": entry.exact,
        "objective": objective,
        "lhs": lhs,
        "shown": shown,
        "sum": _sum(lhs, shown, total),
        "total": total,
        "unfold": unfold(ctx, flow, root, end),
    }
    made["derivation"] = derivation(lhs, shown, total)
    return made


def _leaf_end(entry: Paths, ctx: Context, fallback: tuple[str, int]) -> tuple[str, int]:
    for path in entry.shown:
        if path.edges:
            first = ctx.graph.edges[path.edges[0]]
            return first.source, first.output
    return fallback


def _path(ctx: Context, flow: Flow, path: ShownPath, root: tuple[str, int]) -> dict[str, Any]:
    contribution = value_latex(ctx, path.contribution)
    if path.edges is None:
        return {
            "edges": None,
            "names": r"\text{all other paths}",
            "numbers": None,
            "contribution": contribution,
            "plain": "all other paths",
        }
    if not path.edges:
        return {"edges": [], "names": "1", "numbers": None, "contribution": contribution, "plain": "the root itself"}
    edges = [ctx.graph.edges[id_] for id_ in reversed(path.edges)]
    output = root[1]
    names, numbers, route = [], [], [ctx.names.plain[root]]
    objective, _ = pass_symbol(ctx, flow)
    complete = True
    if objective != ctx.names.latex[root]:
        seed = real(single(flow.seeds.get(root)))
        names.append(latex.partial(objective, ctx.names.latex[root]))
        complete = seed is not None
        numbers += [ctx.factor(seed)] if seed is not None else []
    for edge in edges:
        names.append(_factor(ctx, edge, output))
        route.append(ctx.names.plain[edge.source, edge.output])
        local = _local(ctx, flow, edge, output)
        complete = complete and local is not None
        if local is not None:
            numbers.append(ctx.factor(local))
        output = edge.output
    return {
        "edges": list(path.edges),
        "names": _product(names),
        "numbers": _product(numbers) if complete else None,
        "contribution": contribution,
        "plain": " ← ".join(route if len(route) <= MOST_FACTORS else [*route[:8], "…", *route[-8:]]),
    }


def _factor(ctx: Context, edge: Edge, output: int) -> str:
    """∂target/∂source; as a Jacobian its rows × columns stand underneath."""
    above, below = (edge.target, output), (edge.source, edge.output)
    rows, columns = (prod(ctx.shape(end) or ()) for end in (above, below))
    factor = latex.partial(ctx.names.latex[above], ctx.names.latex[below])
    return factor if rows == columns == 1 else latex.under(factor, (rows, columns))


def _local(ctx: Context, flow: Flow, edge: Edge, output: int) -> float | None:
    jacobian = flow.jacobians.get((edge.id, output))
    if jacobian is not None:
        return real(single(jacobian.value))
    return local_number(ctx.graph, ctx.operations[edge.target], edge)


def _product(factors: list[str]) -> str:
    if len(factors) > MOST_FACTORS:
        factors = [*factors[: MOST_FACTORS // 2], r"\cdots", *factors[-MOST_FACTORS // 2 :]]
    return r" \cdot ".join(factors)


def _total(ctx: Context, flow: Flow, entry: Paths) -> str | None:
    value: Value | None = None
    accumulated = flow.accumulated.get(entry.leaf)
    captured = flow.captured.get((entry.leaf, 0))
    roots = [other for other in flow.pass_.paths if other.leaf == entry.leaf]
    if len(roots) == 1:
        value = accumulated.added if accumulated else captured.value if captured else None
    if value is None and len(entry.shown) == 1:
        value = entry.shown[0].contribution
    return value_latex(ctx, value)


def _sum(lhs: str, shown: list[dict[str, Any]], total: str | None) -> str | None:
    parts = [path["contribution"] for path in shown if path["contribution"] is not None]
    if total is None or len(parts) < len(shown):
        return None
    added = _signed(parts)
    return f"{lhs} = {added} = {total}" if added != total else f"{lhs} = {total}"


def _signed(parts: list[str]) -> str:
    return "".join(
        part if k == 0 else f" - {part[1:]}" if part.startswith("-") else f" + {part}" for k, part in enumerate(parts)
    )


def derivation(lhs: str, shown: list[dict[str, Any]], total: str | None) -> str:
    """The whole derivation as one `aligned` block: names, numbers, contributions, sum."""
    rows = [f"{lhs} &= {shown[0]['names']}" if shown else f"{lhs} &= 0"]
    rows += [rf"&\quad + {path['names']}" for path in shown[1:]]
    numbers = [path["numbers"] for path in shown if path["numbers"]]
    if shown and len(numbers) == len(shown):
        rows.append(f"&= {numbers[0]}")
        rows += [rf"&\quad + {text}" for text in numbers[1:]]
    contributions = [path["contribution"] for path in shown if path["contribution"]]
    if 1 < len(shown) == len(contributions):
        rows.append(f"&= {_signed(contributions)}")
    if total is not None:
        rows.append(f"&= {total}")
    return r"\begin{aligned} " + r" \\ ".join(dict.fromkeys(rows)) + r" \end{aligned}"


def unfold(ctx: Context, flow: Flow, root: tuple[str, int], end: tuple[str, int]) -> dict[str, Any] | None:
    """The recursive form: per node the line du/dW = Σ ∂u/∂v · dv/dW, for unfolding factors in place.

    None where more than `MOST_UNFOLDED` nodes lie between.
    """
    between = _between(ctx, flow, root, end)
    if between is None:
        return None
    below = ctx.names.latex[end]
    lines: dict[str, Any] = {}
    for node in between:
        terms: list[dict[str, Any]] = []
        for edge in ctx.graph.into[node]:
            if edge.id not in flow.contributions:
                continue
            source = (edge.source, edge.output)
            above = ctx.names.latex[node, 0]
            if source == end:
                terms.append({"edge": edge.id, "into": None, "latex": latex.partial(above, below)})
            elif edge.source in between:
                inner = latex.total(ctx.names.latex[source], below, d=ctx.sign)
                local = latex.partial(above, ctx.names.latex[source])
                terms.append({"edge": edge.id, "into": edge.source, "latex": rf"{local} \cdot {inner}"})
        lhs = latex.total(ctx.names.latex[node, 0], below, d=ctx.sign)
        lines[node] = {"lhs": lhs, "terms": terms, "latex": f"{lhs} = " + " + ".join(term["latex"] for term in terms)}
    return lines


def _between(ctx: Context, flow: Flow, root: tuple[str, int], end: tuple[str, int]) -> dict[str, None] | None:
    """Op nodes on a path from `root` to `end`, root first; None beyond the limit."""
    up: set[str] = set()
    stack = [edge for edge in ctx.graph.out_of[end] if edge.id in flow.contributions]
    while stack:
        edge = stack.pop()
        if edge.target in up:
            continue
        up.add(edge.target)
        if len(up) > 4 * MOST_UNFOLDED:
            return None
        for output in range(len(ctx.graph.nodes[edge.target].outputs)):
            stack += [nxt for nxt in ctx.graph.out_of[edge.target, output] if nxt.id in flow.contributions]
    found: dict[str, None] = {}
    queue = [root[0]] if root[0] in up else []
    for node in queue:
        if node in found:
            continue
        found[node] = None
        if len(found) > MOST_UNFOLDED:
            return None
        queue += [e.source for e in ctx.graph.into[node] if e.source in up and e.id in flow.contributions]
    return found
