"""Bare expressions: which text is one, the program it becomes, and that this program means what the expression says."""

import math
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from app.core.errors import GradwalkError
from app.core.mathnames import CONSTANTS, FUNCTIONS
from app.core.source import prepare


def run(source: str) -> dict[str, Any]:
    """The program's variables, run by stock PyTorch with what every snippet has at hand."""
    names: dict[str, Any] = {"torch": torch, "nn": nn, "F": F, "math": math}
    exec(source, names)
    return names


def test_the_lecture() -> None:
    prepared = prepare("relu(w*x + b)")
    assert prepared.expanded
    assert prepared.source == (
        "w = torch.tensor(2., requires_grad=True)\n"
        "x = torch.tensor(3., requires_grad=True)\n"
        "b = torch.tensor(1., requires_grad=True)\n"
        "y = torch.relu(w*x + b)\n"
    )
    names = run(prepared.source)
    names["y"].backward()
    assert names["y"].item() == 7
    assert [names[leaf].grad.item() for leaf in "wxb"] == [3, 2, 1]


@pytest.mark.parametrize(
    ("expression", "last"),
    [
        ("sigmoid( w*x )", "y = torch.sigmoid( w*x )"),
        ("(y - t)**2", "z = (y - t)**2"),
        ("y*z*out*result", "y0 = y*z*out*result"),
        ("softplus(x)", "y = F.softplus(x)"),
        ("F.relu(x) + torch.sin(x) + nn.ReLU()(x)", "y = F.relu(x) + torch.sin(x) + nn.ReLU()(x)"),
        ("F*d", "y = F*d"),
        ("pi * r**2", "y = torch.pi * r**2"),
        ("ln(x) + arctan(x)", "y = torch.log(x) + torch.arctan(x)"),
        ("mean(x) - mean", "y = torch.mean(x) - mean"),
        ("max(a, b)", "y = torch.max(a, b)"),
        ("sum([a, b])", "y = sum([a, b])"),
        ("sum(w*k for k in (1, 2))", "y = sum(w*k for k in (1, 2))"),
        ("abs(x)", "y = torch.abs(x)"),
        ("softmax(z)[0]", "y = torch.softmax(z, dim=-1)[0]"),
        ("softmax((z), 0) + softmax(z, dim=0)", "y = torch.softmax((z), 0) + torch.softmax(z, dim=0)"),
        ("log_softmax((é),)", "y = torch.log_softmax((é), dim=-1)"),
        ("cumsum(cumsum(z))", "y = torch.cumsum(torch.cumsum(z, dim=-1), dim=-1)"),
        ("(lambda t: t*w)(x)", "y = (lambda t: t*w)(x)"),
        ("(q := w*2) + q", "y = (q := w*2) + q"),
        ("x.sin().sum()", "y = x.sin().sum()"),
        ("é * exp(ü)", "y = é * torch.exp(ü)"),
        ("w*x;", "y = w*x;"),
        ("float(2)*x", "y = float(2)*x"),
    ],
)
def test_spelling(expression: str, last: str) -> None:
    prepared = prepare(expression, let="z:[1,2]" if "[0]" in expression else None)
    assert prepared.expanded
    assert prepared.source.rstrip("\n").split("\n")[-1] == last
    run(prepared.source)


def test_several_lines_and_remarks_stay() -> None:
    prepared = prepare("# the neuron\nrelu(\n    w*x  # product\n    + b)\n")
    assert prepared.source.split("\n")[3:] == ["# the neuron", "y = torch.relu(", "    w*x  # product", "    + b)", ""]


def test_values_by_first_appearance() -> None:
    names = run(prepare("a*b + c*d*e + a*f").source)
    assert [names[leaf].item() for leaf in "abcdef"] == [2, 3, 1, 4, 5, 6]


def test_let() -> None:
    prepared = prepare("relu(W @ x + b)", let="W:[[1,2],[3,-4]],x:[.5,1e-1]")
    assert prepared.source.split("\n")[:3] == [
        "W = torch.tensor([[1., 2.], [3., -4.]], requires_grad=True)",
        "x = torch.tensor([.5, 1e-1], requires_grad=True)",
        "b = torch.tensor(1., requires_grad=True)",
    ]
    names = run(prepared.source)
    assert torch.equal(names["y"], torch.relu(torch.tensor([[1.0, 2.0], [3.0, -4.0]]) @ torch.tensor([0.5, 0.1]) + 1))
    assert run(prepare("pi*x", let="pi:3").source)["y"].item() == 9


def test_let_names_what_is_missing() -> None:
    with pytest.raises(GradwalkError, match="no free name q") as caught:
        prepare("relu(w*x + b)", let="q:1")
    assert caught.value.code == "bad_view"
    assert caught.value.hint == "Its free names are: w, x, b."


@pytest.mark.parametrize(
    "program",
    [
        "torch.tensor(2., requires_grad=True) * 3",
        "print(torch.ones(2))",
        "y = relu",
        "w*x; b",
        "w\nx",
        "'text'",
        "[i for i in range(3)]",
        "None",
    ],
)
def test_programs(program: str) -> None:
    prepared = prepare(program)
    assert not prepared.expanded
    assert prepared.source == program


@pytest.mark.parametrize(
    ("expression", "line", "column", "message", "hint"),
    [
        ("1 + sigmod(x)", 1, 4, "sigmod(…) is no function", "Did you mean sigmoid?"),
        ("x +\\\n  f(x) * g(x)", 2, 2, "f(…) is no function", "f*(…)"),
        ("np.sin(x)", 1, 0, "np is not at hand", "torch"),
        ("(y - sin(x))^2", 1, 12, "^ is not a power", "(y - sin(x))**2"),
        ("x^2 + y^2", 1, 1, "^ is not a power", "x**2 + y**2"),
    ],
)
def test_refusals(expression: str, line: int, column: int, message: str, hint: str) -> None:
    with pytest.raises(GradwalkError) as caught:
        prepare(expression)
    assert (caught.value.code, caught.value.line, caught.value.column) == ("syntax_error", line, column)
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize("text", [*FUNCTIONS.values(), *CONSTANTS.values()])
def test_every_name_is_torchs(text: str) -> None:
    assert eval(text, {"torch": torch, "F": F}) is not None
