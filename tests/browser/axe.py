"""axe-core, the checker of the Web Content Accessibility Guidelines, run in a page as it is."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

SOURCE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@cache
def _script() -> str:
    if not SOURCE.exists():
        pytest.fail("axe-core is missing: run scripts/node_modules")
    return SOURCE.read_text("utf-8")


def violations(page: Page) -> list[str]:
    """Every violation of WCAG 2.2 AA that axe finds, as `rule: element: what it measured`. Empty: none."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(f"() => {{ {_script()}\n }}")
    found: list[dict[str, Any]] = page.evaluate(
        """async (values) => {
            const run = await axe.run(document, { runOnly: { type: "tag", values }, resultTypes: ["violations"] });
            return run.violations;
        }""",
        TAGS,
    )
    return [
        f"{rule['id']}: {node['html'][:160]}: {(node['failureSummary'] or '').splitlines()[-1].strip()}"
        for rule in found
        for node in rule["nodes"]
    ]
