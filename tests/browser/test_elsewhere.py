"""Gradients elsewhere than at a loss: from any operation or element, with any cotangent, and the step beside them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from app.core.codec import encode


def card(page: Page, name: str) -> Any:
    return page.locator(".canvas .node", has=page.locator(".name", has_text=re.compile(rf"^\s*{name}\s*$"))).first


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_differentiate_from_a_node_and_back(visitor: Any) -> None:
    page = visitor.open("/?ex=lecture&step=end")
    card(page, "u").click()
    page.locator("[data-differentiate=u]").click()
    expect(page.locator("[data-sentence]")).to_contain_text("starts at u")
    visitor.until(page, "location.search.includes('root=u')")
    page.keyboard.press("End")
    expect(page.locator("[data-inspector]")).to_contain_text("Differentiated from u")
    expect(page.locator(".gradients .grad").nth(0)).to_have_text("3")
    expect(page.locator(".gradients .grad").nth(1)).to_have_text("–")
    page.get_by_role("button", name="Back to the program’s own pass").click()
    expect(page.locator("[data-sentence]")).to_contain_text("starts at a")
    visitor.until(page, "!location.search.includes('root=')")


def test_an_unnamed_operation_is_named_by_its_node(visitor: Any) -> None:
    page = visitor.open("/?ex=seed_vector&step=2")
    page.locator("[data-differentiate]").click()
    visitor.until(page, "location.search.includes('root=@n')")
    assert query(page)["root"][0].startswith("@n")
    expect(page.locator("[data-sentence]")).to_contain_text("starts at")
    page.reload()
    expect(page.locator("[data-sentence]")).to_contain_text("starts at")


def test_a_cotangent_is_edited_cell_by_cell(visitor: Any) -> None:
    page = visitor.open("/?ex=seed_vector&step=4")
    cell = page.locator(".cotangent input").first
    expect(cell).to_have_value("1")
    cell.fill("4")
    cell.press("Enter")
    expect(page.locator("[data-sentence]")).to_contain_text("[4, 10]")
    visitor.until(page, "location.search.includes('cotangent=')")
    assert query(page)["cotangent"] == ["[4,10]"]
    page.keyboard.press("Escape")
    page.locator("[data-do=last]").click()
    # a: 4 · 3 + 10 · 1; b: 4 · 2 + 10 · 1
    expect(page.locator(".gradients .grad").nth(0)).to_have_text("22")
    expect(page.locator(".gradients .grad").nth(1)).to_have_text("18")


def test_the_learning_rate_changes_the_step(visitor: Any) -> None:
    page = visitor.open("/?ex=lecture&step=end")
    expect(page.locator(".gradients .next").first).to_have_text("1.7")
    rate = page.locator("[data-eta]")
    rate.fill("0.5")
    rate.press("Enter")
    expect(page.locator(".gradients .next").first).to_have_text("0.5")
    visitor.until(page, "location.search.includes('eta=0.5')")


def test_a_programs_own_update_stands_beside_its_gradient(visitor: Any) -> None:
    page = visitor.open("/?ex=momentum&step=end")
    expect(page.locator(".gradients thead")).to_contain_text("θ, next")
    expect(page.locator("[data-eta]")).to_have_count(0)


def test_what_either_mode_costs(visitor: Any) -> None:
    page = visitor.open("/?ex=lecture&step=end")
    page.locator(".part-cost summary").click()
    rows = page.locator(".cost tbody tr")
    expect(rows.nth(0)).to_have_text(re.compile(r"reverse\s*1\s*2\s*8"))
    expect(rows.nth(1)).to_have_text(re.compile(r"forward\s*2\s*3\s*8"))


ADAM = """\
w = torch.tensor(1., requires_grad=True)
opt = torch.optim.Adam([w], lr=0.1)
for _ in range(2):
    opt.zero_grad()
    loss = (w - 3) ** 2
    loss.backward()
    opt.step()
"""


def test_a_leaf_and_its_optimizer_over_time(visitor: Any) -> None:
    page = visitor.open(f"/?c={encode(ADAM)}&step=end&select=n0")
    table = page.locator(".over-time")
    expect(table.locator("thead")).to_contain_text("exp_avg_sq")
    rows = table.locator("tbody tr")
    expect(rows.last).to_contain_text("1.2")
    expect(rows.last).to_contain_text("2")
    rows.nth(1).locator("button").click()
    expect(table.locator("tr.future")).not_to_have_count(0)


def test_why_an_ordinary_gradient_is_what_it_is(visitor: Any) -> None:
    page = visitor.open("/?ex=lecture&step=end&select=n2")
    page.locator(".part-because summary").click()
    expect(page.locator(".part-because")).to_contain_text("what v sends back")
    page.locator("[data-do=first]").click()
    expect(page.locator(".part-because")).to_have_count(0)
