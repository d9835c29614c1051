"""The scene: everything that is drawn of one walk, where, and in which steps; frozen data that templates only write down."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.sentence_words import clipped
from app.core.trace import Node, Trace
from app.core.view import View
from app.draw.card import Face, Faces
from app.draw.dot import Box, dot_text
from app.draw.graph import DrawnEdge, DrawnGraph, DrawnNode, drawn_graph
from app.draw.labels import Chip, Labels
from app.draw.layout import Layout, Layouter
from app.draw.measure import fit, shrink, text_width
from app.draw.route import LANE, Route, routes
from app.draw.timeline import Timeline, When, timeline

MARGIN = 14.0
CHIP_WIDTH, CHIP_SIZE, CHIP_LEAST = 116.0, 19.0, 14.0
CHIP_HEIGHT, CHIP_TALL = 30.0, 47.0
CHIP_PAD = 9.0
LOCAL_SIZE, LOCAL_LEAST = 20.0, 13.0
LABEL_GAP = 6.0
PLATE = {"LR": Box(CHIP_WIDTH + 2, 104.0), "TB": Box(2 * (CHIP_WIDTH - 22), 74.0)}
"""Room for an edge's labels, about the middle line moved by `route.SHIFT`."""


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
    title: str


@dataclass(frozen=True, slots=True)
class Stream:
    """An edge's way back, in one pass."""

    edges: tuple[str, ...]
    when: When
    line: str
    tip: str


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
    """The whole walk; sizes in units of the drawing."""

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
    plan = Plan(trace, view)
    return plan.scene(await layouter.layout(plan.dot))


class Plan:
    """What is known before the layout: the cards with their sizes, and the DOT text."""

    def __init__(self, trace: Trace, view: View) -> None:
        self.trace, self.view = trace, view
        show = set(view.show) if view.show is not None else {"values", "grads", "locals"}
        self.timeline: Timeline = timeline(trace)
        self.graph: DrawnGraph = drawn_graph(trace)
        faces = Faces(
            trace, self.timeline, digits=view.digits, num=view.num, values="values" in show, grads="grads" in show
        )
        self.labels = Labels(trace, view.digits, view.num)
        self.show = show
        self.faces = {node.key: faces.face(node) for node in self.graph.nodes}
        self.boxes = {key: Box(face.width, face.height) for key, face in self.faces.items()}
        kinds = {node.key: node.node.kind for node in self.graph.nodes}
        flowing = [edge for edge in self.graph.edges if "grads" in show and self._flows(edge)]
        self.plates = {edge.key: PLATE[view.dir] for edge in flowing}
        heavy = {edge.key for edge in self.graph.edges if kinds[edge.tail] == "op"}
        self.dot = dot_text(self.boxes, self.graph.edges, self.plates, heavy, view.dir)

    def _flows(self, edge: DrawnEdge) -> bool:
        return any(id_ in self.timeline.flows for id_ in edge.edges)

    def scene(self, layout: Layout) -> Scene:
        """The scene over the layout of `dot`."""
        lanes = routes(layout, self.boxes, self.graph.edges, self.plates, self.view.dir)
        cards = tuple(self._card(node, layout) for node in self.graph.nodes)
        streams, locals_, chips = [], [], []
        for edge in self.graph.edges:
            lane = lanes[edge.key]
            if lane.back is not None and lane.plate is not None:
                streams.extend(self._streams(edge, lane))
                chips.extend(self._chips(edge, lane.plate))
                if "locals" in self.show:
                    locals_.extend(self._locals(edge, lane.plate))
        wires = tuple(self._wire(edge, lanes[edge.key]) for edge in self.graph.edges)
        return _placed(
            Scene(
                0, 0, self._title(), len(self.trace.steps), cards, wires, tuple(streams), tuple(locals_), tuple(chips)
            ),
            layout,
        )

    def _title(self) -> str:
        return clipped(f"Computational graph of {self.trace.program.source}", 120)

    def _card(self, drawn: DrawnNode, layout: Layout) -> Card:
        x, y = layout.nodes[drawn.key]
        face = self.faces[drawn.key]
        node = drawn.node
        when = self.timeline.nodes[node.id]
        way = self.timeline.forward.get(node.id, ())
        return Card(
            drawn,
            round(x - face.width / 2, 1),
            round(y - face.height / 2, 1),
            face,
            when,
            When(0, None, way),
            When(0, None, tuple(k for k in when.active if k not in way)),
            node.kind == "op" and node.grad_fn is None,
        )

    def _wire(self, edge: DrawnEdge, lane: Route) -> Wire:
        whens = [self.timeline.edges[id_] for id_ in edge.edges]
        first = min(whens, key=lambda when: when.start)
        active = tuple(sorted({step for when in whens for step in when.active}))
        when = When(first.start, None, active)
        return Wire(edge.edges, edge.differentiable, when, lane.way.line, lane.way.tip, "")

    def _streams(self, edge: DrawnEdge, lane: Route) -> list[Stream]:
        if lane.back is None:
            return []
        flows = [(id_, flow) for id_ in edge.edges for flow in self.timeline.flows.get(id_, ())]
        return [Stream((id_,), flow.when, lane.back.line, lane.back.tip) for id_, flow in flows]

    def _locals(self, edge: DrawnEdge, plate: tuple[float, float]) -> list[Local]:
        out = []
        for id_ in edge.edges[:1]:
            for flow in self.timeline.flows.get(id_, ()):
                text = self.labels.local(flow.pass_, id_)
                if text is None:
                    continue
                when = When(self.timeline.passes[flow.pass_].start, flow.when.end, flow.when.active)
                out.append(self._local(edge, when, plate, text))
        return out

    def _local(self, edge: DrawnEdge, when: When, plate: tuple[float, float], text: str) -> Local:
        x, y = plate
        if self.view.dir == "LR":
            room, anchor = CHIP_WIDTH, "middle"
            size = shrink(text, room, LOCAL_SIZE, LOCAL_LEAST)
            y -= LANE + LABEL_GAP + 1
        else:
            room, anchor = 58.0, "end"
            size = shrink(text, room, LOCAL_SIZE, LOCAL_LEAST)
            x, y = x - LANE - LABEL_GAP - 2, y + size * 0.36
        return Local(edge.edges, when, round(x, 1), round(y, 1), anchor, size, fit(text, room, size), text)

    def _chips(self, edge: DrawnEdge, plate: tuple[float, float]) -> list[ChipBox]:
        out = []
        for id_ in edge.edges:
            for flow in self.timeline.flows.get(id_, ()):
                chip = self.labels.chip(flow.pass_, id_)
                if chip is not None:
                    out.append(self._chip((id_,), flow.when, plate, chip))
        return out

    def _chip(self, edges: tuple[str, ...], when: When, plate: tuple[float, float], chip: Chip) -> ChipBox:
        room = CHIP_WIDTH - 2 * CHIP_PAD
        lines: list[tuple[str, float, bool]]
        one = shrink(chip.whole, room, CHIP_SIZE, 1, "strong")
        if one >= CHIP_LEAST or not chip.factors:
            size = max(one, CHIP_LEAST - 3)
            lines = [(fit(chip.whole, room, size, "strong"), size, True)]
        elif (two := shrink(chip.factors, room + 8, CHIP_SIZE - 3, 1)) >= CHIP_LEAST - 2.5:
            lines = [
                (chip.factors, two, False),
                (chip.result, shrink(chip.result, room, CHIP_SIZE - 1, 10, "strong"), True),
            ]
        else:
            text = chip.result.removeprefix("= ")
            size = shrink(text, room, CHIP_SIZE, 10, "strong")
            lines = [(fit(text, room, size, "strong"), size, True)]
        height = CHIP_HEIGHT if len(lines) == 1 else CHIP_TALL
        width = max(text_width(text, size, "strong" if strong else "text") for text, size, strong in lines)
        width = max(width + 2 * CHIP_PAD, 40)
        x, y = plate
        if self.view.dir == "LR":
            left, top = x - width / 2, y + LANE + LABEL_GAP
        else:
            left, top = x + LANE + LABEL_GAP + 2, y - height / 2
        if len(lines) == 1:
            bases = [top + height / 2 + lines[0][1] * 0.364]
        else:
            bases = [top + 18, top + 38.5]
        placed = tuple(
            ChipLine(round(base, 1), size, text, strong)
            for base, (text, size, strong) in zip(bases, lines, strict=True)
        )
        return ChipBox(edges, when, round(left, 1), round(top, 1), round(width, 1), height, placed, chip.title)


def _placed(drawn: Scene, layout: Layout) -> Scene:
    """The scene with its size."""
    from dataclasses import replace

    return replace(drawn, width=layout.width, height=layout.height)
