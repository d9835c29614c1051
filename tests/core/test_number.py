"""The text of numbers: chosen spellings, and properties over all floats."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.number import number_text

FROM_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def parsed(text: str) -> float:
    mantissa, _, power = text.replace("−", "-").partition("×10")
    return float(f"{mantissa}e{power.translate(FROM_SUPERSCRIPT) or 0}")


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (6, "6"),
        (6.0, "6"),
        (-6.0, "−6"),
        (1 / 3, "0.3333"),
        (-0.5, "−0.5"),
        (0.0, "0"),
        (-0.0, "0"),
        (1.2e-5, "1.2×10⁻⁵"),
        (0.001, "0.001"),
        (0.00012, "1.2×10⁻⁴"),
        (12345.6, "12346"),
        (999999.0, "999999"),
        (1e6, "1×10⁶"),
        (-2.5e20, "−2.5×10²⁰"),
        (9.99996, "10"),
        (0.1 + 0.2, "0.3"),
        (2**63, "9223372036854775808"),
        (-3, "−3"),
        ("nan", "nan"),
        ("inf", "∞"),
        ("-inf", "−∞"),
        (math.nan, "nan"),
        (-math.inf, "−∞"),
        (True, "True"),
        (False, "False"),
        (None, "None"),
        ({"re": 1.5, "im": -2.0}, "1.5−2j"),
        ({"re": 0.0, "im": 1.0}, "0+1j"),
        ({"re": "nan", "im": "inf"}, "nan+∞j"),
    ],
)
def test_auto(x: object, text: str) -> None:
    assert number_text(x) == text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("x", "digits", "num", "text"),
    [
        (0.00012, 4, "fixed", "0.00012"),
        (12345678.0, 4, "fixed", "12345678"),
        (6.0, 4, "sci", "6×10⁰"),
        (6, 4, "sci", "6×10⁰"),
        (1234, 2, "sci", "1.2×10³"),
        (1e30, 4, "fixed", "1×10³⁰"),
        (math.pi, 8, "auto", "3.1415927"),
        (math.pi, 1, "auto", "3"),
        (math.pi, 0, "auto", "3"),
    ],
)
def test_digits_and_notation(x: float, digits: int, num: str, text: str) -> None:
    assert number_text(x, digits, num) == text


FLOATS = st.floats(-1e300, 1e300)
DIGITS = st.integers(1, 8)
NOTATION = st.sampled_from(["auto", "fixed", "sci"])


@given(FLOATS, DIGITS, NOTATION)
def test_reads_back_within_half_a_unit_of_the_last_digit(x: float, digits: int, num: str) -> None:
    text = number_text(x, digits, num)
    assert abs(parsed(text) - x) <= 0.5000001 * 10.0 ** (1 - digits) * abs(x) + 1e-307


@given(FLOATS, DIGITS, NOTATION)
def test_short_clean_and_signed(x: float, digits: int, num: str) -> None:
    text = number_text(x, digits, num)
    mantissa = text.partition("×")[0]
    assert len(text) <= 27
    assert not {"-", "e"} & set(text)
    assert text.startswith("−") == (x < 0)
    assert "." not in mantissa or mantissa[-1] not in ".0"


@given(FLOATS)
def test_sign_is_only_a_prefix(x: float) -> None:
    assert number_text(-abs(x)).lstrip("−") == number_text(abs(x))


@given(st.integers())
def test_integers_are_exact(x: int) -> None:
    assert int(number_text(x).replace("−", "-")) == x


@given(st.integers(-999_999, 999_999), DIGITS)
def test_whole_floats_keep_every_digit_before_the_point(x: int, digits: int) -> None:
    assert number_text(float(x), digits) == number_text(x)
