"""The Share panel: every way to take a view along, by mouse and by keyboard."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.core.codec import encode
from tests.browser.axe import violations
from tests.browser.test_access_axe import settle

LONG = """\
w = torch.tensor(1., requires_grad=True)
y = w  # {}
for i in range(40):
    y = torch.sin(y * w)
y.backward()
"""


def shared(visitor: Any, path: str = "/?ex=lecture&step=6", **options: Any) -> Page:
    """The page with its Share panel open."""
    page: Page = visitor.open(path, **options)
    page.locator("[data-share]").click()
    expect(page.locator("#share")).to_be_visible()
    visitor.until(page, "document.querySelector('[data-preview-image]').naturalWidth > 0")
    return page


def test_the_link_of_this_step_of_the_walk_and_of_a_range(visitor: Any) -> None:
    page = shared(visitor)
    address = page.locator("#share-address")
    expect(address).to_be_focused()
    expect(address).to_have_value(f"{visitor.server}/?ex=lecture&step=6")
    page.get_by_label("The whole walk").check()
    expect(address).to_have_value(f"{visitor.server}/?ex=lecture")
    page.get_by_label("Steps", exact=True).check()
    page.locator("#share [data-from]").fill("3")
    page.locator("#share [data-to]").fill("8")
    expect(address).to_have_value(f"{visitor.server}/?ex=lecture&range=2-7")
    other = visitor.open(address.input_value().removeprefix(visitor.server))
    expect(other.locator("[data-count]")).to_have_text("step 3 of 11")


def test_the_look_is_in_picture_and_addresses(visitor: Any) -> None:
    page = shared(visitor)
    page.get_by_text("Look", exact=True).click()
    page.locator("[data-option=theme]").select_option("dark")
    page.locator("[data-option=bg]").select_option("transparent")
    page.locator("[data-option=dir]").select_option("TB")
    page.get_by_label("local derivatives").uncheck()
    expect(page.locator("[data-preview-image]")).to_have_attribute(
        "src", "/svg?ex=lecture&show=values,grads&theme=dark&bg=transparent&dir=TB&step=6&text=paths"
    )
    visitor.until(page, "document.querySelector('[data-preview-image]').naturalWidth > 0")
    page.get_by_role("tab", name="Embed").click()
    expect(page.locator("#share-image")).to_have_value(
        f"{visitor.server}/svg?ex=lecture&show=values,grads&theme=dark&bg=transparent&dir=TB&step=6&text=paths"
    )
    page.get_by_label("program", exact=True).check()
    frame = page.locator("#share-frame").input_value()
    assert "show=values,grads,code&amp;theme=dark" in frame
    assert frame.startswith(f'<iframe src="{visitor.server}/embed?ex=lecture&amp;')


def test_copying_is_confirmed(visitor: Any) -> None:
    page = shared(visitor)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = page.get_by_role("button", name="Copy: Link")
    button.click()
    expect(button).to_contain_text("Copied")
    expect(page.locator("[data-share-said]")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == f"{visitor.server}/?ex=lecture&step=6"


def test_a_long_program_gets_a_short_link(visitor: Any) -> None:
    page = visitor.edit("/?expr=" + "%2B".join(f"sin({n}*x)" for n in range(40)))
    page.locator("[data-share]").click()
    expect(page.locator("[data-qr-note]")).to_contain_text("too long")
    page.get_by_role("button", name="Make it short").click()
    visitor.until(page, "document.querySelector('#share-address').value.length < 80")
    address = page.locator("#share-address").input_value()
    assert address.startswith(f"{visitor.server}/s/")
    visitor.until(page, "document.querySelector('[data-qr]').naturalWidth > 0")
    assert "id=" in page.locator("#share-frame").input_value()
    visitor.until(page, "document.querySelector('[data-preview-image]').naturalWidth > 0")
    other = visitor.open(address.removeprefix(visitor.server))
    expect(other.locator(".listing, .cm-content").first).to_contain_text("sin(39*x)")
    assert "?id=" in other.url


def test_a_file_is_saved_with_its_progress(visitor: Any, tmp_path: Path) -> None:
    page = shared(visitor)
    page.get_by_label("The whole walk").check()
    page.get_by_role("tab", name="Files").click()
    with page.expect_download() as saving:
        page.get_by_role("button", name="Download ZIP").click()
    saving.value.save_as(tmp_path / "walk.zip")
    assert saving.value.suggested_filename == "gradwalk.zip"
    assert len([name for name in zipfile.ZipFile(tmp_path / "walk.zip").namelist() if name.endswith(".svg")]) == 11
    expect(page.locator("[data-export=zip] [data-told]")).to_contain_text("gradwalk.zip,")


def test_a_long_export_is_cancelled(visitor: Any) -> None:
    page = visitor.open(f"/?c={encode(LONG.format(time.monotonic_ns()))}")
    page.locator("[data-share]").click()
    page.get_by_label("The whole walk").check()
    page.get_by_role("tab", name="Files").click()
    page.get_by_role("button", name="Download PPTX").click()
    expect(page.locator("[data-export=pptx] [data-told]")).to_contain_text(" of ", timeout=30_000)
    page.get_by_role("button", name="Cancel PPTX").click()
    expect(page.locator("[data-export=pptx] [data-told]")).to_have_text("Cancelled.")
    expect(page.get_by_role("button", name="Download PPTX")).to_be_visible()
    expect(page.locator("[data-export=pptx] progress")).to_be_hidden()


def test_an_export_s_fault_is_told_in_its_place(visitor: Any) -> None:
    page = shared(visitor)
    page.route("**/api/export/png*", lambda route: route.abort())
    page.get_by_role("tab", name="Files").click()
    visitor.expected.append("Failed to load resource")
    page.get_by_role("button", name="Download PNG").click()
    expect(page.locator("[data-export=png] [data-told]")).to_contain_text("can’t be reached")
    expect(page.get_by_role("button", name="Download PNG")).to_be_visible()


def test_snippets_for_slides_hold_the_addresses(visitor: Any) -> None:
    page = shared(visitor)
    page.get_by_label("The whole walk").check()
    page.get_by_role("tab", name="Slides").click()
    tool, snippet = page.locator("[data-tool]"), page.locator("#share-snippet")
    expected = {
        "reveal": f'src="{visitor.server}/embed?ex=lecture&amp;keys=reveal"',
        "quarto": 'data-external="1"',
        "slidev": f'<iframe src="{visitor.server}/embed?ex=lecture"',
        "marp": f"![bg contain]({visitor.server}/svg?ex=lecture&step=end&text=paths)",
        "beamer": "\\foreach \\k in {1,...,11}",
        "powerpoint": f"{visitor.server}/svg?ex=lecture",
        "jupyter": f'IFrame("{visitor.server}/embed?ex=lecture"',
    }
    assert page.locator("[data-tool] option").count() == len(expected)
    for name, text in expected.items():
        tool.select_option(name)
        assert text in snippet.input_value()
        assert page.locator("[data-tool-note]").inner_text()


def test_by_keyboard_alone(visitor: Any) -> None:
    page = visitor.open("/?ex=lecture&step=6")
    page.locator("[data-share]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#share-address")).to_be_focused()
    page.locator("#share-tab-link").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#share-tab-embed")).to_be_focused()
    expect(page.locator("#share-embed")).to_be_visible()
    expect(page.locator("#share-link")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#share")).to_be_hidden()
    expect(page.locator("[data-share]")).to_be_focused()
    expect(page.locator("[data-count]")).to_have_text("step 7 of 11")


@pytest.mark.parametrize("width", [390, 320])
def test_on_a_phone_nothing_overflows(visitor: Any, width: int) -> None:
    page = shared(visitor, viewport={"width": width, "height": 844})
    page.get_by_text("Look", exact=True).click()
    for tab in ("Link", "Embed", "Files", "Slides"):
        page.get_by_role("tab", name=tab).click()
        wide = page.evaluate(
            """() => { const panel = document.querySelector('#share');
                const edge = panel.getBoundingClientRect().right;
                return [...panel.querySelectorAll('*')].filter((one) => one.checkVisibility()
                    && one.getBoundingClientRect().right > edge + 1).map((one) => one.outerHTML.slice(0, 80)); }"""
        )
        assert wide == [], tab
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_nothing_in_the_panel_shuts_anyone_out(visitor: Any, theme: str) -> None:
    page = shared(visitor, f"/?ex=lecture&step=6&theme={theme}")
    page.get_by_text("Look", exact=True).click()
    found = {}
    for tab in ("Link", "Embed", "Files", "Slides"):
        page.get_by_role("tab", name=tab).click()
        settle(page)
        found[tab] = violations(page)
    assert found == {"Link": [], "Embed": [], "Files": [], "Slides": []}
