"""The host side of an embed, `static/embed.js`, on a page of another origin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

DECK = """<!doctype html><title>deck</title><link rel="icon" href="data:,">
<iframe data-gradwalk width="900" height="500" src="{server}/embed?ex=lecture"></iframe>
<script type="module">
import {{ connectAll }} from "{server}/static/embed.js";
[window.walk] = connectAll();
window.heard = [];
for (const type of ["step", "boundary"]) walk.on(type, (detail) => heard.push({{ type, ...detail }}));
walk.ready.then((info) => {{ window.info = info; }});
</script>"""


@pytest.fixture
def deck(visitor: Any, elsewhere: tuple[Path, str]) -> Page:
    folder, origin = elsewhere
    (folder / "deck.html").write_text(DECK.format(server=visitor.server))
    visitor.expected.append(f"request to another origin: {origin}/deck.html")
    page: Page = visitor.new_page()
    page.goto(f"{origin}/deck.html")
    visitor.until(page, "window.info")
    return page


def test_the_host_drives_the_walk_from_another_origin(visitor: Any, deck: Page) -> None:
    page = deck
    assert page.evaluate("[info.steps, walk.steps, walk.step]") == [11, 11, 0]
    page.evaluate("walk.goto(8)")
    visitor.until(page, "walk.step === 8")
    assert page.evaluate("heard.at(-1).phase") == "backward"
    page.evaluate("walk.goto(10)")
    visitor.until(page, "walk.step === 10")
    page.evaluate("walk.next()")
    visitor.until(page, "heard.at(-1).type === 'boundary' && heard.at(-1).edge === 'end'")


def test_the_host_hears_its_own_frame_alone(visitor: Any, deck: Page) -> None:
    page = deck
    page.evaluate("postMessage({ ns: 'gradwalk', v: 1, type: 'step', step: 7 }, '*')")
    page.evaluate("walk.goto(2)")
    visitor.until(page, "walk.step === 2")
    assert page.evaluate("heard.map((one) => one.step)") == [2]
