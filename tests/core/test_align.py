"""Two Traces aligned: pairs of nodes and rows of steps, against what a reader of both programs would say."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.core.align import MOST_EDITS, Alignment, align, matched
from app.core.trace import Trace
from app.examples import load
from app.record import record

words = st.lists(st.sampled_from("abc"), max_size=12)


def longest(first: list[str], second: list[str]) -> int:
    """The length of the longest common subsequence, by the textbook's table."""
    table = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i, x in enumerate(first):
        for j, y in enumerate(second):
            table[i + 1][j + 1] = table[i][j] + 1 if x == y else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


@given(words, words)
def test_sequences_are_matched_as_far_as_they_can_be(first: list[str], second: list[str]) -> None:
    pairs = matched(first, second)
    assert [a for a, _ in pairs if a is not None] == list(range(len(first)))
    assert [b for _, b in pairs if b is not None] == list(range(len(second)))
    both = [(a, b) for a, b in pairs if a is not None and b is not None]
    assert all(first[a] == second[b] for a, b in both)
    assert len(both) == longest(first, second)


def test_what_differs_altogether_is_given_up_soon() -> None:
    many = 2 * MOST_EDITS
    pairs = matched([*range(many), "end"], [*range(-many, 0), "end"])
    assert pairs[-1] == (many, many)
    assert len(pairs) == 2 * many + 1


def both(source: str, old: str, new: str) -> tuple[Trace, Trace, Alignment]:
    assert old in source
    first, second = record(source), record(source.replace(old, new))
    return first, second, align(first, second)


def names(first: Trace, second: Trace, found: Alignment) -> list[tuple[str | None, str | None]]:
    labels = [{node.id: node.name or node.op for node in trace.nodes} for trace in (first, second)]
    return [(labels[0][a] if a else None, labels[1][b] if b else None) for a, b in found.nodes]


def test_with_and_without_detach() -> None:
    first, second, found = both(load("detach").source, "u.detach()", "u")
    assert names(first, second, found) == [("w", "w"), ("u", "u"), ("d", None), ("y", "y"), ("z", "z")]
    moves = [row.moves for row in found.rows]
    assert moves == ["both", "both", "first", *["both"] * 8]
    assert (found.rows[2].first, found.rows[2].second) == (2, 1), "the second waits at its step"


def test_another_function_takes_the_place() -> None:
    first, second, found = both(load("dead_relu").source, "torch.relu", "torch.tanh")
    assert all(a is not None and b is not None for a, b in found.nodes)
    assert ("a", "a") in names(first, second, found)
    assert {row.moves for row in found.rows} == {"both"}


def test_an_unnamed_operation_on_the_same_inputs_takes_the_place() -> None:
    first, second, found = both(
        "w = torch.tensor(2., requires_grad=True)\ny = torch.relu(w * 3) + 1\ny.backward()\n", "relu", "tanh"
    )
    assert ("relu", "tanh") in names(first, second, found)


def test_rows_go_through_both_walks_in_order() -> None:
    for old, new in [("opt.step()", "opt.step()\n    opt.step()"), ("range(3)", "range(2)"), ("** 2", "** 4")]:
        first, second, found = both(load("training_loop").source, old, new)
        for side, trace in (("first", first), ("second", second)):
            steps = [getattr(row, side) for row in found.rows if row.moves in ("both", side)]
            assert steps == list(range(len(trace.steps)))
        for row in found.rows:
            if row.moves == "both":
                assert first.steps[row.first].kind == second.steps[row.second].kind


def test_nothing_in_common_but_start_and_end() -> None:
    one = record("a = torch.tensor(1., requires_grad=True)\nb = a * 2\nb.backward()\n")
    other = record("x = torch.ones(2)\ny = x.sum()\n")
    found = align(one, other)
    assert not found.partner
    assert [row.moves for row in found.rows if row.moves == "both"] == ["both", "both"]
