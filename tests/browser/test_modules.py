"""The pure modules, in a real browser: state, phases, sentences, places in text; numbers as the server spells them."""

from __future__ import annotations

import math
import random
import struct
from typing import Any

import pytest

from app.core.number import number_text

NUMBERS = [
    0, 1, -1, 2.5, 3.5, 0.5, 0.125, 0.1, 1 / 3, -2 / 3, 1e-3, 9.9996e-4, 1e-4, 12345.6, 12345.5, 999999.4, 999999.6,
    1e6, 1.5e10, 1e15, 1e16, 1e-15, 123456789.0, 5e-324, 1.7976931348623157e308, 0.00012345, 7.00001, 99.995,
    "inf", "-inf", "nan", True, False, {"re": 1.5, "im": -2.0}, {"re": 0.0, "im": "nan"},
]  # fmt: skip


def module(page: Any, name: str, body: str, argument: Any = None) -> Any:
    return page.evaluate(f"async (given) => {{ const m = await import('/static/js/{name}.js'); {body} }}", argument)


def finite(seed: int, count: int) -> list[float]:
    """Floats of every size: random bits of float32, which is what most tensors hold."""
    chance = random.Random(seed)
    drawn = (struct.unpack("<f", chance.randbytes(4))[0] for _ in range(count))
    return [x for x in drawn if math.isfinite(x)]


@pytest.mark.parametrize("num", ["auto", "fixed", "sci"])
def test_numbers_are_spelt_as_on_the_server(visitor: Any, num: str) -> None:
    page = visitor.open("/")
    numbers = [float(x) if type(x) is int else x for x in NUMBERS] + finite(7, 400)
    for digits in (0, 2, 4, 8):
        made = module(
            page,
            "number",
            "return given.all.map((x) => m.numberText(x, given));",
            {"all": numbers, "digits": digits, "num": num},
        )
        assert made == [number_text(x, digits, num) for x in numbers]


def test_whole_numbers_are_exact(visitor: Any) -> None:
    page = visitor.open("/")
    made = module(page, "number", "return [1234567, -42].map((x) => m.numberText(x, { whole: true }));")
    assert made == [number_text(1234567), number_text(-42)] == ["1234567", "−42"]


def test_state_is_pure_and_clamped(visitor: Any) -> None:
    page = visitor.open("/")
    made = module(
        page,
        "state",
        """
        const steps = Array.from({ length: 4 }, (_, index) => ({ index, kind: 'compute', node: 'n' + index }));
        const walk = { trace: { program: { source: '' }, steps } };
        const start = Object.freeze(m.initial(walk, { step: 99 }));
        const at = (action) => m.reduce(start, action).step;
        const other = { trace: { program: { source: '' }, steps: steps.slice(0, 2) } };
        const running = m.reduce(start, { type: 'started', run: 2 });
        return {
            clamped: start.step, prev: at({ type: 'prev' }),
            goto: at({ type: 'goto', step: -5 }), nan: at({ type: 'goto', step: NaN }),
            replay: m.reduce(start, { type: 'play' }).step, same: m.reduce(start, { type: 'next' }) === start,
            old: m.reduce(running, { type: 'walked', run: 1, walk: other, ran: '' }) === running,
            kept: m.reduce(running, { type: 'walked', run: 2, walk: { ...walk }, ran: '' }).step,
            fresh: m.reduce(running, { type: 'walked', run: 2, walk: other, ran: '' }).step,
        };
        """,
    )
    assert made == {
        "clamped": 3, "prev": 2, "goto": 0, "nan": 0, "replay": 0, "same": True, "old": True, "kept": 3, "fresh": 0,
    }  # fmt: skip


def test_sentences_are_split_without_losing_a_character(visitor: Any) -> None:
    page = visitor.open("/")
    text = "u = w × x receives ∂a/∂u = 1 and sends 1 × x = 3 to w; x needs no gradient."
    parts = module(page, "sentence", "return m.partsOf(given, m.patternOf(['u', 'w', 'x', 'a']));", text)
    assert "".join(part["text"] for part in parts) == text
    assert [part["text"] for part in parts if part["kind"] == "gradient"] == ["∂a/∂u = 1", "1 × x = 3"]
    assert [part["text"] for part in parts if part["kind"] == "name"] == ["u", "w", "x", "w", "x"]


def test_columns_count_characters_not_utf16_units(visitor: Any) -> None:
    page = visitor.open("/")
    made = module(
        page,
        "text",
        "return [m.unitOf(given, 7), given.slice(m.unitOf(given, 7)), m.columnOf(given, 8)];",
        "s = '😀' + w",
    )
    assert made == [8, " + w", 7]


def test_cells_of_a_transposed_view(visitor: Any) -> None:
    page = visitor.open("/")
    made = module(
        page, "inspector/storage", "return m.cellsOf(given);", {"shape": [3, 2], "stride": [1, 3], "offset": 0}
    )
    assert made == [0, 3, 1, 4, 2, 5]


def test_a_literal_is_found_with_its_sign_and_moved_by_its_last_place(visitor: Any) -> None:
    page = visitor.open("/")
    body = """return given.map(([line, column]) => {
        const found = m.literalAt(line, column); return found && line.slice(found.from, found.to); });"""
    places = [
        ["w = -2.5 * x", 6],
        ["a -2.5", 4],
        ["W1 = 3", 1],
        ["f(x,-1)", 6],
        ["x = 1e-3", 5],
        ["y = .5", 5],
        ["y = x", 4],
    ]
    assert module(page, "scrub", body, places) == ["-2.5", "2.5", None, "-1", "1e-3", ".5", None]
    shifts = [["3.", 1], ["3.", -30], ["2", -3], ["0.25", 2], ["1.9", 1], ["-0.1", 1]]
    made = module(page, "scrub", "return given.map(([text, units]) => m.shifted(text, units));", shifts)
    assert made == ["3.1", "0.", "-1", "0.27", "2.0", "0.0"]
