"""Narrow and wide, light and dark, folded and zoomed: nothing is cut off, graph and transport are always there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

SIZES = [(1280, 720), (390, 844), (320, 640), (844, 390), (640, 360), (2560, 1440)]
SCROLLING = {(640, 360)}
"""A desk's screen at 200 % zoom: what is beside graph and transport is reached by scrolling."""


def inside(page: Page, selector: str) -> bool:
    """Whether an element lies wholly in the window."""
    found: bool = page.evaluate(
        """(selector) => {
            const box = document.querySelector(selector).getBoundingClientRect();
            return box.width > 0 && box.height > 0 && box.left >= -1 && box.top >= -1
                && box.right <= innerWidth + 1 && box.bottom <= innerHeight + 1;
        }""",
        selector,
    )
    return found


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_graph_and_transport_are_in_the_window(visitor: Any, size: tuple[int, int]) -> None:
    page = visitor.open("/?step=8", viewport={"width": size[0], "height": size[1]})
    for selector in (
        ".stage",
        "[data-timeline]",
        "[data-do=prev]",
        "[data-do=toggle]",
        "[data-do=next]",
        "[data-sentence]",
    ):
        assert inside(page, selector), selector
    assert page.evaluate("document.documentElement.scrollWidth > innerWidth") is False
    assert page.evaluate("document.documentElement.scrollHeight > innerHeight") is (size in SCROLLING)
    assert page.evaluate("document.querySelector('.stage').clientHeight") >= min(180, size[1] * 0.3)


@pytest.mark.parametrize("size", SIZES[:3], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_active_node_is_in_view_at_every_step(visitor: Any, size: tuple[int, int]) -> None:
    page = visitor.open("/", viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce")
    for step in range(1, 11):
        page.keyboard.press("ArrowRight")
        hidden = page.evaluate(
            """([step, wide]) => {
                const { walk } = JSON.parse(document.querySelector('script[data-walk]').textContent);
                const own = walk.trace.steps[step].node;
                const frame = document.querySelector('.canvas').getBoundingClientRect();
                const out = (box) => box.left < frame.left || box.right > frame.right
                    || box.top < frame.top || box.bottom > frame.bottom;
                return [...document.querySelectorAll('.canvas .halo.active')]
                    .filter((one) => wide || one.closest('[data-node]').dataset.node === own)
                    .filter((one) => out(one.getBoundingClientRect())).length;
            }""",
            [step, size[0] > 400],
        )
        assert hidden == 0, page.locator("[data-count]").inner_text()


def test_a_narrow_page_has_tabs(visitor: Any) -> None:
    page = visitor.edit("/", viewport={"width": 390, "height": 844}, has_touch=True)
    tabs = page.locator(".narrow-tabs [role=tab]")
    expect(tabs).to_have_count(3)
    tabs.nth(0).tap()
    assert inside(page, ".cm-editor")
    tabs.nth(1).tap()
    expect(page.locator("[data-inspector]")).to_be_visible()
    expect(page.locator(".cm-editor")).to_be_hidden()
    tabs.nth(2).tap()
    expect(page.locator(".steps")).to_be_visible()
    page.locator("[data-do=next]").tap()
    assert page.locator("[data-count]").inner_text() == "step 2 of 11"


def test_touch_targets_are_large_enough(visitor: Any) -> None:
    page = visitor.open("/", viewport={"width": 390, "height": 844}, has_touch=True)
    small = page.evaluate(
        """() => [...document.querySelectorAll('.controls button, .top button, .narrow-tabs button')]
            .filter((one) => one.offsetParent && (one.offsetWidth < 40 || one.offsetHeight < 40))
            .map((one) => one.getAttribute('aria-label') ?? one.textContent.trim())"""
    )
    assert small == []


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def lightness(colour: str) -> float:
    return sum(float(part) for part in re.findall(r"[\d.]+", colour)[:3]) / 3


def test_dark_follows_the_system_and_the_button_chooses(visitor: Any) -> None:
    page = visitor.open("/", color_scheme="dark")
    assert lightness(background(page)) < 60
    button = page.locator("[data-theme-button]")
    button.click()
    assert page.locator("html").get_attribute("data-theme") == "light"
    assert lightness(background(page)) > 200
    page.reload()
    page.wait_for_selector("[data-ready]")
    assert page.locator("html").get_attribute("data-theme") == "light"
    assert lightness(background(page)) > 200


def test_the_drawing_takes_the_theme(visitor: Any) -> None:
    fill = "getComputedStyle(document.querySelector('.canvas [data-node] .body')).fill"
    dark = visitor.open("/?theme=dark").evaluate(fill)
    light = visitor.open("/?theme=light").evaluate(fill)
    assert lightness(dark) < 80 < 200 < lightness(light)


def test_columns_fold_and_come_back(visitor: Any) -> None:
    page = visitor.open("/")
    width = "document.querySelector('.stage').clientWidth"
    before = page.evaluate(width)
    page.get_by_role("button", name="Fold the program away").click()
    page.get_by_role("button", name="Fold the details away").click()
    assert page.evaluate(width) == 1280
    page.reload()
    page.wait_for_selector("[data-ready]")
    assert page.evaluate(width) == 1280
    page.get_by_role("button", name="Show the program").click()
    page.get_by_role("button", name="Show the details").click()
    assert page.evaluate(width) == before


def test_columns_resize_with_the_keyboard(visitor: Any) -> None:
    page = visitor.open("/")
    width = "document.querySelector('.code').clientWidth"
    before = page.evaluate(width)
    page.get_by_role("separator", name="Width of the program").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate(width) == before + 24
    assert page.locator("[data-count]").inner_text() == "step 1 of 11"


def test_zoom_and_fit(visitor: Any) -> None:
    page = visitor.open("/", reduced_motion="reduce")
    scale = "document.querySelector('.canvas svg').getScreenCTM().a"
    fitted = page.evaluate(scale)
    page.keyboard.press("+")
    assert page.evaluate(scale) == pytest.approx(fitted * 1.25, rel=0.01)
    page.keyboard.press("f")
    assert page.evaluate(scale) == pytest.approx(fitted, rel=0.01)


def test_help_opens_with_a_question_mark_and_closes_with_escape(visitor: Any) -> None:
    page = visitor.open("/")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    assert page.locator("[data-count]").inner_text() == "step 1 of 11"


def test_no_style_attribute_comes_from_the_server(visitor: Any) -> None:
    page = visitor.new_page()
    answer = page.request.get(visitor.server + "/")
    assert " style=" not in answer.text()
    assert "unsafe-inline" not in answer.headers["content-security-policy"]


def test_presenting_leaves_what_the_room_should_see(visitor: Any) -> None:
    page = visitor.edit("/?step=4")
    size = "parseFloat(getComputedStyle(document.querySelector('.sentence')).fontSize)"
    before = page.evaluate(size)
    page.keyboard.press("Shift+P")
    expect(page.locator(".top")).to_be_hidden()
    expect(page.locator(".pane.side")).to_be_hidden()
    assert page.evaluate(size) > 1.25 * before
    page.keyboard.press("PageDown")
    expect(page.locator("[data-count]")).to_have_text("step 6 of 11")
    page.keyboard.press("b")
    assert page.evaluate("getComputedStyle(document.body, '::after').position") == "fixed"
    page.keyboard.press("b")
    stage, bar = page.locator(".stage").bounding_box(), page.locator(".transport").bounding_box()
    assert stage is not None
    assert bar is not None
    assert stage["y"] + stage["height"] <= bar["y"] + 1
    assert stage["width"] > 800
    assert inside(page, "[data-sentence]")
    page.keyboard.press("Shift+P")
    expect(page.locator(".top")).to_be_visible()
