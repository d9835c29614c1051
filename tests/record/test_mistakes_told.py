"""What a frequent error is told as: which expressions, which line is to blame, what to write; PyTorch's words stay."""

import math
import textwrap
import warnings
from pathlib import Path

import pytest
import torch

from app.record import record

LEAF = "w = torch.tensor([1., 2.], requires_grad=True)\n"
NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 2)
    def forward(self, x):
        return self.fc(x)
"""
TOLD = [
    # shapes
    (
        "x = torch.ones(5, 3)\nw = torch.ones(3, 4)\ny = x @ w.T",
        "shape_mismatch",
        "x is (5, 3), w.T is (4, 3)",
        "x @ w would",
    ),
    ("a = torch.ones(3, 4)\ny = a.exp() + torch.ones(3)", "shape_mismatch", "a.exp() is (3, 4)", "(3, 1), would fit"),
    (
        "net = nn.Sequential(nn.Linear(4, 3), nn.Linear(5, 1))\ny = net(torch.ones(2, 4))",
        "shape_mismatch",
        "net.1 is Linear(in_features=5, out_features=1, bias=True) and was given (2, 3). Its last dimension must be 5",
        "nn.Linear(3, …)",
    ),
    (
        "c = nn.Conv2d(3, 4, 3)\ny = c(torch.ones(1, 1, 8, 8))",
        "shape_mismatch",
        "It takes 3 channels, in dimension 1",
        "",
    ),
    ("c = nn.Conv2d(1, 4, 5)\ny = c(torch.ones(1, 1, 3, 3))", "shape_mismatch", "The kernel (5 x 5) is larger", ""),
    (
        "a = torch.ones(3, 4)\ny = torch.cat([a, torch.ones(3, 5)])",
        "shape_mismatch",
        "a is (3, 4), torch.ones(3, 5) is",
        "",
    ),
    ("xs = [torch.ones(3), torch.ones(4)]\ny = torch.stack(xs)", "shape_mismatch", "xs[0] is (3,), xs[1] is (4,)", ""),
    (
        "p = torch.full((4, 1), .5)\nl = F.binary_cross_entropy_with_logits(p, torch.ones(4))",
        "shape_mismatch",
        "p is (4, 1), torch.ones(4) is (4,)",
        "torch.ones(4).unsqueeze(1), of shape (4, 1),",
    ),
    ("a = torch.zeros(3)\na[:3] = torch.ones(2)", "shape_mismatch", "A place of size 3 can't take 2 elements", ""),
    ("a = torch.ones(3, 4)\ny = a.T.view(12)", "shape_mismatch", "a.T is (4, 3)", "reshape()"),
    ("y = torch.mm(torch.ones(3), torch.ones(3, 4))", "shape_mismatch", "torch.ones(3) is (3,)", ""),
    ("r = nn.LSTM(4, 5)\ny = r(torch.ones(3, 2, 6))", "shape_mismatch", "r is LSTM(4, 5) and was given (3, 2, 6)", ""),
    ("b = nn.BatchNorm1d(5)\ny = b(torch.ones(2, 4))", "shape_mismatch", "made for 5 features and gets 4", ""),
    # types of numbers
    ("x = torch.arange(4).view(2, 2)\ny = x @ torch.ones(2, 2)", "dtype_mismatch", "x holds int64", "x.float()"),
    (
        "net = nn.Linear(2, 1)\nx = torch.ones(3, 2).double()\ny = net(x)",
        "dtype_mismatch",
        "net computes with float32 and was given float64",
        "x.float()",
    ),
    ("x = torch.tensor([1, 2])\ny = x.mean()", "integer_values", "whole ones", "x.float()"),
    # where the graph was cut
    (
        LEAF + "c = (w * 3).tolist()\nl = torch.tensor(c).sum()\nl.backward()",
        "nothing_requires_grad",
        "line 2, by .tolist()",
        "",
    ),
    (
        "import numpy as np\n"
        + LEAF
        + "a = (w * 3).detach().numpy()\nl = torch.from_numpy(np.exp(a)).sum()\nl.backward()",
        "nothing_requires_grad",
        "line 3, by .numpy()",
        "torch.exp",
    ),
    (
        "a = torch.tensor(1., requires_grad=True)\nv = torch.tensor([a, a * 2])\nv.sum().backward()",
        "nothing_requires_grad",
        "line 2, by torch.tensor()",
        "torch.stack",
    ),
    (LEAF + "l = (w * 2).sum()\nl.data.backward()", "nothing_requires_grad", "line 3, at l.data", ""),
    (
        LEAF + "with torch.no_grad():\n    l = w.sum()\nl.backward()",
        "nothing_requires_grad",
        "under no_grad()",
        "outside",
    ),
    (LEAF + "l = torch.argmax(w * 2).float()\nl.backward()", "nothing_requires_grad", "gives whole numbers", "smooth"),
    (LEAF + "l = ((w * 2) > 3).float().mean()\nl.backward()", "nothing_requires_grad", "true or false", "smooth"),
    ("w = torch.ones(2)\nw.sum().backward()", "nothing_requires_grad", "", "Make a leaf with requires_grad=True"),
    (
        LEAF + "(g,) = torch.autograd.grad((w ** 3).sum(), w)\ng.sum().backward()",
        "nothing_requires_grad",
        "comes from a gradient",
        "create_graph",
    ),
    (
        "w = torch.tensor(2., requires_grad=True)\n(w ** 3).backward()\nw.grad.backward()",
        "nothing_requires_grad",
        "comes from a gradient",
        "create_graph",
    ),
    # no .grad
    (LEAF + "u = w * 2\nu.sum().backward()\nprint(u.grad + 1)", "grad_is_none", "u is no leaf: line 2", "retain_grad"),
    (LEAF + "w.grad.zero_()", "grad_is_none", "No backward pass has run yet", "backward()"),
    ("x = torch.ones(2)\nw = x * 1\nprint(x.grad * 2)", "grad_is_none", "x doesn't require grad", "requires_grad_()"),
    (
        LEAF + "for i in range(2):\n    (w * w).sum().backward()\n    w = w - .1 * w.grad",
        "grad_is_none",
        "Line 4 binds w to a new tensor",
        "with torch.no_grad(): w -= lr * w.grad",
    ),
    (
        LEAF
        + "for i in range(2):\n    (w * w).sum().backward()\n    with torch.no_grad():\n        w = w - .1 * w.grad",
        "nothing_requires_grad",
        "line 5",
        "with torch.no_grad(): w -= lr * w.grad",
    ),
    ("w = torch.randn(2, requires_grad=True) * .1\nw.sum().backward()\nw.grad * 2", "grad_is_none", "", "last"),
    # walked twice
    (
        "r = nn.RNN(2, 3)\nh = torch.zeros(1, 1, 3)\nfor i in range(2):\n"
        "    out, h = r(torch.ones(1, 1, 2), h)\n    out.sum().backward()",
        "backward_twice",
        "through h, made in line 4 before",
        "h = h.detach()",
    ),
    (
        LEAF + "def f(x, acc=[]):\n    acc.append(x * w)\n    return sum(acc).sum()\nf(1).backward()\nf(2).backward()",
        "backward_twice",
        "f keeps acc from call to call",
        "acc=None",
    ),
    (LEAF + "y = w // 2\ny.sum().backward()", "no_derivative", "It is y, in line 2", "x / 2"),
    # losses and targets
    ("l = F.cross_entropy(torch.randn(2, 3), torch.tensor([0., 1.]))", "loss_target", "number of the class", ".long()"),
    ("l = F.cross_entropy(torch.randn(2, 3), torch.tensor([[0], [1]]))", "loss_target", "one dimension", "squeeze(1)"),
    ("l = F.binary_cross_entropy(torch.tensor([2.]), torch.ones(1))", "loss_target", "between 0 and 1", "logits"),
    (
        "l = F.cross_entropy(torch.randn(2, 3), torch.tensor([1, 3]))",
        "index_out_of_range",
        "torch.randn(2, 3) is (2, 3)",
        "0 to",
    ),
    ("e = nn.Embedding(5, 2)\ny = e(torch.tensor([1., 2.]))", "index_type", "whole numbers", ".long()"),
    ("y = torch.ones(3).sum(1)", "index_out_of_range", "no such dimension", "x.shape"),
    # modules and optimizers
    ("o = torch.optim.SGD([], lr=.1)", "optimizer_parameters", "no parameters", "nn.ModuleList"),
    ("net = nn.Linear(1, 1)\no = torch.optim.SGD(net.parameters, lr=.1)", "optimizer_parameters", "", "brackets"),
    (LEAF + "o = torch.optim.SGD(w, lr=.1)", "optimizer_parameters", "a list of tensors", "[w]"),
    (LEAF + "o = torch.optim.SGD([w * 2], lr=.1)", "optimizer_parameters", "changes leaves", "requires_grad_()"),
    (NET.replace("        super().__init__()\n", "") + "net = Net()", "module_init", "nn.Module", "super().__init__()"),
    (
        NET.replace("forward", "froward") + "net = Net()\nnet(torch.ones(2))",
        "module_forward",
        "no forward()",
        "def forward",
    ),
    (NET + "y = Net(torch.ones(2))", "module_forward", "The class itself", "net = Net()"),
    (NET.replace("self.fc(x)", "self.fcc(x)") + "Net()(torch.ones(2))", "missing_attribute", "no fcc", "mean fc?"),
    (NET.replace("return ", "") + "Net()(torch.ones(2)).sum()", "not_a_tensor", "None", "return"),
    ("l = nn.MSELoss(torch.ones(2), torch.ones(2))", "truth_of_tensor", "one yes or no", "made first"),
    ("y = nn.ReLU(torch.ones(2)).sum()", "not_a_tensor", "the layer itself", "nn.ReLU()(x)"),
    # plain Python
    (LEAF + "if w > 0:\n    pass", "truth_of_tensor", "w is (2,)", ".all()"),
    (LEAF + "print(w.sum(0, True).item(), w.item())", "not_one_number", "w is (2,)", "mean()"),
    ("import numpy as np\n" + LEAF + "y = np.exp(w)", "numpy_of_graph", "NumPy", "torch.exp"),
    (
        "w = torch.tensor(1., requires_grad=True)\ny = math.exp(w)\ny.backward()",
        "not_a_tensor",
        "plain Python number",
        "torch.exp",
    ),
    (LEAF + "[w.sum()].backward()", "not_a_tensor", "is no tensor itself", "sum(losses)"),
    ("weight = torch.ones(2)\ny = wieght * 2", "undefined_name", "wieght is used", "mean weight?"),
    ("x = np.array([1.])\ny = torch.ones(1)", "undefined_name", "np is used", "import numpy as np"),
    (LEAF + "l = w.summ()", "missing_attribute", "no summ", "mean sum?"),
    ("y = nn.relu(torch.ones(2))", "missing_attribute", "torch.nn has no relu", "F.relu"),
    (LEAF + "print('w: ' + w)", "text_and_tensor", "Text", "comma"),
    ("a, b = torch.ones(3)", "unpacking", "not as many", "Count both"),
    ("d = torch.device('cuda')\nx = torch.ones(2, device=d)", "no_device", "only the CPU", "is_available"),
    ("def f(x):\n    return f(x) * 2\nf(torch.ones(1))", "too_deep", "calls itself", "loop"),
    ("torch.linalg.cholesky(torch.tensor([[1., 2.], [2., 1.]]))", "matrix_form", "positive definite", "torch.eye"),
    ("torch.distributions.Normal(0., torch.tensor(-1.))", "distribution_parameter", "above 0", "softplus"),
    ("x = torch.ones(3)\nx[torch.tensor([True, False])]", "shape_mismatch", "x is (3,)", ""),
    (LEAF + "y = w^2", "power_sign", "^ is no power", "x**2"),
    ("x = torch.randn(3)\nm = x > 0 & x < 1", "logic_sign", "true and false", "(x > 0) & (x < 1)"),
    ("w = torch.ones(1)\ny = 2(w + w)", "not_a_function", "no function", "2 * (w + x)"),
    ("x = torch.ones(1)\ny = null", "undefined_name", "null is used", "None"),
    ("import torch.nn.functionals as F", "missing_import", "to import", "mean functional?"),
    ("from torch.nn import Liner", "missing_import", "to import", "mean Linear?"),
    (LEAF + "l = w.sum\nl.backward()", "not_called", "isn't called", "w.sum()"),
    ("x = torch.ones(2, 3)\nx.max(1).backward()", "not_a_tensor", "no tensor itself", ".values"),
    ("a = torch.ones(3)\na += torch.ones(2, 3)", "shape_mismatch", "keeps its shape [3]", ""),
    ("w = torch.tensor(1,5)", "call_arguments", "one list", "(1.5)"),
    ("w = torch.ones(2, require_grad=True)", "call_arguments", "of that name", "requires_grad=True"),
    ("import numpy as np\n" + LEAF + "y = np.array([1.]) * w", "numpy_of_graph", "don't mix", "torch.tensor(a)"),
    (LEAF + "w.grad = 0", "gradient_assigned", "shape and dtype", "None"),
    (LEAF + "u = w * 2\nu.requires_grad = False", "requires_grad_of_nonleaf", "only a leaf", "detach()"),
]


def stock_message(source):
    namespace = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional, "math": math}
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it is
        exec(source, namespace)
    return str(caught.value)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("source", "code", "words", "hint"), TOLD, ids=range(len(TOLD)))
def test_told(source, code, words, hint):
    source = textwrap.dedent(source)
    trace = record(source)
    assert trace.error.message == stock_message(source)
    notes = [note for note in trace.notes if note.line == trace.error.line and note.code == code]
    assert len(notes) == 1, [(note.code, note.message) for note in trace.notes]
    assert words in notes[0].message
    assert trace.error.hint
    assert hint in trace.error.hint


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("source", "code", "hint"), [(*row[:2], row[3]) for row in TOLD], ids=range(len(TOLD)))
def test_told_of_a_callable(tmp_path, source, code, hint):
    """In a method of a file of its own, at its own lines; names of its own variables aren't known."""
    path = tmp_path / "method.py"
    body = textwrap.indent(source.strip("\n"), "        ")
    path.write_text(f"class Program:\n    def run(self):\n{body}\n", "utf-8")
    space = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional, "math": math, "__name__": "__main__"}
    exec(compile(path.read_text("utf-8"), str(path), "exec"), space)
    trace = record(space["Program"]().run)
    notes = [note for note in trace.notes if note.line == trace.error.line and note.code == code]
    assert len(notes) == 1, [(note.code, note.message) for note in trace.notes]
    assert trace.error.hint
    assert hint in trace.error.hint or code == "backward_twice"  # which names what is carried over


LOOP = "w = torch.tensor(1., requires_grad=True)\nopt = torch.optim.SGD([w], lr=.01)\nfor i in range(3):\n"
PASS = "    loss = (w * 2 - 5) ** 2\n    loss.backward()\n"
LISTED = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(2, 2)]
        self.out = nn.Linear(2, 1)
    def forward(self, x):
        return self.out(self.layers[0](x))
net = Net()
net(torch.ones(1, 2)).sum().backward()
"""
SILENT = [
    # code, line, words, program
    (
        "stale_gradient",
        5,
        "w.grad still holds an earlier pass's gradient, which the update in line 6",
        LOOP + PASS + "    opt.step()",
    ),
    (
        "stale_gradient",
        5,
        "zero_grad()",
        "w = torch.tensor(1., requires_grad=True)\nlr = .1\nfor i in range(3):\n"
        + PASS
        + "    with torch.no_grad():\n        w -= lr * w.grad",
    ),
    ("reset_before_step", 6, "before opt.step() in line 7", LOOP + PASS + "    opt.zero_grad()\n    opt.step()"),
    ("not_called", 6, "Write opt.step()", LOOP + PASS + "    opt.step"),
    ("not_called", 2, "Write w.backward()", "w = torch.tensor(1., requires_grad=True)\nw.backward"),
    ("kept_graph", 8, "Take loss.item()", "total = 0\n" + LOOP + PASS + "    opt.zero_grad()\n    total += loss"),
    ("kept_graph", 7, "losses keeps the graph", "losses = []\n" + LOOP + PASS + "    losses.append(loss)"),
    (
        "growing_graph",
        5,
        "(5, 7, 9 operations)",
        "w = torch.tensor(.5, requires_grad=True)\nh = torch.tensor(1.)\n"
        "for i in range(3):\n    h = torch.tanh(w * h)\n    ((h - 1) ** 2).backward(retain_graph=True)",
    ),
    (
        "optimizer_without_gradients",
        3,
        "(a.weight, a.bias)",
        "a = nn.Linear(1, 1)\nb = nn.Linear(1, 1)\n"
        "opt = torch.optim.SGD(a.parameters(), lr=.1)\nb(torch.ones(1, 1)).sum().backward()\nopt.step()",
    ),
    (
        "optimizer_without_gradients",
        2,
        "None of them requires grad",
        "w = torch.tensor(1., requires_grad=True)\n"
        "opt = torch.optim.SGD([w.detach()], lr=.1)\n(w * 2).backward()\nopt.step()",
    ),
    ("unregistered", 5, "self.layers = nn.ModuleList([…])", LISTED),
    (
        "unregistered",
        5,
        "self.layers = nn.Parameter(…)",
        LISTED.replace("[nn.Linear(2, 2)]", "torch.ones(2, requires_grad=True)").replace(
            "self.layers[0](x)", "self.layers * x"
        ),
    ),
    (
        "dropout_mode",
        3,
        "net.eval()",
        "net = nn.Sequential(nn.Linear(2, 4), nn.Dropout(.5))\nwith torch.no_grad():\n    y = net(torch.ones(1, 2))",
    ),
    (
        "loss_input",
        3,
        "p is a softmax already",
        "x = torch.randn(2, 3, requires_grad=True)\np = x.softmax(1)\nl = F.cross_entropy(p, torch.tensor([0, 1]))",
    ),
    (
        "loss_input",
        2,
        "a sigmoid already",
        "x = torch.randn(2, requires_grad=True)\n"
        "l = F.binary_cross_entropy_with_logits(torch.sigmoid(x), torch.ones(2))",
    ),
    (
        "loss_input",
        2,
        "never above 0",
        "x = torch.ones(2, 3, requires_grad=True)\nl = F.nll_loss(x, torch.tensor([0, 1]))",
    ),
    (
        "silent_broadcast",
        4,
        "net(x) is (5, 1) and y is (5,)",
        "net = nn.Linear(2, 1)\nx = torch.randn(5, 2)\ny = torch.randn(5)\nl = F.mse_loss(net(x), y)",
    ),
    (
        "silent_broadcast",
        4,
        "net(x) is (5, 1) and y is (5,)",
        "net = nn.Linear(2, 1)\nx = torch.randn(5, 2)\ny = torch.randn(5)\nl = ((net(x) - y) ** 2).mean()",
    ),
    ("zero_gradient", 2, "The derivative of round is 0", LEAF + "y = torch.round(w * 3).sum()"),
    ("unset_tensor", 1, "torch.Tensor(3) makes", "w = torch.Tensor(3) * 0"),
    ("graph_cut", 2, ".tolist() takes its numbers", LEAF + "c = w.tolist()\ny = (w * torch.tensor(c)).sum()"),
    ("graph_cut", 2, "math.exp() takes", "w = torch.tensor(3.7, requires_grad=True)\ny = math.exp(w) * w"),
    (
        "graph_cut",
        3,
        ".numpy() takes its numbers",
        "import numpy as np\n" + LEAF + "a = w.detach().numpy()\ny = (w * torch.from_numpy(np.exp(a))).sum()",
    ),
    ("graph_cut", 2, "makes a new leaf", LEAF + "p = nn.Parameter(w * 2)\np.sum().backward()"),
    ("graph_cut", 2, "line 4 computes", LEAF + "c = w.sum().item()\nd = 3 * c\ny = (w * d).sum()"),
    ("nonleaf_grad", 4, "u is no leaf: line 2", LEAF + "u = w * 2\nu.sum().backward()\nprint(u.grad)"),
    (
        "nonleaf_grad",
        5,
        "Line 3 binds w to a new tensor",
        LEAF + "w.sum().backward()\nw = w - .1 * w.grad\nw.sum().backward()\nprint(w.grad)",
    ),
    (
        "nan",
        3,
        "every element is −∞",
        LEAF + "m = torch.tensor([True, True])\np = w.masked_fill(m, float('-inf')).softmax(0)",
    ),
    (
        "infinity",
        5,
        "smaller learning rate",
        "w = torch.tensor(3., requires_grad=True)\nopt = torch.optim.SGD([w], lr=10.)\n"
        "for i in range(40):\n    opt.zero_grad()\n    loss = w * w\n    loss.backward()\n    opt.step()",
    ),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("code", "line", "words", "source"), SILENT, ids=range(len(SILENT)))
def test_what_raises_nothing_is_told_too(code, line, words, source):
    told = [note for note in record(source).notes if note.code == code]
    assert [note.line for note in told] == [line]
    assert words in told[0].message


RIGHT = [
    LOOP + "    opt.zero_grad()\n" + PASS + "    opt.step()",
    LOOP + PASS + "    opt.step()\n    opt.zero_grad()",
    "net = nn.Linear(1, 1)\nopt = torch.optim.SGD(net.parameters(), lr=.1)\nfor i in range(4):\n"
    "    (net(torch.ones(1, 1)).sum() / 2).backward()\n    if i % 2:\n        opt.step()\n        opt.zero_grad()",
    "total = 0\nlosses = []\n" + LOOP + "    opt.zero_grad()\n" + PASS + "    opt.step()\n    total += loss.item()\n"
    "    losses.append(loss.detach())\nprint(torch.tensor(total), torch.stack(losses).mean())",
    LOOP
    + "    opt.zero_grad()\n"
    + PASS
    + "    opt.step()\n    if loss.item() < 1e-9:\n        break\nbest = min(9., loss.item())",
    LOOP.replace("[w]", "[w], momentum=.9")
    + "    opt.zero_grad()\n"
    + PASS
    + "    opt.step()\nfor g in opt.param_groups:\n    print(g['lr'])",
    LISTED.replace("[nn.Linear(2, 2)]", "nn.ModuleList([nn.Linear(2, 2)])"),
    "x = torch.linspace(-1, 1, 5)\nw = torch.ones(5, requires_grad=True)\n"
    "d = (w.unsqueeze(1) - x) ** 2\nd.sum().backward()",
    "w = torch.ones(2, 2, requires_grad=True)\nm = torch.tensor([[False, True], [False, False]])\n"
    "p = w.masked_fill(m, float('-inf')).softmax(-1)\n(p * torch.ones(2)).sum().backward()",
    "w = torch.tensor([1.2, 2.7], requires_grad=True)\ny = (w * (w > 2)).sum()\ny.backward()",
    "x = torch.randn(2, 3, requires_grad=True)\nF.nll_loss(F.log_softmax(x, 1), torch.tensor([0, 1])).backward()",
    "net = nn.Sequential(nn.Linear(2, 4), nn.Dropout(.5), nn.Linear(4, 1))\nnet(torch.ones(1, 2)).sum().backward()\n"
    "net.eval()\nwith torch.no_grad():\n    print(net(torch.ones(1, 2)))",
    "w = torch.ones(2, requires_grad=True)\nu = w * 2\nu.retain_grad()\nu.sum().backward()\nprint(u.grad, w.grad)",
    "w = torch.ones(2, requires_grad=True)\na = (w * w).sum()\na.backward(retain_graph=True)\na.backward()",
    "w = torch.ones(2, requires_grad=True)\nprint((w * 3).tolist(), (w * 2).detach().numpy())\n"
    "(w * 3.).sum().backward()",
    "net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))\nx = torch.randn(4, 2, requires_grad=True)\n"
    "out = net(x).sum()\ng, = torch.autograd.grad(out, x, create_graph=True)\n(out + (g ** 2).sum()).backward()",
    "w = torch.ones(2, requires_grad=True)\nfor i in range(2):\n    (w * w).sum().backward()\n"
    "    w = (w - .1 * w.grad).detach().requires_grad_()",
]

WHOLE = dict(
    part.split("\n", 1) for part in Path(__file__).with_name("right_programs.txt").read_text("utf-8").split("=== ")[1:]
)
"""Name and source of programs as people train: networks of all kinds, whole loops, updates by hand."""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("source", RIGHT, ids=range(len(RIGHT)))
def test_right_programs_have_no_note(source):
    assert [(note.code, note.line, note.message) for note in record(source).notes] == []


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", WHOLE)
def test_ordinary_training_has_no_note(name):
    """But where it is written, that `detach()` cuts the graph, and what Gradwalk does itself."""
    own = {"implicit_backward", "paths_left_out"} | ({"graph_cut"} if ".detach()" in WHOLE[name] else set())
    trace = record(WHOLE[name])
    assert trace.error is None
    assert [(note.code, note.line, note.message) for note in trace.notes if note.code not in own] == []


def test_a_grad_that_is_none_is_told_without_pytorchs_warning():
    source = LEAF + "u = w * 2\nu.sum().backward()\nprint(u.grad)"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(2):
            assert [(note.code, note.line) for note in record(source).notes] == [("nonleaf_grad", 4)]
