"""The archive of all steps."""

from __future__ import annotations

import io
import json
import re
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from pypdf import PdfReader

from app.core.errors import GradwalkError
from app.core.trace import Note, Trace

Make = Callable[..., bytes]


def opened(data: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(data))


def steps_of(archive: zipfile.ZipFile) -> list[str]:
    return [name for name in archive.namelist() if name.startswith("steps/")]


def test_a_picture_a_step_in_one_box(make: Make, trace: Trace) -> None:
    archive = opened(make("zip"))
    pictures = [archive.read(name) for name in steps_of(archive)]
    assert len(pictures) == len(trace.steps)
    assert len({ET.fromstring(picture).get("viewBox") for picture in pictures}) == 1
    third = (ET.canonicalize(svg, strip_text=True) for svg in (pictures[3], make("svg", "step=3")))
    assert len(set(third)) == 1
    assert json.loads(archive.read("trace.json")) == trace.to_dict()
    assert archive.read("program.py").decode().strip() == trace.program.source.strip()


def test_the_pdf_has_a_page_for_each_overlay(make: Make, trace: Trace) -> None:
    archive = opened(make("zip", "range=2-5"))
    assert archive.read("walk.pdf") == make("pdf", "range=2-5")
    deck = archive.read("slides/beamer.tex").decode("ascii")
    assert re.findall(r"\\only<(\d)>\{\\includegraphics\[page=(\d)", deck) == [(k, k) for k in "1234"]


def test_the_lecturers_notes_are_in_the_overview(make: Make, trace: Trace) -> None:
    noted = replace(trace, notes=(Note("lecturer", "Watch *this*.", trace.steps[1].line, None),))
    assert "\n\n> Watch \\*this\\*.\n\n" in opened(make("zip", other=noted)).read("steps.md").decode()


@pytest.mark.slides
def test_the_beamer_frame_compiles(make: Make, program: Callable[[str], str], tmp_path: Path) -> None:
    opened(make("zip", "range=2-5")).extractall(tmp_path)
    command = [program("pdflatex"), "-interaction=nonstopmode", "-halt-on-error", "beamer.tex"]
    subprocess.run(command, cwd=tmp_path / "slides", check=True, capture_output=True, timeout=300)
    assert len(PdfReader(tmp_path / "slides" / "beamer.pdf").pages) == 4


def test_range_and_text_are_those_of_the_view(make: Make) -> None:
    archive = opened(make("zip", "range=3-5&text=paths"))
    assert steps_of(archive) == [f"steps/step-{step:04}.svg" for step in (3, 4, 5)]
    assert b"<text" not in archive.read("steps/step-0004.svg")


def test_the_same_view_gives_the_same_bytes(make: Make) -> None:
    assert make("zip") == make("zip")


def test_every_snippet_names_each_picture_once(make: Make, trace: Trace) -> None:
    archive = opened(make("zip"))
    pictures = steps_of(archive)
    for name in ("steps.md", "slides/reveal.html", "slides/marp.md", "slides/slidev.md", "slides/quarto.qmd"):
        text = archive.read(name).decode()
        assert re.findall(r"steps/step-\d+\.svg", text) == pictures, name


def test_sentences_start_no_markup(make: Make, trace: Trace) -> None:
    hostile = '<script> a--> `b` *c* "quoted"'
    steps = tuple(replace(step, text=hostile) for step in trace.steps)
    archive = opened(make("zip", other=replace(trace, steps=steps)))
    assert "\\<script\\>" in archive.read("steps.md").decode()
    assert "<script" not in archive.read("slides/reveal.html").decode()
    for comment in re.findall("<!--(.*?)-->", archive.read("slides/marp.md").decode(), re.S):
        assert "quoted" in comment


def test_too_many_pictures_are_refused(make: Make, trace: Trace) -> None:
    many = replace(trace, steps=tuple(replace(trace.steps[0], index=at) for at in range(20_000)))
    with pytest.raises(GradwalkError, match="too many") as refused:
        make("zip", other=many)
    assert refused.value.code == "bad_view"
    assert "range=0-" in (refused.value.hint or "")
