"""Predict: each step first asks for what it brings, and nothing on the page gives the answer away."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

SEEN = """(kind) => Object.fromEntries([...document.querySelectorAll('.canvas [data-node]')].flatMap((node) =>
    [...node.querySelectorAll(`g.${kind}`)].filter((one) => one.checkVisibility({ visibilityProperty: true }))
        .map((one) => [node.querySelector('.name'), one.querySelector('text')].map((text) => text.textContent.trim()))
))"""
"""What the slots of the drawing show, by node name."""
TOLD = """() => {
    const seen = (one) => one.checkVisibility({ visibilityProperty: true });
    const own = 'script, dialog, .editor, noscript, tbody :not(td:last-child)';
    const all = [...document.body.querySelectorAll('*')].filter((one) => !one.closest(own));
    return all.filter(seen).flatMap((one) => [
        ...[...one.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data),
        ...['aria-label', 'aria-valuetext', 'title'].map((name) => one.getAttribute(name) ?? ''),
    ]).join('\\n');
}"""
"""Every text and spoken name of the page, but for the program itself and the numbers of steps and lines."""


def slots(page: Page, kind: str) -> dict[str, str]:
    found: dict[str, str] = page.evaluate(SEEN, kind)
    return found


def answer(page: Page, text: str) -> None:
    page.locator("[data-ask] input").fill(text)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("path", ["/?ex=lecture&predict=1", "/embed?ex=lecture&predict=1"])
def test_a_step_asks_hides_its_numbers_and_takes_the_answer(visitor: Any, path: str) -> None:
    page = visitor.open(path)
    page.keyboard.press("ArrowRight")
    ask = page.locator("[data-ask]")
    expect(ask).to_contain_text("What is the value of u = w × x?")
    expect(page.locator("[data-sentence]")).to_be_hidden()
    assert slots(page, "value") == {"w": "2", "x": "3"}, "what goes into the answer is given"
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    expect(ask).to_contain_text("Not quite.")
    expect(ask.locator(".hint-formula annotation")).to_have_text(r"2 \cdot 3")
    page.keyboard.type("6")
    page.keyboard.press("Enter")
    expect(ask).to_be_hidden()
    expect(page.locator("[data-sentence]")).to_have_class(re.compile("right"))
    expect(page.locator("[data-sentence]")).to_contain_text("6")
    expect(page.locator("[data-answered]")).to_have_text("Right. 0 of 1 right")
    assert slots(page, "value") == {"w": "2", "x": "3", "u": "6"}
    page.keyboard.press("Enter")
    expect(ask).to_contain_text("What is the value of v = u + b?")
    answer(page, "7")
    expect(page.locator("[data-answered]")).to_have_text("Right. 1 of 2 right")


def test_nothing_gives_the_answer_away(visitor: Any) -> None:
    """v = 6 + 1 is 7 and no other number of the page is; so is a = relu(7), which comes later."""
    page = visitor.open("/?ex=lecture&predict=1&step=2")
    expect(page.locator("[data-question]")).to_contain_text("v = u + b")
    for tab in ("All steps", "Details"):
        page.get_by_role("tab", name=tab).click()
        box = page.locator("[data-timeline]").bounding_box()
        assert box is not None
        for along in (0.15, 0.2, 0.25, 0.3, 1):
            page.mouse.move(box["x"] + box["width"] * along, box["y"] + box["height"] / 2)
            assert not re.search(r"(?<![\d.])7(?!\d)", page.evaluate(TOLD)), (tab, along)
    page.get_by_role("tab", name="All steps").click()
    page.get_by_role("button", name="Reveal").click()
    assert re.search(r"(?<![\d.])7(?!\d)", page.evaluate(TOLD)), "the search would have found it"
    rows = page.locator(".steps tbody td:last-child").all_inner_texts()
    assert "v = u + b = 6 + 1 = 7." in rows
    assert rows[3:] == ["?"] * 8


def test_the_details_of_what_comes_later_hold_no_number(visitor: Any) -> None:
    page = visitor.open("/?ex=lecture&predict=1&step=1")
    page.get_by_role("button", name="Reveal").click()
    page.locator('.canvas [data-node="n5"]').first.click()
    expect(page.locator("[data-inspector]")).to_contain_text("not computed yet")
    assert "7" not in page.locator("[data-inspector]").inner_text()
    page.locator("[data-predict]").click()
    page.locator('.canvas [data-node="n4"]').first.click()
    page.locator('.canvas [data-node="n5"]').first.click()
    expect(page.locator("[data-inspector]")).to_contain_text("7")


def test_the_loss_curve_shows_no_loss_that_is_asked_for(visitor: Any) -> None:
    page = visitor.open("/?ex=training_loop&predict=1&step=12")
    page.get_by_role("button", name="Reveal").click()
    assert page.locator(".curve-dot").count() == 1
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-question]")).to_contain_text("loss")
    slider = page.get_by_role("slider", name="Iteration, by its loss")
    expect(slider).to_have_attribute("aria-valuetext", "iteration 2 of 3: loss = ?")
    answer(page, ".16")
    expect(slider).to_have_attribute("aria-valuetext", "iteration 2 of 3: loss = 0.16")
    assert page.locator(".curve-dot").count() == 2


def test_going_on_reveals_first_and_asks_but_once(visitor: Any) -> None:
    page = visitor.open("/?ex=lecture&predict=1&step=4")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-question]")).to_contain_text("send back to v")
    assert slots(page, "grad") == {"a": "1"}
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-ask]")).to_be_hidden()
    assert page.locator("[data-count]").inner_text() == "step 6 of 11"
    page.keyboard.press("ArrowRight")
    assert page.locator("[data-count]").inner_text() == "step 7 of 11"
    expect(page.locator("[data-ask]")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-ask]")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-ask]")).to_be_visible()


def test_the_button_turns_it_on_and_off(visitor: Any) -> None:
    page = visitor.open("/?ex=lecture")
    button = page.get_by_role("button", name="Predict")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    visitor.until(page, "location.search.includes('predict=1')")
    page.get_by_role("button", name="Forward").click()
    expect(page.locator("[data-ask]")).to_be_visible()
    page.get_by_role("button", name="Reveal").click()
    expect(page.locator("[data-sentence]")).to_be_visible()
    button.click()
    page.get_by_role("button", name="Forward").click()
    expect(page.locator("[data-ask]")).to_be_hidden()
    visitor.until(page, "!location.search.includes('predict')")


def test_play_stops_at_the_next_question(visitor: Any) -> None:
    page = visitor.open("/?ex=lecture&predict=1&interval=100")
    page.get_by_role("button", name="Play").click()
    expect(page.locator("[data-question]")).to_contain_text("u = w × x")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_the_next_node_is_named_or_chosen_in_the_drawing(visitor: Any) -> None:
    page = visitor.open("/?ex=lecture&predict=1&step=3")
    page.get_by_role("button", name="Reveal").click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.get_by_label("What to ask for").select_option("node")
    expect(page.locator("[data-question]")).to_have_text("Which node works next on the way back?")
    page.locator('.canvas [data-node="n2"]').first.click()
    expect(page.locator("[data-said]")).to_contain_text("Not quite.")
    page.locator('.canvas [data-node="n5"]').first.click()
    expect(page.locator("[data-ask]")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    page.locator('.canvas [data-node="n4"]').first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-ask]")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    answer(page, "b")
    expect(page.locator("[data-answered]")).to_have_text("Right. 2 of 4 right")


def test_tensors_are_asked_for_by_shape(visitor: Any) -> None:
    page = visitor.open("/?ex=attention&predict=1&step=1")
    page.get_by_label("What to ask for").select_option("shape")
    expect(page.locator("[data-question]")).to_contain_text("What is the shape of")
    answer(page, "9x9")
    expect(page.locator("[data-said]")).to_contain_text("Not quite.")
    shape = page.evaluate(
        """() => { const { walk } = JSON.parse(document.querySelector('script[data-walk]').textContent);
            const set = walk.trace.steps[1].sets.find((one) => one.node === walk.trace.steps[1].node);
            return walk.trace.tensors.find((one) => one.id === set.tensor).shape; }"""
    )
    answer(page, f"({', '.join(map(str, shape))})")
    expect(page.locator("[data-ask]")).to_be_hidden()


def test_it_works_in_a_file_without_a_server(visitor: Any, tmp_path: Path) -> None:
    page = visitor.new_page()
    answered = page.request.get(f"{visitor.server}/html?ex=lecture&predict=1&step=2")
    place = tmp_path / "walk.html"
    place.write_bytes(answered.body())
    page.goto(place.as_uri())
    page.wait_for_selector("[data-ready]", state="attached")
    expect(page.locator("[data-question]")).to_contain_text("v = u + b")
    answer(page, "7")
    expect(page.locator("[data-sentence]")).to_contain_text("7")
    visitor.expected.append("request to another origin: file:")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_by_touch_on_a_phone_the_question_is_whole(visitor: Any, theme: str) -> None:
    page = visitor.open(
        "/?ex=two_layer&predict=1",
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        color_scheme=theme,
    )
    page.get_by_role("button", name="Forward").tap()
    ask = page.locator("[data-ask]")
    expect(ask).to_be_visible()
    answer(page, "x")
    expect(page.locator("[data-said]")).to_contain_text("Not quite.")
    assert ask.evaluate("one => one.scrollHeight <= one.clientHeight + 1")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("button", name="Reveal").tap()
    expect(ask).to_be_hidden()


def test_answers_are_read_as_people_write_them(visitor: Any) -> None:
    page = visitor.open("/")
    made = page.evaluate(
        """async () => {
            const m = await import('/static/js/questions.js');
            return ['-1.5', '2,5', '1/3', '[1, 2]', '5 7 9', '−2', 'x', '.5', '2e-3', '2×10^-3', '-1/.5', 'true']
                .map(m.typedNumbers);
        }"""
    )
    third = pytest.approx(1 / 3)
    assert made == [[-1.5], [2.5], [third], [1, 2], [5, 7, 9], [-2], [], [0.5], [0.002], [0.002], [-2], [1]]
    right = """async (all) => {
        const m = await import('/static/js/questions.js');
        const numbers = (question) => question.numbers && { numbers: question.numbers.map(Number) };
        return all.map(([question, typed]) => m.answers(numbers(question) ?? question, typed));
    }"""
    node = {"node": {"name": "u", "label": "w * x", "op": "mul"}}
    cases = [
        ({"numbers": [0.6389]}, "0.64", True), ({"numbers": [0.6389]}, "0.66", False), ({"numbers": [1]}, "1 2", False),
        ({"numbers": ["NaN"]}, "nan", True), ({"numbers": ["NaN"]}, "0", False),
        ({"numbers": ["-Infinity"]}, "-inf", True),
        ({"numbers": ["Infinity"]}, "1e9", False), ({"numbers": [1e-9]}, "0", True),
        ({"shape": [2, 3]}, "2x3", True), ({"shape": [2, 3]}, "(2, 3)", True), ({"shape": [2, 3]}, "[2,3]", True),
        ({"shape": [2, 3]}, "3x2", False), ({"shape": [2]}, "(2,)", True), ({"shape": []}, "()", True),
        ({"shape": []}, "scalar", True), ({"shape": []}, "1", False), ({"shape": [1]}, "nonsense", False),
        (node, "u", True), (node, "w×x", True), (node, "U", False), (node, "", False),
    ]  # fmt: skip
    made = page.evaluate(right, [[question, typed] for question, typed, _ in cases])
    assert made == [expected for _, _, expected in cases]
