"""Where PyTorch computes otherwise while a mode observes, a recorded run has the bits of the run alone."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from app.record import record
from tests.record.stock import run_stock

SMOOTHED = """
torch.manual_seed({seed})
x = torch.randn({shape}, requires_grad=True)
target = torch.randint(0, {classes}, {target})
loss = F.cross_entropy(x, target, weight=torch.rand({classes}), ignore_index={ignore}, label_smoothing=0.1)
loss.backward()
print(loss.item().hex(), [g.hex() for g in x.grad.flatten().tolist()])
"""
CASES = [("6, 5", 5, "(6,)", -100), ("6, 5", 5, "(6,)", 1), ("8, 4, 3, 2", 4, "(8, 3, 2)", 1), ("7", 7, "()", -100)]


class Mode(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize(("shape", "classes", "target", "ignore"), CASES)
def test_smoothed_cross_entropy_has_the_bits_of_stock(shape, classes, target, ignore):
    for seed in range(12):
        source = SMOOTHED.format(seed=seed, shape=shape, classes=classes, target=target, ignore=ignore)
        assert record(source, explain=False).stdout == run_stock(source).stdout, seed


def test_pytorch_itself_differs_under_any_mode():
    """The reason for `app/record/observe/alone.py`: when this fails, PyTorch has mended it and the file can go."""

    def loss(seed):
        torch.manual_seed(seed)
        x, target = torch.randn(8, 4, 3, 2), torch.randint(0, 4, (8, 3, 2))
        return torch.nn.functional.cross_entropy(x, target, torch.rand(4), ignore_index=1, label_smoothing=0.1)

    alone = [loss(seed).item() for seed in range(30)]
    with Mode():
        observed = [loss(seed).item() for seed in range(30)]
    assert alone != observed


@pytest.mark.parametrize(
    "call",
    [
        "F.cross_entropy(torch.ones(2, 3), 4, torch.ones(3), label_smoothing=0.1)",
        "F.cross_entropy(torch.ones(2, 3), torch.ones(2, dtype=torch.long), torch.ones(4), label_smoothing=0.1)",
        "F.cross_entropy(torch.ones(2, 3), torch.ones(3, dtype=torch.long), torch.ones(3), label_smoothing=0.1)",
        "F.cross_entropy(torch.ones(2, 3), torch.ones(2, dtype=torch.long), torch.ones(3), label_smoothing=1.5)",
    ],
)
def test_it_raises_what_stock_raises(call):
    error = run_stock(call).error
    trace = record(f"x = torch.ones(1)\n{call}")
    assert (trace.error.type, trace.error.message) == (type(error).__name__, str(error))


TWICE = {
    "prod": "g, = torch.autograd.grad(torch.prod(x), x, create_graph=True)",
    "cumprod": "g, = torch.autograd.grad(torch.cumprod(x, 0).sum(), x, create_graph=True)",
    "det": "g, = torch.autograd.grad(torch.linalg.det(x[:4].view(2, 2) + x[3:].view(2, 2)), x, create_graph=True)",
}
SPREAD = {
    "max": "x.max()",
    "min": "x.min()",
    "median": "x.median()",
    "nanmedian": "x.nanmedian()",
    "masked_fill": "torch.zeros(7).masked_fill(x > -1, x[0]) * torch.randn(7)",
}
"""Whose gradients have other zeros, or sums, under a mode."""


@pytest.mark.parametrize("op", TWICE)
def test_pytorch_itself_rounds_these_gradients_otherwise_under_any_mode(op):
    """Why these nodes run unobserved: when this fails, PyTorch has mended it and that, and the note, can go."""

    def gradients():
        found = []
        for seed in range(20):
            torch.manual_seed(seed)
            space = {"torch": torch, "x": torch.randn(7, requires_grad=True)}
            exec(TWICE[op], space)
            found.append(space["g"].tolist())
        return found

    alone = gradients()
    with Mode():
        observed = gradients()
    assert alone != observed
    torch.testing.assert_close(torch.tensor(alone), torch.tensor(observed))


@pytest.mark.parametrize("op", TWICE)
@pytest.mark.parametrize("seed", range(5))
def test_recorded_they_are_those_of_stock(op, seed):
    source = f"x = torch.randn(7, requires_grad=True)\n{TWICE[op]}\nh, = torch.autograd.grad((g * g).sum(), x)\n"
    source += "print(g.tolist(), h.tolist(), g.grad_fn.name())"
    trace = record(source, seed=seed)
    assert trace.stdout == run_stock(source, seed).stdout
    assert "last_digit" not in {note.code for note in trace.notes}


@pytest.mark.filterwarnings("ignore:Using backward")
@pytest.mark.parametrize("call", SPREAD.values(), ids=SPREAD)
@pytest.mark.parametrize("create", [True, False])
def test_zeros_have_the_sign_of_stock(call, create):
    """Also where the snippet's own hook has to be observed during the pass."""
    for seed in range(5):
        source = f"x = torch.randn(7, requires_grad=True)\nx.register_hook(lambda g: None)\ny = -({call}).sum()\n"
        source += f"y.backward(create_graph={create})\nprint([g.hex() for g in x.grad.tolist()], x.grad.grad_fn)"
        trace = record(source, seed=seed)
        stock = run_stock(source, seed).stdout
        assert trace.stdout.partition(" at 0x")[0] == stock.partition(" at 0x")[0], seed
        assert "last_digit" not in {note.code for note in trace.notes}


def test_the_last_digit_is_told_where_a_hook_has_to_see_the_other_branch():
    source = "y = x.prod()\ny.grad_fn.register_hook(lambda sent, got: None)\n"
    trace = record(f"x = torch.ones(3, requires_grad=True)\n{source}torch.autograd.grad(y, x, create_graph=True)")
    assert [note.line for note in trace.notes if note.code == "last_digit"] == [4]


def test_pytorch_itself_adds_no_number_to_a_zero_tensor_under_a_mode():
    """What the note `zero_tensor` is about."""
    x = torch.ones(2, requires_grad=True)
    (zero,) = torch.autograd.grad(x.sgn().sum(), x)
    assert (zero + 1).tolist() == [1, 1]
    with Mode(), pytest.raises(RuntimeError, match="Expected a value of type 'Tensor'"):
        zero + 1
    source = "x = torch.ones(2, requires_grad=True)\ng, = torch.autograd.grad(x.sgn().sum(), x)\nprint(g + 1)"
    trace = record(source)
    assert [(note.code, note.line) for note in trace.notes] == [("zero_tensor", 3), ("zero_gradient", 2)]
    assert record(source.replace("g + 1", "g.clone() + 1")).stdout == "tensor([1., 1.])\n"
