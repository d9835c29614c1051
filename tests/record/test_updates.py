"""Every value and every `.grad` that leaves have in a training loop, in order, as stock shows them line by line."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import torch

from app.core.check import check
from app.core.check_values import flat
from app.core.trace import SetGrad, SetTensor
from app.record import record
from tests.record.stock import leaves, run_stock
from tests.record.training import PROGRAMS

Histories = dict[str, tuple[list[Any], list[Any]]]


def add(history: list[Any], value: Any) -> None:
    if not history or history[-1] != value:
        history.append(value)


def stock_histories(source: str) -> tuple[str, Histories]:
    """What is printed, and of each leaf the values and gradients seen before each line that runs, and at the end."""
    seen: Histories = {}

    def look(namespace: dict[str, Any]) -> None:
        for name, leaf in leaves(namespace).items():
            values, grads = seen.setdefault(name, ([], [None]))
            add(values, leaf.detach().flatten().tolist())
            add(grads, None if leaf.grad is None else leaf.grad.to_dense().flatten().tolist())

    def trace(frame: Any, _event: str, _argument: Any) -> Any:
        if frame.f_code.co_filename != "<stock>":
            return None
        look(frame.f_globals)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        stock = run_stock(source)
    finally:
        sys.settrace(before)
    assert stock.error is None
    look(stock.namespace)
    return stock.stdout, seen


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", PROGRAMS)
def test_leaves_change_as_in_stock(name: str) -> None:
    printed, expected = stock_histories(PROGRAMS[name])
    trace = record(PROGRAMS[name], explain=False)
    assert check(trace) == []
    assert trace.error is None
    assert trace.stdout == printed
    tensors = {tensor.id: tensor for tensor in trace.tensors}
    named = {node.id: node for node in trace.nodes if node.kind == "leaf" and node.name in expected}
    assert {node.name for node in named.values()} == set(expected)
    seen: Histories = {node.name: ([flat(tensors[node.outputs[0]].value)], [None]) for node in named.values()}
    for step in trace.steps:
        for item in step.sets:
            if item.node not in named:
                continue
            values, grads = seen[named[item.node].name]
            if isinstance(item, SetTensor):
                add(values, flat(tensors[item.tensor].value))
            elif isinstance(item, SetGrad):
                add(grads, None if item.grad is None else flat(item.grad))
    assert seen == expected
    updates = [step for step in trace.steps if step.kind == "update"]
    assert updates
    assert all(step.line is not None for step in updates)


def test_an_update_is_at_the_line_that_made_it() -> None:
    source = PROGRAMS["heads"]
    lines = [step.line for step in record(source, explain=False).steps if step.kind == "update"]
    assert lines == [n for n, text in enumerate(source.split("\n"), start=1) if "#" in text]


def test_a_hook_after_accumulation_comes_after_it() -> None:
    trace = record(PROGRAMS["optimizer_in_backward"], explain=False)
    leaf = next(node.id for node in trace.nodes if node.name == "net.bias")
    kinds = [(step.kind, step.line) for step in trace.steps if step.node == leaf]
    assert kinds == [("accumulate", 9), ("update", 5), ("update", 6)] * 2


def test_a_constructor_makes_no_update() -> None:
    source = """
net = nn.ModuleList([nn.Embedding(3, 2, padding_idx=0), nn.Linear(2, 2).to(torch.bfloat16)])
loss = net[1](net[0](torch.tensor([0, 1])).bfloat16()).sum()
loss.backward()
"""
    trace = record(source, explain=False)
    assert [step.kind for step in trace.steps if step.kind == "update"] == []
    first = next(node for node in trace.nodes if node.name == "net.0.weight")
    value = next(tensor.value for tensor in trace.tensors if tensor.id == first.outputs[0])
    assert flat(value)[:2] == [0.0, 0.0]


def test_memory_without_a_value_is_not_shown() -> None:
    trace = record("w = nn.Parameter(torch.empty(2))\nnn.init.constant_(w, 3.)\nw.sum().backward()", explain=False)
    leaf = trace.nodes[0]
    first = next(tensor.value for tensor in trace.tensors if tensor.id == leaf.outputs[0])
    assert flat(first) == [3.0, 3.0]
    assert [(step.line, step.text) for step in trace.steps if step.kind == "update"] == [(2, "w becomes [3, 3].")]


def test_a_value_that_nothing_has_used_is_told_all_the_same() -> None:
    trace = record("w = nn.Parameter(torch.ones(2))\nnn.init.constant_(w, 3.)", explain=False)
    assert [step.text for step in trace.steps if step.kind == "update"] == ["w changes from [1, 1] to [3, 3]."]


def test_running_statistics_are_those_of_their_time() -> None:
    source = "net = nn.BatchNorm1d(2)\nfor _ in range(2):\n    y = net(torch.randn(3, 2))\nnet.eval()\nz = net(y)\n"
    torch.manual_seed(0)
    net = torch.nn.BatchNorm1d(2)
    expected = [net.running_mean.tolist()]
    for _ in range(2):
        net(torch.randn(3, 2))
        expected.append(net.running_mean.tolist())
    trace = record(source)
    tensors = {tensor.id: tensor for tensor in trace.tensors}
    (mean,) = [node.id for node in trace.nodes if node.label == "net.running_mean"]
    seen: list[Any] = []
    for step in trace.steps:
        for item in step.sets:
            if item.node == mean:
                add(seen, flat(tensors[item.tensor].value))
    assert seen == expected
    assert {node.op for node in trace.nodes} == {"leaf", "input", "native_batch_norm"}


def test_torch_is_as_it_was() -> None:
    record("w = torch.ones(2, requires_grad=True)\nw.data = w.data * 2\n(w * w).sum().backward()")
    assert "data" not in vars(torch.Tensor)
