"""axe-core over strides, curve, Predict, presenting and comparing, in every theme."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from app.core.codec import encode
from app.examples import load
from tests.browser.test_access_axe import check

THEMES = ["light", "dark", "contrast"]


@pytest.mark.parametrize("theme", THEMES)
def test_a_training_run(visitor: Any, theme: str) -> None:
    page = visitor.edit(f"/?ex=training_loop&theme={theme}&step=14")
    found: dict[str, list[str]] = {}
    page.get_by_role("button", name="Larger strides").click()
    check(page, found, "strides and curve")
    page.keyboard.press("Escape")
    page.locator("[data-predict]").click()
    page.keyboard.press("ArrowRight")
    page.locator("[data-ask] input").fill("0")
    page.keyboard.press("Enter")
    expect(page.locator("[data-said]")).to_contain_text("Not quite.")
    check(page, found, "a hint")
    page.locator("[data-ask] input").fill("-.8")
    page.keyboard.press("Enter")
    expect(page.locator("[data-ask]")).to_be_hidden()
    check(page, found, "right")
    page.keyboard.press("Shift+P")
    expect(page.locator(".top")).to_be_hidden()
    page.keyboard.press(".")
    check(page, found, "blank")
    assert found == {}


@pytest.mark.parametrize("theme", THEMES)
def test_a_comparison(visitor: Any, theme: str) -> None:
    page = visitor.open(f"/?ex=dead_relu&vs={encode(load('dead_relu').variant)}&theme={theme}&step=8")
    page.wait_for_selector(".cm-content")
    found: dict[str, list[str]] = {}
    page.get_by_text("All differences").click()
    check(page, found, "comparing")
    page.set_viewport_size({"width": 390, "height": 844})
    check(page, found, "on a phone")
    assert found == {}
