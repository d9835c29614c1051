"""Presenting: what a clicker sends, the blank screen, the lecturer's notes, and a clean end, full screen or not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

REFUSED = "Element.prototype.requestFullscreen = () => Promise.reject(new TypeError('refused'));"
PLACES = """() => [...document.querySelectorAll('.top, .code, .stage, .side, .transport')].map((one) => {
    const { x, y, width, height } = one.getBoundingClientRect();
    return [x, y, width, height].map(Math.round).join(' ');
})"""


def presenting(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.classList.contains('presenting')"))


def blank(page: Page) -> bool:
    return bool(page.evaluate("getComputedStyle(document.body, '::after').position === 'fixed'"))


@pytest.mark.parametrize("refused", [False, True], ids=["full screen", "refused"])
def test_a_clicker_drives_it_wherever_the_focus_is(visitor: Any, refused: bool) -> None:
    page = visitor.new_page()
    if refused:
        page.add_init_script(REFUSED)
    page.goto(f"{visitor.server}/?ex=chain&step=1")
    page.wait_for_selector(".cm-content", state="attached")
    before = page.evaluate(PLACES)
    page.keyboard.press("F5")
    visitor.until(page, "document.documentElement.classList.contains('presenting')")
    if not refused:
        visitor.until(page, "document.fullscreenElement !== null")
    page.locator(".cm-content").click()
    count = page.locator("[data-count]")
    for key, step in [("PageDown", 3), ("PageDown", 4), ("PageUp", 3)]:
        page.keyboard.press(key)
        expect(count).to_have_text(f"step {step} of 12")
    page.keyboard.press("Escape")
    for key, step in [("ArrowRight", 4), ("ArrowDown", 5), ("ArrowLeft", 4)]:
        page.keyboard.press(key)
        expect(count).to_have_text(f"step {step} of 12")
    page.keyboard.press("F5")
    expect(count).to_have_text("step 4 of 12")
    assert presenting(page), "the page was not loaded anew"
    page.keyboard.press("Escape")
    visitor.until(page, "!document.documentElement.classList.contains('presenting')")
    visitor.until(page, "document.fullscreenElement === null")
    visitor.until(page, f"JSON.stringify(({PLACES})()) === '{json.dumps(before, separators=(',', ':'))}'")


@pytest.mark.parametrize("key", ["b", "."])
def test_the_blank_screen_comes_back_with_any_key_and_loses_no_step(visitor: Any, key: str) -> None:
    page = visitor.edit("/?ex=chain&step=2")
    page.keyboard.press(key)
    assert not blank(page), "only while presenting"
    page.keyboard.press("Shift+P")
    page.keyboard.press(key)
    assert blank(page)
    expect(page.locator("[data-presenting]")).to_have_text("The screen is blank. Any key brings it back.")
    page.keyboard.press("PageDown")
    assert not blank(page)
    expect(page.locator("[data-count]")).to_have_text("step 3 of 12")
    page.keyboard.press("PageDown")
    expect(page.locator("[data-count]")).to_have_text("step 4 of 12")


def test_the_line_of_the_step_is_lit_and_its_note_is_shown(visitor: Any) -> None:
    page = visitor.edit("/?ex=chain&step=2")
    page.keyboard.press("Shift+P")
    note = page.locator(".sentence .lecturer")
    expect(note).to_have_text("dv/du = v itself")
    assert page.evaluate("getComputedStyle(document.querySelector('.lecturer')).display") == "block"
    colours = page.evaluate("[...document.querySelectorAll('.cm-line')].map((one) => getComputedStyle(one).color)")
    lit = page.evaluate("getComputedStyle(document.body).color")
    assert [colour == lit for colour in colours] == [False, False, True, False, False, False]


@pytest.mark.parametrize("name", ["chain", "two_layer", "training_loop"])
def test_it_can_be_read_from_the_back_row(visitor: Any, name: str) -> None:
    """At 1280×720: code and the type of the active card at least 18 px, the sentence 32."""
    page = visitor.edit(f"/?ex={name}&step=4")
    page.keyboard.press("Shift+P")
    visitor.until(page, "document.querySelector('.stage').clientWidth > 800")
    size = "(one) => parseFloat(getComputedStyle(one).fontSize)"
    assert page.locator(".cm-line").first.evaluate(size) >= 18
    assert page.locator("[data-sentence]").evaluate(size) >= 32
    for hidden in (".top", ".side", ".zoom", ".narrow-tabs", ".more"):
        expect(page.locator(hidden).first).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_pointer_and_buttons_go_when_nothing_moves(visitor: Any) -> None:
    page = visitor.edit("/")
    page.get_by_role("button", name="Present").click()
    visitor.until(page, "document.documentElement.classList.contains('idle')")
    expect(page.get_by_role("button", name="Forward")).to_be_hidden()
    page.mouse.move(300, 300)
    page.mouse.move(310, 310)
    page.get_by_role("button", name="Forward").click()
    expect(page.locator("[data-count]")).to_have_text("step 2 of 11")
    page.keyboard.press("Shift+P")
    expect(page.get_by_role("button", name="Present")).to_be_focused()


def test_on_a_phone_nothing_overflows(visitor: Any) -> None:
    page = visitor.edit("/?ex=chain&step=3", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.keyboard.press("Shift+P")
    visitor.until(page, "document.documentElement.classList.contains('presenting')")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    bar = page.locator(".bar").bounding_box()
    assert bar is not None
    assert bar["y"] + bar["height"] <= 844
