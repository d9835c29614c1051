"""Which operations are drawn as one card: those of one call, module, line or turn of a loop, as far as is needed.

A group is always a run of operations that were executed one after the other, so that folding never makes a cycle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app.core.parameters import Detail
from app.core.trace import Node, Trace

DRAWN_LIMIT = 150
"""Cards above which more is folded by itself."""
CHUNKS, FEWEST = 100, 8


@dataclass(frozen=True, slots=True)
class Group:
    """Operations in order of execution, and leaves that nothing else uses. `title` says what they have in common."""

    title: str
    members: tuple[str, ...]
    """The last is the operation whose result the card shows."""


Cut = Callable[[Sequence[Node]], Iterator[tuple[str, list[Node]]]]
"""Cuts the operations into runs with titles."""


def fold(trace: Trace, detail: Detail) -> tuple[Group, ...]:
    """The groups for a view's `detail`, of two or more members; folds further while over `DRAWN_LIMIT` are left."""
    ops = [node for node in trace.nodes if node.kind == "op"]
    first = {"autograd": 0, "call": 1, "module": 2}[detail]
    levels: tuple[Cut | None, ...] = (None, _calls, _modules, _outer_modules, _lines, _iterations, _chunks)
    chosen: tuple[Group, ...] = ()
    for place, cut in enumerate(levels[first:], first):
        groups = () if cut is None else _groups(trace, list(cut(ops)), all_leaves=place > 3)
        cards = len(trace.nodes) - sum(len(group.members) - 1 for group in groups)
        # What is folded into a handful of cards tells nothing: cut it into pieces instead.
        if place == first or place == len(levels) - 1 or cards >= FEWEST:
            chosen = groups
        if cards <= DRAWN_LIMIT and (place == first or cards >= FEWEST):
            break
    return chosen


def _groups(trace: Trace, runs: list[tuple[str, list[Node]]], *, all_leaves: bool) -> tuple[Group, ...]:
    """The runs of two or more, with the parameters (or all leaves and inputs) that only they use."""
    of = {node.id: place for place, (_title, nodes) in enumerate(runs) for node in nodes}
    users: defaultdict[str, set[int]] = defaultdict(set)
    for edge in trace.edges:
        users[edge.source].add(of.get(edge.target, -1))
    owned: defaultdict[int, list[str]] = defaultdict(list)
    for node in trace.nodes:
        parameter = node.name is None or "." in node.name
        if node.kind != "op" and len(users[node.id]) == 1 and (parameter or all_leaves):
            owned[next(iter(users[node.id]))].append(node.id)
    groups = []
    for place, (title, nodes) in enumerate(runs):
        if len(nodes) > 1:
            groups.append(Group(title, (*owned[place], *(node.id for node in nodes))))
    return tuple(groups)


def _runs(ops: Sequence[Node], key: Callable[[Node], str | None]) -> Iterator[tuple[str, list[Node]]]:
    """Neighbours of the same key; None stands alone."""
    run: list[Node] = []
    current: str | None = None
    for node in ops:
        here = key(node)
        if run and (here is None or here != current):
            yield current or "", run
            run = []
        run.append(node)
        current = here
    if run:
        yield current or "", run


def _calls(ops: Sequence[Node]) -> Iterator[tuple[str, list[Node]]]:
    for key, run in _runs(ops, lambda node: f"{node.call}\0{node.span}\0{node.module}" if node.call else None):
        yield key.partition("\0")[0], run


def _modules(ops: Sequence[Node]) -> Iterator[tuple[str, list[Node]]]:
    yield from _runs(ops, lambda node: node.module or node.call)


def _outer_modules(ops: Sequence[Node]) -> Iterator[tuple[str, list[Node]]]:
    yield from _runs(ops, lambda node: ".".join(node.module.split(".")[:2]) if node.module else node.call)


def _lines(ops: Sequence[Node]) -> Iterator[tuple[str, list[Node]]]:
    yield from _runs(ops, lambda node: f"line {node.line}" if node.line is not None else None)


def _iterations(ops: Sequence[Node]) -> Iterator[tuple[str, list[Node]]]:
    """A turn of a loop ends where the line goes back."""
    run: list[Node] = []
    turn = 1
    for node in ops:
        if run and node.line is not None and run[-1].line is not None and node.line < run[-1].line:
            yield f"turn {turn}", run
            run, turn = [], turn + 1
        run.append(node)
    if run:
        yield f"turn {turn}" if turn > 1 else f"{len(run)} operations", run


def _chunks(ops: Sequence[Node]) -> Iterator[tuple[str, list[Node]]]:
    size = max(2, -(-len(ops) // CHUNKS))
    for start in range(0, len(ops), size):
        run = list(ops[start : start + size])
        yield f"{len(run)} operations", run
