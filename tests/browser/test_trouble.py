"""What goes wrong is said at its place, and nothing is lost by it."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

REFUSED = ["422", "413"]


def write(page: Page, program: str) -> None:
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(program)


def test_a_syntax_error_is_underlined_at_its_line_and_the_last_picture_stays(visitor: Any) -> None:
    visitor.expected = REFUSED
    page = visitor.edit("/?step=5")
    write(page, "x = torch.tensor(3.)\ny = x * * 2\n")
    strip = page.locator("[data-error]")
    expect(strip).to_be_visible()
    expect(strip).to_contain_text("line 2")
    expect(page.locator(".cm-line").nth(1).locator(".cm-lintRange-error")).to_be_visible()
    assert page.locator(".canvas [data-node]").count() == 6
    assert page.locator("[data-count]").inner_text() == "step 6 of 11"


def test_a_mended_program_takes_the_error_away(visitor: Any) -> None:
    visitor.expected = REFUSED
    page = visitor.edit("/")
    write(page, "x = torch.tensor(3., requires_grad=True)\ny = x *\n")
    expect(page.locator("[data-error]")).to_be_visible()
    write(page, "x = torch.tensor(3., requires_grad=True)\ny = x * 2\n")
    expect(page.locator("[data-error]")).to_be_hidden()
    expect(page.locator(".cm-lintRange-error")).to_have_count(0)


def test_a_raised_error_shows_the_graph_up_to_its_line(visitor: Any) -> None:
    page = visitor.edit("/")
    write(page, "a = torch.ones(2, 3, requires_grad=True)\nb = a * 2\nc = b @ b\nc.sum().backward()\n")
    strip = page.locator("[data-error]")
    expect(strip).to_contain_text("RuntimeError")
    expect(strip).to_contain_text("line 3")
    expect(page.locator(".cm-line").nth(2).locator(".cm-lintRange-error")).to_be_visible()
    assert page.locator(".canvas [data-node]").count() >= 2


def test_a_forbidden_import_says_what_is_allowed(visitor: Any) -> None:
    visitor.expected = REFUSED
    page = visitor.edit("/")
    write(page, "import os\nx = torch.tensor(1.)\n")
    strip = page.locator("[data-error]")
    expect(strip).to_contain_text(re.compile("os"))
    expect(strip).to_contain_text("line 1")


def test_a_page_whose_program_fails_is_still_a_page(visitor: Any) -> None:
    visitor.expected = REFUSED
    page = visitor.edit("/?expr=w*(")
    expect(page.locator(".empty")).to_be_visible()
    expect(page.locator("[data-error]")).to_be_visible()
    assert page.locator(".cm-content").inner_text().strip() == "w*("
    write(page, "w*x")
    expect(page.locator(".empty")).to_be_hidden()


def test_a_lost_server_loses_nothing(visitor: Any) -> None:
    visitor.expected = ["Failed to load resource", "ERR_"]
    page = visitor.edit("/")
    page.route("**/api/walk", lambda route: route.abort())
    write(page, "y = torch.ones(2, requires_grad=True).sum()")
    expect(page.locator("[data-error]")).to_contain_text("can’t be reached")
    assert "torch.ones" in page.locator(".cm-content").inner_text()
    assert page.locator(".canvas [data-node]").count() == 6


def test_stdout_and_notes_are_shown(visitor: Any) -> None:
    page = visitor.edit("/")
    write(page, "w = torch.tensor(2., requires_grad=True)\nprint('hello', w.item())\ny = w * 3\n")
    expect(page.locator(".output")).to_have_text(re.compile(r"hello 2\.0"))
    expect(page.locator(".notes")).to_contain_text("y")


def test_a_hostile_name_stays_text(visitor: Any) -> None:
    page = visitor.edit("/")
    write(page, "print('<img src=x onerror=alert(1)></script>')\nw = torch.tensor(2., requires_grad=True)\ny = w * 3\n")
    expect(page.locator(".output")).to_contain_text("<img src=x")
    assert page.locator(".output img").count() == 0


def test_an_error_beside_a_lesson_stays_in_its_column(visitor: Any) -> None:
    visitor.expected = REFUSED
    page = visitor.edit("/?ex=lecture")
    write(page, "x = torch.tensor([1., 2.], requires_grad=True)\ny = x * * 2\n")
    expect(page.locator("[data-error]")).to_be_visible()
    spilt = page.evaluate(
        """() => {
            const end = document.querySelector('.code').getBoundingClientRect().bottom;
            return [...document.querySelectorAll('.code > *')]
                .map((one) => [one.className, one.getBoundingClientRect()])
                .filter(([, box]) => box.bottom > end + 1).map(([name]) => name);
        }"""
    )
    assert spilt == []
    expect(page.locator(".lesson")).to_be_hidden()


def test_a_raised_error_is_told_in_plain_words_first(visitor: Any) -> None:
    page = visitor.edit("/")
    write(page, "w = torch.tensor([1., 2.], requires_grad=True)\ny = torch.sigmoid(w)\ny += 1\ny.sum().backward()\n")
    strip = page.locator("[data-error]")
    expect(strip.locator(".strip-message")).to_contain_text("changed in place")
    expect(strip).to_contain_text("line 4")
    own = strip.locator("details p")
    expect(own).to_be_hidden()
    strip.locator("summary").click()
    expect(own).to_contain_text("modified by an inplace operation")
    said = strip.locator(".strip-message").inner_text()
    assert said not in page.locator(".notes li").all_inner_texts()
