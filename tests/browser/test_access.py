"""All by keyboard, at any size, for every sense: what axe can't judge."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

WHO = """() => {
    const one = document.activeElement;
    const box = one.getBoundingClientRect();
    const style = getComputedStyle(one);
    const ringed = (at) => getComputedStyle(at).boxShadow.includes(" 2px");
    const outside = (at) => at && at !== document.body ? ringed(at) || outside(at.parentElement) : false;
    const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1);
    const y = Math.min(Math.max(box.top + box.height / 2, 1), innerHeight - 1);
    const top = document.elementFromPoint(x, y);
    return {
        name: one.getAttribute("data-do") ?? one.getAttribute("data-open") ?? one.getAttribute("aria-label")
            ?? one.textContent.trim().slice(0, 40),
        marked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1 || outside(one)
            || one.classList.contains("cm-content"),
        covered: !(one.contains(top) || top?.contains(one)),
        inside: box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight,
        body: one === document.body,
    };
}"""


def walk_by_tab(page: Page, most: int = 80) -> list[dict[str, Any]]:
    """What takes the focus, one after the other, until the page's end."""
    seen: list[dict[str, Any]] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        at: dict[str, Any] = page.evaluate(WHO)
        if at["body"]:
            break
        seen.append(at)
        if page.evaluate("() => document.activeElement.classList.contains('cm-content')"):
            page.keyboard.press("Escape")
    return seen


def test_tab_reaches_everything_and_shows_where_it_is(visitor: Any) -> None:
    page = visitor.edit("/?step=8")
    seen = walk_by_tab(page)
    names = {one["name"] for one in seen}
    assert {"examples", "help", "first", "prev", "toggle", "next", "last", "Step of the walk"} <= names
    assert [one["name"] for one in seen if not one["marked"]] == []
    assert [one["name"] for one in seen if one["covered"] or not one["inside"]] == []


def test_a_walk_by_keyboard_alone(visitor: Any) -> None:
    """Choose an example, step, choose a node, read its details, present, come back: no pointer."""
    page = visitor.edit("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate(WHO)["name"] == "examples"
    page.keyboard.press("Enter")
    expect(page.locator("#examples")).to_be_visible()
    page.get_by_role("searchbox", name="Search the examples").press_sequentially("value used twice branches")
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.hasAttribute('data-example')"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("[data-example-title]")).to_have_text("A value used twice")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-count]")).to_contain_text("step 3 of")
    page.keyboard.press("End")
    expect(page.locator("[data-sentence]")).to_contain_text("x.grad")
    page.locator(".canvas [data-node][tabindex='0']").focus()
    before = page.evaluate("document.activeElement.getAttribute('data-node')")
    page.keyboard.press("Shift+ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('data-node')") != before
    page.keyboard.press("Enter")
    expect(page.locator(".canvas [data-node].selected").first).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+P")
    expect(page.locator(".top")).to_be_hidden()
    page.keyboard.press("Shift+P")
    expect(page.locator(".top")).to_be_visible()


def test_one_live_region_speaks_a_step(visitor: Any) -> None:
    page = visitor.open("/")
    live = page.evaluate(
        """() => [...document.querySelectorAll("[aria-live=polite],[aria-live=assertive]")]
            .filter((one) => one.offsetParent && one.getAttribute("aria-live") !== "off").map((one) => one.className)"""
    )
    assert live == ["sentence"]
    page.keyboard.press("ArrowRight")
    expect(page.locator("[aria-live=polite].sentence")).to_contain_text("u = w × x")
    slider = page.get_by_role("slider", name="Step of the walk")
    expect(slider).to_have_attribute("aria-valuetext", "Step 2 of 11, forward: u = w × x = 2 × 3 = 6.")
    nodes = page.locator(".canvas [role=graphics-symbol]")
    assert all(nodes.nth(k).get_attribute("aria-label") for k in range(nodes.count()))


SMALL = """(least) => [...document.querySelectorAll("button, a[href], input, select, summary, [role=tab]")]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest(".unseen, .skip")
        // Links within a sentence are excepted, and what is as large by what lies around it.
        && !one.closest("p, .lesson, .hint, footer p, .rule, dd, td") && !one.matches(".cm-content *"))
    .map((one) => [one.getAttribute("aria-label") ?? one.textContent.trim().slice(0, 30), one.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && (box.width < least || box.height < least))
    .map(([name, box]) => `${name}: ${Math.round(box.width)} × ${Math.round(box.height)}`)"""


def test_targets_are_24_pixels_and_more(visitor: Any) -> None:
    page = visitor.edit("/?step=8")
    assert page.evaluate(SMALL, 24) == []


@pytest.mark.parametrize(("width", "height"), [(320, 640), (640, 360), (390, 844), (1024, 768), (3840, 2160)], ids=str)
def test_no_size_scrolls_sideways_or_clips_words(visitor: Any, width: int, height: int) -> None:
    """640 × 360 is 1280 × 720 at 200 %; 320 is 1280 at 400 %."""
    page = visitor.open("/?step=8", viewport={"width": width, "height": height})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    clipped = page.evaluate(
        """() => [...document.querySelectorAll("button, .count, .sentence, h1, h2, .tabs button")]
            .filter((one) => one.checkVisibility({ visibilityProperty: true }))
            .filter((one) => !one.closest(".unseen, .skip, dialog"))
            .filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== "visible"
                && getComputedStyle(one).textOverflow !== "ellipsis")
            .map((one) => one.getAttribute("aria-label") ?? one.textContent.trim().slice(0, 40))"""
    )
    assert clipped == []
    outside = page.evaluate(
        """() => [...document.querySelectorAll(".top button, .bar button, .bar input")]
            .filter((one) => one.checkVisibility({ visibilityProperty: true }))
            .filter((one) => { const b = one.getBoundingClientRect(); return b.left < -1 || b.right > innerWidth + 1; })
            .map((one) => one.getAttribute("aria-label") ?? one.textContent.trim())"""
    )
    assert outside == []


@pytest.mark.parametrize("path", ["/examples", "/docs", "/nowhere"])
def test_pages_of_text_reflow(visitor: Any, path: str) -> None:
    visitor.expected.append("Failed to load resource")
    page = visitor.new_page(viewport={"width": 320, "height": 640})
    page.goto(visitor.server + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_without_motion_nothing_glides(visitor: Any) -> None:
    page = visitor.open("/", reduced_motion="reduce")
    page.keyboard.press("ArrowRight")
    running = page.evaluate("() => document.getAnimations().filter((one) => one.playState === 'running').length")
    assert running == 0
    times = page.evaluate(
        """() => [...document.querySelectorAll("*")].map((one) => getComputedStyle(one).transitionDuration)
            .filter((one) => one.split(", ").some((time) => parseFloat(time) > 0)).length"""
    )
    assert times == 0


def test_with_motion_a_step_takes_at_most_300_ms(visitor: Any) -> None:
    page = visitor.open("/")
    longest = page.evaluate(
        """() => Math.max(...[...document.querySelectorAll(".canvas [data-from]")]
            .flatMap((one) => getComputedStyle(one).transitionDuration.split(", ").map(parseFloat)))"""
    )
    assert 0 < longest <= 0.3


def test_forced_colours_keep_lines_and_focus(visitor: Any) -> None:
    page = visitor.open("/?step=8", forced_colors="active")
    same = page.evaluate(
        """() => {
            const colour = (selector, what) => getComputedStyle(document.querySelector(selector))[what];
            return {
                wire: colour(".canvas .edge path:not(.tip, .hit)", "stroke"),
                card: colour(".canvas .node .body", "stroke"),
                ground: colour("body", "backgroundColor"),
                text: colour(".canvas .node .name", "fill"),
                paper: colour(".canvas .node .body", "fill"),
            };
        }"""
    )
    assert same["wire"] != same["ground"]
    assert same["card"] not in (same["ground"], same["paper"])
    assert same["text"] != same["paper"]
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate(WHO)["marked"]


def test_paper_shows_the_graph_the_program_and_the_steps(visitor: Any) -> None:
    page = visitor.edit("/?step=8&theme=dark")
    page.emulate_media(media="print")
    for selector in (".canvas svg", ".sentence", ".cm-content", ".steps"):
        assert page.locator(selector).first.is_visible(), selector
    for selector in (".top", ".bar", ".zoom", ".resize", ".tabs", "[data-run]"):
        assert page.locator(selector).first.is_hidden(), selector
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") in (
        "rgb(255, 255, 255)",
        "rgba(0, 0, 0, 0)",
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    made = page.pdf(format="A4", landscape=True)
    assert made.startswith(b"%PDF")
