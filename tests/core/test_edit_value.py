"""Other numbers for a tensor: the text changes there alone, and the program is the one that was meant."""

from __future__ import annotations

import pytest
import torch

from app.core.edit_value import edit_value
from app.core.errors import GradwalkError
from app.core.source import prepare
from app.core.trace import Trace
from app.record import record

PROGRAM = """\
x = torch.tensor(3)              # whole
W = torch.tensor([[1., 2.],      # first row
                  [3., -4.5]], requires_grad=True)
é, b = torch.tensor(.5, requires_grad=True), torch.tensor(.5, requires_grad=True)
p = nn.Parameter(torch.tensor(data=(-1e-3)))
q = nn.Parameter(torch.tensor([torch.inf, 1.]))
r = torch.randn(2, requires_grad=True)
s = torch.tensor(1 / 3, requires_grad=True)
y = (W @ r * é + b).sum() * q.sum() * x + s + torch.tensor(7.)
"""


def recorded(source: str) -> Trace:
    return record(prepare(source).source)


@pytest.fixture(scope="module")
def trace() -> Trace:
    return recorded(PROGRAM)


def node(trace: Trace, name: str) -> str:
    return next(node.id for node in trace.nodes if node.kind != "op" and name in (node.name, node.label))


@pytest.mark.parametrize(
    ("name", "numbers", "old", "new"),
    [
        ("x", ["12"], "tensor(3) ", "tensor(12) "),
        ("W", ["1", "2.50", "3", "-4.5"], "[[1., 2.],      #", "[[1., 2.50],      #"),
        ("W", ["1", "2", "3", "1e-3"], "[3., -4.5]", "[3., 1e-3]"),
        ("é", ["-0.25"], "é, b = torch.tensor(.5,", "é, b = torch.tensor(-0.25,"),
        ("b", ["2"], "True), torch.tensor(.5,", "True), torch.tensor(2.,"),
        ("q", ["−inf", "nan"], "[torch.inf, 1.]", "[-torch.inf, torch.nan]"),
        ("torch.tensor(7.)", ["8"], "+ torch.tensor(7.)", "+ torch.tensor(8.)"),
    ],
)
def test_only_the_numbers_change(trace: Trace, name: str, numbers: list[str], old: str, new: str) -> None:
    assert PROGRAM.count(old) == 1
    assert edit_value(trace, node(trace, name), numbers) == PROGRAM.replace(old, new)


def test_numbers_that_are_the_same_keep_their_spelling(trace: Trace) -> None:
    assert edit_value(trace, node(trace, "W"), ["1.000", "2", "3e0", "-4.50"]) == PROGRAM


@pytest.mark.parametrize(
    ("name", "numbers", "said"),
    [
        ("r", ["1", "2"], "r comes from torch.randn(…)"),
        ("s", ["1"], "s is calculated"),
        ("x", ["1.5"], "no whole number"),
        ("W", ["1", "2"], "holds 4 numbers, not 2"),
        ("b", ["__import__('os')"], "is no number"),
        ("b", [""], "is no number"),
        ("b", ["1); f("], "is no number"),
        ("y", ["1"], "Only the values of leaves"),
    ],
)
def test_what_cannot_be_changed_is_said(trace: Trace, name: str, numbers: list[str], said: str) -> None:
    chosen = next(node.id for node in trace.nodes if name in (node.name, node.label))
    with pytest.raises(GradwalkError, match=said.replace("(", r"\(").replace(")", r"\)")) as caught:
        edit_value(trace, chosen, numbers)
    assert caught.value.code == "bad_view"


def test_an_expression_becomes_the_program_it_is_expanded_to() -> None:
    trace = recorded("relu(w*x + b)")
    source = edit_value(trace, node(trace, "x"), ["-3.5"])
    assert source.splitlines()[1] == "x = torch.tensor(-3.5, requires_grad=True)"
    again = recorded(source)
    w, b = torch.tensor(2.0), torch.tensor(1.0)
    expected = torch.relu(w * torch.tensor(-3.5) + b).item()
    last = again.nodes[-1]
    assert last.name == "y"
    value = next(tensor.value for tensor in again.tensors if tensor.id == last.outputs[0])
    assert value.data == expected  # type: ignore[union-attr]


def test_a_value_made_in_a_loop_is_no_literal() -> None:
    trace = recorded("ws = [torch.tensor(float(k), requires_grad=True) for k in range(2)]\ny = ws[0] * ws[1]")
    leaf = next(node.id for node in trace.nodes if node.kind == "leaf")
    with pytest.raises(GradwalkError, match="no number to change"):
        edit_value(trace, leaf, ["1"])
