"""Unnamed operations as u₁, u₂, …, in formulas as in the drawing; views folded out of a path's product."""

from __future__ import annotations

from app.core.view import View
from app.examples import load
from app.explain import explain
from app.explain.at_cell import elements_at
from app.explain.names import numbers
from app.record import record


def test_an_unnamed_operation_has_its_number_everywhere() -> None:
    trace = record(load("two_layer").source)
    given = numbers(trace)
    unnamed = [node for node in trace.nodes if node.kind == "op" and not node.name]
    assert set(given) == {node.id for node in unnamed}
    told = explain(trace, numbered=True)["nodes"]
    for node in unnamed:
        assert told[node.id]["name"] == f"u_{{{given[node.id][1:]}}}"
    transposed = next(node for node in unnamed if node.label == "W1.T")
    assert explain(trace)["nodes"][transposed.id]["name"] == r"W_{1}^{\top}"


def test_folded_paths_leave_out_views_and_keep_the_rest() -> None:
    told = explain(record(load("two_layer").source))["paths"]
    with_views = [entry for entry in told if entry["folded"]]
    assert with_views
    for entry in with_views:
        assert any(r"W_{1}^{\top}" in path["names"] or r"W_{2}^{\top}" in path["names"] for path in entry["shown"])
        for path in entry["folded"]["shown"]:
            assert r"\top" not in path["names"]
        assert r"\top" not in entry["folded"]["derivation"].split(r"\text{")[0]
    plain = explain(record(load("lecture").source))["paths"]
    assert [entry["folded"] for entry in plain] == [None] * len(plain)


def test_the_address_holds_how_operations_are_called() -> None:
    view = View.parse("ex=two_layer&names=numbered")
    assert view.names == "numbered"
    assert "names=numbered" in view.query()
    assert "names" not in View.parse("ex=two_layer&names=source").query()


def test_a_chosen_element_has_its_rule_whatever_the_size() -> None:
    trace = record("x = torch.linspace(0., 1., 64).reshape(8, 8).requires_grad_()\ny = torch.exp(x)\nl = y.sum()")
    node = next(one.id for one in trace.nodes if one.name == "y")
    (found,) = elements_at(trace, node, [7, 7]).values()
    assert found["index"] == [7, 7]
    assert found["latex"].endswith("= 2.718")
    assert elements_at(trace, node, [8, 0]) == {}
    total = next(one.id for one in trace.nodes if one.name == "l")
    assert elements_at(trace, total, []) == {}
