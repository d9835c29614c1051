"""Which cell depends on which: against PyTorch's own Jacobians, and through whole graphs."""

import itertools

import pytest
import torch

from app.examples import gallery
from app.explain import explain, explain_cells
from app.explain.cells import pattern
from app.explain.context import context
from app.explain.graph import flat
from app.record import record

AFFINE = """
X = torch.tensor([[1., 2., 3.], [4., 5., 6.]], requires_grad=True)
b = torch.tensor([1., 2., 3.], requires_grad=True)
Y = X + b
W = torch.tensor([[1., 0.], [0., 1.], [1., 1.]], requires_grad=True)
Z = Y @ W
s = Z.sum(1)
m = s.max()
"""


def rules(trace):
    return {rule["edge"]: rule for node in explain(trace)["nodes"].values() for rule in node["rules"]}


def of(trace, target, source):
    """The cells of the edge from one name to another."""
    names = {node.name: node.id for node in trace.nodes}
    edge = next(e for e in trace.edges if (e.source, e.target) == (names[source], names[target]))
    return rules(trace)[edge.id]["cells"]


def test_broadcasting_and_what_adds_into_each_cell():
    cells = of(record(AFFINE), "Y", "b")
    assert cells["kind"] == "table"
    assert cells["feeds"] == [[0], [1], [2], [0], [1], [2]]
    assert cells["adds"] == [[0, 3], [1, 4], [2, 5]]
    assert of(record(AFFINE), "Y", "X")["kind"] == "same"


def test_a_product_depends_on_a_row_and_a_column_also_where_a_factor_is_zero():
    trace = record(AFFINE)
    assert of(trace, "Z", "Y")["feeds"] == [[0, 1, 2], [0, 1, 2], [3, 4, 5], [3, 4, 5]]
    assert of(trace, "Z", "W")["feeds"] == [[0, 2, 4], [1, 3, 5], [0, 2, 4], [1, 3, 5]]


def test_reductions_and_choices():
    trace = record(AFFINE)
    assert of(trace, "s", "Z")["feeds"] == [[0, 1], [2, 3]]
    assert of(trace, "m", "s") == {
        "kind": "table",
        "by": "jacobian",
        "rows": 1,
        "columns": 2,
        "feeds": [[1]],
        "adds": [[], [0]],
    }


@pytest.mark.parametrize("name", sorted(gallery()))
def test_no_cell_that_matters_is_missing(name):
    """Wherever PyTorch's Jacobian isn't 0 the pattern has the pair; the Jacobian is the oracle."""
    trace = record(gallery()[name].source)
    ctx = context(trace, 4, "auto")
    for (edge_id, output), jacobian in ctx.graph.jacobians.items():
        found = pattern(ctx, ctx.graph.edges[edge_id], output)
        assert found is not None
        matrix = torch.tensor([float(cell) for cell in flat(jacobian.value)]).reshape(found.rows, found.columns)
        for k, j in itertools.product(range(found.rows), range(found.columns)):
            assert matrix[k, j] == 0 or matrix[k, j].isnan() or j in found.feeds(k), (edge_id, k, j)


@pytest.mark.parametrize(
    "product",
    ["A @ B", "torch.bmm(C, D)", "A @ v", "torch.addmm(E, A, B)", "torch.baddbmm(F3, C, D)", "torch.addmv(u, A, v)"],
)
def test_products_of_all_ranks_against_torch(product):
    source = (
        "A, B = torch.rand(2, 3, requires_grad=True), torch.rand(3, 4, requires_grad=True)\n"
        "C, D = torch.rand(2, 2, 3, requires_grad=True), torch.rand(2, 3, 2, requires_grad=True)\n"
        "E, F3 = torch.rand(4, requires_grad=True), torch.rand(2, 2, requires_grad=True)\n"
        "u, v = torch.rand(2, requires_grad=True), torch.rand(3, requires_grad=True)\n"
        f"y = {product}\n"
    )
    trace = record(source)
    ctx = context(trace, 4, "auto")
    checked = 0
    for (edge_id, output), jacobian in ctx.graph.jacobians.items():
        found = pattern(ctx, ctx.graph.edges[edge_id], output)
        matrix = torch.tensor(jacobian.value.data).reshape(found.rows, found.columns)
        wanted = [tuple(row.nonzero().flatten().tolist()) for row in matrix]
        assert [tuple(found.feeds(k)) for k in range(found.rows)] == wanted, product
        assert found.by == "shape"
        checked += 1
    assert checked >= 2


def test_one_cell_lights_its_inputs_and_what_follows():
    trace = record(AFFINE)
    names = {node.id: node.name for node in trace.nodes}
    z = next(node.id for node in trace.nodes if node.name == "Z")
    reached = explain_cells(trace, z, [0, 1])
    assert {names[lit["node"]]: lit["cells"] for lit in reached["backward"]} == {
        "X": [0, 1, 2],
        "b": [0, 1, 2],
        "Y": [0, 1, 2],
        "W": [1, 3, 5],
    }
    assert {names[lit["node"]]: lit["cells"] for lit in reached["forward"]} == {"s": [0]}  # m takes the other
    assert reached["omitted"] == []
    assert explain_cells(trace, z, [5, 5]) is None
    assert explain_cells(trace, "n99", []) is None


def test_backward_cells_are_those_with_a_derivative():
    """The closure against autograd: the leaf cells with a gradient when the pass starts from that one element."""
    trace = record(AFFINE)
    names = {node.name: node.id for node in trace.nodes}
    X, W = torch.arange(1.0, 7).reshape(2, 3).requires_grad_(), torch.rand(3, 2).requires_grad_()
    Z = (X + torch.rand(3)) @ W
    for index in itertools.product(range(2), range(2)):
        grads = torch.autograd.grad(Z[index], (X, W), retain_graph=True)
        lit = {entry["node"]: entry["cells"] for entry in explain_cells(trace, names["Z"], index)["backward"]}
        for name, grad in zip("XW", grads, strict=True):
            assert lit[names[name]] == grad.flatten().nonzero().flatten().tolist()


def test_labels_of_rows_and_columns():
    rule = next(r for r in rules(record(AFFINE)).values() if r["jacobian"]["labels"])
    labels = rule["jacobian"]["labels"]
    assert len(labels["rows"]) == rule["jacobian"]["rows"]
    assert len(labels["columns"]) == rule["jacobian"]["columns"]
    assert labels["rows"][1] == "Y[0, 1]"
