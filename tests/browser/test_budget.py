"""What a visitor waits for: bytes of script before the first picture, no other origin, little to do at a step.

No test here measures time; `python -m benchmarks.page` does. These hold what the times come from.
"""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from playwright.sync_api import Page

from app.core.codec import encode

SCRIPT_BYTES = 120 * 1024
STYLE_BYTES = 60 * 1024
LATER = ("codemirror", "katex", "editor", "scrub", "inspector/inspector")
"""Parts of names of what may only come after the first picture."""
CHAIN = 140
"""Below what folds by itself."""


def deep(count: int) -> str:
    """The token of a program of `count` operations."""
    loop = f"for i in range({count}):\n    y = y * 1.01\n"
    return encode(f"x = torch.tensor(1., requires_grad=True)\ny = x\n{loop}y.backward()\n")


@pytest.mark.parametrize("path", ["/", "/embed?step=3"])
def test_script_before_the_first_picture(visitor: Any, path: str) -> None:
    """What the page's head asks for is all that runs before the player shows its step."""
    page = visitor.open(path)
    painted = page.evaluate(
        """async () => {
            const first = await new Promise((done) => {
                const told = new PerformanceObserver((list) => done(list.getEntries()[0].startTime));
                told.observe({ type: "paint", buffered: true });
            });
            return performance.getEntriesByType("resource").filter((one) => one.name.endsWith(".js"))
                .filter((one) => one.startTime <= first).map((one) => one.name);
        }"""
    )
    head = page.evaluate("[...document.querySelectorAll('link[rel=modulepreload]')].map((one) => one.href)")
    head += page.evaluate("[...document.querySelectorAll('script[src]')].map((one) => one.src)")
    assert set(painted) <= set(head)
    assert not [url for url in head if any(name in url.rsplit("/static/", 1)[1] for name in LATER)]
    size = sum(len(gzip.compress(page.request.get(url).body())) for url in set(head))
    assert 20 * 1024 < size <= SCRIPT_BYTES


def test_the_first_picture_needs_no_answer_but_the_page_and_its_styles(visitor: Any) -> None:
    """With every script held back the picture is there, complete and in its colours."""
    page = visitor.new_page()
    page.route("**/*.js", lambda route: route.abort())
    visitor.expected += ["Failed to load resource", "net::ERR_FAILED"]
    page.goto(visitor.server + "/?step=8")
    assert page.locator(".canvas svg [data-node]").count() >= 6
    assert page.locator(".canvas svg [data-node] .body").first.bounding_box() is not None
    assert page.locator("[data-sentence]").inner_text() != ""


def test_styles_are_small(visitor: Any) -> None:
    page = visitor.open("/")
    sheets = page.evaluate("[...document.querySelectorAll('link[rel=stylesheet]')].map((one) => one.href)")
    assert 0 < sum(len(gzip.compress(page.request.get(url).body())) for url in sheets) < STYLE_BYTES


COUNT_CHANGES = """() => {
    window.changes = 0;
    new MutationObserver((list) => { window.changes += list.length; })
        .observe(document.querySelector(".canvas"), { subtree: true, attributes: true, childList: true });
}"""


def changes(page: Page, key: str) -> int:
    page.evaluate("window.changes = 0")
    page.keyboard.press(key)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    made: int = page.evaluate("window.changes")
    return made


def test_a_step_touches_what_it_is_about_and_no_more(visitor: Any) -> None:
    """A graph of hundreds of nodes costs a step no more than one of three: that is why it takes a few milliseconds."""
    large = visitor.open(f"/?c={deep(CHAIN)}", reduced_motion="reduce")
    small = visitor.open(f"/?c={deep(3)}", reduced_motion="reduce")
    assert large.locator(".canvas .node").count() > CHAIN
    counts = {}
    for page in (small, large):
        page.evaluate(COUNT_CHANGES)
        page.keyboard.press("ArrowRight")
        counts[page] = max(changes(page, "ArrowRight") for _ in range(3))
    assert 0 < counts[large] <= counts[small] + 8
    assert counts[large] < 40
