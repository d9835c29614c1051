"""What the inspector says of an operation: formula, Jacobian, cells; each number against stock PyTorch."""

from __future__ import annotations

import math
import re
from typing import Any

import torch
from playwright.sync_api import Page, expect

from app.core.codec import encode
from app.core.number import number_text

BROADCAST = """X = torch.tensor([[1., 2., 3.], [4., 5., 6.]])
b = torch.tensor([1., 0., -1.], requires_grad=True)
Y = X * b
s = (Y * Y).sum()
"""
PRODUCT = """A = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
x = torch.tensor([[5.], [6.]], requires_grad=True)
y = A @ x
l = y.sum()
"""


def of(program: str, **view: Any) -> str:
    return "/?" + "&".join([f"c={encode(program)}", *(f"{name}={value}" for name, value in view.items())])


def inspector(page: Page) -> Any:
    return page.locator("[data-inspector]")


def section(page: Page, key: str) -> Any:
    """A section, opened."""
    found = inspector(page).locator(f".part-{key}").first
    if found.get_attribute("open") is None:
        found.locator("summary").first.click()
    return found


def tex(element: Any) -> list[str]:
    """The LaTeX that KaTeX drew, in reading order."""
    expect(element.locator("annotation").first).to_be_attached()
    return [str(text) for text in element.locator("annotation").all_text_contents()]


def cell(page: Page, grid: str, place: int) -> Any:
    return page.locator(f'[data-grid="{grid}"] [data-place="{place}"]')


def test_a_rule_has_general_form_names_numbers_and_pytorchs_own(visitor: Any) -> None:
    page = visitor.open("/?ex=lecture&step=8")
    rule = section(page, "local").locator(".rule")
    expect(rule).to_have_count(1)
    assert tex(rule)[0] == r"\frac{\partial u}{\partial w} = x = \htmlClass{tex-value}{3}"
    general = section(page, "general")
    assert tex(general)[0] == r"\frac{\partial y}{\partial a} = b"
    expect(general.locator("code")).to_have_text("mul_tensor_backward(grad, other, self.scalar_type())")


def test_an_op_without_a_formula_of_ours_shows_pytorchs(visitor: Any) -> None:
    program = "x = torch.tensor([1., 2.], requires_grad=True)\nf = torch.special.i0e(x)\nl = f.sum()"
    page = visitor.open(of(program, step="end", select="n1"))
    own = section(page, "local").locator(".own-rule code")
    expect(own).to_have_text("grad * (at::special_i1e(self) - self.sgn() * result)")
    x = torch.tensor([1.0, 2.0], dtype=torch.float32)
    expected = torch.autograd.functional.jacobian(torch.special.i0e, x)
    jacobian = section(page, "jacobian")
    texts = [number_text(float(value)) for value in expected.flatten()]
    expect(jacobian.locator("td.cell")).to_have_text(texts)


def test_matrix_factors_have_their_shapes_and_the_jacobian_its_indices(visitor: Any) -> None:
    page = visitor.open(of(PRODUCT, step="end", select="n2"))
    assert r"\underset{2 \times 1}{\bar{y}}" in tex(section(page, "local"))[0]
    x = torch.tensor([[5.0], [6.0]])
    expected = torch.autograd.functional.jacobian(lambda a: a @ x, torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    jacobian = section(page, "jacobian")
    expect(jacobian.locator("summary")).to_contain_text("2 × 4")
    expect(jacobian.locator("thead th")).to_have_text(["[0,0]", "[0,1]", "[1,0]", "[1,1]"])
    expect(jacobian.locator("td.cell")).to_have_text([number_text(float(v)) for v in expected.flatten()])
    jacobian.locator('[data-place="1"]').hover()
    expect(jacobian.locator("[data-said-cell]")).to_have_text("∂y[0, 0]/∂A[0, 1] = 6")


def test_the_jacobian_is_walked_with_the_keyboard(visitor: Any) -> None:
    page = visitor.open(of(PRODUCT, step=5, select="e0"))
    jacobian = section(page, "jacobian-edge")
    jacobian.locator('[data-place="0"]').focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    expect(jacobian.locator('[data-place="7"]')).to_be_focused()
    expect(jacobian.locator("[data-said-cell]")).to_have_text("∂y[1, 0]/∂A[1, 1] = 6")
    assert page.locator("[data-count]").inner_text() == "step 6 of 9", "the player kept its step"


def test_sparsity_is_told_and_too_large_a_jacobian_has_the_vjp_rule(visitor: Any) -> None:
    program = (
        "x = torch.arange(4.).requires_grad_()\nr = torch.relu(x)\nw = torch.ones(40, 40, requires_grad=True)\n"
        "h = w * w\nl = r.sum() + h.sum()"
    )
    page = visitor.open(of(program, step="end", select="n1"))
    expect(section(page, "jacobian").locator("summary")).to_contain_text("4 × 4, diagonal")
    expect(section(page, "jacobian")).to_contain_text("13 of 16 cells are 0 (diagonal).")
    page = visitor.open(of(program, step="end", select="n3"))
    absent = section(page, "jacobian")
    expect(absent.locator(".jacobian-absent")).to_contain_text("1,600 × 1,600 cells aren’t listed")
    assert r"\bar{h}" in tex(absent)[0]


def test_an_element_of_an_elementwise_op_is_chosen(visitor: Any) -> None:
    program = "x = torch.tensor([0.5, 2.], requires_grad=True)\ny = torch.sin(x)\nl = y.sum()"
    page = visitor.open(of(program, step="end", select="n1"))
    slope = number_text(float(torch.cos(torch.tensor(2.0))))
    cell(page, "value-n1", 1).click()
    element = inspector(page).locator(".part-local .element annotation")
    shown = slope.replace("−", "-")
    expect(element).to_have_text(
        rf"\frac{{\partial y_{{1}}}}{{\partial x_{{1}}}} = \cos 2 = \htmlClass{{tex-value}}{{{shown}}}"
    )
    cell(page, "value-n1", 1).focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(element).to_contain_text(r"\cos 0.5")
    expect(cell(page, "value-n1", 0)).to_be_focused()


def test_broadcasting_is_undone_on_the_cells(visitor: Any) -> None:
    page = visitor.open(of(BROADCAST, step="end", select="n2"))
    cells = inspector(page).locator(".part-cells")
    expect(cells).to_have_attribute("open", "")
    page.locator('[data-grid^="cells-e"] [data-place="0"]').hover()
    expect(page.locator('[data-grid="cells-n2"] .lit')).to_have_text(["1", "4"])
    scale = torch.tensor([1.0, 0.0, -1.0], requires_grad=True)
    values = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    product = values * scale
    product.retain_grad()
    (product * product).sum().backward()
    assert scale.grad is not None
    assert product.grad is not None
    terms = " + ".join(
        text if factor == 1 else f"{number_text(factor)} × {text}"
        for factor, text in ((float(values[i, 0]), number_text(float(product.grad[i, 0]))) for i in range(2))
    )
    expect(cells.locator(".cell-said").first).to_have_text("b[0] enters 2 cells: Y[0, 0], Y[1, 0].")
    expect(cells.locator(".sum-of-cells")).to_have_text(
        f"Backward, b[0] gets {terms} = {number_text(float(scale.grad[0]))}."
    )


def test_an_output_cell_lights_its_inputs_here_and_on_the_graph(visitor: Any) -> None:
    page = visitor.open(of(PRODUCT, step="end", select="n2"))
    section(page, "cells")
    cell(page, "cells-n2", 1).hover()
    expect(page.locator('[data-grid="cells-e0"] .lit')).to_have_text(["3", "4"])
    expect(page.locator('[data-grid="cells-e1"] .lit')).to_have_text(["5", "6"])
    lit = page.locator(".canvas text.lit")
    expect(lit).to_have_text(["3", "4", "5", "6", "39"])
    page.mouse.move(640, 700)
    expect(lit).to_have_count(0)


def test_sections_stay_as_they_were_left(visitor: Any) -> None:
    page = visitor.open("/?ex=lecture&step=8")
    section(page, "saved")
    inspector(page).locator(".part-chain > summary").click()
    page.keyboard.press("Home")
    page.reload()
    page.wait_for_selector("[data-player][data-ready]", state="attached")
    page.locator("[data-timeline]").fill("6")
    expect(inspector(page).locator(".part-chain")).not_to_have_attribute("open", re.compile(""))
    expect(inspector(page).locator(".part-local")).to_have_attribute("open", "")
    page.locator("[data-timeline]").fill("8")
    expect(inspector(page).locator(".part-saved")).to_have_attribute("open", "")


def test_a_chosen_cell_is_followed_through_the_whole_graph(visitor: Any) -> None:
    program = PRODUCT.replace("l = y.sum()", "z = torch.relu(y)\nl = (z * z).sum()")
    page = visitor.open(of(program, step="end", select="n2"))
    cell(page, "value-n2", 0).click()
    # A's first row and all of x make y[0, 0]; z[0, 0], z²[0, 0] and l are made of it.
    expect(page.locator(".canvas text.lit")).to_have_text(["1", "2", "5", "6", "17", "17", "289", "1810"])


def test_unnamed_operations_are_numbered_in_formulas_and_graph(visitor: Any) -> None:
    page = visitor.open("/?ex=two_layer&step=end&select=n0")
    switch = section(page, "paths").get_by_role("switch", name="Number unnamed")
    names = page.locator(".canvas .node.op .name")
    before = names.count()
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    expect(names).not_to_have_count(before)
    assert "u1" in [text.strip() for text in names.all_text_contents()]
    visitor.until(page, "location.search.includes('names=numbered')")
    expect(inspector(page).locator(".path-product annotation").nth(2)).not_to_contain_text(r"\top")


def test_an_element_of_a_large_tensor_is_asked_of_the_server(visitor: Any) -> None:
    program = "x = torch.linspace(0., 1., 64).reshape(8, 8).requires_grad_()\ny = torch.exp(x)\nl = y.sum()"
    page = visitor.open(of(program, step="end", select="n1"))
    section(page, "cells")
    grid = page.locator('[data-grid^="cells-n"]')
    grid.locator('[data-place="63"]').click()
    expect(inspector(page).locator(".part-local .element annotation")).to_contain_text(number_text(math.e))
    expect(inspector(page).locator(".part-local .element annotation")).to_contain_text("{7,7}")


def test_tall_brackets_are_drawn_within_the_policy(visitor: Any) -> None:
    program = (
        "x = torch.arange(8.).reshape(8, 1).requires_grad_()\ny = torch.where(x > 2, x * 2, -x)\nl = (y * x).sum()"
    )
    for node in ("n0", "n4"):
        page = visitor.open(of(program, step="end", select=node))
        expect(inspector(page).locator(".katex").first).to_be_visible()
        section(page, "chain" if node == "n4" else "paths")
        expect(inspector(page).locator(".katex svg").first).to_be_attached()
