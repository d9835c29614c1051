"""What a slot shows of a value, and that its size is the shape's alone."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.number import number_text
from app.core.trace import Full, Summary
from app.draw.heat import Heat
from app.draw.slots import Content, Numbers, content, slot_size, words


def shown(data: object, shape: tuple[int, ...], dtype: str = "float32", digits: int = 4, num: str = "auto") -> Content:
    return content(Full(data), shape, dtype, digits=digits, num=num)


def texts(made: Content) -> list[str]:
    assert isinstance(made, Numbers)
    return [cell.text for cell in made.cells]


def test_a_number() -> None:
    assert texts(shown(3.0, ())) == ["3"]
    assert texts(shown("nan", ())) == ["nan"]
    assert texts(shown("-inf", ())) == ["−∞"]
    assert texts(shown(True, (), "bool")) == ["True"]
    assert texts(shown({"re": 1.0, "im": -2.0}, (), "complex64")) == ["1−2j"]


def test_a_matrix_row_by_row() -> None:
    made = shown([[1.0, 2.0], [3.0, 4.0]], (2, 2))
    assert texts(made) == ["1", "2", "3", "4"]
    assert isinstance(made, Numbers)
    (a, b, c, d) = made.cells
    assert a.y == b.y < c.y == d.y
    assert a.x == c.x < b.x == d.x
    assert made.title == "1  2\n3  4"
    assert made.brackets


def test_exact_numbers_stay_in_the_title() -> None:
    made = shown([[0.123456, -0.00123456]], (1, 2))
    assert texts(made) == ["0.123", "−0.00123"]
    assert made.title == "0.1235  −0.001235"


@pytest.mark.parametrize("shape", [(6,), (6, 2), (2, 6), (2, 2, 2), (5, 5), (3, 1, 4)])
def test_what_is_too_large_for_numbers_is_a_heat_map(shape: tuple[int, ...]) -> None:
    assert isinstance(content(Full(nested(shape)), shape, "float32", digits=4, num="auto"), Heat)


@pytest.mark.parametrize("shape", [(1,), (5,), (4, 5), (5, 4), (1, 1, 2, 2)])
def test_what_is_small_is_numbers(shape: tuple[int, ...]) -> None:
    made = content(Full(nested(shape)), shape, "float32", digits=4, num="auto")
    assert len(texts(made)) == math.prod(shape)
    assert isinstance(made, Numbers)
    assert made.caption == ("1×1×2×2" if len(shape) == 4 else "")


def nested(shape: tuple[int, ...], start: float = 0.5) -> object:
    return [nested(shape[1:], start + k) for k in range(shape[0])] if shape else start


def cells(path: str) -> set[tuple[int, int]]:
    strokes = re.findall(r"M(\d+) (\d+)\.5h(\d+)", path)
    return {(int(row), int(start) + k) for start, row, width in strokes for k in range(int(width))}


def test_a_heat_map_shades_each_element_once() -> None:
    data = [[-4.0, 0.0, 4.0, 1.0, "nan", 0.01], [4.0, 4.0, "inf", "-inf", -0.5, 0.0]]
    made = shown(data, (2, 6))
    assert isinstance(made, Heat)
    by_shade = {name: cells(path) for name, path in made.maps[0].shades}
    assert by_shade == {
        "above-1": {(0, 5)},
        "above-3": {(0, 3)},
        "above-5": {(0, 2), (1, 0), (1, 1), (1, 2)},
        "below-2": {(1, 4)},
        "below-5": {(0, 0), (1, 3)},
        "nan": {(0, 4)},
    }
    assert made.caption.startswith("2×6")
    assert made.title == "2×6, −∞ … ∞"


def test_a_stack_of_slices_has_the_first_in_front() -> None:
    data = [[[float(k)] * 3] * 3 for k in range(1, 6)]
    made = shown(data, (5, 3, 3))
    assert isinstance(made, Heat)
    assert len(made.maps) == 3
    front = dict(made.maps[-1].shades)
    assert list(front) == ["above-3"]
    assert [m.x for m in made.maps] == sorted((m.x for m in made.maps), reverse=True)


def test_a_summary() -> None:
    sample = [[float(r - c) for c in range(32)] for r in range(32)]
    summary = Summary(10_000, -99.0, 99.0, 0.0, 1.0, 0, 0, 0, sample)
    made = content(summary, (100, 100), "float32", digits=4, num="auto")
    assert isinstance(made, Heat)
    assert (made.maps[0].columns, made.maps[0].rows) == (32, 32)
    assert made.caption == "100×100 · −99 … 99"


def test_more_than_32_rows_are_sampled() -> None:
    made = content(Full(nested((64, 3))), (64, 3), "float32", digits=4, num="auto")
    assert isinstance(made, Heat)
    assert (made.maps[0].columns, made.maps[0].rows) == (3, 32)


@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 4, 4)])
def test_no_elements(shape: tuple[int, ...]) -> None:
    assert texts(content(Full([]), shape, "float32", digits=4, num="auto")) == ["×".join(map(str, shape))]


def test_words() -> None:
    assert texts(words("None", (2, 3), "float32")) == ["None"]


@given(st.lists(st.floats(allow_nan=False, width=32), min_size=4, max_size=4), st.integers(0, 8))
def test_any_numbers_stay_within_the_slot(numbers: list[float], digits: int) -> None:
    data = [[("inf" if x > 0 else "-inf") if math.isinf(x) else x for x in numbers[k : k + 2]] for k in (0, 2)]
    made = shown(data, (2, 2), digits=digits)
    assert isinstance(made, Numbers)
    width, height = slot_size((2, 2), "float32")
    assert all(0 < cell.x <= width and made.size * 0.7 < cell.y < height for cell in made.cells)
    whole = [number_text(x, digits) for row in data for x in row]
    assert made.title.split() == whole
