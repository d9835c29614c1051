"""The decks of `docs/slides/reveal/` with the real reveal.js: each step a fragment, on screen and in print."""

from __future__ import annotations

import io
import subprocess
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
DECK = ROOT / "docs" / "slides" / "reveal" / "deck.html"
OFFLINE = DECK.with_name("offline.html")
CLASSIC = ROOT / "static" / "reveal-gradwalk.global.js"
REVEAL = ROOT / "node_modules" / "reveal.js"
READY = "document.querySelector('.reveal.ready') !== null"
LEARN_STEPS = """
addEventListener('message', ({ data, source }) => {
  if (data?.ns !== 'gradwalk' || !('step' in data)) return;
  const frame = [...document.querySelectorAll('iframe')].find((one) => one.contentWindow === source);
  if (frame) frame.dataset.shown = data.step;
});
"""
"""Keeps on each frame the step that its player says it shows."""


@pytest.fixture
def deck(visitor: Any, elsewhere: tuple[Path, str]) -> str:
    """The address of the ready deck, served from another origin than the app's."""
    folder, origin = elsewhere
    (folder / "reveal.js").symlink_to(REVEAL)
    (folder / "deck.html").write_text(DECK.read_text("utf-8").replace("http://127.0.0.1:8000", visitor.server), "utf-8")
    visitor.expected.append(f"request to another origin: {origin}/")
    return f"{origin}/deck.html"


def opened(visitor: Any, address: str, **options: Any) -> Page:
    page: Page = visitor.new_page(**options)
    page.context.add_init_script(LEARN_STEPS)
    page.goto(address)
    visitor.until(page, READY)
    return page


def shown(page: Page, slide: str) -> list[int]:
    """The steps that the players of a slide say they show."""
    found: list[int] = page.evaluate(
        "(slide) => [...document.querySelectorAll(`#${slide} iframe`)].map((one) => Number(one.dataset.shown))", slide
    )
    return found


def expect_shown(visitor: Any, page: Page, slide: str, steps: list[int]) -> None:
    """Waits until the players of a slide say these steps, and looks into each frame whether its picture agrees."""
    visitor.until(
        page,
        f"JSON.stringify([...document.querySelectorAll('#{slide} iframe')].map((one) => Number(one.dataset.shown)))"
        f" === '{str(steps).replace(' ', '')}'",
    )
    for index, step in enumerate(steps):
        frame = (
            page.frame_locator(f"#{slide} iframe").nth(index)
            if len(steps) > 1
            else page.frame_locator(f"#{slide} iframe")
        )
        frame.locator("[data-count]").filter(has_text=f"step {step + 1} of").wait_for(state="attached")


def slide(page: Page) -> str:
    found: str = page.evaluate("document.querySelector('.slides > .present').id")
    return found


def test_forward_and_back_over_steps_and_slides(visitor: Any, deck: str) -> None:
    page = opened(visitor, deck)
    page.keyboard.press("ArrowRight")
    expect_shown(visitor, page, "neuron", [0])
    for step in range(1, 11):
        page.keyboard.press("ArrowRight")
        expect_shown(visitor, page, "neuron", [step])
    page.keyboard.press("ArrowRight")
    assert slide(page) == "two-walks"
    page.keyboard.press("ArrowLeft")
    assert slide(page) == "neuron"
    expect_shown(visitor, page, "neuron", [10])
    for step in range(9, -1, -1):
        page.keyboard.press("ArrowLeft")
        expect_shown(visitor, page, "neuron", [step])
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.querySelector('.slides > .present h2').textContent") == "Backpropagation"


def test_two_walks_on_one_slide_take_turns(visitor: Any, deck: str) -> None:
    page = opened(visitor, f"{deck}#/two-walks")
    expect_shown(visitor, page, "two-walks", [0, 0])
    turns = [[1, 0], [2, 0], [3, 0], [3, 1], [3, 2]]
    for turn in turns:
        page.keyboard.press("ArrowRight")
        expect_shown(visitor, page, "two-walks", turn)
    for turn in [*reversed(turns[:-1]), [0, 0]]:
        page.keyboard.press("ArrowLeft")
        expect_shown(visitor, page, "two-walks", turn)


def test_a_part_of_a_walk_after_a_fragment_of_the_slide(visitor: Any, deck: str) -> None:
    page = opened(visitor, f"{deck}#/backward-alone")
    expect_shown(visitor, page, "backward-alone", [6])
    page.keyboard.press("ArrowRight")
    visitor.until(page, "document.querySelector('#backward-alone p.fragment').classList.contains('visible')")
    assert shown(page, "backward-alone") == [6]
    for step in (7, 8):
        page.keyboard.press("ArrowRight")
        expect_shown(visitor, page, "backward-alone", [step])
    page.keyboard.press("ArrowRight")
    assert slide(page) == "end"
    page.keyboard.press("ArrowLeft")
    expect_shown(visitor, page, "backward-alone", [8])


def test_the_deck_keeps_the_keys_when_a_player_has_the_focus(visitor: Any, deck: str) -> None:
    page = opened(visitor, f"{deck}#/neuron")
    expect_shown(visitor, page, "neuron", [0])
    page.frame_locator("#neuron iframe").locator("[data-player]").click(position={"x": 5, "y": 5})
    assert page.evaluate("document.activeElement.tagName") == "IFRAME"
    for step in (1, 2, 3):
        page.keyboard.press("ArrowRight")
        expect_shown(visitor, page, "neuron", [step])
    page.keyboard.press("PageUp")
    expect_shown(visitor, page, "neuron", [2])
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    expect_shown(visitor, page, "neuron", [10])
    page.keyboard.press("ArrowRight")
    visitor.until(page, "document.querySelector('.slides > .present').id === 'two-walks'")
    page.keyboard.press("ArrowRight")
    expect_shown(visitor, page, "two-walks", [1, 0])


def test_the_overview_and_a_jump_show_the_right_step(visitor: Any, deck: str) -> None:
    page = opened(visitor, f"{deck}#/end")
    page.keyboard.press("Escape")
    visitor.until(page, "document.querySelector('.reveal').classList.contains('overview')")
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    visitor.until(page, "!document.querySelector('.reveal').classList.contains('overview')")
    assert slide(page) == "neuron"
    counted = page.evaluate("document.querySelectorAll('#neuron .gradwalk-step.visible').length")
    expect_shown(visitor, page, "neuron", [counted])


def test_the_speaker_sees_the_step_of_the_room(visitor: Any, deck: str) -> None:
    page = opened(visitor, f"{deck}#/neuron")
    for step in (1, 2):
        page.keyboard.press("ArrowRight")
        expect_shown(visitor, page, "neuron", [step])
    with page.expect_popup() as popup:
        page.keyboard.press("s")
    speaker = popup.value
    now = speaker.frame_locator("#current-slide iframe").frame_locator("#neuron iframe")
    now.locator("[data-count]").filter(has_text="step 3 of 11").wait_for(state="attached")
    assert shown(page, "neuron") == [2]
    following = speaker.frame_locator("#upcoming-slide iframe").frame_locator("#neuron iframe")
    following.locator("[data-count]").filter(has_text="step 4 of 11").wait_for(state="attached")
    page.keyboard.press("ArrowRight")
    now.locator("[data-count]").filter(has_text="step 4 of 11").wait_for(state="attached")
    assert "Ask for ∂a/∂w" in speaker.locator(".speaker-controls-notes").inner_text()


@pytest.mark.parametrize("address", ["?print-pdf", "?view=print"])
def test_in_print_each_page_has_the_picture_of_its_step(visitor: Any, deck: str, address: str) -> None:
    page = opened(visitor, f"{deck}{address}")
    visitor.until(page, "document.querySelectorAll('.pdf-page').length > 0")
    pages = page.evaluate(PICTURES_BY_PAGE)
    assert [one["steps"] for one in pages if one["slide"] == "neuron"] == [[step] for step in range(11)]
    assert [one["steps"] for one in pages if one["slide"] == "two-walks"] == [
        [0, 0],
        [1, 0],
        [2, 0],
        [3, 0],
        *([3, step] for step in range(1, 6)),
    ]
    assert [one["steps"] for one in pages if one["slide"] == "backward-alone"] == [[6], [6], [7], [8]]
    assert all(one["drawn"] and one["named"] for one in pages)
    assert page.locator("iframe").count() == 0


PICTURES_BY_PAGE = """
[...document.querySelectorAll('.pdf-page')].map((page) => {
  const seen = [...page.querySelectorAll('img.gradwalk-picture')].filter((one) => {
    const style = getComputedStyle(one);
    return style.visibility === 'visible' && Number(style.opacity) > 0 && style.display !== 'none';
  });
  return {
    slide: page.querySelector('section').id,
    steps: seen.map((one) => Number(one.dataset.step)),
    named: seen.every((one) => decodeURIComponent(one.src).match(/step[=-]0*(\\d+)/)[1] === one.dataset.step),
    drawn: seen.every((one) => one.complete && one.naturalWidth > 0),
  };
})
"""
"""What is seen on each page of the printed deck."""


@pytest.fixture
def in_a_folder(visitor: Any, tmp_path: Path) -> str:
    """The address of the deck that needs no network, from a file, with everything beside it."""

    def fetched(address: str) -> bytes:
        with urllib.request.urlopen(visitor.server + address) as answer:
            data: bytes = answer.read()
            return data

    (tmp_path / "reveal.js").symlink_to(REVEAL)
    (tmp_path / "offline.html").write_bytes(OFFLINE.read_bytes())
    (tmp_path / CLASSIC.name).write_bytes(CLASSIC.read_bytes())
    (tmp_path / "walk.html").write_bytes(fetched("/html?ex=lecture&keys=reveal"))
    with zipfile.ZipFile(io.BytesIO(fetched("/zip?ex=lecture&text=paths"))) as archive:
        archive.extractall(tmp_path)
    visitor.expected.append(f"request to another origin: file://{tmp_path}/")
    return f"file://{tmp_path}/offline.html"


def test_without_a_network_from_a_file(visitor: Any, in_a_folder: str) -> None:
    page = visitor.new_page()
    page.context.set_offline(True)
    page.context.add_init_script(LEARN_STEPS)
    page.goto(f"{in_a_folder}#/neuron")
    visitor.until(page, READY)
    expect_shown(visitor, page, "neuron", [0])
    page.frame_locator("#neuron iframe").locator("[data-player]").click(position={"x": 5, "y": 5})
    for step in (1, 2, 3):
        page.keyboard.press("ArrowRight")
        expect_shown(visitor, page, "neuron", [step])
    page.keyboard.press("ArrowLeft")
    expect_shown(visitor, page, "neuron", [2])


def test_without_a_network_in_print(visitor: Any, in_a_folder: str) -> None:
    page = visitor.new_page()
    page.context.set_offline(True)
    page.goto(f"{in_a_folder}?print-pdf")
    visitor.until(page, "document.querySelectorAll('.pdf-page').length > 0")
    pages = [one for one in page.evaluate(PICTURES_BY_PAGE) if one["slide"] == "neuron"]
    assert [one["steps"] for one in pages] == [[step] for step in range(11)]
    assert all(one["drawn"] and one["named"] for one in pages)


def test_the_classic_script_is_the_plugin(tmp_path: Path) -> None:
    """It is committed, since serving needs no Node.js; made anew it is the same."""
    made = tmp_path / "made.js"
    subprocess.run(["node", "static/vendor/build.mjs", f"plugin={made}"], cwd=ROOT, check=True)
    for copy in (CLASSIC, ROOT / "docs" / "slides" / "quarto" / "_extensions" / "gradwalk" / CLASSIC.name):
        assert made.read_text("utf-8") == copy.read_text("utf-8")
