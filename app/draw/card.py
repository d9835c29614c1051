"""A node as a card: its size and what stands where on it, before anything is laid out.

Sizes depend on names, shapes and dtypes, never on numbers. Places are relative to the card's upper left corner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from app.core.sentence_words import shape_of
from app.core.trace import Node, TensorEntry, Trace, Value
from app.draw.graph import DrawnNode
from app.draw.heat import shape_text
from app.draw.kept import kept
from app.draw.measure import text_width
from app.draw.slots import Content, content, slot_size, words
from app.draw.timeline import Timeline, When
from app.draw.typeset import Expressions, Run, Runs, expression_runs, fit_runs, label_runs, name_runs, runs_width

NAME_SIZE, EXPRESSION_SIZE, TAG_SIZE, BADGE_SIZE = 31.0, 25.0, 18.0, 14.0
HEADER_GAP = 13.0
REFERENCE_SIZE = 26.0
PAD, GAP, HEADER = 8.0, 6.0, 48.0
EDGE = 12.0
"""Beside the header's text."""
LEAST_WIDTH = 96.0
MOST_HEADER = 270.0
REFERENCE_HEIGHT = 40.0
MOST_OUTPUTS = 3


Side = Literal["value", "grad"]


@dataclass(frozen=True, slots=True)
class SlotState:
    """What a slot shows for a while."""

    when: When
    content: Content


@dataclass(frozen=True, slots=True)
class Slot:
    """A value or a gradient on a card; its states adjoin."""

    side: Side
    output: int
    x: float
    y: float
    width: float
    height: float
    inset: float
    """How far right of the slot's left end its contents start."""
    states: tuple[SlotState, ...]
    kept: tuple[When, ...] = ()
    """When what it shows is kept for a backward step."""


@dataclass(frozen=True, slots=True)
class Face:
    """All that a card shows. `name` starts at `PAD`, `expression` ends there on the right."""

    width: float
    height: float
    name: Runs
    expression: Runs
    tag: str
    badge: str
    """What is special about the node, on the card's upper edge: `hook`, `no grad`; mostly empty."""
    badge_width: float
    title: str
    slots: tuple[Slot, ...]


class Faces:
    """Makes the cards of one Trace."""

    def __init__(
        self,
        trace: Trace,
        timeline: Timeline,
        *,
        digits: int,
        num: str,
        values: bool,
        grads: bool,
        numbers: Mapping[str, str] | None = None,
    ) -> None:
        self._timeline = timeline
        self._numbers = numbers or {}
        self._digits, self._num = digits, num
        self._values, self._grads = values, grads
        self._tensors = {tensor.id: tensor for tensor in trace.tensors}
        self._expressions = Expressions(trace)
        self._consumed = {(edge.source, edge.output) for edge in trace.edges}
        needing = {
            (node.id, output)
            for node in trace.nodes
            for output, id_ in enumerate(node.outputs)
            if (tensor := self._tensors.get(id_)) is not None and tensor.requires_grad
        }
        self._fed_gradients = {edge.target for edge in trace.edges if (edge.source, edge.output) in needing}
        self._any_pass = bool(trace.passes)
        self._kept = kept(trace)

    def face(self, drawn: DrawnNode) -> Face:
        """The card of a node, or the pill of a reference."""
        if drawn.form == "reference":
            return self._reference(drawn.node)
        return self._card(drawn.node, self._group_header(drawn) if drawn.form == "group" else self._header(drawn.node))

    def _reference(self, node: Node) -> Face:
        name = fit_runs(label_runs(node, REFERENCE_SIZE), 150)
        return Face(runs_width(name) + 32, REFERENCE_HEIGHT, name, (), "", "", 0.0, node.name or node.label, ())

    def _card(self, node: Node, head: tuple[Runs, Runs, str]) -> Face:
        name, formula, tag = head
        outputs = self._outputs(node)
        sizes = [slot_size(tensor.shape, tensor.dtype) for _output, tensor in outputs]
        header = runs_width(name) + runs_width(formula) + (HEADER_GAP if name and formula else 0)
        header += HEADER_GAP + text_width(tag, TAG_SIZE) if tag else 0
        width = max([header + 2 * EDGE, *(slot_width + 2 * PAD for slot_width, _height in sizes), LEAST_WIDTH])
        room = width - 2 * PAD
        placed: list[Slot] = []
        y = HEADER
        for (output, tensor), (slot_width, slot_height) in zip(outputs, sizes, strict=True):
            inset = 0.0 if not tensor.shape else round((room - slot_width) / 2, 1)
            for side, states in self._sides(node, output, tensor, room):
                marks = self._marks(node, output) if side == "value" else ()
                placed.append(Slot(side, output, PAD, y, room, slot_height, inset, states, marks))
                y += slot_height + GAP
        height = y - GAP + PAD if placed else HEADER + 2
        badge = self._badge(node)
        badge_width = text_width(badge, BADGE_SIZE, "strong") + 16 if badge else 0.0
        return Face(width, height, name, formula, tag, badge, badge_width, self._title(node), tuple(placed))

    def _header(self, node: Node) -> tuple[Runs, Runs, str]:
        if node.kind != "op":
            name = fit_runs(label_runs(node, NAME_SIZE), MOST_HEADER - 60)
            return name, (), node.kind
        text = self._expressions.of(node)
        called = node.name or self._numbers.get(node.id)
        name = fit_runs(name_runs(called, NAME_SIZE), MOST_HEADER * 0.6) if called else ()
        room = MOST_HEADER - runs_width(name) - HEADER_GAP
        return name, fit_runs(expression_runs(text, EXPRESSION_SIZE), max(room, 60)), ""

    def _group_header(self, drawn: DrawnNode) -> tuple[Runs, Runs, str]:
        name = fit_runs(name_runs(drawn.node.name, NAME_SIZE), MOST_HEADER * 0.5) if drawn.node.name else ()
        title = (Run(drawn.title, "text", EXPRESSION_SIZE),)
        return name, fit_runs(title, max(MOST_HEADER - runs_width(name) - HEADER_GAP, 60)), ""

    def _title(self, node: Node) -> str:
        if node.kind != "op":
            return f"{node.name or node.label}, {node.kind}"
        text = self._expressions.of(node)
        return f"{node.name} = {text}" if node.name else text

    def _badge(self, node: Node) -> str:
        if node.hooked:
            return "hook"
        cut = node.kind == "op" and node.grad_fn is None and node.id in self._fed_gradients
        return "no grad" if cut else ""

    def _sides(
        self, node: Node, output: int, tensor: TensorEntry, room: float
    ) -> Iterator[tuple[Side, tuple[SlotState, ...]]]:
        """The value slot of an output and, where it gets a gradient, the gradient slot."""
        if self._values:
            values = self._timeline.values.get((node.id, output), ())
            known = [(when, self._tensors[id_]) for when, id_ in values if id_ in self._tensors]
            yield "value", tuple(SlotState(when, self._value(shown, tensor, room)) for when, shown in known)
        grads = self._timeline.grads.get((node.id, output), ())
        if self._grads and (grads or (node.kind == "leaf" and self._any_pass)):
            yield "grad", tuple(SlotState(when, self._gradient(value, tensor, room)) for when, value in grads)

    def _marks(self, node: Node, output: int) -> tuple[When, ...]:
        shown = dict.fromkeys(id_ for _when, id_ in self._timeline.values.get((node.id, output), ()))
        return tuple(when for id_ in shown for when in self._kept.get(id_, ()))

    def _outputs(self, node: Node) -> list[tuple[int, TensorEntry]]:
        """The first output, and what is used of the others: many ops return things for their own backward only."""
        shown = []
        for output, id_ in enumerate(node.outputs):
            tensor = self._tensors.get(id_)
            place = (node.id, output)
            used = output == 0 or place in self._consumed or place in self._timeline.grads
            if tensor is not None and (used or tensor.name):
                shown.append((output, tensor))
        return shown[:MOST_OUTPUTS]

    def _value(self, shown: TensorEntry, first: TensorEntry, room: float) -> Content:
        if shown.shape != first.shape:
            return words(shape_text(shown.shape) or "a number", first.shape, first.dtype)
        return content(shown.value, shown.shape, shown.dtype, digits=self._digits, num=self._num, width=room)

    def _gradient(self, value: Value | None, tensor: TensorEntry, room: float) -> Content:
        if value is None:
            return words("None", tensor.shape, tensor.dtype, room)
        shape = shape_of(value)
        if 0 not in tensor.shape and shape not in (None, tensor.shape):
            return words(shape_text(shape) or "a number", tensor.shape, tensor.dtype, room)
        return content(value, tensor.shape, tensor.dtype, digits=self._digits, num=self._num, width=room)
