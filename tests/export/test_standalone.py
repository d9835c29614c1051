"""The standalone page, opened from a file by a browser without network."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from app.core.sentence import with_totals
from app.core.trace import Trace
from app.examples import load
from app.export.html import KATEX, STATIC, UNUSED, modules, rebound
from app.record import record

Make = Callable[..., bytes]
BARE = re.compile(r'(?:from|import\(?)\s*"(gradwalk/[^"]+)"')


def test_the_two_layer_network_stays_well_below_a_megabyte(make: Make) -> None:
    assert len(make("html", other=record(load("two_layer").source))) <= 850_000


def test_every_import_has_its_module() -> None:
    found = json.loads(modules())["imports"]
    assert "gradwalk/vendor/katex/katex.js" in found
    for name in found:
        path = name.removeprefix("gradwalk/")
        text, needed = rebound(path, (STATIC / path).read_text("utf-8"))
        assert {f"gradwalk/{one}" for one in needed} <= set(found)
        assert set(BARE.findall(text)) <= set(found)


def test_no_face_is_left_out_that_a_formula_takes() -> None:
    """KaTeX's style sheet names a face for each command; these are all commands that `app/explain` writes."""
    kept = {
        face for face in re.findall(r"KaTeX_\w+-\w+", (STATIC / KATEX).read_text("utf-8")) if not UNUSED.search(face)
    }
    assert {"KaTeX_Main-Regular", "KaTeX_Main-Bold", "KaTeX_Math-Italic", "KaTeX_Caligraphic-Regular"} <= kept
    sources = "".join(path.read_text("utf-8") for path in (STATIC.parent / "app" / "explain").rglob("*.py"))
    assert not re.findall(r"\\(?:mathfrak|mathscr|mathsf|texttt|textsf|bm)\{", sources)


def test_names_cannot_end_the_script(make: Make, trace: Trace) -> None:
    hostile = "</script><script>alert(1)</script><!--"
    text = make("html", other=replace(trace, program=replace(trace.program, source=hostile))).decode()
    assert "alert(1)</script>" not in text
    assert text.count("<script") == text.count("</script") == 3


def chromium_path() -> str | None:
    given = os.environ.get("GRADWALK_CHROMIUM")
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return given or next((found for name in names if (found := shutil.which(name))), None)


def visit(path: Path, act: Callable[[Page], None]) -> None:
    """Opens a file without network, does `act`, and finds no fault of the page.

    In a thread of its own, since another test's Playwright may live in this one.
    """

    def work() -> list[str]:
        arguments = ["--disable-gpu", "--no-first-run", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        faults: list[str] = []
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=arguments)
            page = browser.new_context(offline=True, viewport={"width": 1280, "height": 720}).new_page()
            page.on("console", lambda message: faults.append(message.text))
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("request", lambda request: faults.append(request.url) if request.url[:4] == "http" else None)
            page.goto(path.as_uri())
            page.wait_for_selector("[data-player][data-ready]", state="attached")
            act(page)
            browser.close()
        return faults

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(work).result() == []


@pytest.fixture
def file(make: Make, tmp_path: Path) -> Path:
    path = tmp_path / "walk.html"
    path.write_bytes(make("html"))
    return path


@pytest.mark.browser
def test_all_steps_of_the_two_layer_network_by_keys_without_network(make: Make, tmp_path: Path) -> None:
    trace = record(load("two_layer").source)
    file = tmp_path / "two_layer.html"
    file.write_bytes(make("html", other=trace))

    def act(page: Page) -> None:
        count, sentence = page.locator("[data-count]"), page.locator("[data-sentence]")
        last = len(trace.steps)
        for step in range(1, last + 1):
            expect(count).to_have_text(f"step {step} of {last}")
            words = re.sub(r"\W", "", with_totals(trace.steps[step - 1].text))
            assert words in re.sub(r"\W", "", sentence.inner_text())
            page.keyboard.press("ArrowRight")
        expect(count).to_have_text(f"step {last} of {last}")
        page.keyboard.press("ArrowLeft")
        expect(count).to_have_text(f"step {last - 1} of {last}")
        page.keyboard.press("Home")
        expect(count).to_have_text(f"step 1 of {last}")

    visit(file, act)


@pytest.mark.browser
def test_inspector_formulas_fonts_and_listing(file: Path) -> None:
    def act(page: Page) -> None:
        page.keyboard.press("End")
        page.locator('[data-node="n2"] .expression').first.click()
        expect(page.locator("[data-inspector] .katex").first).to_be_visible()
        expect(page.locator(".listing-line").first).to_be_visible()
        page.evaluate("document.fonts.ready.then(() => null)")
        loaded = page.evaluate("[...document.fonts].filter((f) => f.status === 'loaded').map((f) => f.family)")
        assert {"Inter", "STIX Two Text", "KaTeX_Main"} <= {name.strip('"') for name in loaded}

    visit(file, act)


@pytest.mark.browser
def test_the_inspectors_sections_work_without_network(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "walk.html"
    path.write_bytes(make("html", other=record(load("broadcasting").source)))

    def act(page: Page) -> None:
        page.keyboard.press("End")
        page.locator('[data-node="n2"] .expression').first.click()
        page.locator('[data-grid^="cells-e"] [data-place="1"]').hover()
        expect(page.locator(".sum-of-cells")).to_be_visible()
        page.locator(".part-tensor > summary").click()
        expect(page.locator(".rank")).to_be_visible()
        page.locator('[data-node="n0"] .name').first.click()
        page.get_by_role("switch", name="∂ throughout").click()
        expect(page.locator(".path-sum annotation").first).to_contain_text(r"\frac{\partial s}{\partial b}")

    visit(path, act)
