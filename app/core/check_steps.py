"""Whether the list of steps is exactly what happened: each operation, seed, backward step and write once, in an order
that causes allow (rule 5, and the definition of steps).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from app.core.check_report import STEPS, Violation
from app.core.check_values import flat, same
from app.core.trace import Pass, SetGrad, SetTensor, Step, Trace, Value

PHASES = {
    "start": ("start",),
    "compute": ("forward", "backward"),
    "seed": ("backward",),
    "backward": ("backward",),
    "accumulate": ("backward",),
    "capture": ("backward",),
    "update": ("update",),
    "end": ("end",),
}
PASS_KINDS = {"seed", "backward", "accumulate", "capture"}
Violations = Iterator[Violation]


def frame(trace: Trace) -> Violations:
    """One start first, one end last, every kind in its phase, a pass where and only where one works."""
    kinds = [step.kind for step in trace.steps]
    if not kinds or kinds[0] != "start" or kinds[-1] != "end" or kinds.count("start") != 1 or kinds.count("end") != 1:
        yield Violation(STEPS, "not one start first and one end last", "steps")
    for step in trace.steps:
        where = f"steps[{step.index}]"
        if step.phase not in PHASES[step.kind]:
            yield Violation(STEPS, f"{step.kind} in phase {step.phase}", where)
        if step.kind != "compute" and (step.kind in PASS_KINDS) != (step.pass_ is not None):
            yield Violation(STEPS, f"{step.kind} with pass {step.pass_}", where)
        if step.node is None and step.kind in {"compute", "backward", "accumulate"}:
            yield Violation(STEPS, f"{step.kind} without a node", where)


def computes(trace: Trace) -> Violations:
    """Every op node is computed once, or there at the start; nothing else is computed."""
    kinds = {node.id: node.kind for node in trace.nodes}
    counts = Counter(step.node for step in trace.steps if step.kind == "compute")
    present = at_start(trace)
    for node, kind in kinds.items():
        if kind == "op" and counts[node] != (node not in present):
            yield Violation(STEPS, f"{node} is computed {counts[node]} times", "steps")
        if kind != "op" and counts[node]:
            yield Violation(STEPS, f"the {kind} {node} is computed", "steps")


def at_start(trace: Trace) -> set[str]:
    """The nodes that a graph built before brought along."""
    return {item.node for step in trace.steps[:1] for item in step.sets}


def shown_before_used(trace: Trace) -> Violations:
    """A compute step sets its node's outputs, and whatever enters the node has been set by then."""
    entering: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for edge in trace.edges:
        entering[edge.target].append((edge.source, edge.output))
    outputs = {node.id: len(node.outputs) for node in trace.nodes}
    shown: set[tuple[str, int]] = set()
    for step in trace.steps:
        shown |= {(item.node, item.output) for item in step.sets if isinstance(item, SetTensor)}
        if step.kind != "compute" or step.node is None:
            continue
        for place in [*entering[step.node], *((step.node, k) for k in range(outputs[step.node]))]:
            if place not in shown:
                yield Violation(5, f"{place[0]}[{place[1]}] is used before it is set", f"steps[{step.index}]")


def compute_order(trace: Trace) -> Violations:
    """Every op node is computed after those whose outputs enter it, and before any backward step of it."""
    computed = {step.node: step.index for step in trace.steps if step.kind == "compute"}
    for i, edge in enumerate(trace.edges):
        source, target = computed.get(edge.source), computed.get(edge.target)
        if source is not None and target is not None and source >= target:
            yield Violation(5, f"{edge.source} is computed after {edge.target} uses it", f"edges[{i}]")
    for step in trace.steps:
        if step.kind in PASS_KINDS and computed.get(step.node, -1) > step.index:
            yield Violation(5, f"{step.node} is computed later", f"steps[{step.index}]")


def passes_in_order(trace: Trace) -> Violations:
    """Each pass has one seed step, in the order of passes, before all its other steps."""
    seeds = [step.pass_ for step in trace.steps if step.kind == "seed"]
    if seeds != list(range(len(trace.passes))):
        yield Violation(STEPS, f"seeds of passes {seeds[:10]}", "steps")
        return
    begun = {step.pass_: step.index for step in trace.steps if step.kind == "seed"}
    for step in trace.steps:
        if step.kind in PASS_KINDS and step.index < begun.get(step.pass_, -1):
            yield Violation(STEPS, f"pass {step.pass_} has not begun", f"steps[{step.index}]")


def engine_steps(trace: Trace) -> Violations:
    """In each pass: a backward step per op node that ran, an accumulate per write, a capture per input."""
    kinds = {node.id: node.kind for node in trace.nodes}
    by_pass = steps_by_pass(trace)
    for one in trace.passes:
        where = f"passes[{one.index}]"
        steps = by_pass[one.index]
        ran = [step.node for step in steps if step.kind == "backward"]
        for node, count in Counter(ran).items():
            if count > 1 or kinds.get(node or "") != "op":
                yield Violation(STEPS, f"{count} backward steps of the {kinds.get(node or '')} {node}", where)
        written = [step.node for step in steps if step.kind == "accumulate"]
        if written != [entry.node for entry in one.accumulated]:
            yield Violation(STEPS, f"accumulate steps of {written[:8]}", f"{where}.accumulated")
        taken = Counter(step.node for step in steps if step.kind == "capture")
        if taken != Counter(entry.node for entry in one.captured):
            yield Violation(STEPS, f"capture steps of {list(taken)[:8]}", f"{where}.captured")
        captured = {(entry.node, entry.output) for entry in one.captured}
        if not captured <= set(one.inputs):
            yield Violation(STEPS, "captures what isn't an input", f"{where}.captured")
        yield from _causes(trace, one, steps)


def _causes(trace: Trace, one: Pass, steps: list[Step]) -> Violations:
    """What an edge carries leaves a node that has run, and enters one that runs later."""
    where = f"passes[{one.index}]"
    edges = {edge.id: edge for edge in trace.edges}
    ran = {step.node: step.index for step in steps if step.kind == "backward"}
    arrived = {step.node: step.index for step in steps if step.kind in {"backward", "accumulate"}}
    order: list[str] = []
    inputs: defaultdict[str, list[int]] = defaultdict(list)
    for contribution in one.contributions:
        edge = edges[contribution.edge]
        if not edge.differentiable:
            yield Violation(2, f"{edge.id} isn't differentiable", where)
        if edge.target not in ran:
            yield Violation(2, f"{edge.id} carries a gradient from {edge.target}, which did not run", where)
        elif edge.source in arrived and arrived[edge.source] <= ran[edge.target]:
            yield Violation(2, f"{edge.source} runs before {edge.target} has sent to it", where)
        if not order or order[-1] != edge.target:
            order.append(edge.target)
        inputs[edge.target].append(edge.input)
    places = [ran[node] for node in order if node in ran]
    if len(set(order)) != len(order) or places != sorted(places):
        yield Violation(2, "contributions aren't in the order of the steps", f"{where}.contributions")
    for target, numbers in inputs.items():
        if numbers != sorted(set(numbers)):
            yield Violation(2, f"what {target} sends isn't in the order of its inputs", f"{where}.contributions")
    for grad in one.grads:
        if grad.node not in arrived and (grad.node, grad.output) not in one.inputs:
            yield Violation(1, f"{grad.node} has a gradient and no step", f"{where}.grads")


def steps_by_pass(trace: Trace) -> defaultdict[int, list[Step]]:
    """The seed, backward, accumulate and capture steps of each pass."""
    by_pass: defaultdict[int, list[Step]] = defaultdict(list)
    for step in trace.steps:
        if step.kind in PASS_KINDS and step.pass_ is not None:
            by_pass[step.pass_].append(step)
    return by_pass


def writes(trace: Trace) -> Violations:
    """An accumulate step shows the new `.grad`, and found there what was shown before; an update sets something."""
    accumulated = {one.index: list(one.accumulated) for one in trace.passes}
    done: Counter[int] = Counter()
    grads: dict[str, Value | None] = {}
    for step in trace.steps:
        where = f"steps[{step.index}]"
        if step.kind == "update" and not step.sets:
            yield Violation(STEPS, "an update that sets nothing", where)
        set_grads = [item for item in step.sets if isinstance(item, SetGrad)]
        if step.kind == "accumulate" and step.pass_ is not None:
            entries = accumulated[step.pass_]
            if done[step.pass_] < len(entries):
                entry = entries[done[step.pass_]]
                done[step.pass_] += 1
                if not any(item.node == entry.node and _equal(item.grad, entry.after) for item in set_grads):
                    yield Violation(STEPS, f"does not show the new .grad of {entry.node}", where)
                if entry.node in grads and not _equal(grads[entry.node], entry.before):
                    yield Violation(3, f"the .grad of {entry.node} was another before", where)
        for item in set_grads:
            grads[item.node] = item.grad


def _equal(a: Value | None, b: Value | None) -> bool:
    if a is None or b is None:
        return a is b
    numbers, others = flat(a), flat(b)
    return numbers is None or others is None or same(numbers, others)
