"""Exports opened by the programs that people open them with (`make test-slides`)."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from app.core.trace import Trace
from app.core.view import View, resolve_range

Make = Callable[..., bytes]
Program = Callable[[str], str]


def pages_of(path: Path, width: int = 960) -> list[np.ndarray]:
    """A PDF's pages as pixels."""
    document = pypdfium2.PdfDocument(path)
    pages = [np.asarray(page.render(scale=width / page.get_width()).to_pil().convert("RGB"), int) for page in document]
    document.close()
    return pages


def inked(page: np.ndarray) -> float:
    """The share of a page that isn't its ground."""
    return float((abs(page - page[2, 2]).max(axis=2) > 30).mean())


@pytest.mark.slides
@pytest.mark.parametrize("query", ["", "theme=dark&dir=TB&phase=backward"])
def test_libreoffice_shows_every_slide(make: Make, trace: Trace, program: Program, tmp_path: Path, query: str) -> None:
    (tmp_path / "walk.pptx").write_bytes(make("pptx", query))
    home = f"-env:UserInstallation={(tmp_path / 'office').as_uri()}"
    command = [program("soffice"), home, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "walk.pptx")], check=True, capture_output=True, timeout=300)
    pages = pages_of(tmp_path / "walk.pdf")
    first, last = resolve_range(trace, View.parse(query))
    assert len(pages) == last - first + 1
    assert min(map(inked, pages)) > 0.005
    changes = [bool((abs(one - following).max(axis=2) > 30).any()) for one, following in pairwise(pages)]
    assert changes.count(False) <= 1, changes  # the end adds nothing to what was there


def test_a_missing_program_is_named_with_its_package(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(pytest.fail.Exception, match=r"soffice is missing.*apt-get install libreoffice-impress"):
        program("soffice")
