"""What autograd keeps of an operation for its backward is that operation's result, not a node of its own."""

from __future__ import annotations

import pytest

from app.core.trace import Trace
from app.record import record

TWICE = """x = torch.tensor([0.5, 1.0], requires_grad=True)
y = {call}
g, = torch.autograd.grad(y.sum(), x, create_graph=True)
g.sum().backward()
"""


def sources(trace: Trace, op: str) -> list[str]:
    """The ops whose results go into the nodes of an op."""
    nodes = {node.id: node for node in trace.nodes}
    return [nodes[edge.source].op for edge in trace.edges if nodes[edge.target].op == op]


@pytest.mark.parametrize("call", ["torch.tanh(x)", "x.tanh()", "nn.Tanh()(x)"])
def test_a_kept_result_is_the_result(call: str) -> None:
    trace = record(TWICE.format(call=call))
    assert "detach" not in {node.op for node in trace.nodes}
    assert sources(trace, "tanh_backward").count("tanh") == 1
    assert not any(note.code == "graph_cut" for note in trace.notes)


def test_a_softmax_is_joined_once_to_what_differentiates_it() -> None:
    trace = record(TWICE.format(call="torch.softmax(x, 0) ** 2"))
    assert "detach" not in {node.op for node in trace.nodes}
    assert sources(trace, "_softmax_backward_data").count("_softmax") == 1


@pytest.mark.parametrize("cut", ["torch.tanh(x).detach()", "x.tanh().data"])
def test_a_cut_of_the_snippet_is_shown(cut: str) -> None:
    trace = record(f"x = torch.tensor([0.5, 1.0], requires_grad=True)\nc = {cut}\n(c * x).sum().backward()\n")
    assert [node.op for node in trace.nodes if node.name == "c"] == ["detach"]
    assert [note.line for note in trace.notes if note.code == "graph_cut"] == [2]


@pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")
def test_a_detach_of_pytorchs_own_is_no_cut() -> None:
    """TorchScript runs a graph of its own, and detaches what it takes in."""
    trace = record(
        "@torch.jit.script\ndef f(x):\n    return (x * 2).sin()\n"
        "w = torch.tensor(2., requires_grad=True)\nfor i in range(3):\n    w.grad = None\n    f(w).backward()\n"
        "print(w.grad)\n"
    )
    assert trace.error is None
    assert trace.stdout == "tensor(-1.3073)\n"
    assert not any(note.code == "graph_cut" for note in trace.notes)
