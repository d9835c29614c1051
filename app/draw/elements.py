"""What a scene is made of: frozen drawing data, each element with its place and its steps."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.trace import Node
from app.draw.card import Face
from app.draw.graph import DrawnNode
from app.draw.layout import Point
from app.draw.timeline import When


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
        """The Trace's node, of a group the last."""
        return self.drawn.node


@dataclass(frozen=True, slots=True)
class Wire:
    """An edge's way from value to value. `points`: the line's Béziers."""

    edges: tuple[str, ...]
    differentiable: bool
    when: When
    line: str
    tip: str
    points: tuple[Point, ...]


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
    """One line of a chip, about its middle."""

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
    marks: bool = False
    """Whether the picture of a step marks what is kept for a backward step; the whole walk always holds the marks."""
