"""The ready file of `docs/slides/powerpoint/`: what the command line makes of the lecture's example today."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pptx import Presentation

from app.examples import load

READY = Path(__file__).resolve().parents[2] / "docs" / "slides" / "powerpoint" / "lecture.pptx"


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    source = tmp_path / "lecture.py"
    source.write_text(load("lecture").source, "utf-8")
    made = tmp_path / "lecture.pptx"
    subprocess.run([sys.executable, "-m", "app.cli", "render", str(source), "-o", str(made)], check=True)
    return made


def told(path: Path) -> list[tuple[str, str, tuple[int, ...]]]:
    """Of each slide: its notes, what its picture says to those who do not see it, and where the picture lies."""
    slides = []
    for slide in Presentation(str(path)).slides:
        [picture] = [shape for shape in slide.shapes if shape.shape_type == 13]
        about = picture._element.xpath(".//p:cNvPr/@descr")[0]
        slides.append(
            (
                slide.notes_slide.notes_text_frame.text,
                about,
                (picture.left, picture.top, picture.width, picture.height),
            )
        )
    return slides


def test_the_ready_file_is_what_is_made_today(fresh: Path) -> None:
    """If it is not: `gradwalk examples lecture | gradwalk render - -o docs/slides/powerpoint/lecture.pptx`."""
    ready = told(READY)
    assert len(ready) == 11
    assert [words for words, _about, _box in ready] == [words for words, _about, _box in told(fresh)]
    assert ready == told(fresh)
    assert len({box for _words, _about, box in ready}) == 1
