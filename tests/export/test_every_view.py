"""Every export takes every option of a view, shows a program that raised as far as it came, and names a range
for a walk that is too long.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace

import nbformat
import pytest
from PIL import Image
from pptx import Presentation
from pypdf import PdfReader

from app.core.errors import GradwalkError
from app.core.trace import Note, Trace
from app.export import EXPORTS
from app.record import record

Make = Callable[..., bytes]
RAISES = "x = torch.tensor(2., requires_grad=True)\ny = x * 3\nz = y + nothing\n"
LONG = [suffix for suffix, export in EXPORTS.items() if export.steps]


def pictures_in(suffix: str, data: bytes) -> int:
    """How many steps a file of several holds, as its own reader counts them."""
    if suffix == "pdf":
        return len(PdfReader(io.BytesIO(data)).pages)
    if suffix == "gif":
        return getattr(Image.open(io.BytesIO(data)), "n_frames", 0)
    if suffix == "pptx":
        return len(Presentation(io.BytesIO(data)).slides)
    if suffix == "tex":
        return data.decode("ascii").count("\\only<")
    assert suffix == "zip"
    return sum(name.startswith("steps/") for name in zipfile.ZipFile(io.BytesIO(data)).namelist())


def opened(suffix: str, data: bytes) -> None:
    """A file of one picture or player is one of its kind."""
    if suffix == "png":
        Image.open(io.BytesIO(data)).load()
    elif suffix == "ipynb":
        nbformat.validate(nbformat.reads(data.decode(), as_version=4))
    elif suffix == "html":
        assert data.lstrip().lower().startswith(b"<!doctype html")


DRAWN = sorted(set(EXPORTS) - {"json"})
OPTIONS = {
    "theme": ("light", "dark", "contrast"),
    "bg": ("ffffff", "102030", "transparent"),
    "scale": ("0.5", "1"),
    "digits": ("4", "1"),
    "num": ("auto", "sci"),
    "show": ("values,grads,locals", "grads", "none"),
    "dir": ("LR", "TB"),
    "names": ("source", "numbered"),
    "phase": ("both", "backward"),
    "predict": ("0", "1"),
    "step": ("end", "0"),
    "text": ("text", "paths"),
}
WITHOUT = {
    ("png", "text"),  # outlines in any case
    ("png", "phase"), ("svg", "phase"),
    *((suffix, "step") for suffix in LONG),
    *((suffix, option) for suffix in ("pdf", "gif", "pptx", "tex") for option in ("text", "predict")),
    *((suffix, "predict") for suffix in ("svg", "png", "zip")),
    ("gif", "bg"),  # two grounds, no transparency: see test_gif
    # Slow, and of the same cels as the PDF:
    *((suffix, option) for suffix in ("pptx", "gif") for option in ("digits", "num", "names")),
    ("pptx", "show"), ("pptx", "phase"),
}  # fmt: skip
"""What means nothing in a format, but for the last two lines."""


@pytest.mark.parametrize("suffix", DRAWN)
def test_every_option_makes_a_difference(make: Make, suffix: str) -> None:
    """Each option alone, every choice another file."""
    other = record("w = torch.tensor(1.23456, requires_grad=True)\nx = torch.tensor([2., 3.])\ny = (w * x).sum()\n")
    steps = "" if suffix in ("svg", "png") else "range=2-4&" if suffix != "pptx" else "range=3-3&scale=0.5&"
    plain = make(suffix, steps, other=other)
    opened(suffix, plain)
    for option, choices in OPTIONS.items():
        if (suffix, option) in WITHOUT:
            continue
        files = [make(suffix, f"{steps}{option}={choice}", other=other) for choice in choices]
        assert len({*files}) == len(files), option
        for file in files:
            opened(suffix, file)


@pytest.mark.parametrize("suffix", DRAWN)
def test_a_program_that_raised_is_shown_as_far_as_it_came(make: Make, suffix: str) -> None:
    raised = record(RAISES)
    assert raised.error is not None
    data = make(suffix, "scale=0.5", other=raised)
    opened(suffix, data)
    if suffix in LONG:
        assert pictures_in(suffix, data) == len(raised.steps)


@pytest.mark.parametrize("suffix", LONG)
def test_a_range_within_a_phase(make: Make, suffix: str) -> None:
    assert pictures_in(suffix, make(suffix, "range=3-6&scale=0.5")) == 4
    assert pictures_in(suffix, make(suffix, "range=3-6&phase=backward&scale=0.5")) == 3


@pytest.mark.parametrize("suffix", LONG)
def test_too_many_steps_name_a_range(make: Make, trace: Trace, suffix: str) -> None:
    many = replace(trace, steps=tuple(replace(trace.steps[0], index=at) for at in range(90_000)))
    with pytest.raises(GradwalkError, match="too many") as refused:
        make(suffix, other=many)
    assert refused.value.code == "bad_view"
    assert "range=0-" in (refused.value.hint or "")


@pytest.mark.parametrize("suffix", sorted(EXPORTS))
def test_whatever_strangers_call_their_things(make: Make, trace: Trace, suffix: str) -> None:
    words = "a\x00\x1b \ud800 \U0001f600 名 ]]> </svg></script> \\end{document} %s {0} \u202e \n x" + "m̄" * 40
    nodes = tuple(replace(node, name=words if node.name else None, label=words) for node in trace.nodes)
    steps = tuple(replace(step, text=words) for step in trace.steps)
    notes = (Note("lecturer", words, trace.steps[1].line, None),)
    named = replace(trace, nodes=nodes, steps=steps, notes=notes, program=replace(trace.program, source=words))
    data = make(suffix, "range=0-2&scale=0.5", other=named)
    opened(suffix, data)
    if suffix in LONG:
        assert pictures_in(suffix, data) == 3
