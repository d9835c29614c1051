"""The check by finite differences: right gradients pass, wrong ones don't, kinks are told apart, and what can't be
checked says why.
"""

import math

import pytest
import torch

from app.core.verdict import Report, worst
from app.examples import gallery
from app.record import record
from app.record.verify import verify
from app.record.verify.quotients import STEP, judge

STRAIGHT_THROUGH = "custom_function"
"""The one example whose gradient is deliberately not the derivative."""

WRONG = """
class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g * x

x = torch.tensor([1., 2.], requires_grad=True)
u = x * 2
y = Square.apply(u)
z = y.sum()
z.backward()
"""


def by_name(source):
    """Status and reason by the name, else the op, of each op node; and the leaves."""
    report = verify(source)
    nodes = {node.id: node for node in record(source).nodes}
    named = {(nodes[c.node].name or nodes[c.node].op): c for c in report.nodes}
    leaves = {nodes[leaf.place["node"]].name: leaf for leaf in report.leaves}
    return named, leaves


@pytest.mark.parametrize("name", sorted(gallery()))
def test_the_gallery_is_right(name):
    report = verify(gallery()[name].source)
    found = [node.status for node in report.nodes] + [leaf.status for leaf in report.leaves]
    if name == STRAIGHT_THROUGH:
        assert "mismatch" in found
    elif name == "nan_where":
        assert set(found) == {"ok", "nonsmooth"}
    else:
        assert set(found) <= {"ok"}, [node for node in report.nodes if node.status != "ok"]


def test_every_op_node_and_every_gradient_is_in_the_report():
    source = gallery()["two_layer"].source
    trace, report = record(source), verify(source)
    assert [c.node for c in report.nodes] == [n.id for n in trace.nodes if n.kind == "op" and n.grad_fn]
    edges = {edge.id for edge in trace.edges if edge.differentiable}
    assert {edge.place["edge"] for c in report.nodes for edge in c.edges} == edges
    assert [(leaf.place["pass"], leaf.place["node"]) for leaf in report.leaves] == [
        (pass_.index, entry.node) for pass_ in trace.passes for entry in pass_.accumulated
    ]


def test_a_wrong_backward_is_a_mismatch_at_that_node_and_at_the_leaf():
    nodes, leaves = by_name(WRONG)
    assert {name: c.status for name, c in nodes.items()} == {"u": "ok", "y": "mismatch", "z": "ok"}
    (edge,) = nodes["y"].edges
    for cell in edge.cells:
        assert cell.differences == pytest.approx(2 * cell.autograd, rel=1e-6)
        assert cell.error > 100 * cell.tolerance
    assert leaves["x"].status == "mismatch"
    assert [cell.autograd for cell in leaves["x"].cells] == [4.0, 8.0]
    assert [cell.differences for cell in leaves["x"].cells] == pytest.approx([8.0, 16.0], rel=1e-6)


def test_relu_at_zero_is_a_kink_and_elsewhere_right():
    nodes, leaves = by_name("x = torch.tensor([-1., 0., 1.], requires_grad=True)\ny = torch.relu(x)\ns = y.sum()\n")
    assert nodes["y"].status == "nonsmooth"
    assert nodes["s"].status == "ok"
    statuses = {cell.index: cell.status for cell in leaves["x"].cells}
    assert statuses == {(0,): "ok", (1,): "nonsmooth", (2,): "ok"}
    at_zero = next(cell for cell in leaves["x"].cells if cell.index == (1,))
    assert (at_zero.autograd, at_zero.left, at_zero.right) == (0.0, 0.0, pytest.approx(1.0))


@pytest.mark.parametrize(
    ("source", "kinks"),
    [
        ("x = torch.tensor([2., 2., 1.], requires_grad=True)\ny = x.max()", {(0,), (1,)}),
        ("x = torch.tensor([[2., 1., 2.]], requires_grad=True)\ny = x.amax(1).sum()", {(0, 0), (0, 2)}),
        ("x = torch.tensor([0., 3.], requires_grad=True)\ny = x.abs().sum()", {(0,)}),
        ("x = torch.tensor([1., 1.5], requires_grad=True)\ny = (x * x.floor()).sum()", {(0,)}),
        ("x = torch.tensor([0., 4.], requires_grad=True)\ny = x.sqrt().sum()", {(0,)}),
        ("x = torch.tensor([1., 3.], requires_grad=True)\ny = x.clamp(1, 2).sum()", {(0,)}),
        ("x = torch.tensor([1e-7, -1e-7], requires_grad=True)\ny = torch.relu(x).sum()", set()),
        ("x = torch.tensor([1e-4, 3.], requires_grad=True)\ny = (1 / x).sum()", set()),
        ("x = torch.tensor([100., -2.], requires_grad=True)\ny = (x ** 3).sum()", set()),
    ],
)
def test_kinks_are_told_from_errors(source, kinks):
    _, leaves = by_name(source)
    cells = leaves["x"].cells
    assert {cell.index for cell in cells if cell.status == "nonsmooth"} == kinks
    assert {cell.status for cell in cells} <= {"ok", "nonsmooth"}


@pytest.mark.parametrize(
    ("source", "node", "reason"),
    [
        ("x = torch.ones(5, requires_grad=True)\ny = F.rrelu(x, training=True)", "y", "random"),
        ("x = torch.ones(2, dtype=torch.complex64, requires_grad=True)\ny = x * x\nz = y.real.sum()", "y", "complex"),
        (
            "n = [0]\n"
            "class Counting(torch.autograd.Function):\n"
            "    @staticmethod\n"
            "    def forward(ctx, x):\n"
            "        n[0] += 1\n"
            "        return x * n[0]\n"
            "    @staticmethod\n"
            "    def backward(ctx, g):\n"
            "        return g\n"
            "x = torch.ones(2, requires_grad=True)\n"
            "y = Counting.apply(x)",
            "y",
            "changes from call to call",
        ),
    ],
)
def test_what_is_not_checked_says_why(source, node, reason):
    nodes, _ = by_name(source)
    assert nodes[node].status == "not_checked"
    assert reason in nodes[node].reason


def test_a_hook_is_no_error_of_the_operations():
    source = (
        "x = torch.tensor(2., requires_grad=True)\ny = x * 3\ny.register_hook(lambda g: 2 * g)\nz = y * y\nz.backward()"
    )
    nodes, leaves = by_name(source)
    assert {c.status for c in nodes.values()} == {"ok"}
    assert leaves["x"].status == "not_checked"
    assert "hook" in leaves["x"].reason


def test_a_value_changed_behind_autograd_is_noticed():
    source = "x = torch.tensor(2., requires_grad=True)\ny = x * 3\ny.data.mul_(2)\nz = y * y\nz.backward()"
    _, leaves = by_name(source)
    assert leaves["x"].status == "not_checked"
    assert "outside autograd" in leaves["x"].reason


PROGRAMS = {
    "in-place on views": """
x = torch.randn(3, 2, requires_grad=True)
y = x * 1
y[0] = y[1] * 2
y[2].mul_(3)
s = (y ** 2).sum()
""",
    "several passes": """
w = torch.randn(3, requires_grad=True)
optimizer = torch.optim.Adam([w])
for _ in range(3):
    optimizer.zero_grad()
    ((w - 1) ** 2).sum().backward()
    optimizer.step()
""",
    "double backward": """
x = torch.tensor(2., requires_grad=True)
g, = torch.autograd.grad(x ** 3, x, create_graph=True)
(g * x).backward()
""",
    "lists": """
a, b = torch.randn(2, requires_grad=True), torch.randn(3, requires_grad=True)
y = torch.cat([a, b, a]).cumsum(0).prod()
""",
    "batch norm": """
m = nn.BatchNorm1d(3)
y = (m(torch.randn(4, 3, requires_grad=True)) * torch.randn(4, 3)).sum()
""",
    "embedding": """
m = nn.Embedding(5, 3, sparse=True)
y = (m(torch.tensor([1, 1, 2])) ** 2).sum()
""",
    "sorting": """
x = torch.randn(5, requires_grad=True)
y = (x.sort().values * torch.arange(5.)).sum()
""",
    "svd": """
x = torch.randn(3, 3, requires_grad=True)
y = torch.linalg.svd(x)[1].sum()
""",
    "attention": """
q = torch.randn(1, 1, 3, 4, requires_grad=True)
y = F.scaled_dot_product_attention(q, q, q).pow(2).sum()
""",
    "dropout": """
x = torch.ones(5, requires_grad=True)
y = (F.dropout(x, 0.5) ** 2).sum()
""",
    "bfloat16": """
x = torch.randn(3, dtype=torch.bfloat16, requires_grad=True)
y = (x * x).sum()
""",
    "the same twice": """
x = torch.randn(3, requires_grad=True)
y = (x * x).sum() + x @ x
""",
}


@pytest.mark.parametrize("source", PROGRAMS.values(), ids=PROGRAMS)
def test_ordinary_programs_are_right(source):
    report = verify(source)
    assert {node.status for node in report.nodes} == {"ok"}, [n for n in report.nodes if n.status != "ok"]
    assert {leaf.status for leaf in report.leaves} == {"ok"}, report.leaves
    assert report.leaves


def test_the_reference_is_torchs_own_gradcheck():
    """A function that gradcheck rejects is a mismatch here, and one that it accepts is right."""

    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(_ctx, x):
            return x * 3

        @staticmethod
        def backward(_ctx, g):
            return g * 2

    x = torch.ones(2, dtype=torch.float64, requires_grad=True)
    assert not torch.autograd.gradcheck(Wrong.apply, (x,), raise_exception=False)
    assert torch.autograd.gradcheck(lambda t: (t * t).sin(), (x,))
    assert judge(lambda t: 3 * t, 1.0, 3.0, 2.0).status == "mismatch"
    assert judge(lambda t: math.sin(t * t), 1.0, math.sin(1.0), 2 * math.cos(1.0)).status == "ok"


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_small_errors_of_a_derivative_are_seen(scale):
    def f(t):
        return scale * math.exp(t)

    right = f(0.5)
    assert judge(f, 0.5, right, right).status == "ok"
    assert judge(f, 0.5, right, right * 1.001).status == "mismatch"
    assert judge(f, 0.5, right, right).best.step == pytest.approx(STEP, rel=1e-6)


def test_large_tensors_are_sampled_within_bounds():
    report = verify("x = torch.randn(200, 200, requires_grad=True)\ny = (x @ x).tanh().sum()")
    (leaf,) = report.leaves
    assert leaf.status == "ok"
    assert leaf.elements == 40_000
    assert 1 <= leaf.checked < 200


def test_the_report_survives_json_and_forged_ones_are_refused():
    report = verify(WRONG)
    plain = report.to_dict()
    assert Report.from_dict(plain) == report
    assert plain["counts"] == {"mismatch": 1, "nonsmooth": 0, "ok": 2, "not_checked": 0}
    for forged in (
        None,
        {},
        {**plain, "nodes": 3},
        {**plain, "nodes": [{**plain["nodes"][0], "status": "fine"}]},
        {**plain, "nodes": [{**plain["nodes"][0], "reason": 5}]},
        {**plain, "leaves": [{**plain["leaves"][0], "error": "<script>"}]},
        {**plain, "leaves": [{**plain["leaves"][0], "node": {"a": 1}}]},
    ):
        with pytest.raises(ValueError, match="not"):
            Report.from_dict(forged)


def test_the_worst_status_decides():
    assert worst(["ok", "mismatch", "nonsmooth"]) == "mismatch"
    assert worst(["ok", "not_checked"]) == "ok"
    assert worst([]) == "not_checked"


def test_what_functions_print_again_is_not_heard(capsys):
    source = (
        "class Loud(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n        print('again')\n"
        "        return x * 2\n    @staticmethod\n    def backward(ctx, g):\n        return g * 2\n"
        "w = torch.ones(2, requires_grad=True)\nLoud.apply(w).sum().backward()"
    )
    assert {node.status for node in verify(source).nodes} == {"ok"}
    assert capsys.readouterr().out == ""


@pytest.mark.filterwarnings("ignore:None of the inputs")
def test_a_pass_that_cannot_be_run_again_says_why():
    source = (
        "from torch.utils.checkpoint import checkpoint\nw = torch.ones(2, requires_grad=True)\n"
        "checkpoint(lambda x: x ** 3, w * 1, use_reentrant=True).sum().backward()"
    )
    assert "incompatible with .grad()" in verify(source).leaves[0].reason


@pytest.mark.parametrize("call", ["torch.linalg.eigvalsh(A)", "torch.linalg.eigh(A)[0]", "torch.linalg.cholesky(A)"])
def test_a_symmetric_matrix_is_moved_symmetrically(call):
    source = f"w = torch.tensor([[2., 1.], [1., 3.]], requires_grad=True)\nA = w @ w.mT\n{call}.sum().backward()"
    report = verify(source)
    assert {node.status for node in report.nodes} == {"ok"}
    assert [leaf.status for leaf in report.leaves] == ["ok"]
    (node, *_) = verify(source.replace("w @ w.mT", "w * torch.tensor([[1., 2.], [3., 4.]])")).nodes[-2:]
    assert (node.status, "triangle" in node.reason) == ("not_checked", True)
