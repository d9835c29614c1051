"""Two programs side by side: opened from the page, stepped together, edited; differences said and marked."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.core.codec import encode
from app.examples import load

DETACH = f"/?ex=detach&vs={encode(load('detach').variant)}"
TANH = f"/?ex=dead_relu&vs={encode(load('dead_relu').variant)}"
SIGNS = """(side) => [...document.querySelectorAll(`[data-side="${side}"] .canvas .unlike-sign.seen`)]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }))
    .map((one) => one.closest('[data-node]').querySelector('.name')?.textContent.trim() + ' '
        + (one.parentElement.querySelector(':scope > .slot')?.classList[1] ?? 'operation'))"""


def sentences(page: Page) -> list[str]:
    return page.locator("[data-sentence]").all_inner_texts()


def count(page: Page) -> str:
    return page.locator("[data-count]").inner_text()


def test_the_button_opens_the_examples_variant_and_the_way_back(visitor: Any) -> None:
    page = visitor.edit("/?ex=detach")
    page.get_by_role("button", name="Compare with a variant").click()
    page.wait_for_url("**vs=*")
    page.wait_for_selector("[data-ready]", state="attached")
    expect(page.locator("[data-headline]")).to_have_text("w.grad: 9 against 18: d = detach only in the first (line 3)")
    page.get_by_role("link", name="End the comparison").click()
    page.wait_for_selector("[data-inspector]")
    assert page.url.endswith("/?ex=detach")


def test_one_transport_drives_both_and_one_waits_for_the_other(visitor: Any) -> None:
    page = visitor.open(DETACH)
    assert count(page) == "step 1 of 11"
    page.keyboard.press("ArrowRight")
    assert sentences(page) == ["u = w × 1.5 = 2 × 1.5 = 3."] * 2
    page.get_by_role("button", name="Forward").click()
    assert sentences(page)[1] == "u = w × 1.5 = 2 × 1.5 = 3."
    assert "detach" in sentences(page)[0]
    expect(page.locator('[data-side="1"] [data-waits]')).to_be_visible()
    expect(page.locator('[data-side="0"] [data-waits]')).to_be_hidden()
    spoken = page.locator("[data-timeline]").get_attribute("aria-valuetext")
    assert spoken is not None
    assert "First only: " in spoken
    page.keyboard.press("g")
    assert count(page) == "step 6 of 11"
    page.locator("[data-timeline]").fill("9")
    assert sentences(page) == ["w.grad was None and becomes 9.", "w.grad was None and becomes 18."]


def test_what_differs_is_marked_from_its_row_on_and_not_by_colour_alone(visitor: Any) -> None:
    page = visitor.open(f"{DETACH}&step=6")
    assert page.evaluate(SIGNS, 0) == page.evaluate(SIGNS, 1) == []
    page.keyboard.press("End")
    assert sorted(page.evaluate(SIGNS, 0)) == sorted(page.evaluate(SIGNS, 1)) == ["u grad-slot", "w grad-slot"]
    assert page.locator('[data-side="0"] .alone .alone-word').all_text_contents() == ["only here"]
    assert page.locator('[data-side="1"] .alone').count() == 0
    page.keyboard.press("Home")
    assert page.evaluate(SIGNS, 0) == []
    page = visitor.open(f"{TANH}&step=end")
    assert {"a operation", "a value-slot", "w grad-slot", "loss value-slot"} <= set(page.evaluate(SIGNS, 0))


def test_the_same_nodes_lie_at_the_same_place(visitor: Any) -> None:
    page = visitor.open(TANH)
    places = page.evaluate(
        """() => [0, 1].map((side) => {
            const frame = document.querySelector(`[data-side="${side}"]`);
            const { left, top } = frame.querySelector('.stage').getBoundingClientRect();
            return Object.fromEntries([...frame.querySelectorAll('.canvas g.node')].map((card) => {
                const box = card.querySelector('.body').getBoundingClientRect();
                const x = box.left + box.width / 2 - left, y = box.top + box.height / 2 - top;
                return [card.querySelector('.name')?.textContent ?? card.dataset.node, [x, y].map(Math.round)];
            }));
        })"""
    )
    assert len(places[0]) == 8
    assert places[0].keys() == places[1].keys()
    for name, (x, y) in places[0].items():
        assert places[1][name] == pytest.approx([x, y], abs=1), name


def test_all_differences_are_listed_and_lead_to_their_row(visitor: Any) -> None:
    page = visitor.open(TANH)
    page.get_by_text("All differences").click()
    page.get_by_role("button", name="loss: 1 against 3.98").click()
    assert count(page) == "step 6 of 15"
    assert page.locator(".canvas g.node.selected .name").all_text_contents() == ["loss", "loss"]


def test_choosing_a_node_chooses_its_partner(visitor: Any) -> None:
    page = visitor.open(DETACH)
    expect(page.locator(".cm-content")).to_have_count(2)  # what is below the editors moves until they have come
    page.locator('[data-side="0"] .canvas [data-node="n3"]').first.click()
    expect(page.locator('[data-side="1"] .canvas g.selected').first).to_have_attribute("data-node", "n2")


def test_editing_one_side_runs_both_and_the_address_keeps_them(visitor: Any) -> None:
    page = visitor.open(DETACH)
    second = page.get_by_label("Second program, Python")
    second.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(load("detach").source.replace("u.detach()", "u * 1."))
    visitor.until(page, "document.querySelectorAll('[data-side=\"1\"] .canvas g.node').length === 5")
    expect(page.locator("[data-headline]")).to_contain_text("w.grad: 9 against 18")
    visitor.until(page, "location.search.includes('c=d1.')")
    address = page.url
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("y = (")
    expect(page.locator("[data-error]")).to_contain_text("In the second program: ")
    assert page.locator('[data-side="1"] .canvas g.node').count() == 5, "the last good picture stays"
    page.goto(address)
    page.wait_for_selector("[data-ready]", state="attached")
    expect(page.locator("[data-headline]")).to_contain_text("w.grad: 9 against 18")
    visitor.expected.append("status of 422")


def test_a_copy_differs_in_nothing_and_a_broken_one_says_so(visitor: Any) -> None:
    page = visitor.open(f"/?ex=lecture&vs={encode(load('lecture').source)}")
    expect(page.locator("[data-headline]")).to_have_text("The two walks are the same.")
    page = visitor.open(f"/?ex=lecture&vs={encode('y = (')}")
    expect(page.locator("[data-error]")).to_contain_text("In the second program: ")
    expect(page.get_by_label("Second program, Python")).to_contain_text("y = (")
    visitor.expected.append("status of 422")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_a_phone_they_are_stacked_and_driven_by_touch(visitor: Any, theme: str) -> None:
    size = {"width": 390, "height": 844}
    page = visitor.open(DETACH, viewport=size, has_touch=True, is_mobile=True, color_scheme=theme)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    first, second = (page.locator(f'[data-side="{side}"]').bounding_box() for side in (0, 1))
    assert first is not None
    assert second is not None
    assert first["y"] + first["height"] <= second["y"] + 1
    page.get_by_role("button", name="Forward").tap()
    assert count(page) == "step 2 of 11"
    bar = page.locator(".bar").bounding_box()
    assert bar is not None
    assert bar["y"] + bar["height"] <= 844
