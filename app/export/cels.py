"""A walk as an animator keeps it: each thing drawn once for each of its states, on a sheet of its own (a cel), and each
step a stack of cels.

What is seen of a thing at a step depends on the states of its intervals alone (`app.draw.timeline.When`). So a cel is
made when a step first needs it, and used again by every step in which those states are the same. The drawing itself
stays the one template's.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree as ET

from app.core.view import View
from app.draw.elements import Scene
from app.draw.svg import svg
from app.draw.timeline import When
from app.export.outlines import SVG, outlined

ET.register_namespace("", SVG)
_GROUP = f"{{{SVG}}}g"
_NAMESPACE = f' xmlns="{SVG}"'


@dataclass(frozen=True, slots=True)
class Cel:
    """One thing in one state. `number` tells it from all others of its walk; `layer` is its group in the picture."""

    number: int
    layer: int
    svg: str


class Cels:
    """All cels of a scene in the look of a view."""

    def __init__(self, drawn: Scene, view: View) -> None:
        theme = "light" if view.theme in (None, "auto") else view.theme
        self._look: dict[str, Any] = {"theme": theme, "bg": view.bg, "scale": view.scale}
        names = [field.name for field in fields(drawn) if isinstance(getattr(drawn, field.name), tuple)]
        nothing: dict[str, Any] = dict.fromkeys(names, ())
        self._empty = replace(drawn, **nothing)
        self._things = [(name, thing, _whens(thing)) for name in names for thing in getattr(drawn, name)]
        self._made: dict[tuple[int, tuple[str, ...]], tuple[Cel, ...]] = {}
        self._outlines: dict[int, str] = {}
        self._count = 0
        empty = svg(self._empty, step=0, **self._look)
        root = ET.fromstring(empty)  # noqa: S314 - our own template's output
        bare = ET.fromstring(outlined(empty))  # noqa: S314
        self.box = (drawn.left, drawn.top, drawn.width, drawn.height)
        """Left, top, width and height of every step, in units of the drawing."""
        self.head = _opened(root)
        """The opening tag of a picture."""
        self.ground = "".join(_text(child) for child in root if child.tag != _GROUP)
        """What lies under all layers: the paper."""
        self.layers = [_opened(child) for child in root if child.tag == _GROUP]
        """The opening tags of the layers, in drawing order."""
        self._bare = (_opened(bare), [_opened(child) for child in bare if child.tag == _GROUP])

    def stack(self, step: int) -> list[Cel]:
        """What is seen at `step`, in drawing order."""
        found = [cel for at in range(len(self._things)) for cel in self._cels(at, step)]
        return sorted(found, key=lambda cel: cel.layer)

    def svg(self, step: int, *, paths: bool = False) -> str:
        """The picture at `step`: what `app.export.svg.picture` gives, but for blanks between elements."""
        return self.composed(self.stack(step), paths=paths)

    def composed(self, stack: list[Cel], head: str | None = None, *, paths: bool) -> str:
        """An SVG of some cels in drawing order on their ground, under another opening tag if one is given.

        `paths`: their text as paths.
        """
        layers: list[list[str]] = [[] for _ in self.layers]
        for cel in stack:
            layers[cel.layer].append(self._outlined(cel) if paths else cel.svg)
        around, opened = self._bare if paths else (self.head, self.layers)
        inner = "".join(f"{tag}{''.join(cels)}</g>" for tag, cels in zip(opened, layers, strict=True))
        return f"{head or around}{self.ground}{inner}</svg>"

    def _outlined(self, cel: Cel) -> str:
        if cel.number not in self._outlines:
            text = outlined(f"{self.head}{self.layers[cel.layer]}{cel.svg}</g></svg>")
            (group,) = ET.fromstring(text)  # noqa: S314 - our own template's output
            self._outlines[cel.number] = "".join(_text(child) for child in group)
        return self._outlines[cel.number]

    def _cels(self, at: int, step: int) -> tuple[Cel, ...]:
        name, thing, whens = self._things[at]
        key = (at, tuple(when.state(step) for when in whens))
        if key not in self._made:
            alone: dict[str, Any] = {name: (thing,)}
            root = self._root(replace(self._empty, **alone), step)
            groups = [child for child in root if child.tag == _GROUP]
            self._made[key] = tuple(self._cel(layer, text) for layer, text in _pieces(groups))
        return self._made[key]

    def _cel(self, layer: int, text: str) -> Cel:
        self._count += 1
        return Cel(self._count, layer, text)

    def _root(self, drawn: Scene, step: int) -> ET.Element:
        return ET.fromstring(svg(drawn, step=step, **self._look))  # noqa: S314 - our own template's output


def _whens(thing: Any) -> tuple[When, ...]:
    """Every interval within a part of the scene."""
    return tuple(dict.fromkeys(_found(thing)))


def _found(thing: Any) -> Iterator[When]:
    if isinstance(thing, When):
        yield thing
    elif isinstance(thing, tuple):
        for part in thing:
            yield from _found(part)
    elif is_dataclass(thing):
        kind: Any = type(thing)
        for name in _timed(kind):
            yield from _found(getattr(thing, name))


@lru_cache(64)
def _timed(kind: Hashable) -> tuple[str, ...]:
    """The fields of a dataclass that are not plain numbers and words."""
    found: Any = kind
    return tuple(field.name for field in fields(found) if field.type not in ("str", "int", "float", "bool"))


def _pieces(groups: list[ET.Element]) -> Iterator[tuple[int, str]]:
    for layer, group in enumerate(groups):
        text = "".join(_text(child) for child in group)
        if text:
            yield layer, text


def _text(element: ET.Element) -> str:
    element.tail = None
    return ET.tostring(element, "unicode").replace(_NAMESPACE, "", 1)


def _opened(element: ET.Element) -> str:
    """The opening tag alone."""
    text = ET.tostring(ET.Element(element.tag, element.attrib), "unicode").removesuffix("/>").rstrip() + ">"
    return text if element.tag == f"{{{SVG}}}svg" else text.replace(_NAMESPACE, "", 1)
