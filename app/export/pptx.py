"""A walk as PowerPoint slides: one for each step, its picture as large as the slide, its sentence as speaker's note."""

from __future__ import annotations

import asyncio
import io
import zipfile
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from PIL import Image
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.util import Emu, Inches, Pt

from app.core.trace import Step, Trace
from app.core.view import View
from app.draw.layout import Layouter
from app.draw.scene import scene
from app.draw.svg import ILLEGAL
from app.draw.theme import PALETTES
from app.export.cels import Cels
from app.export.colours import Numbers
from app.export.film import Film
from app.export.progress import Progress, silent
from app.export.steps import walked

WIDTH, HEIGHT = Inches(13.333), Inches(7.5)
MARGIN = Inches(0.25)
DOTS = 2560 / 13.333
"""Pixels for each inch of the picture: twice those of a slide at 1280 × 720."""
_TITLE_ONLY = 5
"""The layout of the library's own template that has a title and nothing else."""
_LONG_AGO = datetime(1980, 1, 1)


async def make(trace: Trace, view: View, layouter: Layouter, progress: Progress = silent) -> bytes:
    """The PPTX. `scale` makes the pictures finer; they are as large as the slide in any case.

    Raises:
        GradwalkError: `bad_view`, where there are too many steps.
    """
    steps = walked(trace, view)
    drawn = await scene(trace, view, layouter)
    notes = {note.line: note.message for note in trace.notes if note.code == "lecturer"}
    deck = await asyncio.to_thread(Deck, Cels(drawn, replace(view, scale=1.0)), view, notes, steps[-1])
    progress(0, len(steps))
    for done, step in enumerate(steps, 1):
        await asyncio.to_thread(deck.add, step, len(trace.steps))
        progress(done, len(steps))
    return await asyncio.to_thread(deck.written)


class Deck:
    """The slides that are being made; `notes` are the lecturer's own, by line; `last` is the step that ends them."""

    def __init__(self, cels: Cels, view: View, notes: dict[int | None, str], last: Step) -> None:
        _left, _top, width, height = cels.box
        across = min(WIDTH - 2 * MARGIN, (HEIGHT - 2 * MARGIN) * width / height)
        self._place = (
            Emu(int((WIDTH - across) / 2)),
            Emu(int((HEIGHT - across * height / width) / 2)),
            Emu(int(across)),
        )
        self._film = Film(cels, across / Inches(1) * DOTS * view.scale / width)
        self._clear = view.bg == "transparent"
        self._colours = None if self._clear else self._film.colours(last.index)
        self._paper = view.bg or PALETTES[view.theme or "light"].paper
        self._notes = notes
        wide, high = self._film.size
        self._canvas: Numbers = np.zeros((high, wide), dtype=np.uint8)
        self._slides = Presentation()
        self._slides.slide_width, self._slides.slide_height = WIDTH, HEIGHT
        about = self._slides.core_properties
        about.title, about.author, about.last_modified_by = "A walk of Gradwalk", "Gradwalk", "Gradwalk"
        about.created = about.modified = _LONG_AGO

    def add(self, step: Step, steps: int) -> None:
        """The slide of a step."""
        slide = self._slides.slides.add_slide(self._slides.slide_layouts[_TITLE_ONLY])
        sentence = ILLEGAL.sub("\ufffd", step.text)
        if not self._clear:
            ground = slide.background.fill
            ground.solid()
            ground.fore_color.rgb = RGBColor.from_string(self._paper.removeprefix("#").upper())
        self._name(slide, sentence)
        left, top, width = self._place
        picture = slide.shapes.add_picture(io.BytesIO(self._pixels(step)), left, top, width)
        picture.name = f"Step {step.index}"
        picture._element.nvPicPr.cNvPr.set("descr", f"Step {step.index} of {steps - 1}: {sentence}")
        own = self._notes.get(step.line)
        slide.notes_slide.notes_text_frame.text = sentence + (f"\n\n{ILLEGAL.sub('', own)}" if own else "")

    def written(self) -> bytes:
        """The whole file; the same view gives the same bytes."""
        made, out = io.BytesIO(), io.BytesIO()
        self._slides.save(made)
        with zipfile.ZipFile(made) as source, zipfile.ZipFile(out, "w") as archive:
            for name in source.namelist():
                way = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
                archive.writestr(zipfile.ZipInfo(name, _LONG_AGO.timetuple()[:6]), source.read(name), way)
        return out.getvalue()

    def _name(self, slide: Any, sentence: str) -> None:
        """The title, for outlines and screen readers: above the slide, so that the picture has all the room."""
        title = slide.shapes.title
        title.left, title.top, title.width, title.height = 0, -Inches(1), WIDTH, Inches(0.9)
        title.text = sentence
        for paragraph in title.text_frame.paragraphs:
            paragraph.font.size = Pt(20)

    def _pixels(self, step: Step) -> bytes:
        frame, windows = self._film.frame(step.index)
        out = io.BytesIO()
        if self._colours is None:
            frame.save(out, "PNG", compress_level=4)
            return out.getvalue()
        for left, top, right, bottom in windows:
            self._canvas[top:bottom, left:right] = self._colours.numbered(frame.crop((left, top, right, bottom)))
        picture = Image.fromarray(self._canvas)
        picture.putpalette(self._colours.palette)
        picture.save(out, "PNG", compress_level=6)
        return out.getvalue()
