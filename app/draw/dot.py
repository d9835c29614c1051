"""The DOT text of a drawing: boxes of given sizes and how they are joined. No names, no numbers: structure only.

An edge that carries a gradient runs through a box of its own, the plate, which keeps room for its local derivative and
its chip; so Graphviz keeps every other edge and card away from them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import graphviz

from app.core.parameters import Direction
from app.draw.graph import DrawnEdge

POINTS = 72.0
PORTS = {"LR": ("e", "w"), "TB": ("s", "n")}
"""Where edges leave a box and where they enter one."""


@dataclass(frozen=True, slots=True)
class Box:
    """A size in the drawing's units."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Spacing:
    """Room between the ranks, and between boxes within one."""

    ranks: float
    boxes: float


SPACING: dict[Direction, Spacing] = {"LR": Spacing(16.0, 16.0), "TB": Spacing(34.0, 20.0)}


Pull = Literal["both", "tail", "head"]
WEIGHTS: dict[Pull, tuple[str, str]] = {"both": ("12", "12"), "tail": ("6", "1"), "head": ("1", "6")}
"""Of an edge's part before its plate, and behind it."""
IN_A_ROW = 4
"""Boxes that no edge touches."""


def plate_name(key: str) -> str:
    """The DOT name of an edge's plate."""
    return f"p_{key}"


def dot_text(
    boxes: Mapping[str, Box],
    edges: Iterable[DrawnEdge],
    plates: Mapping[str, Box],
    pulls: Mapping[str, Pull],
    direction: Direction,
) -> str:
    """DOT text. `plates` has a box for each edge that runs through one, `pulls` the end that an edge is level with."""
    leave, enter = PORTS[direction]
    spacing = SPACING[direction]
    graph = graphviz.Digraph(
        graph_attr={
            "rankdir": direction,
            "ranksep": _inches(spacing.ranks),
            "nodesep": _inches(spacing.boxes),
            "splines": "true",
        },
        node_attr={"shape": "box", "fixedsize": "true", "label": ""},
        edge_attr={"dir": "none"},
    )
    for key, box in boxes.items():
        graph.node(key, width=_inches(box.width), height=_inches(box.height))
    joined = set()
    for edge in edges:
        joined |= {edge.tail, edge.head}
        weight, onward = WEIGHTS[pulls[edge.key]]
        plate = plates.get(edge.key)
        if plate is None:
            graph.edge(f"{edge.tail}:{leave}", f"{edge.head}:{enter}", minlen="2", weight=onward)
        else:
            name = plate_name(edge.key)
            graph.node(name, width=_inches(plate.width), height=_inches(plate.height))
            graph.edge(f"{edge.tail}:{leave}", f"{name}:{enter}", weight=weight)
            graph.edge(f"{name}:{leave}", f"{edge.head}:{enter}", weight=onward)
    for row in _alone(boxes, joined):
        for before, after in pairwise(row):
            graph.edge(before, after, style="invis")
    source: str = graph.source
    return source


def _alone(boxes: Iterable[str], joined: Collection[str]) -> list[list[str]]:
    """Boxes that no edge touches, in the program's order, a row at a time, else they would lie anyhow."""
    alone = [key for key in boxes if key not in joined]
    return [alone[k : k + IN_A_ROW] for k in range(0, len(alone), IN_A_ROW)]


def _inches(points: float) -> str:
    return f"{points / POINTS:.4g}"
