"""The grammar of `let`, and how its values become Python source."""

import ast
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import GradwalkError
from app.core.let import Number, let_text, parse_let, tensor_source


def test_scalars_and_lists() -> None:
    values = parse_let(" w : 2, x:-.5e-3 ,W:[[1, 2],[3,4.]]")
    assert list(values) == ["w", "x", "W"]
    assert values["w"] == Number("2")
    assert tensor_source(values["w"]) == "2."
    assert tensor_source(values["x"]) == "-.5e-3"
    assert tensor_source(values["W"]) == "[[1., 2.], [3., 4.]]"
    assert let_text(values) == "w:2,x:-.5e-3,W:[[1,2],[3,4.]]"


@pytest.mark.parametrize(
    ("text", "literal"), [("+007", "7."), ("-0", "-0."), ("inf", "torch.inf"), ("-inf", "-torch.inf")]
)
def test_literals(text: str, literal: str) -> None:
    assert tensor_source(parse_let(f"a:{text}")["a"]) == literal


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**30), 10**30))
def test_a_number_keeps_its_value(number: float) -> None:
    literal = tensor_source(parse_let(f"a:{number!r}")["a"])
    assert ast.literal_eval(literal) == float(number)
    assert type(ast.literal_eval(literal)) is float
    assert math.copysign(1, ast.literal_eval(literal)) == math.copysign(1, number)


@pytest.mark.parametrize(
    ("text", "says", "column"),
    [
        ("w", "a colon after w is expected at its end", 1),
        ("w=2", "a colon after w is expected at character 2", 1),
        ("w:", "a number or [ is expected at its end", 2),
        ("w:two", "a number or [ is expected at character 3", 2),
        ("w:2x", "a number or", 2),
        ("w:0x10", "a number or", 2),
        ("w:1_000", "a number or", 2),
        ("w:2 x:3", "a comma is expected at character 5", 4),
        ("w:2,", "a name is expected at its end", 4),
        ("2:w", "a name is expected at character 1", 0),
        ("lambda:1", "a name is expected", 0),
        ("w:2,w:3", "w has a value already", 5),
        ("W:[]", "a number or", 3),
        ("W:[1,2", "a comma or ] is expected at its end", 6),
        ("W:[[1,2],[3]]", "equally long at character 10", 9),
        ("W:[1,[2]]", "equally long", 5),
        ("W:" + "[" * 9 + "1" + "]" * 9, "more than 8 lists", 10),
        ("w:1" + " " * 4000, "more than 4,000", None),
    ],
)
def test_errors_say_where(text: str, says: str, column: int | None) -> None:
    with pytest.raises(GradwalkError) as caught:
        parse_let(text)
    assert caught.value.code == "bad_view"
    assert caught.value.message.startswith("let: ")
    assert says in caught.value.message
    assert caught.value.column == column
    assert caught.value.hint


numbers = st.integers(-99, 99).map(str) | st.floats(allow_nan=False).map(repr)
matrices = st.integers(1, 3).flatmap(
    lambda n: st.lists(st.lists(numbers, min_size=n, max_size=n), min_size=1, max_size=3)
)


@given(st.dictionaries(st.sampled_from(["w", "x", "W2", "β", "_a"]), numbers | matrices, min_size=1))
def test_canonical_text_reads_back(given_values: dict[str, object]) -> None:
    text = ",".join(f"{name}:{value}".replace("'", "") for name, value in given_values.items())
    values = parse_let(text)
    assert list(values) == list(given_values)
    assert parse_let(let_text(values)) == values
    assert let_text(values) == text.replace(" ", "")
