"""What ends a run early, and how it is said."""

import json
import time
import warnings

import pytest

from app.core.check import check
from app.core.errors import GradwalkError
from app.record import record


def refused(source, **options):
    with pytest.raises(GradwalkError) as caught:
        record(source, **options)
    return caught.value


def test_too_many_ops():
    error = refused("x = torch.ones(1)\nwhile True:\n    x = x + 1\n", max_ops=50)
    assert (error.code, error.line) == ("too_many_ops", 3)


def test_too_many_ops_cannot_be_swallowed():
    source = "x = torch.ones(1)\nwhile True:\n    try:\n        x = x + 1\n    except Exception:\n        pass\n"
    assert refused(source, max_ops=50).code == "too_many_ops"


def test_too_much_output():
    assert refused("x = torch.ones(1)\nwhile True:\n    print('x' * 1000)\n").code == "output_limit"


def test_nothing_to_show():
    assert refused("a = 1\n").code == "no_tensor"


def test_syntax():
    error = refused("x = torch.ones(1)\ny = (x *\n")
    assert error.code == "syntax_error"
    assert error.line == 2


@pytest.mark.parametrize("call", ["torch.func.jvp(torch.sin, (x,), (x,))", "torch.func.jacfwd(torch.sin)(x)"])
def test_forward_mode_is_refused(call):
    error = refused(f"x = torch.ones(1)\n{call}\n")
    assert (error.code, error.line) == ("forbidden", 2)
    assert "torch.autograd.functional" in error.hint


@pytest.mark.parametrize(
    ("root", "seed"), [("y", [1.0, 1.0]), ("y[1]", [0.0, 1.0]), ("u", [1.0, 1.0]), (" y[ -2 ] ", [1.0, 0.0])]
)
def test_root(root, seed):
    trace = record("w = torch.tensor([1., 2.], requires_grad=True)\nu = w * 2\ny = u.exp()\n", root=root)
    assert trace.passes[0].seeds[0].data == seed
    node = {node.id: node for node in trace.nodes}[trace.passes[0].roots[0][0]]
    assert node.name == root.strip()[0]


@pytest.mark.parametrize("root", ["z", "x", "y[2]", "y[0][0]", "y.sum()", "y[:]"])
def test_root_that_is_none(root):
    source = "x = torch.ones(2)\nw = torch.tensor([1., 2.], requires_grad=True)\ny = w * x\n"
    assert refused(source, root=root).code == "bad_view"


def test_where_it_raised():
    source = "def f(x):\n    return x @ torch.ones(3)\nx = torch.ones(2, requires_grad=True)\ny = x * 2\nz = 1 + f(y)\n"
    trace = record(source)
    assert (trace.error.line, trace.error.column) == (2, 11)
    assert [node.op for node in trace.nodes if node.kind == "op"] == ["mul"]


def test_cost_grows_with_length_alone():
    def seconds(n):
        source = f"h = torch.ones(1, requires_grad=True)\nfor _ in range({n}):\n    h = h * 1.0\nh.backward()\n"
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            record(source, explain=False)
            best = min(best, time.process_time() - start)
        return best

    seconds(200)
    assert seconds(8000) <= 1.6 * 8 * seconds(1000)


def test_many_large_values_become_smaller_summaries():
    source = "h = torch.rand(60, 60, requires_grad=True)\nfor _ in range(60):\n    h = h * 1.5\nh.sum().backward()\n"
    trace = record(source, explain=False)
    assert len(json.dumps(trace.to_dict())) <= 8 * 2**20
    assert {tensor.value.kind for tensor in trace.tensors if tensor.shape} == {"summary"}
    assert check(trace) == []


def test_reading_the_grad_of_a_non_leaf():
    source = "w = torch.ones(2, requires_grad=True)\nu = w * 2\nu.sum().backward()\nprint(u.grad)\n"
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        trace = record(source)
    assert len(shown) == 1
    assert [(note.code, note.line) for note in trace.notes] == [("nonleaf_grad", 4)]


def test_many_writes_to_one_tensor_cost_no_more_each():
    def sets(n):
        source = (
            f"w = torch.tensor(2., requires_grad=True)\ny = torch.zeros({n})\nfor i in range({n}):\n    y[i] = w * i\n"
        )
        return sum(len(step.sets) for step in record(source + "y.sum().backward()", explain=False).steps)

    assert sets(80) <= 4.1 * sets(20)
