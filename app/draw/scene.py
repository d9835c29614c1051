"""The scene: everything that is drawn of one walk, where, and in which steps; frozen data that templates only write down."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from app.core.sentence_words import clipped
from app.core.trace import Node, Trace
from app.core.view import View
from app.draw.card import Face, Faces
from app.draw.curves import samples
from app.draw.dot import Box, Pull, dot_text
from app.draw.fold import fold
from app.draw.graph import DrawnEdge, DrawnGraph, DrawnNode, drawn_graph
from app.draw.labels import Chip, Labels
from app.draw.layout import Layout, Layouter, Point
from app.draw.measure import fit, shrink, text_width
from app.draw.plate import CHIP_HEIGHT, CHIP_TALL, LOCAL_WIDTH, Plate, label_rooms, plate_for
from app.draw.route import Route, routes
from app.draw.timeline import Timeline, When, merged, timeline

T = TypeVar("T")

LARGE = 60
"""Nodes from which a walk leaves the event loop."""
MARGIN = 14.0
MANY = 2
"""Edges that may enter a card before they need more room to bend."""
CHIP_SIZE, CHIP_LEAST, CHIP_PAD = 22.0, 16.0, 8.0
LOCAL_SIZE, LOCAL_LEAST = 24.0, 13.0


@dataclass(frozen=True, slots=True)
class Card:
    """A node. `way` and `back`: the steps in which it computes, and in which gradients are its matter."""

    drawn: DrawnNode
    x: float
    y: float
    face: Face
    when: When
    way: When
    back: When
    plain: bool
    """Recorded without gradient: under `no_grad`, detached, or of integers."""

    @property
    def node(self) -> Node:
        return self.drawn.node


@dataclass(frozen=True, slots=True)
class Wire:
    """An edge's way from value to value."""

    edges: tuple[str, ...]
    differentiable: bool
    when: When
    line: str
    tip: str
    points: tuple[Point, ...]
    """The line's Béziers."""


@dataclass(frozen=True, slots=True)
class Stream:
    """An edge's way back, in one pass."""

    edges: tuple[str, ...]
    when: When
    line: str
    tip: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Local:
    """A local derivative beside its line."""

    edges: tuple[str, ...]
    when: When
    x: float
    y: float
    anchor: str
    size: float
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class ChipLine:
    """One line of a chip, about `x`."""

    y: float
    size: float
    text: str
    strong: bool


@dataclass(frozen=True, slots=True)
class ChipBox:
    """The arithmetic of one contribution, in a rounded box."""

    edges: tuple[str, ...]
    when: When
    x: float
    y: float
    width: float
    height: float
    lines: tuple[ChipLine, ...]
    title: str


@dataclass(frozen=True, slots=True)
class Scene:
    """The whole walk; places and sizes in units of the drawing."""

    left: float
    top: float
    width: float
    height: float
    title: str
    steps: int
    cards: tuple[Card, ...]
    wires: tuple[Wire, ...]
    streams: tuple[Stream, ...]
    locals: tuple[Local, ...]
    chips: tuple[ChipBox, ...]


async def scene(trace: Trace, view: View, layouter: Layouter) -> Scene:
    """The scene of `trace` as `view` wants it drawn.

    Raises:
        GradwalkError: `busy`, where it can't be laid out in time.
    """
    plan = await _apart(trace, lambda: Plan(trace, view))
    layout = await layouter.layout(plan.dot)
    lanes = await _apart(trace, lambda: layouter.kept(plan.dot, lambda: plan.routes(layout)))
    return await _apart(trace, lambda: plan.scene(layout, lanes))


async def _apart(trace: Trace, work: Callable[[], T]) -> T:
    """Does the work of a large walk in a thread, so that it holds up nobody else's."""
    return work() if len(trace.nodes) < LARGE else await asyncio.to_thread(work)


class Plan:
    """What is known before the layout: the cards with their sizes, and the DOT text."""

    def __init__(self, trace: Trace, view: View) -> None:
        self.trace, self.view = trace, view
        show = set(view.show) if view.show is not None else {"values", "grads", "locals"}
        self.timeline: Timeline = timeline(trace)
        self.graph: DrawnGraph = drawn_graph(trace, fold(trace, view.detail))
        faces = Faces(
            trace, self.timeline, digits=view.digits, num=view.num, values="values" in show, grads="grads" in show
        )
        self.labels = Labels(trace, view.digits, view.num)
        self.show = show
        self.faces = {node.key: faces.face(node) for node in self.graph.nodes}
        self.boxes = {key: Box(face.width, face.height) for key, face in self.faces.items()}
        self.nodes = {node.key: node.node for node in self.graph.nodes}
        flowing = [edge for edge in self.graph.edges if "grads" in show and self._flows(edge)]
        self.plates = self._plates(flowing)
        pulls = self._pulls()
        self.dot = dot_text(
            self.boxes, self.graph.edges, {key: plate.box for key, plate in self.plates.items()}, pulls, view.dir
        )

    def _flows(self, edge: DrawnEdge) -> bool:
        return any(id_ in self.timeline.flows for id_ in edge.edges)

    def _pulls(self) -> dict[str, Pull]:
        """A chain of operations is kept straight; else an edge's labels lie level with the end that has fewer edges."""
        leaving = Counter(edge.tail for edge in self.graph.edges)
        entering = Counter(edge.head for edge in self.graph.edges)
        order = {node.key: place for place, node in enumerate(self.graph.nodes)}
        # Of the operations that enter a card, the one computed last carries the chain on.
        last: dict[str, str] = {}
        for edge in sorted(self.graph.edges, key=lambda edge: order[edge.tail]):
            if self.nodes[edge.tail].kind == "op":
                last[edge.head] = edge.key
        pulls: dict[str, Pull] = {}
        for edge in self.graph.edges:
            if leaving[edge.tail] == 1 and last.get(edge.head) == edge.key:
                pulls[edge.key] = "both"
            else:
                pulls[edge.key] = "head" if leaving[edge.tail] > entering[edge.head] else "tail"
        return pulls

    def _plates(self, flowing: list[DrawnEdge]) -> dict[str, Plate]:
        leaving = Counter(edge.tail for edge in flowing)
        entering = Counter(edge.head for edge in flowing)
        return {
            edge.key: plate_for(self.view.dir, fanned=leaving[edge.tail] > 1 or entering[edge.head] > MANY)
            for edge in flowing
        }

    def routes(self, layout: Layout) -> dict[str, Route]:
        """The lines over the layout of `dot`; they depend on nothing else."""
        return routes(layout, self.boxes, self.graph.edges, self.plates, self.view.dir)

    def scene(self, layout: Layout, lanes: dict[str, Route]) -> Scene:
        """The scene over the layout of `dot` and its `routes`."""
        cards = tuple(self._card(node, layout) for node in self.graph.nodes)
        streams, locals_, chips = [], [], []
        for edge in self.graph.edges:
            lane = lanes[edge.key]
            if lane.back is not None and lane.middle is not None:
                streams.extend(self._streams(edge, lane))
                chips.extend(self._chips(edge, lane))
                if "locals" in self.show:
                    locals_.extend(self._locals(edge, lane))
        wires = tuple(self._wire(edge, lanes[edge.key]) for edge in self.graph.edges)
        left, top, right, bottom = self._bounds(cards, lanes)
        size = right - left, bottom - top
        return Scene(
            left,
            top,
            *size,
            self._title(),
            len(self.trace.steps),
            cards,
            wires,
            tuple(streams),
            tuple(locals_),
            tuple(chips),
        )

    def _bounds(self, cards: tuple[Card, ...], lanes: dict[str, Route]) -> tuple[float, float, float, float]:
        """What the picture covers, labels' rooms included whether they are filled or not."""
        boxes = [(card.x, card.y - 12, card.x + card.face.width, card.y + card.face.height) for card in cards]
        for edge in self.graph.edges:
            lane = lanes[edge.key]
            if lane.middle is not None:
                boxes += [self._room(edge, lane, which) for which in (0, 1)]
            for line in (lane.way, lane.back):
                boxes += [(x, y, x, y) for x, y in samples(line.points, 4)] if line is not None else []
        if not boxes:
            return 0.0, 0.0, 100.0, 60.0
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        return min(lefts) - MARGIN, min(tops) - MARGIN, max(rights) + MARGIN, max(bottoms) + MARGIN

    def _title(self) -> str:
        return clipped(f"Computational graph of {self.trace.program.source}", 120)

    def _card(self, drawn: DrawnNode, layout: Layout) -> Card:
        x, y = layout.nodes[drawn.key]
        face = self.faces[drawn.key]
        node = drawn.node
        when = merged([self.timeline.nodes[id_] for id_ in drawn.members])
        way = tuple(sorted({step for id_ in drawn.members for step in self.timeline.forward.get(id_, ())}))
        return Card(
            drawn,
            round(x - face.width / 2, 1),
            round(y - face.height / 2, 1),
            face,
            when,
            When(0, None, way),
            When(0, None, tuple(step for step in when.active if step not in way)),
            node.kind == "op" and node.grad_fn is None,
        )

    def _wire(self, edge: DrawnEdge, lane: Route) -> Wire:
        when = merged([self.timeline.edges[id_] for id_ in edge.edges])
        return Wire(edge.edges, edge.differentiable, when, lane.way.line, lane.way.tip, lane.way.points)

    def _streams(self, edge: DrawnEdge, lane: Route) -> list[Stream]:
        if lane.back is None:
            return []
        by_pass: defaultdict[int, list[When]] = defaultdict(list)
        for id_ in edge.edges:
            for flow in self.timeline.flows.get(id_, ()):
                by_pass[flow.pass_].append(flow.when)
        back = lane.back
        return [Stream(edge.edges, merged(whens), back.line, back.tip, back.points) for whens in by_pass.values()]

    def _locals(self, edge: DrawnEdge, lane: Route) -> list[Local]:
        out = []
        for id_ in edge.edges if len(edge.edges) == 1 else ():
            for flow in self.timeline.flows.get(id_, ()):
                text = self.labels.local(id_)
                if text is None:
                    continue
                when = When(flow.seed, flow.when.end, flow.when.active)
                out.append(self._local(edge, when, lane, text))
        return out

    def _local(self, edge: DrawnEdge, when: When, lane: Route, text: str) -> Local:
        left, top, right, bottom = self._room(edge, lane, 1)
        size = shrink(text, LOCAL_WIDTH, LOCAL_SIZE, LOCAL_LEAST)
        place = "end" if self.view.dir == "TB" else lane.local
        x = {"start": left + 4, "middle": (left + right) / 2, "end": right - 4}[place]
        # Figures stand on the base line: beside a level lane they are set to the lane's side of their room.
        y = (top + bottom) / 2 + size * 0.364
        return Local(edge.edges, when, round(x, 1), round(y, 1), place, size, fit(text, LOCAL_WIDTH, size), text)

    def _room(self, edge: DrawnEdge, lane: Route, which: int) -> tuple[float, float, float, float]:
        """The room of chip (0) or local derivative (1) on the page."""
        room = label_rooms(self.plates[edge.key], flipped=lane.flipped, local=lane.local)[which]
        x, y = lane.middle or (0.0, 0.0)
        left, top, right, bottom = room if self.view.dir == "LR" else (room[1], room[0], room[3], room[2])
        return x + left, y + top, x + right, y + bottom

    def _chips(self, edge: DrawnEdge, lane: Route) -> list[ChipBox]:
        out = []
        for id_ in edge.edges if len(edge.edges) == 1 else ():
            for flow in self.timeline.flows.get(id_, ()):
                chip = self.labels.chip(flow.pass_, id_)
                if chip is not None:
                    out.append(self._chip(edge, id_, flow.when, lane, chip))
        return out

    def _chip(self, edge: DrawnEdge, id_: str, when: When, lane: Route, chip: Chip) -> ChipBox:
        room = self.plates[edge.key].chip.width - 2 * CHIP_PAD
        lines: list[tuple[str, float, bool]]
        one = shrink(chip.whole, room, CHIP_SIZE, 1, "strong")
        if one >= CHIP_LEAST or not chip.factors:
            size = max(one, CHIP_LEAST - 4)
            lines = [(fit(chip.whole, room, size, "strong"), size, True)]
        elif (two := shrink(chip.factors, room + 8, CHIP_SIZE - 4, 1)) >= CHIP_LEAST - 4:
            lines = [
                (chip.factors, two, False),
                (chip.result, shrink(chip.result, room, CHIP_SIZE - 2, 10, "strong"), True),
            ]
        else:
            text = chip.result.removeprefix("= ").removeprefix("→ ")
            size = shrink(text, room, CHIP_SIZE, 10, "strong")
            lines = [(fit(text, room, size, "strong"), size, True)]
        height = CHIP_HEIGHT if len(lines) == 1 else CHIP_TALL
        width = max(text_width(text, size, "strong" if strong else "text") for text, size, strong in lines)
        width = max(width + 2 * CHIP_PAD, 40)
        left, top, right, bottom = self._room(edge, lane, 0)
        if self.view.dir == "LR":
            left, top = (left + right - width) / 2, bottom - height if lane.flipped else top
        else:
            top = (top + bottom - height) / 2
        if len(lines) == 1:
            bases = [top + height / 2 + lines[0][1] * 0.364]
        else:
            bases = [top + 19, top + 41.5]
        placed = tuple(
            ChipLine(round(base, 1), size, text, strong)
            for base, (text, size, strong) in zip(bases, lines, strict=True)
        )
        return ChipBox((id_,), when, round(left, 1), round(top, 1), round(width, 1), height, placed, chip.whole)
