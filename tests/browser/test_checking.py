"""The check by finite differences: asked for in the inspector, shown on the cards, and for each number."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from app.core.codec import encode

RELU_AT_ZERO = "x = torch.tensor([0., 1.], requires_grad=True)\ny = torch.relu(x)\nz = y.sum()\nz.backward()"


def card(page: Page, name: str) -> Any:
    return page.locator(".canvas .node", has=page.locator(".name", has_text=re.compile(rf"^\s*{name}\s*$"))).first


def test_a_wrong_backward_is_marked_on_its_card(visitor: Any) -> None:
    page = visitor.open("/?ex=custom_function&step=end")
    expect(page.locator(".verdict")).to_have_count(0)
    page.locator("[data-check-gradients]").click()
    expect(card(page, "r").locator(".verdict")).to_have_class(re.compile("mismatch"))
    expect(card(page, "y").locator(".verdict")).to_have_class(re.compile("ok"))
    expect(page.locator("[data-inspector]")).to_contain_text("does not agree")
    card(page, "r").click()
    row = page.locator(".differences tbody tr").first
    expect(row).to_have_class("mismatch")
    expect(row).to_contain_text("1")
    expect(page.locator(".compared .caption").first).to_contain_text("step")


def test_a_kink_shows_both_sides_by_element(visitor: Any) -> None:
    page = visitor.open(f"/?c={encode(RELU_AT_ZERO)}&step=end")
    page.locator("[data-check-gradients]").click()
    expect(card(page, "y").locator(".verdict")).to_have_class(re.compile("nonsmooth"))
    card(page, "x").click()
    rows = page.locator(".differences tbody tr")
    expect(rows.nth(0)).to_have_class("nonsmooth")
    expect(rows.nth(0)).to_contain_text("0 | 1")
    expect(rows.nth(1)).to_have_class("ok")


def test_another_program_has_no_marks(visitor: Any) -> None:
    page = visitor.open("/?ex=lecture&step=end")
    page.locator("[data-check-gradients]").click()
    expect(page.locator(".verdict.ok")).to_have_count(5)
    page.locator("[data-open=examples]").first.click()
    page.locator("[data-example=square]").click()
    expect(page.locator("[data-example-title]")).not_to_have_text("")
    expect(page.locator(".verdict")).to_have_count(0)
