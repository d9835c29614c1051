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
    """The reason for `app/record/alone.py`: when this fails, PyTorch has mended it and the file can go."""

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
