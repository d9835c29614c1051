"""The filter of `docs/slides/quarto/`: real pandoc makes a walk of a code block, opened from a real server."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from app.core.view import View

pytestmark = pytest.mark.slides

QUARTO = Path(__file__).resolve().parents[2] / "docs" / "slides" / "quarto"
FILTER = QUARTO / "_extensions" / "gradwalk" / "gradwalk.lua"
DECK = QUARTO / "deck.qmd"


@pytest.fixture
def pandoc(program: Callable[[str], str]) -> str:
    return program("pandoc")


def converted(pandoc: str, text: str, to: str, *more: str) -> subprocess.CompletedProcess[str]:
    command = [pandoc, "--from", "markdown", "--to", to, "--lua-filter", str(FILTER), *more]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


class Frames(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "iframe":
            self.found.append(dict(attrs))


def view_in(frame: dict[str, str | None]) -> View:
    return View.parse(urlsplit(frame["src"] or "").query)


def test_the_ready_deck_has_three_walks_that_open(visitor: Any, pandoc: str) -> None:
    text = DECK.read_text("utf-8").replace("http://127.0.0.1:8000", visitor.server)
    frames = Frames(converted(pandoc, text, "revealjs").stdout).found
    first, second, third = map(view_in, frames)
    assert first.program.text == text.split('step"}\n')[1].split("\n```")[0]
    assert (second.program.kind, second.program.text, frames[1]["data-steps"]) == ("ex", "two_paths", "0-6")
    assert (third.program.text, third.let, third.phase, third.controls) == ("x*x", "x:3", "backward", "none")
    for frame, view in zip(frames, (first, second, third), strict=True):
        assert view.keys == "reveal"
        assert "data-gradwalk" in frame
        assert frame["data-external"] == "1"
        address = frame["src"] or ""
        page = visitor.open(address.removeprefix(visitor.server))
        assert page.locator("[data-node]").count() > 1


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 257, 9000])
def test_the_program_arrives_unchanged(pandoc: str, length: int) -> None:
    program = ("x = 'ü ∂ <b> \"q\" \\\\ 🙂'\n" * (length // 20 + 1))[:length].strip("\n ") or "y"
    [frame] = Frames(converted(pandoc, f"````{{.gradwalk}}\n{program}\n````\n", "html").stdout).found
    assert view_in(frame).program.text == program
    assert view_in(frame).keys == "local"


def test_elsewhere_it_is_the_picture(visitor: Any, pandoc: str, tmp_path: Path) -> None:
    text = f"---\ngradwalk-server: {visitor.server}/\n---\n\n::: {{.gradwalk ex=lecture step=8 keys=off}}\n:::\n"
    assert re.search(r"/png\?ex=lecture\\&step=8\\&scale=2}", converted(pandoc, text, "latex").stdout)
    out = tmp_path / "deck.pptx"
    made = converted(pandoc, text, "pptx", "--output", str(out))
    assert made.stderr == ""
    with zipfile.ZipFile(out) as archive:
        [picture] = [name for name in archive.namelist() if name.startswith("ppt/media/")]
        assert archive.read(picture).startswith(b"\x89PNG")


def test_without_a_program_it_says_what_to_write(pandoc: str) -> None:
    made = converted(pandoc, "::: {.gradwalk step=3}\n:::\n", "html")
    assert made.returncode != 0
    assert "write it as a code block, or give ex=" in made.stderr


def test_other_code_is_left_alone(pandoc: str) -> None:
    made = converted(pandoc, "```python\nx = 1\n```\n", "html")
    assert "iframe" not in made.stdout
    assert "x " in made.stdout


@pytest.mark.skipif(shutil.which("quarto") is None, reason="needs Quarto, which no package of Debian's is: quarto.org")
def test_quarto_renders_the_ready_deck(visitor: Any, tmp_path: Path) -> None:
    shutil.copytree(QUARTO, tmp_path / "deck")
    subprocess.run(["quarto", "render", "deck.qmd"], cwd=tmp_path / "deck", check=True, capture_output=True)
    html = (tmp_path / "deck" / "deck.html").read_text("utf-8")
    assert len(Frames(html).found) == 3
    assert "reveal-gradwalk.global.js" in html
