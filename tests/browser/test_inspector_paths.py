"""Paths to a leaf, how contributions add up, what is kept: each number against stock PyTorch."""

from __future__ import annotations

import re
from typing import Any

import torch
from playwright.sync_api import expect

from app.core.number import number_text
from app.examples import load
from tests.browser.test_inspector import inspector, of, section, tex

TWICE = """w = torch.tensor(3., requires_grad=True)
y = w * w
y.backward()
z = 2 * w
z.backward()
"""


def test_paths_sum_to_the_gradient_and_a_chosen_one_is_lit(visitor: Any) -> None:
    page = visitor.open("/?ex=two_paths&step=end&select=n0")
    leaf = inspector(page).locator(".title annotation").first.text_content()
    paths = section(page, "paths")
    buttons = paths.locator("button.path")
    expect(buttons).to_have_count(2)
    total = tex(paths.locator(".path-sum"))[0]
    shown = re.findall(r"\\htmlClass\{tex-grad\}\{(.+?)\}$", total)
    names: dict[str, Any] = {"torch": torch}
    exec(load("two_paths").source, names)
    assert shown == [number_text(float(names[str(leaf)].grad)).replace("−", "-")]
    buttons.nth(1).click()
    expect(buttons.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(buttons.nth(1)).to_be_focused()
    expect(page.locator(".canvas.one-path")).to_have_count(1)
    opacity = "getComputedStyle(document.querySelector('.canvas .nodes > g:not(.selected)')).opacity"
    visitor.until(page, f"Number({opacity}) < 0.5")
    assert page.locator(".canvas .edge.selected").count() >= 2
    buttons.nth(1).click()
    expect(page.locator(".canvas.one-path")).to_have_count(0)


def test_totals_are_d_and_one_switch_writes_partials_throughout(visitor: Any) -> None:
    page = visitor.open("/?ex=two_paths&step=end&select=n0")
    paths = section(page, "paths")
    assert tex(paths.locator(".path-sum"))[0].startswith(r"\frac{d ")
    paths.get_by_role("switch", name="∂ throughout").click()
    expect(paths.locator(".path-sum annotation").first).to_have_text(re.compile(r"^\\frac\{\\partial "))
    expect(paths.get_by_role("switch", name="∂ throughout")).to_be_focused()


def test_the_derivation_is_copied_as_latex(visitor: Any) -> None:
    page = visitor.new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(visitor.server + "/?ex=two_paths&step=end&select=n0")
    paths = section(page, "paths")
    paths.locator("[data-copy-latex]").click()
    expect(paths.locator("[data-copy-latex]")).to_have_text("Copied")
    text = page.evaluate("navigator.clipboard.readText()")
    assert text.startswith(r"\begin{aligned} \frac{d ")
    assert text.endswith(r"\end{aligned}")
    assert text.count(r"\partial") >= 4


def test_a_factor_unfolds_in_place_and_views_fold(visitor: Any) -> None:
    page = visitor.open("/?ex=two_layer&step=end&select=n0")
    unfold = section(page, "unfold")
    before = len(tex(unfold))
    unfold.locator(".unfold-factor > summary").first.click()
    expect(unfold.locator(".unfolded-body .unfolded").first).to_be_visible()
    assert len(tex(unfold)) > before
    product = inspector(page).locator(".path-product").nth(1).locator("annotation").first
    expect(product).to_contain_text(r"\partial W_{1}^{\top}")
    inspector(page).get_by_role("switch", name="Fold views").click()
    expect(product).not_to_contain_text(r"\top")


def test_an_exponential_number_of_paths_is_counted(visitor: Any) -> None:
    program = "x = torch.tensor(1., requires_grad=True)\ny = x\nfor _ in range(21):\n    y = y + y\n"
    page = visitor.open(of(program, step="end", select="n0"))
    paths = section(page, "paths")
    expect(paths).to_contain_text("2097152 paths")
    expect(paths.locator("button.path")).to_have_count(8)
    paths.get_by_role("button", name="Show 16 more").click()
    expect(paths.locator("button.path")).to_have_count(24)


def test_x_times_x_has_two_entries_with_a_running_sum(visitor: Any) -> None:
    page = visitor.open(of("x = torch.tensor(3., requires_grad=True)\ny = x * x\n", step="end", select="n0"))
    received = section(page, "received")
    rows = received.locator("tbody > tr")
    expect(rows).to_have_count(3)
    assert [row.locator("th").inner_text() for row in rows.all()] == ["y (place 1)", "y (place 2)", "= sum"]
    x = torch.tensor(3.0, requires_grad=True)
    (x * x).backward()
    assert x.grad is not None
    assert rows.nth(1).locator(".running annotation").text_content() == number_text(float(x.grad))
    expect(rows.nth(2)).to_contain_text(number_text(float(x.grad)))


def test_a_second_backward_adds_and_a_forgotten_zero_grad_is_told(visitor: Any) -> None:
    page = visitor.open(of(TWICE, step="end", select="n0"))
    w = torch.tensor(3.0, requires_grad=True)
    expected = []
    for make in (lambda: w * w, lambda: 2 * w):
        before = "None" if w.grad is None else number_text(float(w.grad))
        old = 0.0 if w.grad is None else float(w.grad)
        make().backward()
        assert w.grad is not None
        expected += [before, f"+ {number_text(float(w.grad) - old)}", f"= {number_text(float(w.grad))}"]
    ledger = section(page, "ledger")
    expect(ledger.locator(".ledger.across tbody td")).to_have_text(expected)
    expect(ledger).to_contain_text("It was not zeroed since the pass before.")
    ledger.get_by_role("button", name="backward 1").click()
    expect(page.locator("[data-sentence]")).to_contain_text("w.grad")


def test_what_is_kept_has_bytes_holders_and_the_step_that_frees_it(visitor: Any) -> None:
    page = visitor.open("/?ex=lecture&step=4&select=n2")
    saved = section(page, "saved")
    row = saved.locator("[data-saved]").first
    expect(row).to_have_class("kept")
    expect(row).to_contain_text("4 B")
    freed = row.get_by_role("button")
    expect(freed).to_have_text("until step 9")
    freed.click()
    assert page.locator("[data-count]").inner_text() == "step 9 of 11"
    expect(inspector(page).locator("[data-saved]").first).to_have_class("freed")


def test_a_second_backward_that_fails_is_explained(visitor: Any) -> None:
    program = "w = torch.tensor(2., requires_grad=True)\nu = w * w\nu.backward()\nu.backward()\n"
    page = visitor.open(of(program, step="end", select="n1"))
    saved = section(page, "saved")
    expect(saved).to_contain_text("The graph keeps nothing now.")
    expect(saved.locator(".why")).to_contain_text("retain_graph=True")
