"""Where numbers are taken out of the graph (`.item()`, `float()`, `.tolist()`, NumPy) and go on as constants."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch

from app.core.trace import Note, Span
from app.record.notes.flows import Flows
from app.record.notes.origins import Origins
from app.record.observe.log import Bound, OpRun, Place, Read
from app.record.spans import Source

COMMON = frozenset({0.0, 1.0, -1.0, 2.0, -2.0})
"""Numbers that a program writes itself too often to tell where one came from."""
COPIES = re.compile(r"ensor\(\s*[\[(][^\])]*[A-Za-z_]|Parameter\(")
"""Source that may copy tensors into a new one."""
MOST_PLACES = 20
"""Places that numbers are followed from."""


@dataclass(slots=True)
class Taken:
    """A place of the source at which numbers leave the graph."""

    span: Span
    how: str
    time: int
    number: float | None
    leaf: bool = False
    """They become a new leaf, which gets a gradient of its own."""
    statements: set[ast.AST] = field(default_factory=set)
    """Where they go, by name."""


class Cuts:
    """The places of one run, and where the numbers that they take go on."""

    def __init__(self, log: list[Any], reads: list[Read], text: Source) -> None:
        self._log, self._text = log, text
        self.places = self._taken(reads)
        copies = COPIES.search(text.text) is not None
        self._flows = Flows(text) if self.places or copies else None
        if self._flows is not None and copies:
            self.places.extend(self._copied(self._flows))
        if self._flows is not None:
            for place in self.places:
                place.statements = self._flows.reached(place.span)

    def _taken(self, reads: list[Read]) -> list[Taken]:
        found: dict[Span, Taken] = {}
        origins = Origins(self._log)
        events: list[tuple[int, Any, Place, float | None]] = [
            (read.time, read.tensor, read.place, None) for read in reads
        ]
        for time, entry in enumerate(self._log):
            if type(entry) is OpRun and entry.info.name == "_local_scalar_dense" and not _aside(entry):
                number = float(entry.out) if isinstance(entry.out, (int, float)) else None
                events.append((time, entry.args[0], (entry.code, entry.lasti), number))
        for time, tensor, place, number in sorted(events, key=lambda event: event[0]):
            span = self._text.span(*place)
            taken = tensor.requires_grad or (number is None and origins.detached(tensor))
            if span is None or not taken:
                continue
            if span in found:
                found[span].number = None
            elif len(found) < MOST_PLACES:
                found[span] = Taken(span, _how(self._text.text_of(span) or ""), time, number)
        return list(found.values())

    def _copied(self, flows: Flows) -> Iterator[Taken]:
        """Tensors that require grad, copied as numbers into a new tensor."""
        needs: set[Any] = set()
        times: dict[Span | None, int] = {}
        for time, entry in enumerate(self._log):
            if isinstance(entry, Bound) and _requires_grad(entry.value):
                needs.add(entry.name)
            elif type(entry) is OpRun and not _aside(entry):
                span = self._text.span(entry.code, entry.lasti)
                times[span] = time
                if _requires_grad(entry.out):
                    needs.add(span)
        for span, parts, leaf in flows.copies():
            if any((part.id if isinstance(part, ast.Name) else flows.span(part)) in needs for part in parts):
                yield Taken(span, _how(self._text.text_of(span) or ""), times.get(span, -1), None, leaf)

    def notes(self) -> Iterator[Note]:
        """A note for each place whose numbers an operation of the graph computes with later."""
        if not self.places:
            return
        for place in self.places:
            if place.leaf:
                message = (
                    f"{place.how} copies numbers alone: it makes a new leaf, and no gradient flows back beyond it."
                )
                yield Note("graph_cut", message, place.span[0], None)
        waiting = [place for place in self.places if not place.leaf]
        for time, entry in enumerate(self._log):
            if type(entry) is not OpRun or _aside(entry) or not entry.graded or not waiting:
                continue
            end = self._text.span(entry.code, entry.lasti)
            if end is None:
                continue
            for place in [one for one in waiting if time > one.time]:
                if self._goes_on(entry, end, place):
                    waiting.remove(place)
                    yield self._note(place, end)

    def behind(self, span: Span | None) -> Taken | None:
        """The last place whose numbers the expression at `span` is made of, by name."""
        if self._flows is None or span is None:
            return None
        flows = self._flows
        return next((one for one in reversed(self.places) if flows.meets(span, one.span, one.statements)), None)

    def _goes_on(self, entry: OpRun, end: Any, place: Taken) -> bool:
        if place.number is not None and _telling(place.number) and place.number in _numbers(entry):
            return True
        if self._flows is None or not _requires_grad(entry.out) or not _has_constant(entry):
            return False
        return self._flows.meets(end, place.span, place.statements)

    def _note(self, place: Taken, end: Span) -> Note:
        where = f"line {end[0]}" if end[0] != place.span[0] else "the same line"
        what = "its numbers" if place.number is None else f"{place.number:.4g}"
        it = "them as constants" if place.number is None else "it as a constant"
        message = (
            f"{place.how} takes {what} out of the graph here, and {where} computes with {it}: no gradient flows back "
            f"through {it.split(maxsplit=1)[0]}."
        )
        return Note("graph_cut", message, place.span[0], None)


def _aside(entry: OpRun) -> bool:
    return entry.hidden or entry.pass_ >= 0


def _how(expression: str) -> str:
    """What takes the numbers out: the last method of the expression, or the function that it calls."""
    method = re.search(r"\.(item|tolist|numpy)\(\)$", expression)
    if method:
        return f".{method[1]}()"
    function = re.match(r"[\w.]+(?=\()", expression)
    return f"{function[0]}()" if function else expression


def _telling(number: float) -> bool:
    return math.isfinite(number) and number not in COMMON


def _requires_grad(out: Any) -> bool:
    return any(
        isinstance(one, torch.Tensor) and one.requires_grad for one in (out if isinstance(out, tuple) else (out,))
    )


def _has_constant(entry: OpRun) -> bool:
    return any(
        (isinstance(arg, (int, float)) and not isinstance(arg, bool))
        or (isinstance(arg, torch.Tensor) and not arg.requires_grad)
        for arg in entry.args
    )


def _numbers(entry: OpRun) -> list[float]:
    """The plain numbers that an op was given: among its arguments, or as the one element of a new tensor."""
    found = [arg for arg in entry.args if isinstance(arg, float)]
    if entry.info.name == "lift_fresh" and entry.args[0].numel() == 1 and entry.args[0].is_floating_point():
        with torch.no_grad():
            found.append(float(entry.args[0]))
    return found
