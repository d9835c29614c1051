"""From a Trace to its scene: what is drawn, how large, where and in which steps."""

from __future__ import annotations

from collections import Counter, defaultdict

from app.core.sentence_words import clipped
from app.core.trace import Trace
from app.core.view import View
from app.draw.card import Faces
from app.draw.curves import samples
from app.draw.dot import Box, Pull, dot_text
from app.draw.elements import Card, ChipBox, Local, Scene, Stream, Wire
from app.draw.fold import fold
from app.draw.graph import DrawnEdge, DrawnGraph, DrawnNode, drawn_graph
from app.draw.labels import Labels, room_of
from app.draw.layout import Layout, Layouter
from app.draw.plate import Plate, Rect, plate_for
from app.draw.route import Route, routes
from app.draw.timeline import Timeline, When, merged, timeline
from app.explain.names import numbers

MARGIN = 14.0
BADGE_ABOVE = 12.0
MANY = 2
"""Edges that may enter a card before they need more room to bend."""
EMPTY: Rect = (0.0, 0.0, 100.0, 60.0)


async def scene(trace: Trace, view: View, layouter: Layouter) -> Scene:
    """The scene of `trace` as `view` wants it drawn.

    Raises:
        GradwalkError: `busy`, where it can't be laid out in time.
    """
    plan = Plan(trace, view)
    layout = await layouter.layout(plan.dot)
    return plan.scene(layout, layouter.kept(plan.dot, lambda: plan.routes(layout)))


class Plan:
    """What is known before the layout: the cards with their sizes, and the DOT text."""

    def __init__(self, trace: Trace, view: View) -> None:
        self.trace, self.view = trace, view
        self.show = set(view.show) if view.show is not None else {"values", "grads", "locals"}
        self.timeline: Timeline = timeline(trace)
        self.graph: DrawnGraph = drawn_graph(trace, fold(trace, view.detail))
        faces = Faces(
            trace,
            self.timeline,
            digits=view.digits,
            num=view.num,
            values="values" in self.show,
            grads="grads" in self.show,
            numbers=numbers(trace) if view.names == "numbered" else {},
        )
        self.faces = {node.key: faces.face(node) for node in self.graph.nodes}
        self.boxes = {key: Box(face.width, face.height) for key, face in self.faces.items()}
        self.plates = self._plates()
        plates = {key: plate.box for key, plate in self.plates.items()}
        self.pulls = self._pulls()
        self.dot = dot_text(self.boxes, self.graph.edges, plates, self.pulls, view.dir)

    def routes(self, layout: Layout) -> dict[str, Route]:
        """The lines over the layout of `dot`; they depend on nothing else."""
        return routes(layout, self.boxes, self.graph.edges, self.plates, self.view.dir)

    def scene(self, layout: Layout, lanes: dict[str, Route]) -> Scene:
        """The scene over the layout of `dot` and its `routes`."""
        labels = Labels(self.trace, self.view.digits, self.view.num, numbered=self.view.names == "numbered")
        cards = tuple(self._card(node, layout) for node in self.graph.nodes)
        streams: list[Stream] = []
        locals_: list[Local] = []
        chips: list[ChipBox] = []
        for edge in self.graph.edges:
            if edge.key in self.plates:
                streams += self._streams(edge, lanes[edge.key])
                more_locals, more_chips = self._labels(edge, lanes[edge.key], labels)
                locals_ += more_locals
                chips += more_chips
        left, top, right, bottom = self._bounds(cards, lanes)
        return Scene(
            left,
            top,
            right - left,
            bottom - top,
            clipped(f"Computational graph of {self.trace.program.source}", 120),
            len(self.trace.steps),
            cards,
            tuple(self._wire(edge, lanes[edge.key]) for edge in self.graph.edges),
            tuple(streams),
            tuple(locals_),
            tuple(chips),
            "saved" in self.show,
        )

    def _plates(self) -> dict[str, Plate]:
        """A plate for each edge through which a gradient flows."""
        flows = self.timeline.flows
        flowing = [e for e in self.graph.edges if "grads" in self.show and any(id_ in flows for id_ in e.edges)]
        leaving = Counter(edge.tail for edge in flowing)
        entering = Counter(edge.head for edge in flowing)
        return {
            edge.key: plate_for(self.view.dir, fanned=leaving[edge.tail] > 1 or entering[edge.head] > MANY)
            for edge in flowing
        }

    def _pulls(self) -> dict[str, Pull]:
        """A chain of operations is kept straight; else an edge's labels lie level with the end that has fewer edges."""
        leaving = Counter(edge.tail for edge in self.graph.edges)
        entering = Counter(edge.head for edge in self.graph.edges)
        order = {node.key: place for place, node in enumerate(self.graph.nodes)}
        operations = {node.key for node in self.graph.nodes if node.node.kind == "op"}
        # Of the operations that enter a card, the one computed last carries the chain on.
        last: dict[str, str] = {}
        for edge in sorted(self.graph.edges, key=lambda edge: order[edge.tail]):
            if edge.tail in operations:
                last[edge.head] = edge.key
        pulls: dict[str, Pull] = {}
        for edge in self.graph.edges:
            if leaving[edge.tail] == 1 and last.get(edge.head) == edge.key:
                pulls[edge.key] = "both"
            else:
                pulls[edge.key] = "head" if leaving[edge.tail] > entering[edge.head] else "tail"
        return pulls

    def _card(self, drawn: DrawnNode, layout: Layout) -> Card:
        x, y = layout.nodes[drawn.key]
        face, node = self.faces[drawn.key], drawn.node
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
        """One for each pass."""
        back = lane.back
        by_pass: defaultdict[int, list[When]] = defaultdict(list)
        for id_ in edge.edges:
            for flow in self.timeline.flows.get(id_, ()):
                by_pass[flow.pass_].append(flow.when)
        if back is None:
            return []
        return [Stream(edge.edges, merged(whens), back.line, back.tip, back.points) for whens in by_pass.values()]

    def _labels(self, edge: DrawnEdge, lane: Route, labels: Labels) -> tuple[list[Local], list[ChipBox]]:
        """Local derivative and chip of each pass; several edges drawn as one have no arithmetic of their own."""
        locals_, chips = [], []
        plate = self.plates[edge.key]
        if len(edge.edges) == 1:
            for flow in self.timeline.flows.get(edge.key, ()):
                chip = labels.chip(flow.pass_, edge.key, flow.when, plate, lane)
                chips += [chip] if chip is not None else []
                if "locals" in self.show:
                    # The factors are there as soon as the pass starts: they come from the forward values.
                    local = labels.local(edge.key, When(flow.seed, flow.when.end, flow.when.active), plate, lane)
                    locals_ += [local] if local is not None else []
        return locals_, chips

    def _bounds(self, cards: tuple[Card, ...], lanes: dict[str, Route]) -> Rect:
        """What the picture covers, labels' rooms included whether they are filled or not."""
        boxes = [(c.x, c.y - BADGE_ABOVE, c.x + c.face.width, c.y + c.face.height) for c in cards]
        for edge in self.graph.edges:
            lane = lanes[edge.key]
            if edge.key in self.plates:
                boxes += room_of(self.plates[edge.key], lane)
            for line in (lane.way, lane.back):
                boxes += [(x, y, x, y) for x, y in samples(line.points, 4)] if line is not None else []
        lefts, tops, rights, bottoms = zip(*(boxes or [EMPTY]), strict=True)
        return min(lefts) - MARGIN, min(tops) - MARGIN, max(rights) + MARGIN, max(bottoms) + MARGIN
