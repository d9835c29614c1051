"""What is drawn of a Trace's graph: its nodes as cards, a widely used leaf as a card and small references near its other uses."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from app.core.trace import Edge, Node, Trace

Form = Literal["card", "reference", "group"]
NEAR_DEPTHS = 1
"""A leaf's card serves the uses at most this much deeper than its first; the others get a reference."""
MOST_USES = 4
FEW_USES = 2
"""Up to so many uses a leaf is drawn once, however far apart they are."""


@dataclass(frozen=True, slots=True)
class DrawnNode:
    """A node of the drawing. `key` is unique in it; `members` are the Trace's nodes that it stands for, `node` the last."""

    key: str
    form: Form
    node: Node
    members: tuple[str, ...]
    title: str = ""


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


def drawn_graph(trace: Trace) -> DrawnGraph:
    """Every node and edge, with references."""
    depth = _depths(trace)
    uses: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in trace.edges:
        uses[edge.source].append(edge)
    tails: dict[str, str] = {}
    nodes: list[DrawnNode] = []
    for node in trace.nodes:
        nodes.append(DrawnNode(node.id, "card", node, (node.id,)))
        if node.kind != "op":
            far = _far_uses(uses[node.id], depth)
            for count, edges in enumerate(far.values()):
                key = f"{node.id}r{count}"
                nodes.append(DrawnNode(key, "reference", node, (node.id,)))
                tails.update((edge.id, key) for edge in edges)
    edges = tuple(DrawnEdge(e.id, tails.get(e.id, e.source), e.target, (e.id,), e.differentiable) for e in trace.edges)
    return DrawnGraph(tuple(nodes), edges)


def _far_uses(uses: list[Edge], depth: dict[str, int]) -> dict[str, list[Edge]]:
    """The uses that are drawn from a reference, by the node that uses it; the leaf's card keeps the nearest."""
    targets: dict[str, list[Edge]] = {}
    for edge in sorted(uses, key=lambda edge: depth[edge.target]):
        targets.setdefault(edge.target, []).append(edge)
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
