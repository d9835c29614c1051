"""Function transforms compute what stock computes; what hides a pass says so at its line and names what to write."""

import re

import pytest

from app.core.errors import GradwalkError
from app.record import record
from tests.record.stock import run_stock

HIDDEN = {
    "torch.func.grad(lambda x: x**3)(x)": ("torch.func.grad", "torch.autograd.grad(f(x), x)"),
    "torch.func.vjp(torch.sin, x)[1](x)": ("torch.func.vjp", "torch.autograd.grad(f(x), x, v)"),
    "torch.func.jacrev(lambda x: x**2)(x)": ("torch.func.jacrev", "torch.autograd.functional.jacobian(f, x)"),
    "torch.func.vmap(torch.func.grad(torch.sin))(torch.ones(3))": ("torch.func.vmap", "a loop"),
    "torch.autograd.grad(leaf**2, leaf, torch.eye(2), is_grads_batched=True)": ("is_grads_batched", "for each row"),
    "torch.autograd.functional.jacobian(torch.sin, leaf, vectorize=True)": ("vectorize=True", "without it"),
    "torch.autograd.functional.hessian(lambda x: (x**3).sum(), leaf, vectorize=True)": ("vectorize=True", "without it"),
}
FORWARD = {
    "torch.func.jvp(torch.sin, (x,), (x,))": "torch.autograd.functional.jvp(f, x, v)",
    "torch.func.jacfwd(torch.sin)(x)": "torch.autograd.functional.jacobian(f, x)",
    "torch.func.hessian(torch.sin)(x)": "hessian(f, x)",
    "torch.func.linearize(torch.sin, x)": "torch.autograd.functional.jvp(f, x, v)",
    "torch.autograd.functional.jacobian(torch.sin, x, vectorize=True, strategy='forward-mode')": "without strategy=",
}
INSTEAD = {
    "torch.autograd.functional.jacobian(lambda x: x**2, v)": 3,
    "torch.autograd.functional.hessian(lambda x: (x**3).sum(), v)": 4,
    "torch.autograd.functional.jvp(lambda x: x**2, v, v)": 2,
    "torch.autograd.grad((v**2).sum(), v)": 1,
}


@pytest.mark.parametrize("call", HIDDEN)
def test_a_hidden_pass_is_told_at_its_line(call):
    source = f"x, leaf = torch.tensor(2.), torch.ones(2, requires_grad=True)\ny = {call}\nprint(y)\n"
    trace = record(source)
    assert trace.stdout == run_stock(source).stdout
    (note,) = [note for note in trace.notes if note.code == "function_transform"]
    name, instead = HIDDEN[call]
    assert note.line == 2
    assert note.message.startswith(name)
    assert instead in note.message


@pytest.mark.filterwarnings("ignore")  # of torch.fx, which linearize uses
@pytest.mark.parametrize("call", FORWARD)
def test_forward_mode_is_refused_and_its_way_back_named(call):
    with pytest.raises(GradwalkError) as caught:
        record(f"x = torch.tensor(2.)\ny = {call}\n")
    assert (caught.value.code, caught.value.line) == ("forbidden", 2)
    assert FORWARD[call] in caught.value.hint


@pytest.mark.parametrize("call", INSTEAD)
def test_what_is_named_instead_is_recorded_in_full(call):
    source = f"v = torch.tensor([1., 2., 3.], requires_grad=True)\nprint({call})\n"
    trace = record(source)
    assert trace.stdout == run_stock(source).stdout
    assert len(trace.passes) == INSTEAD[call]
    assert not re.search("function_transform", str(trace.notes))


def test_vmap_without_gradients_inside_is_an_ordinary_forward_pass():
    trace = record("x = torch.ones(2, 3, requires_grad=True)\ny = torch.func.vmap(lambda r: (r * 2).sum())(x)\ny.sum()")
    assert [one.implicit for one in trace.passes] == [True]
    assert "function_transform" not in {note.code for note in trace.notes}
