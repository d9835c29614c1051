"""The table of gradients with the step beside it, and what reverse and forward mode cost, counted by hand."""

import pytest
import torch

from app.examples import gallery
from app.explain import explain
from app.explain.context import context
from app.explain.cost import multiplications
from app.record import record

LECTURE = gallery()["lecture"].source
TWO_LAYERS = """
W1 = torch.tensor([[1., 2.], [3., 4.], [5., 6.]], requires_grad=True)
x = torch.tensor([1., -1.])
h = torch.tanh(W1 @ x)
W2 = torch.tensor([[1., -1., 2.]], requires_grad=True)
y = W2 @ h
loss = (y ** 2).sum()
loss.backward()
"""


def table(source, **options):
    (first, *_) = explain(record(source), **options)["gradients"]
    return {row["plain"]: row for row in first["rows"]}


@pytest.mark.parametrize("eta", [0.1, 0.25, -1.0])
def test_the_step_is_that_of_torchs_own_sgd(eta):
    source = "w = torch.tensor([1.5, -2., 3.], requires_grad=True)\nloss = (w ** 3).sum()\nloss.backward()\n"
    w = torch.tensor([1.5, -2.0, 3.0], requires_grad=True)
    (w**3).sum().backward()
    row = table(source, eta=eta)["w"]
    assert row["gradient"]["data"] == w.grad.tolist()
    with torch.no_grad():
        w -= eta * w.grad
    assert row["by"] == "eta"
    assert torch.allclose(torch.tensor(row["next"]["data"]), w, rtol=1e-6)


def test_the_equation_with_numbers():
    row = table(LECTURE)["w"]
    assert row["latex"] == r"2 - 0.1 \cdot 3 = 1.7"
    assert row["lhs"] == r"\frac{d a}{d w}"


def test_the_programs_own_update_stands_there_instead():
    trace = record(gallery()["momentum"].source)
    told = explain(trace, eta=5.0)["gradients"]
    leaf = next(node.id for node in trace.nodes if node.kind == "leaf")
    values = [
        next(t.value.data for t in trace.tensors if t.id == item.tensor)
        for step in trace.steps
        if step.kind == "update"
        for item in step.sets
        if getattr(item, "tensor", None) and item.node == leaf
    ]
    assert [table["rows"][0]["by"] for table in told] == ["program"] * len(told)
    assert [table["rows"][0]["next"]["data"] for table in told] == values
    assert all(table["rows"][0]["line"] for table in told)


def test_a_leaf_without_a_gradient_has_no_step():
    row = table("w = torch.ones(2, requires_grad=True)\nv = torch.ones(2, requires_grad=True)\ns = w.sum()\n")["v"]
    assert (row["gradient"], row["next"], row["by"]) == (None, None, None)


def test_steps_follow_the_gradient_that_has_accumulated():
    source = "w = torch.tensor(1., requires_grad=True)\n(w * 3).backward()\n(w * 3).backward()\n"
    second = explain(record(source), eta=0.5)["gradients"][1]["rows"][0]
    assert second["gradient"]["data"] == 3.0
    assert second["next"]["data"] == 1 - 0.5 * 6


def counted(source):
    (entry,) = explain(record(source))["cost"]
    return entry


def test_the_lectures_cost_counted_by_hand():
    """Reverse: relu 1, + none, × 1. Forward: for w × and relu, for b relu alone. Kept: x and relu's result, 4 bytes
    each; forward carries the tangent of an input and an output at a time.
    """
    assert counted(LECTURE) == {
        "pass": 0,
        "inputs": 2,
        "reverse": {"sweeps": 1, "multiplications": 2, "bytes": 8},
        "forward": {"sweeps": 2, "multiplications": 3, "bytes": 8},
        "estimated": False,
    }


def test_two_layers_counted_by_hand():
    """W1 x: 3·2; tanh: 3; W2 h: 3 to h and 3 to W2; y²: 1; the sum none: 16 in reverse mode. Forward: for each of the
    6 elements of W1: 6 + 3 + 3 + 1 = 13, for each of the 3 of W2: 3 + 1 = 4.
    """
    entry = counted(TWO_LAYERS)
    assert entry["inputs"] == 9
    assert entry["reverse"]["multiplications"] == 6 + 3 + 3 + 3 + 1
    assert entry["forward"]["sweeps"] == 9
    assert entry["forward"]["multiplications"] == 6 * 13 + 3 * 4
    # kept: x (2), tanh's result (3), W2 (3), h is tanh's result, y (1)
    assert entry["reverse"]["bytes"] == 4 * (2 + 3 + 3 + 1)
    # forward: the tangent of W1 (6) with that of W1 x (3)
    assert entry["forward"]["bytes"] == 4 * (6 + 3)
    assert not entry["estimated"]


def test_forward_mode_wins_where_there_is_one_input_and_many_outputs():
    source = "t = torch.tensor(0.5, requires_grad=True)\ny = torch.sin(t * torch.arange(1., 9.))\n"
    entry = counted(source)
    assert entry["forward"] == {"sweeps": 1, "multiplications": 16, "bytes": 64}
    assert entry["reverse"]["multiplications"] == 16
    assert entry["reverse"]["bytes"] > 0


@pytest.mark.parametrize(
    ("source", "counts"),
    [
        ("A, B = torch.rand(2, 3, requires_grad=True), torch.rand(3, 4, requires_grad=True)\ny = A @ B", [24, 24]),
        ("x = torch.rand(4, requires_grad=True)\ny = x.reshape(2, 2).T + x.sum()", [0, 0, 0, 0, 0]),
        ("x = torch.rand(4, requires_grad=True)\ny = x.max()", [0]),
        ("x = torch.rand(4, requires_grad=True)\ny = torch.softmax(x, 0)", [16]),
        ("x = torch.rand(2, 3, requires_grad=True)\nb = torch.rand(3, requires_grad=True)\ny = x * b", [6, 6]),
        (
            "x, k = torch.rand(1, 1, 4, 4, requires_grad=True), torch.rand(2, 1, 2, 2, requires_grad=True)\n"
            "y = F.conv2d(x, k)",
            [18 * 4, 18 * 4],
        ),
    ],
)
def test_multiplications_of_single_operations(source, counts):
    ctx = context(record(source), 4, "auto")
    assert [multiplications(ctx, edge)[0] for edge in ctx.graph.trace.edges if edge.differentiable] == counts


def test_a_guess_is_called_one():
    source = "x = torch.rand(8, 80, requires_grad=True)\ny = F.layer_norm(x, (80,))\n"
    assert counted(source)["estimated"]
