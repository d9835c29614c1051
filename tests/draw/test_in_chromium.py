"""The picture as a browser lays it out, with the real fonts: nothing spills, and it is legible."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from app.core.trace import Trace
from app.draw.elements import Scene
from app.draw.svg import svg

pytestmark = pytest.mark.browser
Draw = Callable[..., Scene]
ROOT = Path(__file__).parents[2]

MEASURE = """() => {
  const box = (element) => { const r = element.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; };
  const texts = [...document.querySelectorAll("text")];
  const cards = [...document.querySelectorAll(".node")];
  return {
    fonts: ["Inter", "STIX Two Text"].map((name) => document.fonts.check(`16px "${name}"`)),
    unfit: texts.filter((text) => {
      const home = text.closest(".chip, .value, .grad, .node");
      const room = home && (home.matches(".chip") ? home.querySelector("rect")
        : home.matches(".node") ? home.querySelector(".body") : home.querySelector(".filled"));
      if (!room || text.closest(".badge")) return false;
      const [a, b] = [box(text), box(room)];
      return a[0] < b[0] - 1 || a[2] > b[2] + 1;
    }).map((text) => text.textContent),
    overlapping: cards.flatMap((card, i) => cards.slice(i + 1).filter((other) => {
      const [a, b] = [box(card.querySelector(".body")), box(other.querySelector(".body"))];
      return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
    }).map((other) => [card.dataset.node, other.dataset.node])),
    sizes: texts.filter((t) => t.closest(".value, .grad") || t.matches(".name"))
      .map((text) => parseFloat(getComputedStyle(text.querySelector("tspan") ?? text).fontSize)),
  };
}"""


def page_of(text: str) -> str:
    fonts = (ROOT / "static/vendor/fonts/fonts.css").as_uri()
    style = "html,body{margin:0;height:100%}svg{display:block;width:100vw;height:100vh}"
    return f'<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="{fonts}"><style>{style}</style>{text}'


@pytest.fixture(scope="module")
def pages(
    tmp_path_factory: pytest.TempPathFactory, lecture: Trace, made: Callable[[str], Trace], draw: Draw
) -> list[Path]:
    """A page for each picture, drawn before Playwright takes the event loop."""
    folder = tmp_path_factory.mktemp("pictures")
    out = []
    for name in ("lecture", "square", "matrices", "two_layer", "rnn", "attention", "large"):
        trace = lecture if name == "lecture" else made(name)
        for query in ("", "dir=TB", "digits=7"):
            path = folder / f"{name}{len(out)}.html"
            path.write_text(page_of(svg(draw(trace, query), step=len(trace.steps) - 1)), "utf-8")
            out.append(path)
    return out


def measure(pages: list[Path]) -> dict[str, Any]:
    """What a browser finds on each page, and on the first one in half of a 1280 × 720 screen."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = os.environ.get("GRADWALK_CHROMIUM") or next((path for name in names if (path := shutil.which(name))), None)
    arguments = ["--no-sandbox", "--allow-file-access-from-files", "--font-render-hinting=none"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        measured = {}
        for path in pages:
            page.goto(path.as_uri())
            page.evaluate("() => document.fonts.ready")
            measured[path.name] = page.evaluate(MEASURE)
        page.set_viewport_size({"width": 690, "height": 546})
        page.goto(pages[0].as_uri())
        measured["scale"] = page.evaluate("() => document.querySelector('svg').getScreenCTM().a")
        browser.close()
    return measured


@pytest.fixture(scope="module")
def measured(pages: list[Path]) -> dict[str, Any]:
    """Measured in a thread of its own, since another test's Playwright may live in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(measure, pages).result()


def test_nothing_spills_in_a_real_browser(measured: dict[str, Any], pages: list[Path]) -> None:
    for path in pages:
        found = measured[path.name]
        assert found["fonts"] == [True, True]
        assert found["unfit"] == [], path.name
        assert found["overlapping"] == [], path.name


def test_the_lecture_is_legible_from_the_back_row(measured: dict[str, Any], pages: list[Path]) -> None:
    """Names and numbers of at least 18 px, also where the picture has half of a 1280 × 720 screen."""
    assert min(measured[pages[0].name]["sizes"]) * measured["scale"] >= 18
