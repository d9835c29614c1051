"""Predict: each new number is asked for before it is shown, in the page and in an embed."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

VISIBLE = """(kind) => [...document.querySelectorAll(`.canvas g.${kind}`)]
    .filter((one) => getComputedStyle(one).visibility === 'visible').map((one) => one.textContent.trim())"""


def seen(page: Page, kind: str) -> int:
    return len(page.evaluate(VISIBLE, kind))


@pytest.mark.parametrize("path", ["/?ex=lecture&predict=1", "/embed?ex=lecture&predict=1"])
def test_a_step_asks_hides_its_numbers_and_takes_the_answer(visitor: Any, path: str) -> None:
    page = visitor.open(path)
    page.keyboard.press("ArrowRight")
    ask = page.locator("[data-ask]")
    expect(ask).to_contain_text("u = w × x")
    expect(page.locator("[data-sentence]")).to_be_hidden()
    assert seen(page, "value") == 0
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    expect(ask).to_contain_text("Not quite")
    page.keyboard.type("6")
    page.keyboard.press("Enter")
    expect(ask).to_be_hidden()
    expect(page.locator("[data-sentence]")).to_contain_text("6")
    assert seen(page, "value") == 3


def test_going_on_reveals_first(visitor: Any) -> None:
    page = visitor.open("/?ex=lecture&predict=1&step=4")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-ask]")).to_contain_text("send back to v")
    assert seen(page, "chip") == 0
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-ask]")).to_be_hidden()
    assert seen(page, "chip") == 1
    assert page.locator("[data-count]").inner_text() == "step 6 of 11"
    page.keyboard.press("ArrowRight")
    assert page.locator("[data-count]").inner_text() == "step 7 of 11"
    expect(page.locator("[data-ask]")).to_be_visible()


def test_the_button_turns_it_on_and_off(visitor: Any) -> None:
    page = visitor.open("/?ex=lecture")
    button = page.get_by_role("button", name="Predict")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Forward").click()
    expect(page.locator("[data-ask]")).to_be_visible()
    page.get_by_role("button", name="Reveal").click()
    expect(page.locator("[data-sentence]")).to_be_visible()
    button.click()
    page.get_by_role("button", name="Forward").click()
    expect(page.locator("[data-ask]")).to_be_hidden()


def test_answers_are_read_as_people_write_them(visitor: Any) -> None:
    page = visitor.open("/")
    made = page.evaluate(
        """async () => {
            const m = await import('/static/js/predict.js');
            return ['-1.5', '2,5', '1/3', '[1, 2]', '5 7 9', '−2', 'x'].map(m.typedNumbers);
        }"""
    )
    assert made == [[-1.5], [2.5], [pytest.approx(1 / 3)], [1, 2], [5, 7, 9], [-2], []]
    near = "async ([a, b]) => (await import('/static/js/predict.js')).matches(a, b)"
    assert page.evaluate(near, [[0.64], [0.6389]])
    assert not page.evaluate(near, [[0.66], [0.6389]])
    assert not page.evaluate(near, [[1, 2], [1]])
