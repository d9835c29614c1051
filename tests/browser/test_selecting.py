"""A line, a node or an edge chosen anywhere is chosen everywhere; the address holds the view."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def card(page: Page, name: str) -> Any:
    return page.locator(".canvas [data-node]", has=page.locator(".name", has_text=re.compile(rf"^\s*{name}\s*$"))).first


def test_a_click_on_a_node_selects_it_everywhere(visitor: Any) -> None:
    page = visitor.edit("/?step=end")
    card(page, "u").click()
    expect(page.locator("[data-inspector]")).to_contain_text("MulBackward0")
    expect(card(page, "u")).to_have_class(re.compile("selected"))
    expect(page.locator(".cm-here")).to_contain_text("u = w * x")
    expect(page.locator(".cm-here-span")).to_have_text("w * x")
    node = card(page, "u").get_attribute("data-node")
    visitor.until(page, "location.search.includes('select=')")
    assert query(page)["select"] == [node]


def test_a_click_on_a_line_selects_its_node(visitor: Any) -> None:
    page = visitor.edit("/?step=end")
    page.locator(".cm-line", has_text="v = u + b").click()
    expect(card(page, "v")).to_have_class(re.compile("selected"))
    expect(page.locator("[data-inspector]")).to_contain_text("AddBackward0")


def test_a_click_on_an_edge_selects_it(visitor: Any) -> None:
    page = visitor.open("/?step=end")
    edge = page.locator(".canvas g.edge:not(.plain)").first
    name = edge.get_attribute("data-edge")
    edge.locator("path").first.dispatch_event("click")
    expect(edge).to_have_class(re.compile("selected"))
    visitor.until(page, "location.search.includes('select=')")
    assert query(page)["select"] == [name]


def test_a_click_on_a_line_number_goes_to_its_step(visitor: Any) -> None:
    page = visitor.edit("/")
    page.locator(".cm-lineNumbers .cm-gutterElement", has_text=re.compile("^5$")).click()
    assert page.locator("[data-count]").inner_text() == "step 3 of 11"


def test_stepping_gives_the_inspector_back_to_the_step(visitor: Any) -> None:
    page = visitor.open("/?step=1")
    card(page, "w").click()
    expect(page.locator("[data-inspector]")).to_contain_text("leaf")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-inspector]")).to_contain_text("AddBackward0")
    expect(page.locator(".canvas .selected")).to_have_count(0)


def test_the_inspector_of_a_backward_step_has_value_gradient_and_chain_rule(visitor: Any) -> None:
    page = visitor.open("/?step=8")
    inspector = page.locator("[data-inspector]")
    expect(inspector.locator(".number")).to_have_text(["6", "1"])
    expect(inspector.locator(".katex").first).to_be_visible()
    expect(inspector).to_contain_text("Local derivative")
    expect(inspector).to_contain_text("Chain rule")


def test_the_inspector_of_an_accumulation_has_its_ledger_and_path(visitor: Any) -> None:
    page = visitor.open("/?step=9")
    cells = page.locator(".ledger.across tbody td")
    expect(cells).to_have_text(["None", "+ 3", "= 3"])
    path = page.locator("button.path")
    expect(path).to_have_count(1)
    path.click()
    expect(page.locator(".canvas .edge.selected")).to_have_count(3)
    visitor.until(page, "location.search.includes('select=path')")


def test_the_code_follows_the_step(visitor: Any) -> None:
    page = visitor.edit("/")
    expected = {1: "w * x", 2: "u + b", 3: "torch.relu(v)", 8: "w * x"}
    for step, span in expected.items():
        page.locator("[data-timeline]").fill(str(step))
        expect(page.locator(".cm-here-span")).to_have_text(span)


def test_the_address_holds_the_step_and_restores_it(visitor: Any) -> None:
    page = visitor.open("/")
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    visitor.until(page, "location.search.includes('step=6')")
    again = visitor.open(page.url.removeprefix(visitor.server))
    assert again.locator("[data-count]").inner_text() == "step 7 of 11"


def test_the_address_holds_a_typed_program(visitor: Any) -> None:
    page = visitor.edit("/")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    program = "k = torch.tensor([1., 2.], requires_grad=True)\nm = (k ** 2).sum()"
    page.keyboard.insert_text(program)
    visitor.until(page, "/[?&]c=d1\\./.test(location.search)")
    visitor.until(page, "document.querySelector('.canvas')?.textContent.includes('k')")
    page.wait_for_timeout(500)
    again = visitor.edit(page.url.removeprefix(visitor.server))
    assert again.locator(".cm-content").inner_text().strip() == program


def test_even_a_broken_program_is_in_the_address(visitor: Any) -> None:
    visitor.expected = ["422"]
    page = visitor.edit("/")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("y = (")
    expect(page.locator("[data-error]")).to_be_visible()
    visitor.until(page, "/[?&]c=d1\\./.test(location.search)")
    again = visitor.edit(page.url.removeprefix(visitor.server))
    assert again.locator(".cm-content").inner_text().strip() == "y = ("


def test_nodes_are_reached_and_chosen_with_the_keyboard(visitor: Any) -> None:
    page = visitor.open("/?step=1")
    assert page.locator(".canvas [data-node][tabindex='0']").count() == 1
    card(page, "u").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(card(page, "v")).to_be_focused()
    page.keyboard.press("Enter")
    expect(card(page, "v")).to_have_class(re.compile("selected"))


def test_the_table_of_steps_tells_the_whole_walk(visitor: Any) -> None:
    page = visitor.open("/")
    page.locator("[data-tabs=side] [data-tab=steps]").click()
    rows = page.locator(".steps tbody tr")
    expect(rows).to_have_count(11)
    rows.nth(8).click()
    assert page.locator("[data-count]").inner_text() == "step 9 of 11"
    expect(page.locator(".steps [aria-current=step]")).to_have_attribute("data-step", "8")


def test_a_lesson_goes_to_its_steps(visitor: Any) -> None:
    page = visitor.open("/?ex=lecture")
    link = page.locator(".lesson a[data-step]").nth(1)
    step = int(link.get_attribute("data-step") or "")
    link.click()
    assert page.locator("[data-count]").inner_text() == f"step {step + 1} of 11"
    expect(link).to_have_attribute("data-now", "")


def test_a_lecturers_note_comes_with_its_step(visitor: Any) -> None:
    page = visitor.edit("/")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(
        "w = torch.tensor(2., requires_grad=True)\ny = w * 3  #: three times as steep\nz = y + 1\n"
    )
    expect(page.locator("[data-count]")).to_have_text(re.compile("^step 1 of "))
    visitor.until(page, "document.querySelectorAll('.canvas [data-node]').length === 3")
    page.locator("[data-timeline]").fill("1")
    expect(page.locator(".sentence .lecturer")).to_have_text("three times as steep")
    page.locator("[data-timeline]").fill("2")
    expect(page.locator(".sentence .lecturer")).to_have_count(0)


def test_a_view_walks_its_range_and_keeps_its_options(visitor: Any) -> None:
    page = visitor.open("/?ex=lecture&range=4-8&show=values,inspector&step=1")
    assert page.locator("[data-count]").inner_text() == "step 5 of 11"
    page.keyboard.press("End")
    assert page.locator("[data-count]").inner_text() == "step 9 of 11"
    page.keyboard.press("ArrowRight")
    assert page.locator("[data-count]").inner_text() == "step 9 of 11"
    expect(page.locator(".canvas .chip").first).to_be_hidden()
    expect(page.locator(".pane.code")).to_be_hidden()
    expect(page.locator("[data-inspector]")).to_be_visible()
    visitor.until(page, "location.search.includes('step=8')")
    assert query(page)["range"] == ["4-8"]
    assert query(page)["show"] == ["values,inspector"]


def test_a_phase_is_a_part_of_the_walk(visitor: Any) -> None:
    page = visitor.open("/?ex=lecture&phase=forward&step=end")
    assert page.locator("[data-count]").inner_text() == "step 4 of 11"
    assert page.locator(".phase-name").all_inner_texts() == ["forward"]
    page = visitor.open("/?ex=lecture&phase=backward")
    assert page.locator("[data-count]").inner_text() == "step 5 of 11"
