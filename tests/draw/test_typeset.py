"""Names and expressions as they are set on cards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.core.trace import Trace
from app.draw.typeset import Expressions, expression_runs, fit_runs, name_runs, plain_text, runs_width


@pytest.mark.parametrize(
    ("name", "pieces"),
    [("w", ["w"]), ("W1", ["W", "1"]), ("x_1", ["x_1"]), ("net.0.weight", ["net.0.weight"]), ("layer1", ["layer1"])],
)
def test_a_number_after_a_short_name_is_lowered(name: str, pieces: list[str]) -> None:
    runs = name_runs(name, 30)
    assert [run.text for run in runs] == pieces
    assert [run.drop > 0 for run in runs] == [False] + [True] * (len(pieces) - 1)
    assert plain_text(runs) == name


def test_variables_are_italic_and_functions_upright() -> None:
    faces = [(run.text, run.face) for run in expression_runs("sum(W1ᵀ × x, dim=1)", 20)]
    assert faces == [
        ("sum", "text"),
        ("(", "text"),
        ("W", "math"),
        ("1", "math"),
        ("ᵀ × ", "text"),
        ("x", "math"),
        (", ", "text"),
        ("dim", "text"),
        ("=1)", "text"),
    ]


@pytest.mark.parametrize("room", [5, 30, 60, 90, 1000])
def test_runs_are_cut_to_fit(room: float) -> None:
    runs = expression_runs("a_function(of_many, variables)", 20)
    cut = fit_runs(runs, room)
    assert runs_width(cut) <= max(room, 20)
    assert plain_text(runs).startswith(plain_text(cut).removesuffix("…"))


def test_expressions(lecture: Trace, made: Callable[[str], Trace]) -> None:
    expressions = Expressions(lecture)
    assert [expressions.of(node) for node in lecture.nodes if node.kind == "op"] == ["w × x", "u + b", "relu(v)"]
    trace = made("matrices")
    told = {node.id: Expressions(trace).of(node) for node in trace.nodes if node.kind == "op"}
    assert list(told.values()) == ["Wᵀ", "X @ Wᵀ", "Z + b", "relu(Y)", "sum(A)"]


def test_unnamed_operands_are_written_out_where_short(made: Callable[[str], Trace]) -> None:
    trace = made("two_layer")
    told = [Expressions(trace).of(node) for node in trace.nodes if node.kind == "op"]
    assert told[4:] == [
        "y_hat − y",
        "pow(y_hat − y)",
        "pow(W1)",
        "sum(pow(W1))",
        "pow(W2)",
        "sum(pow(W2))",
        "sum(pow(W1)) + sum(pow(W2))",
        "· + ·",
    ]


def test_an_index_is_shown_as_it_was_written(lecture: Trace) -> None:
    source = "y = x[:, 1]"
    nodes = [replace(n, op="select", span=(1, 4, 1, 11)) if n.id == "n5" else n for n in lecture.nodes]
    trace = replace(lecture, nodes=tuple(nodes), program=replace(lecture.program, source=source))
    assert Expressions(trace).of(trace.nodes[-1]) == "x[:, 1]"
