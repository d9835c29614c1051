"""The gallery: found by its words, in the dialog and on its page; each lesson's sentences lead to their steps."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from app.examples import gallery

CONVOLUTION = "A convolution is one small kernel, used everywhere"


def shown(page: Page, place: str) -> list[str]:
    titles: list[str] = page.locator(f"{place} [data-example]:visible strong").all_inner_texts()
    return titles


def test_searching_the_gallerys_page(visitor: Any) -> None:
    page = visitor.new_page()
    page.goto(visitor.server + "/examples")
    assert shown(page, "main") == [example.title for example in gallery().values()]
    search = page.get_by_role("searchbox", name="Search the examples")
    search.fill("kernel picture")
    assert shown(page, "main") == [CONVOLUTION]
    expect(page.get_by_role("heading", level=2)).to_have_text(["Networks"])
    search.fill("pitfalls")
    assert shown(page, "main") == [one.title for one in gallery().values() if one.chapter == "pitfalls"]
    search.fill("zebra")
    assert shown(page, "main") == []
    expect(page.locator("[data-none]")).to_have_text("No example matches.")
    search.fill("")
    page.get_by_role("link", name=CONVOLUTION).click()
    page.wait_for_selector("[data-player][data-ready]", state="attached")
    expect(page.locator("[data-example-title]")).to_have_text(CONVOLUTION)


def test_searching_in_the_dialog_and_walking_a_lesson_by_keyboard(visitor: Any) -> None:
    page = visitor.edit("/")
    page.locator(".top [data-open=examples]").focus()
    page.keyboard.press("Enter")
    page.get_by_role("searchbox", name="Search the examples").fill("paths penalty prediction u₄")
    assert shown(page, "#examples") == ["Backward by paths"]
    page.locator("#examples [data-example]:visible").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-example-title]")).to_have_text("Backward by paths")
    page.locator(".lesson .link", has_text="W1.grad is 1 + 0.06335 = 1.063").press("Enter")
    expect(page.locator("[data-sentence]")).to_contain_text("becomes 1.063")
