"""The main job: the lecture's example is there, walked; it is stepped through; another is typed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

# Node name → the first step that shows its value or gradient, and the text in the slot. Worked out by hand:
# u = 2·3, v = 6+1, a = relu(7); backward: ∂a/∂a = 1, ∂a/∂v = 1, ∂a/∂u = ∂a/∂b = 1, ∂a/∂w = x = 3.
VALUES = {"w": (1, "2"), "x": (1, "3"), "b": (2, "1"), "u": (1, "6"), "v": (2, "7"), "a": (3, "7")}
GRADS = {"a": (4, "1"), "v": (6, "1"), "b": (7, "1"), "u": (8, "1"), "w": (9, "3")}
PHASES = ["start", *["forward"] * 3, *["backward"] * 6, "end"]


def slots(page: Page, kind: str) -> dict[str, str]:
    """What is seen in the slots of the drawing, by node name."""
    found: dict[str, str] = page.evaluate(
        """(kind) => Object.fromEntries([...document.querySelectorAll('.canvas [data-node]')].map((node) => [
            node.querySelector('.name')?.textContent.trim(),
            [...node.querySelectorAll(`g.${kind}`)].filter((slot) => getComputedStyle(slot).visibility === 'visible')
                .map((slot) => [...slot.querySelectorAll('text')].map((one) => one.textContent.trim()).join(' '))
                .join('|'),
        ]).filter(([name, text]) => name && text))""",
        kind,
    )
    return found


def count(page: Page) -> str:
    return page.locator("[data-count]").inner_text()


def shown(table: dict[str, tuple[int, str]], step: int) -> dict[str, str]:
    return {name: text for name, (first, text) in table.items() if step >= first}


def test_the_page_opens_with_the_lecture_example_walked(visitor: Any) -> None:
    page = visitor.open("/")
    assert count(page) == "step 1 of 11"
    names = page.eval_on_selector_all(".canvas [data-node] .name", "all => all.map((one) => one.textContent.trim())")
    assert sorted(names) == ["a", "b", "u", "v", "w", "x"]
    assert slots(page, "value") == {}
    expect(page.locator(".empty")).to_be_hidden()
    expect(page.locator("[data-error]")).to_be_hidden()
    expect(page.locator("[data-example-title]")).not_to_be_empty()


def test_the_first_picture_needs_no_request(visitor: Any) -> None:
    page = visitor.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(visitor.server + "/")
    page.wait_for_selector("[data-ready]")
    assert not [url for url in asked if "/api/" in url]
    assert page.locator(".canvas svg [data-node]").count() == 6


@pytest.mark.parametrize("way", ["keys", "button", "slider"])
def test_all_eleven_steps_have_the_right_numbers_in_their_slots(visitor: Any, way: str) -> None:
    page = visitor.open("/")
    forward = page.get_by_role("button", name="Forward")
    for step in range(11):
        if step:
            if way == "keys":
                page.keyboard.press("ArrowRight")
            elif way == "button":
                forward.click()
            else:
                page.locator("[data-timeline]").fill(str(step))
        assert count(page) == f"step {step + 1} of 11"
        assert slots(page, "value") == shown(VALUES, step)
        assert {k: v for k, v in slots(page, "grad").items() if step >= GRADS[k][0]} == shown(GRADS, step)
        assert page.locator(".timeline").get_attribute("data-phase") == PHASES[step]
        assert page.locator("[data-sentence]").inner_text().strip()


def test_going_back_shows_what_going_forward_showed(visitor: Any) -> None:
    page = visitor.open("/?step=end")
    seen = {}
    for step in range(10, -1, -1):
        seen[step] = (slots(page, "value"), slots(page, "grad"), page.locator("[data-sentence]").inner_text())
        page.keyboard.press("ArrowLeft")
    for step in range(11):
        assert (slots(page, "value"), slots(page, "grad"), page.locator("[data-sentence]").inner_text()) == seen[step]
        page.keyboard.press("PageDown")


def test_the_keys_of_slides(visitor: Any) -> None:
    page = visitor.open("/")
    for key, expected in [
        ("End", 11), ("Home", 1), ("ArrowDown", 2), ("PageDown", 3), ("ArrowUp", 2), ("PageUp", 1), ("ArrowLeft", 1),
        ("End", 11), ("ArrowRight", 11),
    ]:  # fmt: skip
        page.keyboard.press(key)
        assert count(page) == f"step {expected} of 11", key


def test_play_walks_by_itself_and_stops_at_the_end(visitor: Any) -> None:
    page = visitor.open("/?interval=120")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator("[data-count]")).to_have_text("step 11 of 11")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_the_timeline_marks_the_phases_and_speaks(visitor: Any) -> None:
    page = visitor.open("/?step=8")
    assert page.locator(".phase-name").all_inner_texts() == ["forward", "backward"]
    spoken = page.locator("[data-timeline]").get_attribute("aria-valuetext")
    assert spoken is not None
    assert spoken.startswith("Step 9 of 11, backward: ")


def test_the_sentence_is_a_polite_live_region(visitor: Any) -> None:
    page = visitor.open("/")
    before = page.locator("[data-sentence][aria-live=polite]").inner_text()
    page.keyboard.press("ArrowRight")
    after = page.locator("[data-sentence][aria-live=polite]").inner_text()
    assert before != after
    assert "6" in after


def test_nothing_moves_while_stepping(visitor: Any) -> None:
    page = visitor.open("/")
    places = """() => [...document.querySelectorAll(
        '.canvas .body, .stage, .code, .side, .transport, .bar, .sentence'
    )].map((one) => {
        const { x, y, width, height } = one.getBoundingClientRect();
        return [one.getAttribute('class'), ...[x, y, width, height].map(Math.round)].join(' ');
    })"""
    first = page.evaluate(places)
    for step in range(1, 11):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(60)
        assert page.evaluate(places) == first, f"step {step}"


def test_typing_another_snippet_walks_it(visitor: Any) -> None:
    page = visitor.edit("/")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("z = torch.tensor(5., requires_grad=True)\ny = z * z\ny.backward()\n")
    visitor.until(page, "document.querySelectorAll('.canvas [data-node]').length === 2")
    assert count(page) == "step 1 of 6"
    page.keyboard.press("Escape")
    page.keyboard.press("End")
    assert slots(page, "value") == {"z": "5", "y": "25"}
    assert slots(page, "grad") == {"z": "10", "y": "1"}
    page.locator(".cm-content").click()
    page.keyboard.press("Control+z")
    expect(page.locator("[data-count]")).to_have_text(re.compile("of 11"))


def test_changing_a_number_keeps_the_step(visitor: Any) -> None:
    page = visitor.edit("/?step=3")
    page.locator(".cm-line", has_text="torch.tensor(3.)").click()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Backspace")
    page.keyboard.insert_text("4")
    visitor.until(page, "document.querySelector('.canvas')?.textContent.includes('9')")
    assert count(page) == "step 4 of 11"
    assert slots(page, "value") == {"w": "2", "x": "4", "b": "1", "u": "8", "v": "9", "a": "9"}


def test_a_bare_expression_is_walked_and_its_program_shown(visitor: Any) -> None:
    page = visitor.edit("/")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("relu(w*x + b)")
    expect(page.locator("[data-aside]")).to_contain_text("requires_grad=True")
    assert page.locator(".cm-content").inner_text().strip() == "relu(w*x + b)"
    page.get_by_role("button", name="Edit this program").click()
    expect(page.locator(".cm-content")).to_contain_text("requires_grad")


def test_control_enter_runs_at_once_and_an_older_run_is_dropped(visitor: Any) -> None:
    page = visitor.edit("/")
    page.locator(".cm-content").click()
    for number in (3, 4, 5, 6):
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(f"q = torch.tensor({number}., requires_grad=True)\nr = q * q")
        page.keyboard.press("Control+Enter")
    visitor.until(page, "document.querySelector('.canvas')?.textContent.includes('36')")
    page.keyboard.press("Escape")  # the completions
    page.keyboard.press("Escape")  # the editor
    page.keyboard.press("End")
    assert slots(page, "value") == {"q": "6", "r": "36"}


def test_an_example_is_chosen_from_the_menu(visitor: Any) -> None:
    page = visitor.open("/")
    page.get_by_role("button", name=re.compile("^Examples")).click()
    cards = page.locator("#examples [data-example]:not([aria-current])")
    if cards.count() == 0:
        pytest.skip("the gallery has only one example")
    title = cards.first.locator("strong").inner_text()
    cards.first.click()
    expect(page.locator("[data-example-title]")).to_have_text(title)
    expect(page.locator("[data-count]")).to_have_text(re.compile("^step 1 of"))


def drag(page: Page, literal: str, pixels: int) -> None:
    box = page.locator(".cm-line .tok-number", has_text=re.compile(rf"^{re.escape(literal)}\.?$")).first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + pixels, y, steps=10)
    page.mouse.up()


def test_a_number_is_dragged_and_the_values_follow(visitor: Any) -> None:
    page = visitor.edit("/?step=3")
    drag(page, "3", 26)
    expect(page.locator(".cm-line").first).to_have_text("x = torch.tensor(3.5)")
    visitor.until(
        page, "[...document.querySelectorAll('.canvas .value')].some((one) => one.textContent.includes('3.5'))"
    )
    visitor.until(page, "!document.querySelector('.status.busy')")
    page.wait_for_timeout(200)
    assert slots(page, "value") == {"w": "2", "x": "3.5", "b": "1", "u": "7", "v": "8", "a": "8"}
    assert count(page) == "step 4 of 11"
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+z")
    expect(page.locator(".cm-line").first).to_have_text("x = torch.tensor(3.)")


def test_a_number_is_changed_with_the_arrow_keys(visitor: Any) -> None:
    page = visitor.edit("/?step=3")
    page.locator(".cm-line", has_text="torch.tensor(3.)").click()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Alt+Shift+ArrowUp")
    expect(page.locator(".cm-line").first).to_have_text("x = torch.tensor(4.1)")
    visitor.until(
        page, "[...document.querySelectorAll('.canvas .value')].some((one) => one.textContent.includes('4.1'))"
    )
    assert count(page) == "step 4 of 11"
