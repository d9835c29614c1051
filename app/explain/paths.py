"""Paths from a root to a leaf as products of local derivatives, and their sum, which is the gradient.

The paths and their contributions are the Trace's; here they are written down as in the lecture.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Sequence
from math import prod
from typing import Any, NamedTuple

from app.core.trace import Edge, Endpoint, Paths, ShownPath, Value
from app.explain import latex
from app.explain.context import Context, pass_symbol
from app.explain.forward import definitions
from app.explain.graph import Flow, real, single
from app.explain.pytorch import bare
from app.explain.rules import value_latex
from app.explain.unfold import unfold

MOST_FACTORS = 24
"""Factors of a product that are written out; a longer path is shortened in the middle."""


MOST_WRITTEN = 12
"""Paths that a derivation writes out; the others are counted."""
MOST_DEFINED = 40
"""Nodes of a path whose definitions are written beside it."""
VIEWS = "t transpose permute view _unsafe_view reshape _reshape_alias squeeze unsqueeze alias"
FOLDED = frozenset(VIEWS.split())
"""Views that only move numbers about."""


class Hop(NamedTuple):
    """One factor of a path's product, and its number where it is one."""

    above: Endpoint
    below: Endpoint
    local: float | None
    slot: int | None
    """Which of several places of the same input, where an op takes one tensor twice."""


def paths(ctx: Context, leaves: Collection[str]) -> list[dict[str, Any]]:
    """One entry per pass, root and leaf of `leaves`. Linear in the length of the paths shown."""
    made = []
    for flow in ctx.graph.flows:
        roots = Counter(entry.leaf for entry in flow.pass_.paths)
        entries = [entry for entry in flow.pass_.paths if entry.leaf in leaves]
        made += [_entry(ctx, flow, entry, roots[entry.leaf] == 1) for entry in entries]
    return made


def _entry(ctx: Context, flow: Flow, entry: Paths, only_root: bool) -> dict[str, Any]:
    root = (entry.root[0], entry.root[1])
    leaf = (entry.leaf, 0)
    end = _leaf_end(entry, ctx, leaf)
    objective, _ = pass_symbol(ctx, flow)
    lhs = latex.total(objective, ctx.names.latex[end], d=ctx.sign)
    shown = [_path(ctx, flow, path, root) for path in entry.shown]
    total = _total(ctx, flow, entry, only_root)
    made: dict[str, Any] = {
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
    between = (ctx.graph.edges[id_].target for path in entry.shown for id_ in reversed(path.edges or ()))
    made["where"] = definitions(ctx, itertools.islice(between, MOST_DEFINED))
    made["derivation"] = derivation(lhs, shown, total, made["where"])
    return made


def _leaf_end(entry: Paths, ctx: Context, fallback: Endpoint) -> Endpoint:
    for path in entry.shown:
        if path.edges:
            first = ctx.graph.edges[path.edges[0]]
            return first.source, first.output
    return fallback


def _path(ctx: Context, flow: Flow, path: ShownPath, root: Endpoint) -> dict[str, Any]:
    contribution = value_latex(ctx, path.contribution)
    if path.edges is None:
        rest = {"names": r"\text{all other paths}", "numbers": None, "plain": "all other paths"}
        return {**rest, "contribution": contribution}
    if not path.edges:
        return {"names": "1", "numbers": None, "plain": "the root itself", "contribution": contribution}
    hops = _hops(ctx, flow, root[1], [ctx.graph.edges[id_] for id_ in reversed(path.edges)])
    half = MOST_FACTORS // 2
    ends = [hops] if len(hops) <= MOST_FACTORS else [hops[:half], hops[-half:]]
    lead = _seed_factor(ctx, flow, root)
    known = all(hop.local is not None for part in ends for hop in part) and (not lead or lead[1] is not None)
    names = _product(lead[0] if lead else None, [[_factor(ctx, hop) for hop in part] for part in ends])
    numbers = _product(lead[1] if lead else None, [[ctx.factor(hop.local) for hop in part] for part in ends])
    return {
        "names": names,
        "numbers": numbers if known else None,
        "plain": " ← … ← ".join(" ← ".join(part) for part in _route(ctx, root, ends)),
        "contribution": contribution,
    }


def _seed_factor(ctx: Context, flow: Flow, root: Endpoint) -> tuple[str, str | None] | None:
    """∂𝓛/∂root and the seed, where the pass differentiates more than a root seeded with 1."""
    objective, _ = pass_symbol(ctx, flow)
    if objective == ctx.names.latex[root]:
        return None
    seed = real(single(flow.seeds.get(root)))
    return latex.partial(objective, ctx.names.latex[root]), None if seed is None else ctx.factor(seed)


def _route(ctx: Context, root: Endpoint, ends: list[list[Hop]]) -> list[list[str]]:
    parts = [[ctx.names.plain[hop.below] for hop in part] for part in ends]
    parts[0].insert(0, ctx.names.plain[root])
    return parts


def _product(lead: str | None, parts: list[list[str]]) -> str:
    joined = r" \cdot \cdots \cdot ".join(r" \cdot ".join(part) for part in parts)
    return rf"{lead} \cdot {joined}" if lead else joined


def _hops(ctx: Context, flow: Flow, output: int, edges: list[Edge]) -> list[Hop]:
    """The factors of a path, root first; with `fold_views` a view joins the factor before it."""
    hops: list[Hop] = []
    for edge in edges:
        above, below = (edge.target, output), (edge.source, edge.output)
        local = _local(ctx, flow, edge, output)
        if hops and ctx.fold_views and bare(ctx.graph.nodes[edge.target].op) in FOLDED:
            last = hops.pop()
            above, local = last.above, None if last.local is None or local is None else last.local * local
        hops.append(Hop(above, below, local, ctx.slots.get(edge.id)))
        output = edge.output
    return hops


def _factor(ctx: Context, hop: Hop) -> str:
    """∂above/∂below; as a Jacobian its rows × columns stand underneath."""
    rows, columns = (prod(ctx.shape(end) or ()) for end in (hop.above, hop.below))
    factor = latex.partial(ctx.names.latex[hop.above], ctx.names.latex[hop.below], hop.slot)
    return factor if rows == columns == 1 else latex.under(factor, (rows, columns))


def _local(ctx: Context, flow: Flow, edge: Edge, output: int) -> float | None:
    jacobian = flow.jacobians.get((edge.id, output))
    if jacobian is not None:
        return real(single(jacobian.value))
    return ctx.locals.get(edge.id)


def _total(ctx: Context, flow: Flow, entry: Paths, only_root: bool) -> str | None:
    value: Value | None = None
    accumulated = flow.accumulated.get(entry.leaf)
    captured = flow.captured.get((entry.leaf, 0))
    if only_root:
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


def derivation(lhs: str, shown: list[dict[str, Any]], total: str | None, where: Sequence[str] = ()) -> str:
    """The whole derivation as one `aligned` block: names, numbers, contributions, sum, and what the names stand for."""
    written = shown[:MOST_WRITTEN]
    more = [rf"&\quad + \cdots \quad \text{{({len(shown) - MOST_WRITTEN} more)}}"] if len(shown) > MOST_WRITTEN else []
    rows = [f"{lhs} &= {written[0]['names']}" if written else f"{lhs} &= 0"]
    rows += [rf"&\quad + {path['names']}" for path in written[1:]] + more
    numbers = [path["numbers"] for path in written if path["numbers"]]
    if written and len(numbers) == len(written):
        rows.append(f"&= {numbers[0]}")
        rows += [rf"&\quad + {text}" for text in numbers[1:]] + more
    contributions = [path["contribution"] for path in shown if path["contribution"]]
    if 1 < len(shown) == len(contributions) <= MOST_WRITTEN:
        rows.append(f"&= {_signed(contributions)}")
    if total is not None and rows[-1] != f"&= {total}":
        rows.append(f"&= {total}")
    rows += [rf"& \text{{{'with' if k == 0 else 'and'} }} {definition}" for k, definition in enumerate(where)]
    return r"\begin{aligned} " + r" \\ ".join(rows) + r" \end{aligned}"
