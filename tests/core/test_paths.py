"""Counting and listing paths, against brute force on small random graphs and by size on large ones."""

import math
from dataclasses import dataclass
from itertools import islice, pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.core.paths import PathGraph, count_json


@dataclass(frozen=True)
class Arrow:
    id: str
    source: str
    output: int
    target: str


@st.composite
def graphs(draw: st.DrawFn) -> list[Arrow]:
    pairs = draw(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 1)), max_size=14))
    return [
        Arrow(f"e{i}", f"n{min(a, b)}", output, f"n{max(a, b)}") for i, (a, b, output) in enumerate(pairs) if a != b
    ]


def every_path(edges: list[Arrow], node: str, root: str) -> list[tuple[Arrow, ...]]:
    if node == root:
        return [()]
    return [(edge, *rest) for edge in edges if edge.source == node for rest in every_path(edges, edge.target, root)]


def from_leaf(edges: list[Arrow], leaf: tuple[str, int], root: tuple[str, int]) -> set[tuple[Arrow, ...]]:
    if leaf[0] == root[0]:
        return {()} if leaf == root else set()
    return {path for path in every_path(edges, leaf[0], root[0]) if path[0].output == leaf[1]}


@given(graphs(), st.integers(0, 6), st.integers(0, 6), st.data())
def test_against_brute_force(edges: list[Arrow], a: int, b: int, data: st.DataObject) -> None:
    leaf, root = (f"n{a}", 0), (f"n{b}", 0)
    expected = from_leaf(edges, leaf, root)
    graph = PathGraph(edges)
    factors = {edge.id: data.draw(st.sampled_from([0.0, 0.5, -2.0, 3.0, 1e-200, -7e100])) for edge in edges}
    paths = list(graph.largest(leaf, root, factors))
    logs = [sum(math.log(abs(factors[e.id])) if factors[e.id] else -math.inf for e in path) for path in paths]
    assert graph.count(leaf, root) == len(expected)
    assert len(paths) == len(expected)
    assert set(paths) == expected
    assert all(first >= second - 1e-9 for first, second in pairwise(logs) if second > -math.inf)
    assert all(first > -math.inf or second == -math.inf for first, second in pairwise(logs))
    on_some = {node for path in expected for edge in path for node in (edge.source, edge.target)}
    assert graph.between(leaf, root) == on_some | ({leaf[0]} if expected else set())


def ladder(rungs: int) -> list[Arrow]:
    """Two edges between each pair of neighbours: 2^rungs paths."""
    return [Arrow(f"e{i}{side}", f"n{i}", 0, f"n{i + 1}") for i in range(rungs) for side in "ab"]


def test_more_paths_than_atoms() -> None:
    graph = PathGraph(ladder(200))
    assert graph.count(("n0", 0), ("n200", 0)) == 2**200
    assert count_json(2**200) == str(2**200)
    assert count_json(2**53) == 2**53


def test_the_largest_of_more_paths_than_could_be_listed() -> None:
    edges = ladder(1000)
    graph = PathGraph(edges)
    factors = {edge.id: 0.5 if edge.id.endswith("a") else 0.4 for edge in edges}
    paths = list(islice(graph.largest(("n0", 0), ("n1000", 0), factors), 64))
    assert all(edge.id.endswith("a") for edge in paths[0])
    assert [sum(edge.id.endswith("b") for edge in path) for path in paths] == [0] + [1] * 63


def test_equal_paths_do_not_make_the_search_wide() -> None:
    edges = ladder(2000)
    factors = {edge.id: 0.1 if edge.id.endswith("a") else 0.1 * (1 + 2**-52) for edge in edges}
    paths = list(islice(PathGraph(edges).largest(("n0", 0), ("n2000", 0), factors), 64))
    assert len(set(paths)) == 64


def test_deep_graphs_need_no_recursion() -> None:
    edges = [Arrow(f"e{i}", f"n{i}", 0, f"n{i + 1}") for i in range(20_000)]
    graph = PathGraph(edges)
    assert graph.count(("n0", 0), ("n20000", 0)) == 1
    (path,) = graph.largest(("n0", 0), ("n20000", 0), dict.fromkeys((edge.id for edge in edges), 1.0))
    assert path == tuple(edges)


def test_a_root_is_reached_from_itself_by_no_edge() -> None:
    graph = PathGraph(ladder(2))
    assert graph.count(("n1", 0), ("n1", 0)) == 1
    assert graph.count(("n1", 0), ("n1", 1)) == 0
    assert list(graph.largest(("n1", 0), ("n1", 0), {})) == [()]
