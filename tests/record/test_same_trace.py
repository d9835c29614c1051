"""The same snippet always gives the same Trace, also where memory isn't initialised."""

import pytest
import torch

from app.record import record

UNWRITTEN = {
    "scratch of a kernel": "net = nn.Linear(2, 1)\nF.mse_loss(net(torch.ones(8, 2)), torch.zeros(8, 1)).backward()",
    "a copy of the gradient": "w = torch.ones(64, requires_grad=True)\n(w ** 3).sum().backward(create_graph=True)",
    "noise that an op writes": "x = torch.ones(64, requires_grad=True)\nF.rrelu(x, training=True).sum().backward()",
    "empty": "x = torch.empty(64)\ny = x * 2",
    "resized by out": "a = torch.ones(64)\nr = torch.empty(0)\ntorch.cat([a, a], out=r)\ny = r * 2",
    "a lazy module": "net = nn.LazyLinear(64)\nnet(torch.ones(1, 3)).sum().backward()",
}


@pytest.mark.filterwarnings("ignore:Using backward|Lazy modules")
@pytest.mark.parametrize("source", UNWRITTEN.values(), ids=UNWRITTEN)
def test_twice_the_same(source):
    traces = []
    for number in (1.5, -7e30):
        used = [torch.full((size,), number) for size in range(1, 512) for _ in range(8)]
        del used  # so that memory that isn't initialised holds this number
        traces.append(record(source).to_dict())
    assert traces[0] == traces[1]


@pytest.mark.filterwarnings("ignore:Using backward")
def test_memory_that_is_only_overwritten_is_no_input():
    trace = record("w = torch.ones(2, requires_grad=True)\n(w ** 3).sum().backward(create_graph=True)")
    inputs = [node.id for node in trace.nodes if node.kind == "input"]
    copies = [node.id for node in trace.nodes if node.op == "copy_"]
    assert copies
    assert [edge for edge in trace.edges if edge.source in inputs and edge.target in copies] == []
