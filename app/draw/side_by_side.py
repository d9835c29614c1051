"""Two variants of a program drawn over one layout, so that what is the same lies in the same place.

The layout is of both graphs at once: what has a partner is laid out once, with room for the larger of the two.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace

from app.core.align import Alignment
from app.core.trace import Trace
from app.core.view import View
from app.draw.dot import Box, dot_text, plate_name
from app.draw.elements import Scene
from app.draw.graph import DrawnEdge
from app.draw.layout import Curve, Layout, Layouter, Point
from app.draw.scene import Plan


@dataclass(frozen=True, slots=True)
class _Names:
    """What the second's cards and edges are called in the common layout."""

    nodes: dict[str, str]
    edges: dict[str, str]


async def side_by_side(
    first: Trace, second: Trace, alignment: Alignment, view: View, layouter: Layouter
) -> tuple[Scene, Scene]:
    """The scenes of both, equally large, with partners at the same place.

    Raises:
        GradwalkError: `busy`, where they can't be laid out in time.
    """
    ours, theirs = Plan(first, view), Plan(second, view)
    names = _names(ours, theirs, alignment)
    plates, dot = _common(ours, theirs, names, view)
    layout = await layouter.layout(dot)
    own = _Names({key: key for key in ours.boxes}, {edge.key: edge.key for edge in ours.graph.edges})
    scenes = [_placed(plan, _part(plan, layout, called, plates)) for plan, called in ((ours, own), (theirs, names))]
    left = min(scene.left for scene in scenes)
    top = min(scene.top for scene in scenes)
    right = max(scene.left + scene.width for scene in scenes)
    bottom = max(scene.top + scene.height for scene in scenes)
    one, other = (replace(scene, left=left, top=top, width=right - left, height=bottom - top) for scene in scenes)
    return one, other


def _placed(plan: Plan, layout: Layout) -> Scene:
    return plan.scene(layout, plan.routes(layout))


def _names(ours: Plan, theirs: Plan, alignment: Alignment) -> _Names:
    known = {node.key for node in ours.graph.nodes}
    partner = alignment.partner
    nodes = {}
    for node in theirs.graph.nodes:
        # A reference is called after its leaf, with a suffix.
        suffix = node.key.removeprefix(node.node.id)
        key = partner.get(node.node.id, "") + suffix
        nodes[node.key] = key if key in known else f"b{node.key}"
    places: dict[tuple[str, str, int], str] = {}
    count: Counter[tuple[str, str]] = Counter()
    for edge in ours.graph.edges:
        ends = (edge.tail, edge.head)
        places[(*ends, count[ends])] = edge.key
        count[ends] += 1
    count.clear()
    edges = {}
    for edge in theirs.graph.edges:
        ends = (nodes[edge.tail], nodes[edge.head])
        edges[edge.key] = places.get((*ends, count[ends]), f"b{edge.key}")
        count[ends] += 1
    return _Names(nodes, edges)


def _common(ours: Plan, theirs: Plan, names: _Names, view: View) -> tuple[set[str], str]:
    """The edges that run through a plate, and the DOT text of both."""
    boxes = dict(ours.boxes)
    for key, box in theirs.boxes.items():
        boxes[names.nodes[key]] = _larger(box, boxes.get(names.nodes[key]))
    plates = {key: plate.box for key, plate in ours.plates.items()}
    for key, plate in theirs.plates.items():
        plates[names.edges[key]] = _larger(plate.box, plates.get(names.edges[key]))
    pulls = dict(ours.pulls)
    edges = list(ours.graph.edges)
    own = {edge.key for edge in edges}
    for edge in theirs.graph.edges:
        key = names.edges[edge.key]
        if key not in own:
            edges.append(DrawnEdge(key, names.nodes[edge.tail], names.nodes[edge.head], (), edge.differentiable))
            pulls[key] = theirs.pulls[edge.key]
    return set(plates), dot_text(boxes, edges, plates, pulls, view.dir)


def _larger(box: Box, other: Box | None) -> Box:
    return box if other is None else Box(max(box.width, other.width), max(box.height, other.height))


def _part(plan: Plan, layout: Layout, names: _Names, plates: set[str]) -> Layout:
    """One side's part of the layout, under its own names; a plate that only the other side needs is passed through."""
    nodes = {own: layout.nodes[common] for own, common in names.nodes.items()}
    waiting: defaultdict[tuple[str, str], list[tuple[Point, ...]]] = defaultdict(list)
    for curve in layout.curves:
        waiting[curve.tail, curve.head].append(curve.points)
    curves = []
    for edge in plan.graph.edges:
        common, tail, head = names.edges[edge.key], names.nodes[edge.tail], names.nodes[edge.head]
        if common not in plates:
            curves.append(Curve(edge.tail, edge.head, waiting[tail, head].pop()))
            continue
        middle = plate_name(common)
        to, onward = waiting[tail, middle][0], waiting[middle, head][0]
        if edge.key in plan.plates:
            own = plate_name(edge.key)
            nodes[own] = layout.nodes[middle]
            curves += [Curve(edge.tail, own, to), Curve(own, edge.head, onward)]
        else:
            curves.append(Curve(edge.tail, edge.head, (*to, to[-1], onward[0], *onward)))
    return Layout(layout.width, layout.height, nodes, tuple(curves))
