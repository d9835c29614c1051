"""What is drawn of a Trace's graph: its nodes as cards, groups as one, far uses of a leaf as small references."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.core.trace import Edge, Node, Trace
from app.draw.fold import Group

Form = Literal["card", "reference", "group"]
NEAR_DEPTHS = 1
"""A leaf's card serves the uses at most this much deeper than its first; the others get a reference."""
MOST_USES = 4
FEW_USES = 2
"""Up to so many uses a leaf is drawn once, however far apart they are."""


@dataclass(frozen=True, slots=True)
class DrawnNode:
    """A node of the drawing. `key` is unique in it; `members` are the Trace's nodes it stands for, `node` the last."""

    key: str
    form: Form
    node: Node
    members: tuple[str, ...]
    title: str = ""
    """What the members of a group have in common."""
    inner: tuple[str, ...] = ()
    """The edges inside a group."""


@dataclass(frozen=True, slots=True)
class DrawnEdge:
    """An edge of the drawing, for one edge of the Trace or (between groups) several."""

    key: str
    tail: str
    head: str
    edges: tuple[str, ...]
    differentiable: bool


@dataclass(frozen=True, slots=True)
class DrawnGraph:
    """The drawing's nodes and edges, in the Trace's order."""

    nodes: tuple[DrawnNode, ...]
    edges: tuple[DrawnEdge, ...]


def drawn_graph(trace: Trace, groups: Sequence[Group] = ()) -> DrawnGraph:
    """Every node and edge, those of a group in its one card, far uses of a leaf from references."""
    card = {member: group.members[-1] for group in groups for member in group.members}
    group_of = {group.members[-1]: group for group in groups}
    outer = [edge for edge in trace.edges if card.get(edge.source, edge.source) != card.get(edge.target, edge.target)]
    depth = _depths(trace)
    uses: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in outer:
        uses[edge.source].append(edge)
    inner: defaultdict[str, list[str]] = defaultdict(list)
    for edge in trace.edges:
        if edge.target in card and card.get(edge.source) == card[edge.target]:
            inner[card[edge.target]].append(edge.id)
    tails: dict[str, str] = {}
    nodes: list[DrawnNode] = []
    for node in trace.nodes:
        group = group_of.get(node.id)
        if group is not None:
            nodes.append(DrawnNode(node.id, "group", node, group.members, group.title, tuple(inner[node.id])))
        elif node.id not in card:
            nodes.append(DrawnNode(node.id, "card", node, (node.id,)))
            if node.kind != "op":
                far = _far_uses(uses[node.id], depth, card)
                for count, edges in enumerate(far.values()):
                    key = f"{node.id}r{count}"
                    nodes.append(DrawnNode(key, "reference", node, (node.id,)))
                    tails.update((edge.id, key) for edge in edges)
    return DrawnGraph(tuple(nodes), _drawn_edges(outer, tails, card))


def _drawn_edges(outer: list[Edge], tails: dict[str, str], card: dict[str, str]) -> tuple[DrawnEdge, ...]:
    """One for each edge; between the same two cards of which one is a group, one for all."""
    bundles: dict[tuple[str, str] | str, list[Edge]] = {}
    ends: dict[str, tuple[str, str]] = {}
    for edge in outer:
        tail = tails.get(edge.id, card.get(edge.source, edge.source))
        head = card.get(edge.target, edge.target)
        ends[edge.id] = (tail, head)
        grouped = edge.source in card or edge.target in card
        bundles.setdefault((tail, head) if grouped else edge.id, []).append(edge)
    return tuple(
        DrawnEdge(
            edges[0].id,
            *ends[edges[0].id],
            tuple(edge.id for edge in edges),
            any(edge.differentiable for edge in edges),
        )
        for edges in bundles.values()
    )


def _far_uses(uses: list[Edge], depth: dict[str, int], card: dict[str, str]) -> dict[str, list[Edge]]:
    """The uses that are drawn from a reference, by the node that uses it; the leaf's card keeps the nearest."""
    targets: dict[str, list[Edge]] = {}
    for edge in sorted(uses, key=lambda edge: depth[edge.target]):
        targets.setdefault(card.get(edge.target, edge.target), []).append(edge)
    if len(targets) <= FEW_USES:
        return {}
    nearest = depth[next(iter(targets))]
    kept = [target for target in targets if depth[target] <= nearest + NEAR_DEPTHS][:MOST_USES]
    return {target: edges for target, edges in targets.items() if target not in kept}


def _depths(trace: Trace) -> dict[str, int]:
    """About where along the drawing each node lies: its longest way from a source, counted in edges.

    What is made of leaves alone lies just before its first use, as the layout puts it.
    """
    indegree: defaultdict[str, int] = defaultdict(int)
    outgoing: defaultdict[str, list[str]] = defaultdict(list)
    ops = {node.id for node in trace.nodes if node.kind == "op"}
    fed = {edge.target for edge in trace.edges if edge.source in ops}
    for edge in trace.edges:
        indegree[edge.target] += 1
        outgoing[edge.source].append(edge.target)
    depth = dict.fromkeys((node.id for node in trace.nodes), 0)
    order = [node.id for node in trace.nodes if indegree[node.id] == 0]
    for source in order:
        for target in outgoing[source]:
            depth[target] = max(depth[target], depth[source] + 1)
            indegree[target] -= 1
            if indegree[target] == 0:
                order.append(target)
    for node in reversed(order):
        if node not in fed and outgoing[node]:
            depth[node] = max(depth[node], min(depth[target] for target in outgoing[node]) - 1)
    return depth
