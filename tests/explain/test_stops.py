"""Where a walk may stop: against what the source says by hand, for the gallery and for loops of every form."""

import json
from itertools import pairwise

import pytest

from app.core.trace import Trace
from app.examples import load
from app.explain.stops import stops
from app.record import record


def made(source: str) -> tuple[Trace, dict]:
    trace = record(source)
    assert trace.error is None
    return trace, stops(trace)


def losses(found: dict) -> list[float]:
    return [round(turn["loss"]["value"], 4) for turn in found["iterations"]]


def lines(trace: Trace, turn: dict) -> list[int]:
    """The lines of an iteration's steps, repeats dropped."""
    return list(dict.fromkeys(step.line for step in trace.steps[turn["first"] : turn["last"] + 1]))


LOOP = """w = torch.tensor(1., requires_grad=True)
for i in range(3):
    loss = (w * 2 - 4) ** 2
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad = None
done = w * 1
"""
FUNCTION = """def loss_of(w):
    u = w * 2
    return (u - 4) ** 2
w = torch.tensor(1., requires_grad=True)
scale = w * 3
for i in range(3):
    loss = loss_of(w)
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad = None
"""
STEP = """def step(w):
    loss = (w * 2 - 4) ** 2
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad = None
w = torch.tensor(1., requires_grad=True)
for i in range(3):
    step(w)
"""
WHILE = """w = torch.tensor(1., requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
i = 0
while i < 3:
    opt.zero_grad()
    loss = (w * 2 - 4) ** 2
    loss.backward()
    opt.step()
    i += 1
"""
INNER = """w = torch.tensor(1., requires_grad=True)
for epoch in range(3):
    loss = 0.
    for x in (1., 2., 3.):
        e = w * x
        loss = loss + (e - 1) ** 2
    loss.backward()
    with torch.no_grad():
        w -= 0.01 * w.grad
    w.grad = None
"""
WRITTEN_OUT = """w = torch.tensor(1., requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
first = (w * 2 - 4) ** 2
first.backward()
opt.step()
opt.zero_grad()
second = (w * 2 - 4) ** 2
second.backward()
opt.step()
"""
TWO_PASSES = """w = torch.tensor(1., requires_grad=True)
v = torch.tensor(2., requires_grad=True)
for i in range(2):
    one = w * w
    one.backward()
    two = v * v
    two.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        v -= 0.1 * v.grad
"""


@pytest.mark.parametrize(
    ("source", "expected"),
    [(LOOP, [3, 4, 6, 7]), (FUNCTION, [2, 3, 8, 10, 11]), (STEP, [2, 3, 5, 6]), (WHILE, [6, 7, 8])],
    ids=["loop", "function", "step", "while"],
)
def test_each_turn_holds_the_lines_of_the_loop(source: str, expected: list[int]) -> None:
    trace, found = made(source)
    # w: 1 → 1.8 → 1.96 by hand: the loss (2w − 4)² has the slope 4(2w − 4).
    assert losses(found) == [4.0, 0.16, 0.0064]
    assert len(found["iterations"]) == 3
    for turn in found["iterations"]:
        # A reset of a gradient that is None already is no step.
        assert [line for line in lines(trace, turn) if line != 5 or source is not WHILE] == expected


def test_an_inner_loop_is_part_of_its_turn() -> None:
    trace, found = made(INNER)
    assert [turn["passes"] for turn in found["iterations"]] == [[0], [1], [2]]
    assert all(lines(trace, turn) == [5, 6, 7, 9, 10] for turn in found["iterations"])


def test_a_program_that_writes_its_iterations_out() -> None:
    trace, found = made(WRITTEN_OUT)
    assert [lines(trace, turn) for turn in found["iterations"]] == [[3, 4, 5, 6], [7, 8, 9]]
    assert [turn["loss"]["name"] for turn in found["iterations"]] == ["first", "second"]


def test_a_turn_may_have_two_passes() -> None:
    _, found = made(TWO_PASSES)
    assert [turn["passes"] for turn in found["iterations"]] == [[0, 1], [2, 3]]


@pytest.mark.parametrize("name", ["lecture", "sgd_step", "accumulate"])
def test_what_trains_for_less_than_two_iterations_has_none(name: str) -> None:
    assert made(load(name).source)[1]["iterations"] == []


@pytest.mark.parametrize(
    "name", ["module", "training_loop", "momentum", "clipping", "rnn", "double_backward", "zero_grad"]
)
def test_stops_of_the_gallery(name: str) -> None:
    trace, found = made(load(name).source)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["over"] == sorted(set(found["over"]))
    assert found["over"][-1] == len(trace.steps) - 1
    seeds = [step.index for step in trace.steps if step.kind == "seed"]
    assert [one["first"] for one in found["passes"]] == seeds
    for step in trace.steps:
        if step.node is not None:
            assert step.index in found["touch"][step.node]
    # One after the other, each with a pass that starts within.
    ends = [(turn["first"], turn["last"]) for turn in found["iterations"]]
    assert all(a <= b < c for (a, b), (c, _) in pairwise(ends))
    starts = {one["pass"]: one["first"] for one in found["passes"]}
    assert all(t["first"] <= starts[p] <= t["last"] for t in found["iterations"] for p in t["passes"])


def test_a_layer_is_one_stride_forward_and_backward() -> None:
    trace, found = made(load("module").source)
    # net.0 is steps 1–2, relu 3, net.2 is 4–5; on the way back each layer's parameters come with it.
    assert found["over"] == [0, 2, 3, 5, 6, 7, 8, 12, 13, 17, 18]
    assert {trace.steps[k].node for k in range(9, 13)} == {"n9", "n8", "n7", "n6"}


def test_what_touches_a_leaf() -> None:
    _, found = made(load("lecture").source)
    # w: used in u = w·x (1), receives 3 from it (8), and .grad is written (9).
    assert found["touch"]["n0"] == [1, 8, 9]
    assert found["touch"]["n1"] == [1], "x is an input: nothing is sent to it"


@pytest.mark.parametrize("loss", ["float('nan')", "float('inf')"])
def test_a_loss_that_is_no_number(loss: str) -> None:
    _, found = made(
        f"w = torch.tensor({loss}, requires_grad=True)\nfor i in range(2):\n    y = w * 1\n    y.backward()\n"
    )
    assert [turn["loss"]["value"] for turn in found["iterations"]] == [loss[7:10]] * 2
