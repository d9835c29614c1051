"""A tensor's body, its cells in memory, who shares them, and its versions; against stock PyTorch's strides."""

from __future__ import annotations

import re
from typing import Any

import torch
from playwright.sync_api import Page, expect

from tests.browser.test_inspector import cell, inspector, of, section

VIEWS = """T = torch.arange(6.).reshape(2, 3).clone().requires_grad_()
V = T.t()
S = V[1:]
C = V.reshape(6)
E = T[0].expand(2, 3)
l = S.sum() + C.sum() + E.sum()
"""


def choose(page: Page, name: str) -> None:
    """Chooses a node by its name, wherever it lies on the canvas."""
    text = page.locator(".name", has_text=re.compile(rf"^\s*{name}\s*$"))
    page.locator(".canvas [data-node]", has=text).first.dispatch_event("click")


def test_each_element_has_its_cell_and_the_address_spelt_out(visitor: Any) -> None:
    page = visitor.open(of(VIEWS, step="end"))
    choose(page, "S")
    memory = section(page, "tensor")
    t = torch.arange(6.0).reshape(2, 3).clone()
    s = t.t()[1:]
    memory.get_by_label("Index in dimension 0").fill("1")
    memory.get_by_label("Index in dimension 1").fill("1")
    address = s.storage_offset() + s.stride(0) + s.stride(1)
    expect(memory.locator("[data-address]")).to_have_text(
        f"offset {s.storage_offset()} + 1·{s.stride(0)} + 1·{s.stride(1)} = cell {address}"
    )
    expect(memory.locator(".strip-cells .lit")).to_have_attribute("data-cell", str(address))
    expect(memory.locator("output")).to_have_text(f"= {float(s[1, 1]):g}")
    read = {int(c.get_attribute("data-cell") or -1) for c in memory.locator(".strip-cells .seen").all()}
    assert read == {s[i, j].storage_offset() for i in range(2) for j in range(2)}
    shared = memory.locator(".sharing figcaption")
    assert {text.split()[0] for text in shared.all_inner_texts()} >= {"T", "V"}
    expect(memory.locator(".sharing td.lit").first).to_have_text(f"{float(s[1, 1]):g}")


def test_a_reshape_that_copies_is_told_from_a_view(visitor: Any) -> None:
    page = visitor.open(of(VIEWS, step="end"))
    choose(page, "C")
    expect(section(page, "tensor")).to_contain_text("A copy: the numbers of")
    choose(page, "V")
    expect(section(page, "tensor")).to_contain_text("A view of T: no number was copied.")


def test_an_expanded_cell_is_read_several_times(visitor: Any) -> None:
    page = visitor.open(of(VIEWS, step="end"))
    choose(page, "E")
    memory = section(page, "tensor")
    expect(memory).to_contain_text("stride (0, 1)")
    memory.locator('[data-cell="2"]').focus()
    expect(memory.locator("[data-address]")).to_have_text("cell 2 is read 2 times: E[0, 2], E[1, 2]")


def test_ranks_are_drawn_with_depth_and_marked(visitor: Any) -> None:
    page = visitor.open("/?ex=ranks&step=end")
    names = {"s": 1, "v": 3, "M": 4}
    for name, cells in names.items():
        choose(page, name)
        expect(section(page, "tensor").locator(".rank .front")).to_have_count(cells)
    choose(page, "T")
    cube = section(page, "tensor")
    expect(cube.locator(".rank .top")).to_have_count(6)
    cube.get_by_label("Index in dimension 0").fill("1")
    expect(cube.locator(".rank .marked.sheet")).to_have_count(1)
    expect(cube.locator("output")).to_have_text("= 6")
    choose(page, "B")
    expect(section(page, "tensor").locator(".rank > g")).to_have_count(2)


def test_versions_over_time_under_writes_in_place(visitor: Any) -> None:
    program = (
        "w = torch.tensor([1., 2.], requires_grad=True)\nl = (w * w).sum()\nl.backward()\n"
        "with torch.no_grad():\n    w -= 0.5 * w.grad\n"
    )
    page = visitor.open(of(program, step="end", select="n0"))
    rows = section(page, "tensor").locator(".versions tbody tr")
    expect(rows).to_have_count(2)
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    before = w._version
    (w * w).sum().backward()
    with torch.no_grad():
        w -= 0.5 * w.grad  # type: ignore[operator]
    expect(rows.nth(0).locator("td")).to_have_text([str(before), "1, 2"])
    expect(rows.nth(1).locator("td")).to_have_text([str(w._version), ", ".join(f"{x:g}" for x in w.tolist())])
    expect(rows.nth(1)).to_have_class("now")


def test_the_inspector_works_in_an_embed(visitor: Any) -> None:
    page = visitor.open("/embed?ex=broadcasting&step=end&select=n2&show=inspector")
    cell(page, "cells-e0", 1).hover()
    expect(inspector(page).locator(".sum-of-cells")).to_be_visible()
    section(page, "tensor")
    expect(inspector(page).locator(".rank")).to_be_visible()
