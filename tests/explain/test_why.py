"""Why? Each reason from a real program, at the line that is to blame, and its absence where nothing is odd."""

import pytest

from app.explain import explain
from app.record import record

V = "v = torch.tensor(1., requires_grad=True)\n"
W = "w = torch.tensor(2., requires_grad=True)\n"
CASES = [
    ("not a leaf", W + "y = w * 3\nz = y * y\nz.backward()\nprint(y.grad)", "y", "none_not_leaf", 2),
    ("an input", W + "x = torch.tensor(3.)\ny = w * x\ny.backward()", "x", "none_not_required", 2),
    ("integer", "i = torch.tensor(3)\n" + W + "y = i * w\ny.backward()", "i", "none_integer", 1),
    ("argmax", "w = torch.tensor([1., 2.], requires_grad=True)\ni = w.argmax()\n" + V + "y = v * i\ny.backward()", "w",
     "none_integer", 2),
    ("detached", W + V + "h = (w * 2).detach()\ny = h * v\ny.backward()", "w", "none_detached", 3),
    (".data", W + V + "y = w.data * v\ny.backward()", "w", "none_detached", 3),
    ("no_grad", W + V + "with torch.no_grad():\n    h = w * 3\ny = h * v\ny.backward()", "w", "none_no_grad", 4),
    ("item", W + V + "y = w.item() * v\ny.backward()", "w", "none_number", 3),
    ("a new tensor", W + V + "u = torch.tensor([w, w])\ny = (u * v).sum()\ny.backward()", "w", "none_number", 3),
    ("unused", W + V + "y = v * 2\ny.backward()", "w", "none_unused", 1),
    ("no path", W + V + "q = w * 2\ny = v * 2\ny.backward()", "w", "none_no_path", 1),
    ("no path from an operation", W + V + "q = w * 2\ny = v * 2\ny.backward()", "q", "none_no_path", 3),
    ("frozen", "m = nn.Linear(1, 1)\nm.weight.requires_grad_(False)\ny = m(torch.ones(1)).sum()", "m.weight",
     "none_not_required", 1),
    ("returned", W + "y = w * w\ng, = torch.autograd.grad(y, w)", "w", "none_grad_call", 1),
    ("no pass", W + "y = w * w\n1 / 0", "w", "none_no_pass", 1),
    ("reset", W + "y = w * w\ny.backward()\nw.grad = None", "w", "none_reset", 4),
    ("dead ReLU", "w = torch.tensor(-2., requires_grad=True)\nh = torch.relu(w)\ny = h * 3\ny.backward()", "w",
     "zero_flat_side", 2),
    ("outside a clamp", W + "y = w.clamp(0, 1)\ny.backward()", "w", "zero_flat_side", 2),
    ("a step function", W + "y = w.round()\ny.backward()", "w", "zero_flat", 2),
    ("not chosen", V + W + "y = torch.maximum(v, w)\ny.backward()", "v", "zero_not_chosen", 3),
    ("times zero", W + "x = torch.tensor(0.)\ny = w * x\ny.backward()", "w", "zero_factor", 3),
    ("cancels", W + "y = w * 2 - w * 2\ny.backward()", "w", "zero_cancels", 1),
    ("seeded with zero", W + "y = w * 2\ny.backward(torch.tensor(0.))", "w", "zero_seed", 2),
    ("saturated", "w = torch.tensor(200., requires_grad=True)\ny = w.sigmoid()\ny.backward()", "w", "zero_local", 2),
    ("NaN in where", "w = torch.tensor([0., 1.], requires_grad=True)\n"
     "y = torch.where(w > 0, w.sqrt(), torch.zeros(2))\ny.sum().backward()", "w", "nan", 2),
    ("infinite", "w = torch.tensor(0., requires_grad=True)\ny = w.sqrt()\ny.backward()", "w", "inf", 2),
]  # fmt: skip


def told(source):
    trace = record(source)
    names = {node.id: node.name or node.label for node in trace.nodes}
    return trace, {names[id_]: node for id_, node in explain(trace)["nodes"].items()}


@pytest.mark.filterwarnings("ignore:Converting a tensor with requires_grad")
@pytest.mark.parametrize(("source", "name", "code", "line"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_the_reason_and_its_line(source, name, code, line):
    _, nodes = told(source)
    (reason,) = [why for why in nodes[name]["why"] if why["code"] == code]
    assert reason["line"] == line
    assert reason["text"].endswith(".")
    assert name in reason["text"]


def test_what_is_ordinary_has_no_reason_but_an_explanation():
    source = W + "x = torch.tensor(3.)\nu = w * x\nv = u * u\nv.backward()\nv2 = w * 5\nv2.backward()\n"
    _, nodes = told(source)
    assert nodes["w"]["why"] == nodes["u"]["why"] == []
    assert nodes["w"]["because"].startswith("dv2/dw is 5: what v2 sends back")
    assert "added to w.grad, which was 36" in nodes["w"]["because"]
    assert "the sum of what 2 uses send back" in nodes["u"]["because"]
    assert "u.grad stays None" in nodes["u"]["because"]
    assert nodes["x"]["because"] is None


def test_a_reset_holds_from_its_step():
    trace, nodes = told(W + "y = w * w\ny.backward()\nw.grad = None")
    (reason,) = nodes["w"]["why"]
    assert trace.steps[reason["from"]].kind == "update"


def test_a_retained_gradient_is_not_called_none():
    _, nodes = told(W + "y = w * 3\ny.retain_grad()\nz = y * y\nz.backward()\nprint(y.grad)")
    assert nodes["y"]["why"] == []
    assert "keeps it as y.grad" in nodes["y"]["because"]
