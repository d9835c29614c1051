"""Recording a callable leaves everything as stock PyTorch would, and takes nothing that isn't its own."""

import random

import numpy as np
import torch

from app.core.check import check
from app.record import record


def test_leaves_grad_as_stock_and_restores_generators():
    def build():
        torch.manual_seed(1)
        return torch.randn(3, requires_grad=True), torch.randn(3)

    w, x = build()
    stock_w, stock_x = build()
    torch.manual_seed(9)
    random.seed(9)
    np.random.seed(9)
    states = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()

    def f():
        return (w * x).exp().sum() + torch.rand(1)

    trace = record(f)
    assert torch.equal(states[0], torch.get_rng_state())
    assert states[1] == random.getstate()
    assert (states[2] == np.random.get_state()[1]).all()
    (stock_w * stock_x).exp().sum().backward()
    assert torch.equal(w.grad, stock_w.grad)
    assert check(trace) == []
    assert trace.passes[0].implicit


def test_starts_from_every_returned_tensor():
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    trace = record(lambda: [w * 2, (w.detach(), w.exp())])
    assert len(trace.passes) == 1
    assert len(trace.passes[0].roots) == 2
    assert torch.equal(w.grad, 2 + w.detach().exp())


def test_its_own_backward_is_not_repeated():
    w = torch.tensor(2.0, requires_grad=True)

    def f():
        (w * w).backward()

    trace = record(f)
    assert [one.implicit for one in trace.passes] == [False]
    assert w.grad == 4


def test_a_graph_built_before_is_there_at_the_start():
    w = torch.tensor(2.0, requires_grad=True)
    u = w * 3

    def f():
        return u.exp()

    trace = record(f)
    assert check(trace) == []
    start = {item.node for item in trace.steps[0].sets}
    assert {node.op for node in trace.nodes if node.id in start} == {"leaf", "mul"}
    assert w.grad == 3 * torch.exp(torch.tensor(6.0))


def test_prints_through(capsys):
    trace = record(lambda: print("seen") or torch.ones(1))
    assert trace.stdout == "seen\n"
    assert capsys.readouterr().out == "seen\n"


def test_leaves_torch_as_it_was():
    before = (
        torch.autograd._engine_run_backward,
        torch.Tensor.register_hook,
        torch.autograd.Function.apply.__func__,
        torch.autograd.forward_ad.make_dual,
        torch.nn.modules.module._global_forward_hooks.copy(),
    )
    record(lambda: 1 // 0)
    record(lambda: torch.ones(1, requires_grad=True).exp())
    after = (
        torch.autograd._engine_run_backward,
        torch.Tensor.register_hook,
        torch.autograd.Function.apply.__func__,
        torch.autograd.forward_ad.make_dual,
        torch.nn.modules.module._global_forward_hooks.copy(),
    )
    assert before == after
    assert torch._C._len_torch_dispatch_stack() == 0


def test_values_stay_when_the_caller_changes_tensors_later():
    w = torch.arange(100.0, requires_grad=True)

    def f():
        return (w * 2).sum()

    trace = record(f)
    with torch.no_grad():
        w.fill_(7)
    assert trace.tensors[0].value.data == [float(i) for i in range(100)]
