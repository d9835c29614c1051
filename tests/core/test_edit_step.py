"""One more step of gradient descent: the program that comes out does what stock PyTorch does in that step."""

from __future__ import annotations

import pytest
import torch

from app.core.edit_step import edit_step
from app.core.errors import GradwalkError
from app.core.source import prepare
from app.core.tokens import indented, statements
from app.core.trace import Trace
from app.examples import gallery
from app.record import record

LECTURE = gallery()["lecture"].source
NOTHING_TO_STEP_ALONG = {"ranks", "storage", "view_write", "grad_function"}


def recorded(source: str) -> Trace:
    return record(prepare(source).source)


def final(trace: Trace, name: str) -> float:
    """The last value of a scalar leaf."""
    node = next(node for node in trace.nodes if node.name == name and node.kind == "leaf")
    shown = node.outputs[0]
    for step in trace.steps:
        shown = next((one.tensor for one in step.sets if one.node == node.id and hasattr(one, "tensor")), shown)
    value = next(tensor.value for tensor in trace.tensors if tensor.id == shown)
    return float(value.data)  # type: ignore[union-attr, arg-type]


def test_the_lecture_walks_on_as_stock_pytorch_does() -> None:
    source = LECTURE
    w, b = torch.tensor(2.0, requires_grad=True), torch.tensor(1.0, requires_grad=True)
    before = recorded(source)
    for turns in (1, 2, 3):
        torch.relu(w * 3.0 + b).backward()
        with torch.no_grad():
            for leaf in (w, b):
                assert leaf.grad is not None
                leaf.sub_(0.1 * leaf.grad)
                leaf.grad = None
        source = edit_step(recorded(source))
        after = recorded(source)
        assert after.error is None
        assert f"range({turns})" in source
        assert (final(after, "w"), final(after, "b")) == (w.item(), b.item())
        assert len(after.passes) == turns + 1
    assert source.startswith(LECTURE.rstrip("\n")), "what was there stays as it was"
    head = [(step.kind, step.node) for step in before.steps[:-1]]
    assert [(step.kind, step.node) for step in after.steps[: len(head)]] == head, "the walk goes on where it ended"


@pytest.mark.parametrize("name", sorted(set(gallery()) - NOTHING_TO_STEP_ALONG))
def test_every_example_can_go_on(name: str) -> None:
    before = recorded(gallery()[name].source)
    if before.error is not None or not before.passes:
        pytest.skip("ends with an error, or has no backward pass")
    first = recorded(edit_step(before))
    assert first.error is None
    assert len(first.steps) > len(before.steps)
    second = recorded(edit_step(first))
    assert second.error is None
    assert len(second.steps) > len(first.steps)


def test_the_number_of_turns_may_have_a_name() -> None:
    source = "epochs = 2\nw = torch.tensor(1., requires_grad=True)\nfor e in range(epochs):\n    (w * w).backward()\n"
    assert edit_step(recorded(source)) == source.replace("epochs = 2", "epochs = 3")


def test_an_implicit_pass_is_written_out() -> None:
    source = edit_step(recorded("relu(w*x + b)"))
    assert "\ny.backward()\n" in source
    assert recorded(source).error is None


def test_a_learning_rate_that_is_there_is_used() -> None:
    source = "lr = 0.5\n" + LECTURE
    made = edit_step(recorded(source))
    assert made.count("lr = ") == 1
    assert final(recorded(made), "w") == 2.0 - 0.5 * 3.0


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("x = torch.ones(2)\ny = x * 2", "no backward pass"),
        ("w = torch.tensor(2., requires_grad=True)\ntorch.autograd.grad(w * w, w)", "stores none"),
        ("w = torch.tensor(2., requires_grad=True)\n(w * w).backward()\nraise ValueError", "raises an error"),
        ("w = torch.tensor(2., requires_grad=True)\nw * w", "has no name"),
        (
            "def go():\n    loss.backward()\nw = torch.tensor(2., requires_grad=True)\nloss = w * w\ngo()",
            "inside a function",
        ),
        ("w = torch.tensor(2., requires_grad=True)\nfor k in [1, 2]:\n    (k * w).backward()", "are no number"),
    ],
)
def test_where_there_is_no_step_to_make_it_says_why(source: str, said: str) -> None:
    with pytest.raises(GradwalkError, match=said):
        edit_step(recorded(source))


def test_statements_hold_their_blocks_and_texts_keep_their_lines() -> None:
    source = '@f\ndef g():\n    pass\n\nif a:\n    b\nelse:\n    c\ns = """\nx\n"""\n'
    assert [(part.first, part.last) for part in statements(source)] == [(1, 3), (5, 8), (9, 11)]
    assert indented(source, 8, 11) == ["        c", '    s = """', "x", '"""']
