"""Larger strides than a step: calls, passes, iterations, a node's steps; the preview; the loss curve; speed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

# training_loop, by hand: iterations at steps 1–9, 10–19, 20–29; passes start at 4, 14, 24; losses come at 3, 13, 23.
LOOP = "/?ex=training_loop"


def at(page: Page) -> int:
    """The step that is shown, from 0."""
    return int(page.locator("[data-count]").inner_text().split()[1]) - 1


def press(page: Page, *keys: str) -> list[int]:
    """Where each key leads."""
    steps = []
    for key in keys:
        page.keyboard.press(key)
        steps.append(at(page))
    return steps


def test_keys_go_by_pass_iteration_and_module(visitor: Any) -> None:
    page = visitor.open(LOOP)
    assert press(page, "g", "g", "g", "g", "G", "G") == [4, 14, 24, 24, 14, 4]
    assert press(page, "Home", "i", "i", "i", "i", "I", "I") == [0, 1, 10, 20, 20, 10, 1]
    page = visitor.open("/?ex=module")
    assert press(page, "o", "o", "o", "o", "o", "o", "o", "O") == [2, 3, 5, 6, 7, 8, 12, 8]


def test_t_walks_the_steps_of_the_chosen_node(visitor: Any) -> None:
    page = visitor.open("/?ex=lecture")
    page.locator('.canvas [data-node="n0"]').first.click()
    assert press(page, "t", "t", "t", "t", "T") == [1, 8, 9, 9, 8]
    expect(page.locator('.canvas [data-node="n0"]').first).to_have_class(re.compile("selected"))


def test_the_menu_goes_there_too_by_mouse_and_by_keyboard(visitor: Any) -> None:
    page = visitor.open(LOOP)
    more = page.get_by_role("button", name="Larger strides")
    more.click()
    expect(more).to_have_attribute("aria-expanded", "true")
    page.get_by_role("button", name="Next: iteration").click()
    page.get_by_role("button", name="Next: iteration").click()
    assert at(page) == 10
    assert page.locator("[data-stride=over]").is_hidden(), "no calls here"
    page.get_by_role("button", name="Next: backward pass").focus()
    page.keyboard.press("Enter")
    assert at(page) == 14
    page.keyboard.press("Escape")
    expect(page.locator("[data-strides]")).to_be_hidden()
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Back: backward pass")).to_be_focused()
    page.locator(".canvas").click(position={"x": 5, "y": 5})
    expect(page.locator("[data-strides]")).to_be_hidden()


def test_the_buttons_in_the_nodes_heading(visitor: Any) -> None:
    page = visitor.open("/?ex=lecture")
    page.locator('.canvas [data-node="n0"]').first.click()
    seen = []
    for _ in range(3):
        page.get_by_role("button", name="Next: steps at w").click()
        seen.append(at(page))
    assert seen == [1, 8, 9]
    last = page.get_by_role("button", name="Next: steps at w")
    expect(last).to_have_attribute("aria-disabled", "true")
    page.get_by_role("button", name="Back: steps at w").click()
    assert at(page) == 8


@pytest.mark.parametrize("where", ["line", "gutter", "key"])
def test_the_line_of_backward_goes_to_its_next_pass(visitor: Any, where: str) -> None:
    page = visitor.edit(LOOP)
    if where == "key":
        page.locator(".cm-content").focus()
        press(page, "Control+Home", *["ArrowDown"] * 8)
    elif where == "line":
        line = page.locator(".cm-line", has_text="loss.backward()")
    else:
        line = page.locator(".cm-lineNumbers .cm-gutterElement", has_text="7")
    seen = []
    for _ in range(4):
        if where != "key":
            line.click()
        seen.append(press(page, "Alt+Enter")[0] if where == "key" else at(page))
    assert seen == [4, 14, 24, 4]


def test_the_preview_says_what_is_there_and_marks_the_node(visitor: Any) -> None:
    page = visitor.open(LOOP)
    box = page.locator("[data-timeline]").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    preview = page.locator("[data-preview]")
    expect(preview).to_contain_text("16 · iteration 2 · backward")
    expect(preview).to_contain_text("receives dloss/dloss = 1")
    assert page.locator(".canvas .hint").first.get_attribute("data-node") == "n6"
    assert at(page) == 0
    page.mouse.move(10, 10)
    expect(preview).to_be_hidden()
    assert page.locator(".canvas .hint").count() == 0


def test_a_finger_that_drags_the_timeline_sees_the_preview(visitor: Any) -> None:
    page = visitor.open(LOOP, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    box = page.locator("[data-timeline]").bounding_box()
    assert box is not None
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, along: float) -> None:
        points = [{"x": box["x"] + box["width"] * along, "y": box["y"] + box["height"] / 2}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [] if kind == "touchEnd" else points})

    touch("touchStart", 0.2)
    for along in (0.3, 0.4, 0.5):
        touch("touchMove", along)
    expect(page.locator("[data-preview]")).to_contain_text("iteration 2")
    visitor.until(page, "Number(document.querySelector('[data-timeline]').value) === 15")
    touch("touchEnd", 0.5)
    expect(page.locator("[data-preview]")).to_be_hidden()


def test_the_timeline_speaks_of_the_iteration_and_marks_it(visitor: Any) -> None:
    page = visitor.open(f"{LOOP}&step=14")
    spoken = page.locator("[data-timeline]").get_attribute("aria-valuetext")
    assert spoken is not None
    assert spoken.startswith("Step 15 of 31, iteration 2, backward: ")
    assert page.locator(".tick").count() == 2


def test_the_loss_curve_is_a_slider_over_the_iterations(visitor: Any) -> None:
    page = visitor.open(f"{LOOP}&step=13")
    slider = page.get_by_role("slider", name="Iteration, by its loss")
    expect(slider).to_have_attribute("aria-valuetext", "iteration 2 of 3: loss = 0.16")
    assert page.locator(".curve-dot").count() == 3
    slider.focus()
    assert press(page, "ArrowRight", "ArrowRight", "Home", "ArrowRight", "End") == [23, 23, 3, 13, 23]
    expect(slider).to_have_attribute("aria-valuetext", "iteration 3 of 3: loss = 0.0064")
    box = page.locator(".curve-chart").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 12, box["y"] + 30)
    assert at(page) == 3
    expect(page.locator(".curve-said")).to_contain_text("loss = 4")
    page.keyboard.press("Escape")
    page.locator(".canvas").click(position={"x": 5, "y": 5})
    press(page, "Home")
    expect(page.locator(".curve-said")).to_contain_text("loss = ?")


def test_no_curve_without_iterations_and_one_in_an_embed(visitor: Any) -> None:
    expect(visitor.open("/?ex=sgd_step").locator("[data-curve]")).to_be_hidden()
    expect(visitor.open("/embed?ex=momentum").locator("[data-curve]")).to_be_visible()


def test_a_steep_or_odd_loss_is_drawn_as_it_is(visitor: Any) -> None:
    page = visitor.open("/")
    scaled = "async (all) => { const m = await import('/static/js/curve.js'); return all.map(m.scaleOf(all)); }"
    assert page.evaluate(scaled, [4, 2, 0]) == [1, 0.5, 0]
    assert page.evaluate(scaled, [1, 0.01, 1e-6]) == pytest.approx([1, 2 / 3, 0])
    assert page.evaluate(scaled, [3, 3]) == [0.5, 0.5]
    assert page.evaluate(scaled, [100, 99, 98]) == [1, 0.5, 0]


def test_speed_is_chosen_and_remembered_in_the_session(visitor: Any) -> None:
    page = visitor.open("/")
    speed = page.get_by_label("Speed of play")
    assert speed.locator("option").all_inner_texts() == ["0.25×", "0.5×", "1×", "2×", "4×"]
    speed.select_option("4")
    page.reload()
    page.wait_for_selector("[data-ready]", state="attached")
    expect(page.get_by_label("Speed of play")).to_have_value("4")
    page.keyboard.press("<")
    expect(page.get_by_label("Speed of play")).to_have_value("2")
    page.keyboard.press(">")
    page.keyboard.press(">")
    expect(page.get_by_label("Speed of play")).to_have_value("4")
    page.goto(visitor.server + "/?interval=120")
    page.wait_for_selector("[data-ready]", state="attached")
    expect(page.get_by_label("Speed of play").locator("option:checked")).to_have_text("13×")
