"""The embed where lecturers put it: in a page of another origin, in one opened from a file, sandboxed, small and large;
and that the page itself can be framed by nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import FrameLocator, Page, expect

HOST = """<!doctype html><meta charset="utf-8"><title>deck</title><link rel="icon" href="data:,"><script>
window.heard = [];
addEventListener("message", (event) => { if (event.data?.ns === "gradwalk") heard.push(event.data); });
window.say = (message) =>
  document.getElementById("walk").contentWindow.postMessage({ ns: "gradwalk", v: 1, ...message }, "*");
</script><body style="margin:0">%s</body>"""
FRAME = '<iframe id="walk" width="%d" height="%d" src="%s"%s></iframe>'
PLAIN, SANDBOXED = "", ' sandbox="allow-scripts"'

Open = Callable[..., Page]


@pytest.fixture(params=["another origin", "file"])
def opened(request: pytest.FixtureRequest, visitor: Any, elsewhere: tuple[Path, str]) -> Open:
    """Opens a host page's body from another origin, or from a file."""

    def from_elsewhere(body: str, **options: Any) -> Page:
        page: Page = visitor.new_page(**options)
        folder, origin = elsewhere
        (folder / "deck.html").write_text(HOST % body, "utf-8")
        address = (folder / "deck.html").as_uri() if request.param == "file" else f"{origin}/deck.html"
        visitor.expected.append(f"request to another origin: {address}")
        page.goto(address)
        return page

    return from_elsewhere


def walk(page: Page) -> FrameLocator:
    return page.frame_locator("#walk")


@pytest.mark.parametrize("sandbox", [PLAIN, SANDBOXED], ids=["plain", "sandboxed"])
def test_it_plays_and_is_driven(visitor: Any, opened: Open, sandbox: str) -> None:
    address = f"{visitor.server}/embed?ex=lecture&show=inspector,values,grads,locals,link"
    page = opened(FRAME % (900, 500, address, sandbox))
    visitor.until(page, "heard.some((one) => one.type === 'ready')")
    page.evaluate("say({ type: 'goto', step: 8 })")
    visitor.until(page, "heard.some((one) => one.type === 'step' && one.step === 8)")
    expect(walk(page).locator("[data-count]")).to_have_text("step 9 of 11")
    # A formula is set: KaTeX, its style and its fonts come from another origin than the frame's.
    expect(walk(page).locator(".katex").first).to_be_visible()
    walk(page).locator("[data-do=prev]").click()
    visitor.until(page, "heard.findLast((one) => one.type === 'step').step === 7")
    page.evaluate("say({ type: 'set', digits: 2, theme: 'dark' })")
    expect(walk(page).locator("html")).to_have_attribute("data-theme", "dark")
    assert page.context.cookies() == []


def test_only_the_parent_is_obeyed(visitor: Any, opened: Open) -> None:
    """A sibling frame knows where the embed is and speaks its language; it is not its parent."""
    hostile = (
        "<script>setInterval(() => parent.frames[0].postMessage("
        "{ ns: 'gradwalk', v: 1, type: 'goto', step: 5 }, '*'), 20); parent.postMessage('up', '*');</script>"
    )
    frame = FRAME % (900, 500, f"{visitor.server}/embed?ex=lecture", "")
    page = opened(f'{frame}<iframe srcdoc="{hostile}" sandbox="allow-scripts"></iframe>')
    page.evaluate("addEventListener('message', ({ data }) => { if (data === 'up') window.up = true; })")
    visitor.until(page, "heard.some((one) => one.type === 'ready')")
    page.frames[0].wait_for_timeout(300)
    page.evaluate("say({ type: 'next' })")
    visitor.until(page, "heard.some((one) => one.type === 'step')")
    assert page.evaluate("heard.filter((one) => one.type === 'step').map((one) => one.step)") == [1]


def test_the_page_and_errors_are_framed_by_nobody(visitor: Any, opened: Open) -> None:
    visitor.expected += ["Refused to frame", "Framing ", "frame-ancestors", "Failed to load resource"]
    for path in ("/", "/?ex=lecture", "/examples", "/docs"):
        page = opened(FRAME % (900, 500, visitor.server + path, ""))
        page.wait_for_load_state()
        inner = page.frames[1]
        visitor.until(page, "true")
        assert inner.url.startswith("chrome-error:") or inner.locator("[data-player]").count() == 0
        assert inner.locator(".brand").count() == 0


@pytest.mark.parametrize(("width", "height"), [(160, 120), (320, 240), (480, 270), (960, 540), (3840, 2160)])
def test_it_takes_the_room_it_has(visitor: Any, width: int, height: int) -> None:
    page = visitor.open("/embed?ex=lecture&step=6", viewport={"width": width, "height": height})
    box = page.locator(".stage").bounding_box()
    assert box["height"] >= 0.3 * height
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    for name in ("[data-do=next]", "[data-do=prev]"):
        found = page.locator(name).bounding_box()
        assert found["x"] >= 0
        assert found["x"] + found["width"] <= width
        assert found["y"] + found["height"] <= height + 1
    cards = page.evaluate(
        "[...document.querySelectorAll('[data-node=n4] .halo.active')]"
        ".map((one) => one.getBoundingClientRect().toJSON())"
    )
    assert cards
    assert all(card["right"] > 0 and card["left"] < width and card["top"] < box["height"] for card in cards)


def test_it_needs_no_storage(visitor: Any) -> None:
    page = visitor.new_page()
    page.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches'])"
        " Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError'); } });"
        " Object.defineProperty(document, 'cookie', { get() { throw new DOMException('denied', 'SecurityError'); } });"
    )
    page.goto(f"{visitor.server}/embed?ex=lecture&show=inspector,code,values,grads")
    page.wait_for_selector("[data-player][data-ready]", state="attached")
    page.locator("[data-do=next]").click()
    expect(page.locator("[data-count]")).to_have_text("step 2 of 11")


def test_a_file_by_itself_says_that_it_cannot_spell_anew(visitor: Any, elsewhere: tuple[Path, str]) -> None:
    folder, _origin = elsewhere
    with urlopen(f"{visitor.server}/html?ex=lecture") as answer:
        (folder / "walk.html").write_bytes(answer.read())
    address = (folder / "walk.html").as_uri()
    (folder / "deck.html").write_text(HOST % (FRAME % (900, 500, address, "")), "utf-8")
    deck = (folder / "deck.html").as_uri()
    visitor.expected += [f"request to another origin: {one}" for one in (deck, address)]
    page = visitor.new_page()
    page.goto(deck)
    visitor.until(page, "heard.some((one) => one.type === 'ready')")
    page.evaluate("say({ type: 'set', digits: 2, theme: 'dark' })")
    visitor.until(page, "heard.some((one) => one.type === 'error' && one.code === 'offline')")
    expect(walk(page).locator("html")).to_have_attribute("data-theme", "dark")
