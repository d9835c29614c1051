"""Which step shows what: the lecture's example step by step, then passes that follow each other, and training."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.trace import Accumulated, Contribution, Full, Grad, SetGrad, SetTensor, Step, Trace
from app.draw.timeline import When, adjoining, timeline


def at(items: tuple, step: int) -> list:
    """What a slot shows at a step."""
    return [value for when, value in items if when.state(step) in ("past", "active")]


def test_lecture_values_appear_as_they_are_computed(lecture: Trace) -> None:
    shown = timeline(lecture)
    first = {node.name: shown.nodes[node.id].start for node in lecture.nodes}
    assert first == {"w": 1, "x": 1, "u": 1, "b": 2, "v": 2, "a": 3}
    assert [at(shown.values["n2", 0], k) for k in range(3)] == [[], ["t2"], ["t2"]]


def test_lecture_gradients_appear_as_they_arrive(lecture: Trace) -> None:
    shown = timeline(lecture)
    starts = {place: [when.start for when, _value in items] for place, items in shown.grads.items()}
    # a at the seed, v and u when the node behind them sends, the leaves when .grad is written.
    assert starts == {("n5", 0): [4], ("n4", 0): [5], ("n2", 0): [6], ("n3", 0): [7], ("n0", 0): [9]}
    assert {edge: flow.when.start for edge, (flow,) in shown.flows.items()} == {"e4": 5, "e2": 6, "e3": 6, "e0": 8}


def test_lecture_active_nodes_step_by_step(lecture: Trace) -> None:
    shown = timeline(lecture)
    names = {node.id: node.name for node in lecture.nodes}
    active = [[names[id_] for id_, when in shown.nodes.items() if k in when.active] for k in range(11)]
    assert active == [[], ["u"], ["v"], ["a"], ["a"], ["a"], ["v"], ["b"], ["u"], ["w"], []]
    assert {id_: shown.edges[id_].active for id_ in ("e0", "e1", "e4")} == {"e0": (1,), "e1": (1,), "e4": (3,)}


def twice(trace: Trace, edges: set[str]) -> Trace:
    """A second pass after the first, which reaches only `edges` and their sources; w.grad doubles."""
    first = trace.passes[0]
    nodes = {edge.source for edge in trace.edges if edge.id in edges} | {"n5"}
    second = replace(
        first,
        index=1,
        grads=tuple(grad for grad in first.grads if grad.node in nodes),
        contributions=tuple(c for c in first.contributions if c.edge in edges),
        accumulated=(Accumulated("n0", Full(3.0), Full(3.0), Full(6.0)),),
        paths=(),
    )
    steps = list(trace.steps[:-1])
    for step in trace.steps[4:10]:
        sets = (SetGrad("n0", Full(6.0)),) if step.kind == "accumulate" and step.node == "n0" else ()
        if step.node in nodes or step.kind == "seed":
            steps.append(replace(step, index=len(steps), pass_=1, sets=sets))
    steps.append(replace(trace.steps[-1], index=len(steps)))
    return replace(trace, passes=(first, second), steps=tuple(steps))


def test_a_second_pass_takes_the_place_of_the_first_where_it_comes(lecture: Trace) -> None:
    both = twice(lecture, {"e4", "e2", "e0"})
    shown = timeline(both)
    seed = next(step.index for step in both.steps if step.kind == "seed" and step.pass_ == 1)
    first, second = shown.flows["e4"]
    assert (first.when.end, second.when.start, second.seed) == (seed - 1, seed + 1, seed)
    # b is not reached again: what it was sent stays.
    (only,) = shown.flows["e3"]
    assert only.when.end is None
    assert [when.end for when, _value in shown.grads["n3", 0]] == [None]
    last = len(both.steps) - 1
    assert at(shown.grads["n0", 0], last) == [Full(6.0)]
    assert at(shown.grads["n0", 0], seed) == [Full(3.0)]
    assert at(shown.grads["n4", 0], seed) == []


def test_new_values_adjoin(lecture: Trace) -> None:
    tensor = replace(lecture.tensors[0], id="t9", value=Full(1.7))
    update = Step(10, "update", "update", None, None, 8, None, "", (SetTensor("n0", 0, "t9"), SetGrad("n0", None)))
    steps = (*lecture.steps[:10], update, replace(lecture.steps[10], index=11))
    shown = timeline(replace(lecture, tensors=(*lecture.tensors, tensor), steps=steps))
    assert [(when.start, when.end, id_) for when, id_ in shown.values["n0", 0]] == [(1, 9, "t0"), (10, None, "t9")]
    assert at(shown.grads["n0", 0], 9) == [Full(3.0)]
    assert at(shown.grads["n0", 0], 10) == [None]
    assert 10 in shown.nodes["n0"].active
    assert shown.forward["n0"] == (10,)


def test_a_gradient_waits_for_its_last_contribution(lecture: Trace) -> None:
    # A second edge from u, evaluated by the pass one step later than the first: u's slot fills with the later one.
    extra = replace(lecture.edges[2], id="e9", target="n5")
    one = lecture.passes[0]
    one = replace(one, contributions=(*one.contributions, Contribution("e9", Full(1.0))))
    shown = timeline(replace(lecture, edges=(*lecture.edges, extra), passes=(one,)))
    assert [when.start for when, _value in shown.grads["n2", 0]] == [6]
    assert [flow.when.start for flow in shown.flows["e9"]] == [5]


def test_several_roots_and_a_root_that_also_receives(lecture: Trace) -> None:
    one = replace(lecture.passes[0], roots=(("n5", 0), ("n4", 0)), seeds=(Full(1.0), Full(1.0)))
    shown = timeline(replace(lecture, passes=(one,)))
    assert 4 in shown.nodes["n4"].active
    assert [when.start for when, _value in shown.grads["n4", 0]] == [5]


def test_a_trace_that_ends_in_an_error(lecture: Trace) -> None:
    shown = timeline(replace(lecture, steps=lecture.steps[:4], passes=()))
    assert shown.flows == {}
    assert shown.grads == {}


@pytest.mark.parametrize(
    ("step", "state"), [(2, "future"), (3, "active"), (4, "past"), (5, "active"), (6, "gone"), (100, "gone")]
)
def test_states(step: int, state: str) -> None:
    assert When(3, 5, (3, 5)).state(step) == state


def test_adjoining_intervals_have_no_gap() -> None:
    items = adjoining([(1, "a"), (4, "b"), (4, "c"), (7, "d")])
    assert [(when.start, when.end, value) for when, value in items] == [(1, 3, "a"), (4, 6, "c"), (7, None, "d")]


def test_every_grad_is_shown_once(picture: Trace) -> None:
    shown = timeline(picture)
    for one in picture.passes:
        for grad in one.grads:
            assert isinstance(grad, Grad)
            assert len(shown.grads[grad.node, grad.output]) == 1
    for items in (*shown.grads.values(), *shown.values.values()):
        for k in range(len(picture.steps)):
            assert len(at(items, k)) <= 1
