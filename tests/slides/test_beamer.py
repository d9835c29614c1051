"""The deck of `docs/slides/beamer/`, built by LaTeX from a walk that the command line made."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.examples import load

pytestmark = pytest.mark.slides

DECK = Path(__file__).resolve().parents[2] / "docs" / "slides" / "beamer" / "deck.tex"
PACKAGES = {
    "pdflatex": "texlive-latex-recommended texlive-latex-extra texlive-pictures",
    "pdftotext": "poppler-utils",
    "pdftoppm": "poppler-utils",
}


@pytest.fixture(scope="module", autouse=True)
def programs() -> None:
    missing = {package for program, package in PACKAGES.items() if not shutil.which(program)}
    if missing:
        pytest.fail(f"these checks need more (Debian and Ubuntu: sudo apt-get install {' '.join(sorted(missing))})")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built deck, its walk beside it."""
    folder = tmp_path_factory.mktemp("beamer")
    (folder / "neuron.py").write_text(load("lecture").source, "utf-8")
    (folder / "deck.tex").write_bytes(DECK.read_bytes())
    render = [sys.executable, "-m", "app.cli", "render", str(folder / "neuron.py"), "-o", str(folder / "walk.pdf")]
    subprocess.run(render, check=True)
    made = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "deck.tex"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout.decode("utf-8", "replace")[-2000:]
    return folder / "deck.pdf"


def text_of(pdf: Path) -> list[str]:
    out = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, check=True).stdout
    return out.decode().split("\f")[:-1]


def test_each_step_is_an_overlay(built: Path) -> None:
    pages = text_of(built)
    titles = [next((line.strip() for line in page.splitlines() if line.strip()), "") for page in pages]
    assert titles[0].startswith("Backpropagation")
    assert titles[1:12] == ["One neuron"] * 11
    assert titles[12:17] == ["Its backward pass alone"] * 5
    assert titles[17:] == ["Questions"]


def test_each_overlay_shows_its_own_step(built: Path) -> None:
    """The deck's page holds the words of the walk's page, besides its own title."""
    deck, walk = text_of(built)[1:12], text_of(built.with_name("walk.pdf"))
    assert [words(page.replace("One neuron", "")) for page in deck] == [words(page) for page in walk]
    assert ["1×3=3" in page for page in deck] == [False] * 8 + [True] * 3


def words(page: str) -> list[str]:
    return sorted(page.split())
