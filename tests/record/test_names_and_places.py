"""Names, labels, lines, spans, calls and modules of nodes."""

import textwrap

import pytest
import torch

from app.record import record


def ops(source, **options):
    return [node for node in record(textwrap.dedent(source), **options).nodes if node.kind == "op"]


def text_at(source, span):
    line, column, last, end = span
    assert line == last
    return textwrap.dedent(source).split("\n")[line - 1][column:end]


def test_spans_are_the_exact_sub_expressions():
    source = "w = torch.tensor(2., requires_grad=True)\nä = 'ß'; y = torch.relu(w * 3 + 1) ** 2\ny.backward()"
    spans = [text_at(source, node.span) for node in ops(source)]
    assert spans == ["w * 3", "w * 3 + 1", "torch.relu(w * 3 + 1)", "torch.relu(w * 3 + 1) ** 2"]


def test_leaves_have_the_span_of_their_statement():
    source = "w = torch.tensor(2., requires_grad=True)\ny = w * w"
    (leaf,) = [node for node in record(source).nodes if node.kind == "leaf"]
    assert text_at(source, leaf.span) == "w = torch.tensor(2., requires_grad=True)"


def test_names_inside_functions_and_loops():
    source = """
    def layer(x, w):
        h = x @ w
        return torch.tanh(h)
    w = torch.ones(2, 2, requires_grad=True)
    x = torch.ones(2, 2)
    for k in range(2):
        x = layer(x, w)
    loss = x.sum()
    """
    assert [(node.op, node.name) for node in ops(source)] == [
        ("mm", "h"),
        ("tanh", "x"),
        ("mm", "h"),
        ("tanh", "x"),
        ("sum", "loss"),
    ]


def test_parameters_have_their_path_and_shared_ones_are_one_node():
    source = """
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Linear(2, 2, bias=False)
            self.b = nn.Linear(2, 2, bias=False)
            self.b.weight = self.a.weight
        def forward(self, x):
            return self.b(self.a(x))
    net = Tied()
    net(torch.ones(1, 2)).sum().backward()
    """
    leaves = [node for node in record(textwrap.dedent(source)).nodes if node.kind == "leaf"]
    assert [node.name for node in leaves] == ["net.a.weight"]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("w * w", None),
        ("torch.exp(w)", "torch.exp"),
        ("w.exp()", "Tensor.exp"),
        ("F.softplus(w)", "F.softplus"),
        ("F.cross_entropy(w, torch.tensor(1))", "F.cross_entropy"),
        ("nn.GELU()(w)", "F.gelu"),
    ],
)
def test_call_names_the_library_function(call, expected):
    for node in ops(f"w = torch.ones(3, requires_grad=True)\n{call}"):
        assert node.call == expected


def test_module_is_the_innermost_one():
    source = """
    net = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Tanh(), nn.Linear(2, 1)))
    y = net(torch.ones(1, 2))
    """
    found = [(node.op, node.module, node.call) for node in ops(source)]
    assert found == [
        ("t", "net.0", "F.linear"),
        ("addmm", "net.0", "F.linear"),
        ("tanh", "net.1.0", "torch.tanh"),
        ("t", "net.1.1", "F.linear"),
        ("addmm", "net.1.1", "F.linear"),
    ]


def test_arguments_that_are_no_tensors():
    (node,) = ops("x = torch.ones(2, 3, requires_grad=True)\ny = x.sum(1, keepdim=True)")
    assert node.args == {"dim": [1], "keepdim": True}


def test_two_outputs_have_two_names():
    trace = record("x = torch.tensor([1., 3.], requires_grad=True)\nv, i = x.max(0)\nv.backward()")
    node = trace.nodes[-1]
    tensors = {tensor.id: tensor for tensor in trace.tensors}
    assert node.name == "v"
    assert [tensors[id_].name for id_ in node.outputs] == ["v", "i"]
    assert [tensors[id_].requires_grad for id_ in node.outputs] == [True, False]


def test_an_item_of_a_list_is_labelled():
    trace = record("ws = [torch.full((), 2., requires_grad=True) for _ in range(2)]\ny = ws[0] * ws[1]\ny.backward()")
    assert [(node.name, node.label) for node in trace.nodes if node.kind == "leaf"] == [
        (None, "ws[0]"),
        (None, "ws[1]"),
    ]


def test_a_callable_has_lines_of_its_own_source():
    w = torch.tensor(2.0, requires_grad=True)

    def f():
        u = w * 3
        return u.exp()

    trace = record(f)
    lines = trace.program.source.split("\n")
    assert [lines[node.line - 1].strip() for node in trace.nodes if node.kind == "op"] == [
        "u = w * 3",
        "return u.exp()",
    ]
    assert [node.name for node in trace.nodes if node.kind == "leaf"] == ["w"]


def test_modules_in_containers_buffers_and_gradients_are_called_by_their_place():
    source = """
    layers = [nn.Linear(2, 2), nn.BatchNorm1d(2)]
    parts = {'head': nn.Linear(2, 1)}
    x = torch.ones(3, 2)
    for layer in layers:
        x = layer(x)
    parts['head'](x).sum().backward()
    largest = layers[0].bias.grad.abs().max()
    """
    nodes = record(textwrap.dedent(source)).nodes
    assert {node.module for node in nodes} == {None, "layers[0]", "layers[1]", "parts['head']"}
    assert {node.name for node in nodes if node.kind == "leaf"} == {
        f"{place}.{name}" for place in ("layers[0]", "layers[1]", "parts['head']") for name in ("weight", "bias")
    }
    inputs = {node.label: node.line for node in nodes if node.kind == "input"}
    assert {"layers[1].running_mean": 2, "layers[0].bias.grad": 7}.items() <= inputs.items()


def test_what_comes_into_being_in_a_call_stands_there_and_not_at_the_argument():
    source = """
    def double(given):
        return given * 2
    w = double(torch.ones(2, requires_grad=True))
    """
    (leaf,) = [node for node in record(textwrap.dedent(source)).nodes if node.kind == "leaf"]
    assert (leaf.name, text_at(source, leaf.span)) == ("given", "torch.ones(2, requires_grad=True)")


def test_the_seed_of_a_gradient_that_is_differentiated_again():
    source = """
    x = torch.tensor(2., requires_grad=True)
    g, = torch.autograd.grad(x ** 3, x, create_graph=True)
    h, = torch.autograd.grad(x ** 3, x, torch.tensor(1.), create_graph=True)
    """
    nodes = record(textwrap.dedent(source)).nodes
    assert [node.label for node in nodes if node.kind == "input"] == ["seed", "torch.tensor(1.)"]


def test_a_result_that_is_saved_is_not_detached():
    source = """
    x = torch.tensor(2., requires_grad=True)
    y = x.tanh()
    g, = torch.autograd.grad(y, x, create_graph=True)
    g.backward()
    z = y.detach() * x
    """
    trace = record(textwrap.dedent(source))
    assert [node.line for node in trace.nodes if node.op == "detach"] == [6]
    assert [note.line for note in trace.notes if note.code == "graph_cut"] == [6]
