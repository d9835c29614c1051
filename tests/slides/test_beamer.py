"""The deck of `docs/slides/beamer/`, built by LaTeX from a walk that the command line made."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.examples import load

Program = Callable[[str], str]

pytestmark = pytest.mark.slides

DECK = Path(__file__).resolve().parents[2] / "docs" / "slides" / "beamer" / "deck.tex"


@pytest.fixture
def built(program: Program, tmp_path: Path) -> Path:
    """The built deck, its walk beside it."""
    folder = tmp_path
    (folder / "neuron.py").write_text(load("lecture").source, "utf-8")
    (folder / "deck.tex").write_bytes(DECK.read_bytes())
    render = [sys.executable, "-m", "app.cli", "render", str(folder / "neuron.py"), "-o", str(folder / "walk.pdf")]
    subprocess.run(render, check=True)
    made = subprocess.run(
        [program("pdflatex"), "-interaction=nonstopmode", "-halt-on-error", "deck.tex"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout.decode("utf-8", "replace")[-2000:]
    return folder / "deck.pdf"


def text_of(pdf: Path, program: Program) -> list[str]:
    out = subprocess.run([program("pdftotext"), "-layout", str(pdf), "-"], capture_output=True, check=True).stdout
    return out.decode().split("\f")[:-1]


def words(page: str) -> list[str]:
    return sorted(page.split())


def test_each_step_is_an_overlay_with_its_own_picture(built: Path, program: Program) -> None:
    pages = text_of(built, program)
    titles = [next((line.strip() for line in page.splitlines() if line.strip()), "") for page in pages]
    assert titles[0].startswith("Backpropagation")
    assert titles[1:] == ["One neuron"] * 11 + ["Its backward pass alone"] * 5 + ["Questions"]
    # The deck's page holds the words of the walk's page, besides its own title.
    walk = text_of(built.with_name("walk.pdf"), program)
    assert [words(page.replace("One neuron", "")) for page in pages[1:12]] == [words(page) for page in walk]
    assert ["1×3=3" in page for page in walk] == [False] * 8 + [True] * 3
