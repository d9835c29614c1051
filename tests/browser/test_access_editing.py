"""axe-core finds nothing in what the editor adds: values, notices, the tour, completions, errors with a retry."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_no_violation(visitor: Any, theme: str) -> None:
    page = visitor.edit(f"/?step=end&theme={theme}", first_visit=True)
    expect(page.locator(".tour")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Skip the tour").click()
    leaf = page.locator(".canvas .node.leaf").first
    leaf.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.locator(".value-edit input").fill("x")
    page.keyboard.press("Enter")
    expect(page.locator(".value-edit [role=alert]")).not_to_be_empty()
    assert violations(page) == []
    page.locator(".value-edit input").fill("3")
    page.keyboard.press("Enter")
    expect(page.locator(".replaced")).to_be_visible()
    visitor.expected.append("503")
    error = {"code": "busy", "message": "Too many programs are running.", "line": None, "column": None, "hint": None}
    page.route("**/api/walk", lambda route: route.fulfill(status=503, json={"error": error}))
    page.locator("[data-run]").click()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert violations(page) == []
    page.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("\ntorch.re")
    expect(page.locator(".cm-tooltip-autocomplete")).to_be_visible()
    assert violations(page) == []
