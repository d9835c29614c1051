"""When each part of a walk is seen: which steps show it and in which it is the active thing.

Reads the Trace's steps once; the whole rule from step to picture is here, everything later only carries the integers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from app.core.trace import SetGrad, Step, Trace, Value

Place = tuple[str, int]
"""A node's id and the number of one of its outputs."""


@dataclass(frozen=True, slots=True)
class When:
    """The steps that show something: `start` to `end`, both inclusive (None: to the last), active in `active`."""

    start: int
    end: int | None = None
    active: tuple[int, ...] = ()

    def state(self, step: int) -> str:
        """`future`, `gone`, `active` or `past`."""
        if step < self.start:
            return "future"
        if self.end is not None and step > self.end:
            return "gone"
        return "active" if step in self.active else "past"


def merged(whens: Sequence[When]) -> When:
    """From the first that starts to the last that ends, active whenever one of them is."""
    if len(whens) == 1:
        return whens[0]
    ends = [when.end for when in whens]
    active = tuple(sorted({step for when in whens for step in when.active}))
    return When(
        min(when.start for when in whens), None if None in ends else max(e for e in ends if e is not None), active
    )


@dataclass(frozen=True, slots=True)
class Flow:
    """One edge's gradient in one pass."""

    when: When
    pass_: int
    seed: int
    """The step at which its pass starts."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The intervals of everything that a Trace holds."""

    nodes: dict[str, When]
    """`active`: every step that is about the node."""
    forward: dict[str, tuple[int, ...]]
    """The steps among them that compute or update."""
    values: dict[Place, tuple[tuple[When, str], ...]]
    """Per output the tensors it shows one after the other."""
    grads: dict[Place, tuple[tuple[When, Value | None], ...]]
    """The gradients that arrive at an op's outputs, and the `.grad` (or captured gradient) of leaves."""
    edges: dict[str, When]
    flows: dict[str, tuple[Flow, ...]]


T = TypeVar("T")


def timeline(trace: Trace) -> Timeline:
    """All intervals of `trace`."""
    leaves = {node.id for node in trace.nodes if node.kind != "op"}
    seeds = _seeds(trace)
    starts = _first_steps(trace)
    active: defaultdict[str, set[int]] = defaultdict(set)
    forward: defaultdict[str, set[int]] = defaultdict(set)
    for step in trace.steps:
        for node in _actors(trace, step):
            active[node].add(step.index)
            if step.kind in ("compute", "update"):
                forward[node].add(step.index)
    flows = _flows(trace, seeds)
    return Timeline(
        nodes={n.id: When(starts[n.id], None, tuple(sorted(active[n.id]))) for n in trace.nodes},
        forward={id_: tuple(sorted(steps)) for id_, steps in forward.items()},
        values=_values(trace, starts),
        grads=_grads(trace, leaves, seeds, flows),
        edges={e.id: When(starts[e.target], None, (starts[e.target],)) for e in trace.edges},
        flows=flows,
    )


def _first_steps(trace: Trace) -> dict[str, int]:
    """The step that shows a node first: its `compute`, a leaf's first `sets`; the unused are there from the start."""
    first: dict[str, int] = {}
    for step in trace.steps:
        if step.kind == "compute" and step.node:
            first.setdefault(step.node, step.index)
        for item in step.sets:
            first.setdefault(item.node, step.index)
    return defaultdict(int, first)


def _actors(trace: Trace, step: Step) -> set[str]:
    if step.kind == "update":
        return {item.node for item in step.sets} | ({step.node} if step.node else set())
    if step.kind == "seed" and step.pass_ is not None:
        return {node for one in trace.passes if one.index == step.pass_ for node, _output in one.roots}
    return {step.node} if step.node else set()


def _seeds(trace: Trace) -> dict[int, int]:
    """The step at which each pass starts, in the order of the passes."""
    return {step.pass_: step.index for step in trace.steps if step.kind == "seed" and step.pass_ is not None}


def _until(seeds: dict[int, int], pass_: int, passes: list[int]) -> int | None:
    """The last step before another of `passes` starts; None where none comes later."""
    later = [seeds[other] for other in passes if seeds[other] > seeds[pass_]]
    return min(later) - 1 if later else None


def _flows(trace: Trace, seeds: dict[int, int]) -> dict[str, tuple[Flow, ...]]:
    """What each edge carries back, shown until a later pass uses the same edge."""
    ran = {(step.pass_, step.node): step.index for step in trace.steps if step.kind == "backward"}
    target = {edge.id: edge.target for edge in trace.edges}
    starts: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for one in trace.passes:
        for contribution in one.contributions:
            at = ran.get((one.index, target[contribution.edge]))
            if at is not None and one.index in seeds:
                starts[contribution.edge].append((one.index, at))
    flows = {}
    for edge, items in starts.items():
        passes = [pass_ for pass_, _at in items]
        flows[edge] = tuple(
            Flow(When(at, _until(seeds, pass_, passes), (at,)), pass_, seeds[pass_]) for pass_, at in items
        )
    return flows


def _values(trace: Trace, starts: dict[str, int]) -> dict[Place, tuple[tuple[When, str], ...]]:
    sets: defaultdict[Place, list[tuple[int, str]]] = defaultdict(list)
    for step in trace.steps:
        for item in step.sets:
            if not isinstance(item, SetGrad):
                sets[item.node, item.output].append((step.index, item.tensor))
    for node in trace.nodes:
        for output, tensor in enumerate(node.outputs):
            if (node.id, output) not in sets:
                sets[node.id, output].append((starts[node.id], tensor))
    return {place: adjoining(items) for place, items in sets.items()}


def _grads(
    trace: Trace, leaves: set[str], seeds: dict[int, int], flows: dict[str, tuple[Flow, ...]]
) -> dict[Place, tuple[tuple[When, Value | None], ...]]:
    """An op's gradients from the step at which the last contribution arrives, a leaf's `.grad` as it is written."""
    arrivals: defaultdict[Place, list[tuple[int, int, Value | None]]] = defaultdict(list)
    outgoing: defaultdict[Place, list[str]] = defaultdict(list)
    for edge in trace.edges:
        outgoing[edge.source, edge.output].append(edge.id)
    captures = {(step.pass_, step.node): step.index for step in trace.steps if step.kind == "capture"}
    for one in trace.passes:
        if one.index not in seeds:
            continue
        start = seeds[one.index]
        for grad in one.grads:
            place = (grad.node, grad.output)
            if grad.node not in leaves:
                arrived = [f.when.start for e in outgoing[place] for f in flows.get(e, ()) if f.pass_ == one.index]
                arrivals[place].append((one.index, max([start, *arrived]), grad.value))
        received = {(grad.node, grad.output) for grad in one.grads}
        for captured in one.captured:
            place = (captured.node, captured.output)
            if captured.node in leaves or place not in received:
                arrivals[place].append((one.index, captures.get((one.index, captured.node), start), captured.value))
    shown: dict[Place, list[tuple[When, Value | None]]] = {}
    for place, items in arrivals.items():
        passes = [pass_ for pass_, _at, _value in items]
        shown[place] = [(When(at, _until(seeds, pass_, passes), (at,)), value) for pass_, at, value in items]
    written: defaultdict[Place, list[tuple[int, Value | None]]] = defaultdict(list)
    for step in trace.steps:
        for item in step.sets:
            if isinstance(item, SetGrad) and item.node in leaves:
                written[item.node, 0].append((step.index, item.grad))
    for place, writes in written.items():
        shown[place] = _woven(adjoining(writes), shown.get(place, []))
    return {place: tuple(items) for place, items in shown.items()}


def adjoining(items: list[tuple[int, T]]) -> tuple[tuple[When, T], ...]:
    """Values that take each other's place, as intervals that adjoin; of the values of one step the last counts."""
    last = dict(items)
    steps = sorted(last)
    ends = [step - 1 for step in steps[1:]]
    return tuple((When(step, end, (step,)), last[step]) for step, end in zip(steps, [*ends, None], strict=True))


def _woven(
    written: tuple[tuple[When, Value | None], ...], captured: list[tuple[When, Value | None]]
) -> list[tuple[When, Value | None]]:
    """`.grad` where nothing captured is shown: a slot holds one thing at a time, and the captured one is the news."""
    out = list(captured)
    for when, value in written:
        pieces = [when]
        for other, _value in captured:
            pieces = [piece for whole in pieces for piece in _without(whole, other)]
        out.extend((piece, value) for piece in pieces)
    return sorted(out, key=lambda item: item[0].start)


def _without(whole: When, hole: When) -> list[When]:
    pieces = []
    if whole.start < hole.start:
        end = hole.start - 1 if whole.end is None else min(whole.end, hole.start - 1)
        pieces.append(replace(whole, end=end))
    if hole.end is not None and (whole.end is None or whole.end > hole.end):
        start = max(whole.start, hole.end + 1)
        pieces.append(When(start, whole.end, tuple(k for k in whole.active if k >= start)))
    return pieces
