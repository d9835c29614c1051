"""The program's text: values changed in their cards, one more step, what replaces it and undo, drafts, long runs."""

from __future__ import annotations

import re
from typing import Any

import torch
from playwright.sync_api import Locator, Page, Route, expect

from app.core.codec import encode
from app.core.number import number_text

PROGRAM = """\
W = torch.tensor([[1., 2.],  # first row
                  [3., 4.]], requires_grad=True)
r = torch.randn(2)
loss = (W @ r).sum()
loss.backward()"""


def source(page: Page) -> str:
    """The editor's text."""
    lines: list[str] = page.locator(".cm-line").all_inner_texts()
    return "\n".join(line.removesuffix("\n") for line in lines)


def at_rest(visitor: Any, page: Page) -> None:
    """What is seen is what the text says."""
    visitor.until(page, "!document.querySelector('[data-player]').hasAttribute('data-stale')")


def card(page: Page, name: str) -> Locator:
    """The card of a variable."""
    id_ = page.evaluate(
        """(name) => [...document.querySelectorAll('.canvas .node[data-node]')]
            .find((one) => one.querySelector('.name')?.textContent.trim() === name)?.getAttribute('data-node')""",
        name,
    )
    return page.locator(f'.canvas .node[data-node="{id_}"]')


def seen(page: Page, name: str, kind: str) -> list[str]:
    """The numbers in a slot of a card at this step."""
    found: list[str] = card(page, name).locator(f"g.{kind}:not(.future, .gone) text").all_text_contents()
    return [text.strip() for text in found]


def test_a_value_is_changed_in_its_card_by_mouse(visitor: Any) -> None:
    page = visitor.edit("/?step=end")
    card(page, "w").locator(".value-slot").dblclick(force=True)
    field = page.get_by_role("textbox", name="Value of w")
    expect(field).to_be_focused()
    expect(field).to_have_value("2.")
    field.fill("two")
    page.keyboard.press("Enter")
    expect(page.locator(".value-edit [role=alert]")).to_contain_text("no number")
    field.fill("-4")
    page.keyboard.press("Enter")
    expect(page.locator(".value-edit")).to_have_count(0)
    at_rest(visitor, page)
    assert "w = torch.tensor(-4., requires_grad=True)" in source(page)
    assert seen(page, "a", "value") == [number_text(torch.relu(torch.tensor(-4.0 * 3 + 1)).item())]
    page.get_by_role("button", name="Undo").click()
    at_rest(visitor, page)
    assert "w = torch.tensor(2., requires_grad=True)" in source(page)
    assert seen(page, "a", "value") == ["7"]


def test_a_matrix_is_changed_by_keys_alone_and_keeps_its_comments(visitor: Any) -> None:
    page = visitor.edit(f"/?c={encode(PROGRAM)}&step=end")
    card(page, "W").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="W[0, 0]")).to_be_focused()
    page.keyboard.press("Tab")
    for key in ("ArrowUp", "Shift+ArrowUp", "Alt+ArrowDown"):
        page.keyboard.press(key)
    expect(page.get_by_role("textbox", name="W[0, 1]")).to_have_value("3.09")
    page.keyboard.press("Enter")
    expect(card(page, "W")).to_be_focused()
    expect(page.locator(".cm-content")).to_contain_text("3.09")
    at_rest(visitor, page)
    assert source(page) == PROGRAM.replace("2.]", "3.09]")


def test_a_value_without_literal_says_why(visitor: Any) -> None:
    page = visitor.edit(f"/?c={encode(PROGRAM)}&step=end")
    visitor.expected.append("400")
    card(page, "r").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Value of r")).to_contain_text("r comes from torch.randn(…)")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Value of r")).to_have_count(0)
    assert source(page) == PROGRAM


def test_one_more_step_goes_on_where_the_walk_ended(visitor: Any) -> None:
    page = visitor.edit("/?step=end")
    more = page.get_by_role("button", name="One more SGD step")
    more.click()
    visitor.until(page, "document.querySelector('.cm-content').textContent.includes('range(1)')")
    at_rest(visitor, page)
    expect(page.locator("[data-count]")).to_have_text(re.compile("step 11 of 24"))
    assert seen(page, "w", "value") == [number_text(2 - 0.1 * 3)]
    more.click()
    visitor.until(page, "document.querySelector('.cm-content').textContent.includes('range(2)')")
    at_rest(visitor, page)
    page.get_by_role("button", name="Undo").click()
    visitor.until(page, "document.querySelector('.cm-content').textContent.includes('range(1)')")


def test_an_example_replaces_own_code_and_undo_brings_it_back(visitor: Any) -> None:
    page = visitor.edit("/")
    own = "mine = torch.tensor(5., requires_grad=True)\n(mine * mine).backward()"
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(own)
    page.keyboard.press("Control+Enter")
    at_rest(visitor, page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Examples").first.click()
    page.locator("[data-example=square]").click()
    notice = page.locator(".replaced")
    expect(notice).to_contain_text("replaced by the example")
    notice.get_by_role("button", name="Undo").click()
    expect(notice).to_be_hidden()
    visitor.until(page, "document.querySelector('.canvas').textContent.includes('mine')")
    assert source(page) == own


def test_a_pasted_session_is_cleaned_in_the_editor_too(visitor: Any) -> None:
    page = visitor.edit("/")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(">>> w = torch.tensor(2., requires_grad=True)\n>>> y = w * w\n>>> y\ntensor(4.)")
    visitor.until(page, "!document.querySelector('.cm-content').textContent.includes('>>>')")
    at_rest(visitor, page)
    assert source(page) == "w = torch.tensor(2., requires_grad=True)\ny = w * w\ny\n# tensor(4.)"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".cm-here-span")).to_have_text("w * w")


def test_values_of_the_address_are_let_go_with_their_expression(visitor: Any) -> None:
    page = visitor.edit("/?expr=w*x&let=w:5,x:7&step=end")
    visitor.expected.append("400")
    page.get_by_role("button", name="Edit this program").click()
    at_rest(visitor, page)
    expect(page.locator("[data-error]")).to_be_hidden()
    assert "w = torch.tensor(5., requires_grad=True)" in source(page)
    assert seen(page, "y", "value") == ["35"]


def test_a_reload_at_once_loses_no_letter(visitor: Any) -> None:
    page = visitor.edit("/")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("draft = torch.tensor(1.)  # not run, not even valid: (")
    page.reload()
    page.wait_for_selector(".cm-content")
    visitor.until(page, "document.querySelector('.cm-content').textContent.includes('not even valid')")


def test_a_long_run_says_so_and_can_be_stopped(visitor: Any) -> None:
    page = visitor.edit("/")
    held: list[Route] = []
    page.route("**/api/walk", lambda route: held.append(route))  # noqa: PLW0108 - never answered; Playwright wants a function
    page.locator("[data-run]").click()
    expect(page.locator("[data-status]")).to_contain_text("Running…")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("[data-status]")).to_be_empty()
    expect(page.locator("[data-run]")).to_have_text("Run")
    expect(page.locator("[data-error]")).to_be_hidden()
    assert len(held) == 1
    page.unroute("**/api/walk")
    page.locator("[data-run]").click()
    at_rest(visitor, page)


def test_what_may_pass_is_tried_again(visitor: Any) -> None:
    page = visitor.edit("/")
    visitor.expected += ["429", "ERR_INTERNET_DISCONNECTED"]
    answers = iter([429])

    def sometimes(route: Route) -> None:
        status = next(answers, None)
        if status is None:
            return route.continue_()
        error = {"code": "rate_limited", "message": "Too many.", "line": None, "column": None, "hint": None}
        return route.fulfill(status=status, headers={"Retry-After": "1"}, json={"error": error})

    page.route("**/api/walk", sometimes)
    page.locator("[data-run]").click()
    expect(page.locator("[data-error]")).to_contain_text("tried again in 1 s")
    expect(page.locator("[data-error]")).to_be_hidden()
    page.context.set_offline(True)
    page.locator("[data-run]").click()
    expect(page.locator("[data-error]")).to_contain_text("can’t be reached")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert "torch.relu(v)" in source(page)
    page.context.set_offline(False)
    expect(page.locator("[data-error]")).to_be_hidden()


def test_where_nothing_requires_grad_the_page_teaches(visitor: Any) -> None:
    page = visitor.edit(f"/?c={encode('x = torch.ones(2)')}")
    expect(page.locator("[data-aside]")).to_contain_text("requires_grad=True")
    expect(page.get_by_role("button", name="One more SGD step")).to_be_hidden()
