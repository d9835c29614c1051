"""Folding and references: nothing is lost, nothing becomes a cycle, no picture grows beyond what can be seen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.core.trace import Node, Trace
from app.draw.elements import Scene
from app.draw.fold import DRAWN_LIMIT, fold
from app.draw.graph import DrawnGraph, drawn_graph
from app.draw.svg import svg

Draw = Callable[..., Scene]


def changed(trace: Trace, change: Callable[[int, Node], dict[str, Any]]) -> Trace:
    """Each op node with the fields that `change` gives it."""
    ops = [node.id for node in trace.nodes if node.kind == "op"]
    place = {id_: k for k, id_ in enumerate(ops)}
    nodes = [replace(n, **change(place[n.id], n)) if n.kind == "op" else n for n in trace.nodes]
    return replace(trace, nodes=tuple(nodes))


def is_acyclic(graph: DrawnGraph) -> bool:
    entering = Counter(edge.head for edge in graph.edges)
    leaving = defaultdict(list)
    for edge in graph.edges:
        leaving[edge.tail].append(edge.head)
    ready = [node.key for node in graph.nodes if not entering[node.key]]
    for key in ready:
        for head in leaving[key]:
            entering[head] -= 1
            if not entering[head]:
                ready.append(head)
    return len(ready) == len(graph.nodes)


def is_whole(trace: Trace, graph: DrawnGraph) -> bool:
    members = {member for node in graph.nodes for member in node.members}
    edges = [id_ for edge in graph.edges for id_ in edge.edges] + [id_ for node in graph.nodes for id_ in node.inner]
    keys = {node.key for node in graph.nodes}
    ends = all(edge.tail in keys and edge.head in keys for edge in graph.edges)
    return members == {n.id for n in trace.nodes} and sorted(edges) == sorted(e.id for e in trace.edges) and ends


def test_a_small_graph_is_drawn_as_it_is(picture: Trace) -> None:
    assert fold(picture, "autograd") == ()
    graph = drawn_graph(picture)
    assert is_whole(picture, graph)
    assert all(node.form != "group" for node in graph.nodes)


def test_operations_of_a_module_share_a_card_with_its_parameters(made: Callable[[str], Trace]) -> None:
    trace = changed(made("rnn"), lambda k, _node: {"module": f"cell.{k // 5}"})
    groups = fold(trace, "module")
    assert [group.title for group in groups] == ["cell.0", "cell.1", "cell.2"]
    graph = drawn_graph(trace, groups)
    assert is_whole(trace, graph)
    assert is_acyclic(graph)
    # What several modules use keeps its card; so do named inputs.
    assert {"W", "U", "b", "x0", "h_0"} <= {node.node.name for node in graph.nodes}


def test_a_call_that_is_repeated_is_not_one_call(made: Callable[[str], Trace]) -> None:
    trace = changed(made("rnn"), lambda k, _node: {"call": "F.linear", "span": (k // 2, 0, k // 2, 9)})
    assert {len(group.members) for group in fold(trace, "call")} == {2}


@pytest.mark.parametrize("detail", ["autograd", "call", "module"])
@pytest.mark.parametrize(
    "change",
    [
        lambda _k, _node: {"line": 1},
        lambda k, _node: {"line": k + 1},
        lambda k, _node: {"line": 3 + k % 8},
        lambda k, _node: {"line": k // 3, "module": f"net.{k // 7}" if k % 2 else None},
        lambda _k, _node: {"line": None},
    ],
)
def test_a_large_graph_folds_below_the_limit(made: Callable[[str], Trace], detail: Any, change: Any) -> None:
    trace = changed(made("deep"), change)
    graph = drawn_graph(trace, fold(trace, detail))
    assert is_whole(trace, graph)
    assert is_acyclic(graph)
    cards = [node for node in graph.nodes if node.form != "reference"]
    assert 8 <= len(cards) <= DRAWN_LIMIT


def test_turns_of_a_loop_are_told_apart(made: Callable[[str], Trace]) -> None:
    trace = changed(made("deep"), lambda k, _node: {"line": 3 + k % 8, "span": None})
    lines = changed(trace, lambda k, _node: {"line": 3 + k % 8, "call": None, "module": None})
    titles = [group.title for group in fold(lines, "autograd")]
    assert titles == [f"turn {k}" for k in range(1, 21)]


def test_members_of_a_group_are_found_in_the_picture(made: Callable[[str], Trace], draw: Draw) -> None:
    trace = changed(made("deep"), lambda k, _node: {"line": 3 + k % 8})
    text = svg(draw(trace))
    for node in trace.nodes:
        assert f'data-node="{node.id}"' in text
    for edge in trace.edges:
        assert f'data-edge="{edge.id}"' in text


def test_a_leaf_used_far_and_wide_has_references(made: Callable[[str], Trace]) -> None:
    graph = drawn_graph(made("rnn"))
    references = Counter(node.node.name for node in graph.nodes if node.form == "reference")
    assert references == {"W": 2, "U": 2, "b": 2}
    tails = {edge.tail for edge in graph.edges}
    assert all(node.key in tails for node in graph.nodes if node.form == "reference")


def test_a_leaf_used_side_by_side_has_none(made: Callable[[str], Trace]) -> None:
    trace = made("attention")
    graph = drawn_graph(trace)
    assert Counter(node.node.name for node in graph.nodes if node.form == "reference") == {"X": 1}


def test_both_edges_of_a_square_are_drawn(made: Callable[[str], Trace]) -> None:
    graph = drawn_graph(made("square"))
    assert [(edge.tail, edge.head) for edge in graph.edges] == [("n0", "n1")] * 2


def test_a_weight_shared_by_hundreds_lays_out_in_time(made: Callable[[str], Trace], draw: Draw) -> None:
    trace = changed(made("deep"), lambda k, _node: {"line": k + 1})
    assert len(draw(trace).cards) <= 2 * DRAWN_LIMIT
