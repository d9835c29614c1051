"""The lines of the drawing: each edge as two lanes side by side, the value's way there and the gradient's way back.

Takes the layout's curves as a guide and moves the ends apart where several meet at one card. Works in a frame in which
every drawing runs from left to right (`u` along, `v` across) and turns the result.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.core.parameters import Direction
from app.draw.bends import Through, bends
from app.draw.curves import Arrow, arrow, offset, samples
from app.draw.dot import Box, plate_name
from app.draw.graph import DrawnEdge
from app.draw.layout import Layout, Point
from app.draw.plate import LANE, LocalEnd, Plate, Rect, lane_shift

PORT = 30.0
"""Distance of the ends of two edges at one side of a card, where there is room."""
APPROACH = 60.0
"""How far from a card it counts where an edge comes from."""
CORNER = 44.0
"""Of a card's side, what ends keep free at both corners together."""

End = Literal["tail", "head"]


@dataclass(frozen=True, slots=True)
class Route:
    """One edge's lanes. `way`: from tail to head; `back`: from head to tail, None where no gradient flows."""

    way: Arrow
    back: Arrow | None
    middle: Point | None
    """The middle of the lanes where the labels are."""
    flipped: bool = False
    """Whether the way back, and with it the chip, lies on the side of lesser v (in a left-to-right drawing above)."""
    local: LocalEnd = "middle"


def routes(
    layout: Layout,
    boxes: Mapping[str, Box],
    edges: tuple[DrawnEdge, ...],
    plates: Mapping[str, Plate],
    direction: Direction,
) -> dict[str, Route]:
    """Every edge's route."""
    turned: Callable[[Point], Point] = (
        (lambda point: point) if direction == "LR" else (lambda point: (point[1], point[0]))
    )
    shift = lane_shift(direction)
    centres = {key: turned(point) for key, point in layout.nodes.items()}
    sizes = {key: turned((box.width, box.height)) for key, box in boxes.items()}
    middles = _middles(layout, edges, plates, turned)
    ports = _ports(centres, sizes, edges, middles)
    ends = {}
    for edge in edges:
        (tail_u, tail_v), (head_u, head_v) = centres[edge.tail], centres[edge.head]
        ends[edge.key] = (
            (tail_u + sizes[edge.tail][0] / 2, tail_v + shift + ports[edge.key, "tail"]),
            (head_u - sizes[edge.head][0] / 2, head_v + shift + ports[edge.key, "head"]),
        )
    through = []
    for edge in edges:
        if edge.key in plates:
            u, v = centres[plate_name(edge.key)]
            through.append(Through(edge.key, *ends[edge.key], (u, v + shift), plates[edge.key], *middles[edge.key]))
    plain = {edge.key: (*ends[edge.key], middles[edge.key][0]) for edge in edges if edge.key not in plates}
    cards = [_rect(centres[key], size) for key, size in sizes.items()]
    bent, lines = bends(through, plain, _siblings(edges, ports), cards)
    out = {key: Route(arrow([turned(point) for point in points]), None, None) for key, points in lines.items()}
    for key, bend in bent.items():
        # Turning the frame turns left into right, and with it the side of the way back.
        lane = LANE if bend.flipped == (direction == "TB") else -LANE
        points = [turned(point) for point in bend.points]
        way, back = arrow(offset(points, -lane)), arrow(offset(points, lane)[::-1])
        out[key] = Route(way, back, turned(bend.middle), bend.flipped, bend.local)
    return out


def _rect(centre: Point, size: Point) -> Rect:
    return (
        centre[0] - size[0] / 2,
        centre[1] - size[1] / 2,
        centre[0] + size[0] / 2,
        centre[1] + size[1] / 2,
    )


def _middles(
    layout: Layout, edges: tuple[DrawnEdge, ...], plates: Mapping[str, Plate], turned: Callable[[Point], Point]
) -> dict[str, tuple[tuple[Point, ...], tuple[Point, ...]]]:
    """The layout's curve or curves of each edge: to its plate and from it, or (twice the same) all the way."""
    curves: defaultdict[tuple[str, str], list[tuple[Point, ...]]] = defaultdict(list)
    for curve in layout.curves:
        curves[curve.tail, curve.head].append(tuple(turned(point) for point in curve.points))
    middles = {}
    for edge in edges:
        if edge.key in plates:
            plate = plate_name(edge.key)
            middles[edge.key] = curves[edge.tail, plate][0], curves[plate, edge.head][0]
        else:
            whole = curves[edge.tail, edge.head].pop()
            middles[edge.key] = whole, whole
    return middles


def _ports(
    centres: Mapping[str, Point],
    sizes: Mapping[str, Point],
    edges: tuple[DrawnEdge, ...],
    middles: Mapping[str, tuple[tuple[Point, ...], tuple[Point, ...]]],
) -> dict[tuple[str, End], float]:
    """How far beside the middle of its side each edge's end lies, so that no two ends meet and none cross at the card.

    An edge that runs straight keeps the middle; the others lie beside it in the order they come in.
    """
    ends: defaultdict[tuple[str, End], list[tuple[float, str]]] = defaultdict(list)
    for edge in edges:
        first, second = middles[edge.key]
        ends[edge.tail, "tail"].append((_coming_from(first), edge.key))
        ends[edge.head, "head"].append((_coming_from(second[::-1]), edge.key))
    ports: dict[tuple[str, End], float] = {}
    for (key, end), items in ends.items():
        items.sort()
        centre = centres[key][1]
        middle = (len(items) - 1) / 2
        level = [k for k, (where, _edge) in enumerate(items) if abs(where - centre) < 1.5]
        if len(level) == 1:
            middle = level[0]
        room = (sizes[key][1] - CORNER) / 2
        step = min(PORT, max(room, 0) / max(middle, len(items) - 1 - middle, 0.5))
        for place, (_where, edge_key) in enumerate(items):
            ports[edge_key, end] = (place - middle) * step
    return ports


def _coming_from(curve: Sequence[Point]) -> float:
    """Where across a curve is, a little way from its first point."""
    start = curve[0][0]
    return next((v for u, v in samples(curve, 6) if abs(u - start) >= APPROACH), curve[-1][1])


def _siblings(edges: Sequence[DrawnEdge], ports: Mapping[tuple[str, End], float]) -> dict[str, float]:
    """How many more of the edges that share an end with each lie on the side of greater v than of lesser."""
    shared: defaultdict[tuple[str, End], list[str]] = defaultdict(list)
    for edge in edges:
        shared[edge.tail, "tail"].append(edge.key)
        shared[edge.head, "head"].append(edge.key)
    balance: defaultdict[str, float] = defaultdict(float)
    for (_key, end), keys in shared.items():
        order = sorted(keys, key=lambda key: ports[key, end])
        for place, key in enumerate(order):
            balance[key] += len(order) - 1 - 2 * place
    return dict(balance)
