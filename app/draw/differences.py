"""What two aligned walks do differently: structure, values and gradients, with the rows that show it, and in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.core.align import Alignment
from app.core.sentence_words import clipped, value_words
from app.core.trace import Full, Node, Trace, Value
from app.draw.timeline import When, timeline

TOLERANCE = 1e-5
"""Relative to the larger number; what rounding may do to float32 in another order of operations."""

LONGEST = 80
"""Characters of an operation or a value in a sentence."""

Shown = Sequence[tuple[int, Value | None]]
"""Values with the row from which on each is shown."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A value or gradient that differs, in the rows from `start` to `end` (None: to the last)."""

    first: str
    second: str
    kind: str
    """`value` or `grad`."""
    start: int
    end: int | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of the summary: what to look at, and the row in which it is to be seen."""

    kind: str
    """`structure`, `value` or `grad`."""
    first: str | None
    second: str | None
    row: int
    text: str


@dataclass(frozen=True, slots=True)
class Differences:
    """`alone` and `changed`: operations of one walk only, and pairs whose operation or arguments differ."""

    headline: str
    """What comes of the difference, and the difference; empty where there is none."""
    alone: tuple[tuple[str | None, str | None], ...]
    changed: tuple[tuple[str, str], ...]
    marks: tuple[Mark, ...]
    summary: tuple[Difference, ...]


class _Side:
    """One of the two walks, with its values and gradients by the row from which on they are shown."""

    def __init__(self, trace: Trace, steps: Sequence[int]) -> None:
        self.nodes = {node.id: node for node in trace.nodes}
        self.roots = {node for one in trace.passes for node, _output in one.roots}
        self._rows: dict[int, int] = {}
        for row, step in enumerate(steps):
            self._rows.setdefault(step, row)
        self.made = {s.node: self._rows[s.index] for s in trace.steps if s.kind == "compute" and s.node is not None}
        self._line = timeline(trace)
        self._tensors = {tensor.id: tensor.value for tensor in trace.tensors}

    def shown(self, node: str, kind: str) -> Shown:
        """The first output's values or gradients, one after the other."""
        place = (node, 0)
        shown: Iterable[tuple[When, Value | None]] = (
            ((when, self._tensors[tensor]) for when, tensor in self._line.values.get(place, ()))
            if kind == "value"
            else self._line.grads.get(place, ())
        )
        return [(self._rows[when.start], value) for when, value in shown if when.start in self._rows]

    def said(self, node: str, kind: str, row: int | None) -> str:
        """The one that is shown in a row (None: the last) in words."""
        shown = [value for start, value in self.shown(node, kind) if row is None or start <= row]
        value = shown[-1] if shown else None
        return "None" if value is None else value_words(value)


def differences(first: Trace, second: Trace, alignment: Alignment) -> Differences:
    """All differences of two aligned Traces."""
    ours = _Side(first, [row.first for row in alignment.rows])
    theirs = _Side(second, [row.second for row in alignment.rows])
    pairs = [(a, b) for a, b in alignment.nodes if a is not None and b is not None]
    changed = tuple((a, b) for a, b in pairs if _operation(ours.nodes[a]) != _operation(theirs.nodes[b]))
    alone = tuple((a, b) for a, b in alignment.nodes if a is None or b is None)
    marks = tuple(
        Mark(a, b, kind, start, end)
        for a, b in pairs
        for kind in ("value", "grad")
        for start, end in _unlike(ours.shown(a, kind), theirs.shown(b, kind), absent=kind == "grad")
    )
    structure = [*_changes(ours, theirs, changed), *_additions(ours, theirs, alone)]
    numbers = _numbers(ours, theirs, marks)
    headline = ": ".join(one.text for one in [*numbers[:1], *structure[:1]])
    return Differences(headline, alone, changed, marks, (*structure, *numbers))


def same(one: Value | None, other: Value | None) -> bool:
    """Whether two values are equal within rounding; a summary is compared by its statistics."""
    if one is None or other is None:
        return one is other
    if isinstance(one, Full) and isinstance(other, Full):
        return _close(one.data, other.data)
    if isinstance(one, Full) or isinstance(other, Full) or one.numel != other.numel:
        return False
    return all(
        _close(a, b)
        for a, b in zip(
            (one.min, one.max, one.mean, one.std), (other.min, other.max, other.mean, other.std), strict=True
        )
    )


def _close(one: object, other: object) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_close(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict) and isinstance(other, dict):
        return _close(one.get("re"), other.get("re")) and _close(one.get("im"), other.get("im"))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=1e-9)
    return one == other


def _operation(node: Node) -> tuple[object, ...]:
    return (node.kind, node.op, node.args if node.kind == "op" else {}, node.grad_fn is None)


def _unlike(ours: Shown, theirs: Shown, *, absent: bool) -> list[tuple[int, int | None]]:
    """The rows in which the two differ; with `absent`, a side that never has any counts as None."""
    if absent and bool(ours) != bool(theirs):
        start = next((start for start, value in ours or theirs if value is not None), None)
        return [] if start is None else [(start, None)]
    found: list[tuple[int, int | None]] = []
    cuts = sorted({start for start, _value in [*ours, *theirs]})
    at = [0, 0]
    for place, start in enumerate(cuts):
        for side, shown in enumerate((ours, theirs)):
            while at[side] < len(shown) and shown[at[side]][0] <= start:
                at[side] += 1
        if at[0] and at[1] and not same(ours[at[0] - 1][1], theirs[at[1] - 1][1]):
            end = cuts[place + 1] - 1 if place + 1 < len(cuts) else None
            if found and found[-1][1] == start - 1:
                found[-1] = (found[-1][0], end)
            else:
                found.append((start, end))
    return found


def _changes(ours: _Side, theirs: _Side, changed: Sequence[tuple[str, str]]) -> list[Difference]:
    found = []
    for a, b in changed:
        node, other = ours.nodes[a], theirs.nodes[b]
        said = _operated(node), _operated(other)
        if said[0] != said[1]:
            name = node.name or other.name or node.label
            row = max(ours.made.get(a, 0), theirs.made.get(b, 0))
            found.append(Difference("structure", a, b, row, f"{name}: {said[0]} against {said[1]}{_line(node)}"))
    return found


def _additions(ours: _Side, theirs: _Side, alone: Sequence[tuple[str | None, str | None]]) -> list[Difference]:
    found = []
    for a, b in alone:
        side, id_, where = (ours, a, "first") if a is not None else (theirs, b or "", "second")
        node = side.nodes[id_]
        what = f"{node.name} = {_operated(node)}" if node.name and node.kind == "op" else node.name or _operated(node)
        text = f"{what} only in the {where}{_line(node)}"
        found.append(Difference("structure", a, b, side.made.get(id_, 0), text))
    return sorted(found, key=lambda one: one.row)


def _operated(node: Node) -> str:
    bare = node.op.strip("_")
    values = [f"{key}={value}" for key, value in node.args.items() if isinstance(value, int | float | str)]
    return clipped(f"{bare}({', '.join(values)})" if values else bare, LONGEST)


def _line(node: Node) -> str:
    return f" (line {node.line})" if node.line is not None else ""


def _numbers(ours: _Side, theirs: _Side, marks: Sequence[Mark]) -> list[Difference]:
    """The last difference of each leaf's gradient and value, and of what passes start from; gradients first."""
    last = {(mark.first, mark.kind): mark for mark in marks}
    found = []
    for mark in last.values():
        node = ours.nodes[mark.first]
        if node.kind == "op" and (mark.kind == "grad" or mark.first not in ours.roots):
            continue
        name = f"{node.name or node.label}.grad" if mark.kind == "grad" else node.name or node.label
        said = ours.said(mark.first, mark.kind, mark.end), theirs.said(mark.second, mark.kind, mark.end)
        text = f"{name}: {said[0]} against {said[1]}"
        found.append(Difference(mark.kind, mark.first, mark.second, mark.start, clipped(text, 2 * LONGEST)))
    return sorted(found, key=lambda one: one.kind != "grad")
