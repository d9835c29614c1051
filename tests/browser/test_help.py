"""The help says what is true: each listed key does what it says; the tour; completion; what the legend names."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect


def count(page: Page) -> int:
    return int(page.locator("[data-count]").inner_text().split()[1])


def goes(keys: dict[str, int]) -> Callable[[Any, Page], None]:
    """From the fourth step, each key leads to a step."""

    def check(visitor: Any, page: Page) -> None:
        for key, then in keys.items():
            page.keyboard.press("Home")
            for _ in range(3):
                page.keyboard.press("ArrowRight")
            page.keyboard.press(key)
            assert count(page) == then, key

    return check


def plays(_visitor: Any, page: Page) -> None:
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def speeds(_visitor: Any, page: Page) -> None:
    speed = page.locator("[data-speed]")
    before = speed.input_value()
    page.keyboard.press(">")
    assert float(speed.input_value()) > float(before)
    page.keyboard.press("<")
    assert speed.input_value() == before


def zooms(visitor: Any, page: Page) -> None:
    width = "Number(document.querySelector('.canvas svg').getAttribute('viewBox').split(' ')[2])"
    for key, grows in (("+", False), ("-", True), ("f", None)):
        before = page.evaluate(width)
        page.keyboard.press(key)
        if grows is not None:
            visitor.until(page, f"{width} {'>' if grows else '<'} {before} * {1.02 if grows else 0.98}")


def presents(visitor: Any, page: Page) -> None:
    page.keyboard.press("P")
    visitor.until(page, "document.documentElement.classList.contains('presenting')")
    page.keyboard.press("b")
    visitor.until(page, "document.documentElement.classList.contains('blank')")
    page.keyboard.press("b")
    visitor.until(page, "!document.documentElement.classList.contains('blank')")
    page.keyboard.press("Escape")
    visitor.until(page, "!document.documentElement.classList.contains('presenting')")


def moves_between_nodes(_visitor: Any, page: Page) -> None:
    page.keyboard.press("Home")
    page.locator(".canvas .node[tabindex='0']").focus()
    first = page.evaluate("document.activeElement.dataset.node")
    page.keyboard.press("Shift+ArrowRight")
    second = page.evaluate("document.activeElement.dataset.node")
    assert second not in (None, first)


def chooses(_visitor: Any, page: Page) -> None:
    page.locator(".canvas .node.op").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".canvas .node.op").first).to_have_class(re.compile("selected"))
    page.locator(".canvas .node.leaf").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator(".value-edit input")).to_be_focused()
    page.keyboard.press("Escape")


def runs(visitor: Any, page: Page) -> None:
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("\nz = a * 2")
    page.keyboard.press("Control+Enter")
    visitor.until(page, "document.querySelectorAll('.canvas .node.op').length === 4")


def changes_numbers(visitor: Any, page: Page) -> None:
    page.locator(".cm-literal").first.dblclick()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Alt+Shift+ArrowUp")
    visitor.until(page, "document.querySelector('.cm-line').textContent.includes('3.19')")


def finds_the_line(visitor: Any, page: Page) -> None:
    page.keyboard.press("Escape")
    visitor.until(page, "!document.querySelector('[data-player]').hasAttribute('data-stale')")
    page.keyboard.press("Home")
    page.locator(".cm-line", has_text="v = u + b").click()
    page.keyboard.press("Alt+Enter")
    assert count(page) == 3


def indents(_visitor: Any, page: Page) -> None:
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator(".cm-line").last.inner_text().rstrip("\n") == "    "
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.closest('.cm-editor') !== null")


def leaves(visitor: Any, page: Page) -> None:
    page.locator(".cm-content").focus()
    page.keyboard.press("Escape")
    assert not page.evaluate("document.activeElement.closest('.cm-editor') !== null")
    visitor.until(page, "!document.querySelector('[data-player]').hasAttribute('data-stale')")
    page.locator(".canvas .node.op").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator(".canvas .selected")).to_have_count(0)


def helps(_visitor: Any, page: Page) -> None:
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()


KEYS: dict[str, Callable[[Any, Page], None]] = {
    "→ PgDn": goes({"ArrowRight": 5, "PageDown": 5}),
    "← PgUp": goes({"ArrowLeft": 3, "PageUp": 3}),
    "Home End": goes({"Home": 1, "End": 11}),
    "Space": plays,
    "o g i": goes({"o": 5, "O": 3, "g": 5}),
    "t": goes({"t": 5}),
    "< >": speeds,
    "f + −": zooms,
    "P F5": presents,
    "b .": presents,
    "Shift arrows": moves_between_nodes,
    "Enter": chooses,
    "Ctrl Enter": runs,
    "Alt ↑ ↓": changes_numbers,
    "Alt Enter": finds_the_line,
    "Tab": indents,
    "Esc": leaves,
    "?": helps,
}


def test_every_key_that_the_help_lists_does_what_it_says(visitor: Any) -> None:
    page = visitor.edit("/")
    listed = page.locator("#help .keys:not(.marks) dt").all_text_contents()
    assert [" ".join(text.split()) for text in listed] == list(KEYS), "the help lists other keys than are tested"
    for check in dict.fromkeys(KEYS.values()):
        check(visitor, page)


def test_the_tour_comes_once_blocks_nothing_and_can_be_had_again(visitor: Any) -> None:
    page = visitor.open("/", first_visit=True)
    tour = page.get_by_role("dialog", name="A tour of the page")
    expect(tour).to_be_visible()
    assert page.evaluate("document.activeElement.closest('.tour')") is None, "it took the focus"
    page.keyboard.press("ArrowRight")
    assert count(page) == 2
    page.keyboard.press("Tab")  # the link that skips to the graph
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.tour') !== null")
    titles = [tour.locator("h2").inner_text()]
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        titles.append(tour.locator("h2").inner_text())
    assert len(set(titles)) == 4
    assert count(page) == 2, "its arrows step the walk too"
    tour.get_by_role("button", name="Done").click()
    expect(tour).to_have_count(0)
    page.reload()
    page.wait_for_selector("[data-ready]")
    expect(tour).to_have_count(0)
    page.keyboard.press("?")
    page.get_by_role("button", name="Show the tour").click()
    expect(tour).to_be_focused()
    page.keyboard.press("Escape")
    expect(tour).to_have_count(0)


def test_the_tour_stays_out_of_frames_and_of_browsers_without_memory(visitor: Any) -> None:
    page = visitor.open("/embed", first_visit=True)
    expect(page.locator(".tour")).to_have_count(0)
    page = visitor.open("/?ex=square&step=3", first_visit=True)
    expect(page.locator(".tour")).to_have_count(0)
    page = visitor.new_page(first_visit=True)
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })")
    page.goto(visitor.server + "/")
    page.wait_for_selector("[data-ready]")
    expect(page.locator(".tour")).to_have_count(0)


def test_completion_offers_what_is_allowed_with_its_arguments(visitor: Any) -> None:
    page = visitor.edit("/")
    visitor.expected.append("422")  # on a slow machine what is half typed is run
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    assert not any("names.json" in url for url in asked), "the names are fetched before anyone asks"
    options = page.locator(".cm-tooltip-autocomplete li")
    for typed, offered, never in [
        ("\ntorch.mat", "matmul(input, other)", None),
        ("\ntorch.lo", "log(input)", "load"),
        ("\nF.mse", "mse_loss(input, target", None),
        ("\nw.back", "backward(", None),
        ("\n(w * x).requires", "requires_grad_(requires_grad)", None),
        ("\nfrom torch.li", "linalg", None),
        ("\nin", "int", "input"),
    ]:
        page.keyboard.type(typed)
        expect(options.filter(has_text=offered).first).to_be_visible()
        if never:
            expect(options.filter(has_text=never)).to_have_count(0)
        page.keyboard.press("Escape")
    page.keyboard.type("\ntorch.matm")
    expect(options.first).to_contain_text("matmul")
    page.wait_for_timeout(100)  # a completion that has just come up isn't taken by a key that was meant for the text
    page.keyboard.press("Tab")
    expect(page.locator(".cm-line").last).to_have_text("torch.matmul")
