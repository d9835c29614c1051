"""All steps of a view as SVG files, with their sentences and with what makes slides of them."""

from __future__ import annotations

import asyncio
import io
import zipfile
from dataclasses import dataclass
from html import escape

from app.core.json_text import json_text
from app.core.trace import Step, Trace
from app.core.view import View
from app.draw.layout import Layouter
from app.draw.scene import scene
from app.export.cels import Cels
from app.export.pdf import POINTS, Pages
from app.export.progress import Progress, silent
from app.export.steps import walked
from app.export.tex_text import commented


@dataclass(frozen=True, slots=True)
class Frame:
    """A step and its picture, an SVG; all frames of a walk have the same box."""

    step: Step
    svg: str
    note: str | None
    """The lecturer's own, of the step's line."""


_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The earliest time a ZIP can tell: the same view always gives the same bytes."""


async def make(trace: Trace, view: View, layouter: Layouter, progress: Progress = silent) -> bytes:
    """The ZIP: `steps/*.svg`, `walk.pdf`, `steps.md`, `program.py`, `trace.json`, and `slides/` for several tools."""
    steps = walked(trace, view)
    stage = await scene(trace, view, layouter)
    cels = Cels(stage, view)
    pages = await asyncio.to_thread(Pages, cels, POINTS * view.scale, stage.title)
    paths = view.text == "paths"
    notes = {note.line: note.message for note in trace.notes if note.code == "lecturer"}
    drawn: list[Frame] = []
    progress(0, len(steps))
    for step in steps:
        drawn.append(Frame(step, await asyncio.to_thread(cels.svg, step.index, paths=paths), notes.get(step.line)))
        await asyncio.to_thread(pages.add, step)
        progress(len(drawn), len(steps))
    files = {name(frame): frame.svg for frame in drawn}
    files |= {
        "steps.md": _overview(trace, drawn),
        "program.py": trace.program.source.rstrip("\n") + "\n",
        "trace.json": json_text(trace.to_dict()),
        "slides/beamer.tex": _beamer(drawn),
        "slides/reveal.html": _reveal(drawn),
        "slides/marp.md": _marp(drawn),
        "slides/slidev.md": _slidev(drawn),
        "slides/quarto.qmd": _quarto(drawn),
        "README.md": _README,
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path, _LONG_AGO), _encoded(text), zipfile.ZIP_DEFLATED)
        whole = await asyncio.to_thread(pages.written)
        archive.writestr(zipfile.ZipInfo("walk.pdf", _LONG_AGO), whole, zipfile.ZIP_STORED)
    return out.getvalue()


def name(frame: Frame) -> str:
    """The picture's path in the archive; files sort in the order of steps."""
    return f"steps/step-{frame.step.index:04}.svg"


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _line(text: str) -> str:
    """A sentence in Markdown, where names of a program must not start markup."""
    return "".join(f"\\{char}" if char in r"\`*_{}[]<>#|$~" else char for char in " ".join(text.split()))


def _fenced(source: str) -> str:
    fence = "```"
    while fence in source:
        fence += "`"
    return f"{fence}python\n{source.rstrip()}\n{fence}"


def _overview(trace: Trace, drawn: list[Frame]) -> str:
    parts = ["# The walk, step by step", _fenced(trace.program.source)]
    for frame in drawn:
        step = frame.step
        line = f", line {step.line}" if step.line else ""
        parts += [
            f"## Step {step.index} ({step.phase}{line})",
            _line(step.text),
            *([f"> {_line(frame.note)}"] if frame.note else []),
            f"![Step {step.index}]({name(frame)})",
        ]
    return "\n\n".join(parts) + "\n"


def _beamer(drawn: list[Frame]) -> str:
    """A document of one frame, an overlay a step: the pages of the PDF."""
    rows = [
        f"  \\only<{at}>{{\\includegraphics[page={at},width=\\textwidth,height=0.96\\paperheight,keepaspectratio]"
        f"{{../walk.pdf}}}}% step {frame.step.index}: {commented(frame.step.text)}"
        for at, frame in enumerate(drawn, 1)
    ]
    return "\n".join([_DECK, *rows, "\\end{frame}", "\\end{document}", ""])


_DECK = r"""% Compile in this folder: pdflatex beamer.tex. The frame can be taken over into a deck as it is.
\documentclass[aspectratio=169]{beamer}
\setbeamersize{text margin left=2mm,text margin right=2mm}
\begin{document}
\begin{frame}[plain]
  \centering"""


def _reveal(drawn: list[Frame]) -> str:
    rows = ["<!-- One slide for reveal.js; each fragment is the whole picture of its step. -->", "<section>"]
    rows.append('  <div class="r-stack">')
    for at, frame in enumerate(drawn):
        fragment = f' class="fragment current-visible" data-fragment-index="{at - 1}"' if at else _FIRST
        rows.append(f'    <img{fragment} src="{name(frame)}" alt="{escape(frame.step.text)}">')
    return "\n".join([*rows, "  </div>", "</section>", ""])


_FIRST = ' class="fragment fade-out" data-fragment-index="0"'


def _marp(drawn: list[Frame]) -> str:
    slides = [f"![bg contain]({_up(frame)})\n\n<!-- {_comment(frame.step.text)} -->" for frame in drawn]
    return "---\nmarp: true\n---\n\n" + "\n\n---\n\n".join(slides) + "\n"


def _slidev(drawn: list[Frame]) -> str:
    """One slide, a click a step; in Slidev files of `public/` are at the root."""
    last = len(drawn) - 1
    rows = []
    for at, frame in enumerate(drawn):
        shown = (
            f'v-click.hide="{at + 1}"' if at == 0 else f'v-click="[{at}, {at + 1}]"' if at < last else f'v-click="{at}"'
        )
        rows.append(f'<img {"" if last == 0 else shown} class="absolute inset-0 w-full h-full" src="/{name(frame)}">')
    return f"---\nclicks: {last}\n---\n\n" + "\n".join(rows) + "\n"


def _quarto(drawn: list[Frame]) -> str:
    slides = [f"## {{.step}}\n\n![]({_up(frame)})\n\n::: {{.notes}}\n{_line(frame.step.text)}\n:::" for frame in drawn]
    return "---\nformat: revealjs\nauto-stretch: true\n---\n\n" + "\n\n".join(slides) + "\n"


def _up(frame: Frame) -> str:
    return f"../{name(frame)}"


def _comment(text: str) -> str:
    return text.replace("--", "- -").replace(">", "›")


_README = """\
# A walk of Gradwalk

- `steps/`: the picture of each step; all have the same box, so that nothing moves from one to the next.
- `steps.md`: the sentence of each step with its picture. `program.py`, `trace.json`: the program and all its numbers.
- `walk.pdf`: a page a step, in vectors. `slides/beamer.tex`: a Beamer frame of those pages.
- PowerPoint, Keynote, Google Slides: put `steps/*.svg` on slides, or export the view as `.pptx`: a slide a step, the
  sentence as speaker's note.
- `slides/reveal.html`: a section for a reveal.js deck; put `steps/` beside the deck.
- `slides/marp.md`, `slides/quarto.qmd`: decks as they are, a slide a step, the sentence as speaker's note.
- `slides/slidev.md`: one slide, a click a step; put `steps/` into the deck's `public/`.
"""
