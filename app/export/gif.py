"""A walk as an animated GIF: a frame for each step, of which only what changes is written."""

from __future__ import annotations

import asyncio
import struct
from dataclasses import replace

import numpy as np
from PIL import GifImagePlugin, Image

from app.core.trace import Step, Trace
from app.core.view import View
from app.draw.layout import Layouter
from app.draw.scene import scene
from app.export.cels import Cels
from app.export.colours import CLEAR, Numbers
from app.export.film import Film, around
from app.export.progress import Progress, silent
from app.export.steps import walked

MOST_PIXELS = 1_600_000
"""Of one frame: 2,200 × 720 of a wide drawing. A larger one is drawn smaller."""
_REST = 3
"""How many times longer than the others the last frame is shown."""
_LONGEST = 655_350
"""Milliseconds of a frame that the format can tell."""


async def make(trace: Trace, view: View, layouter: Layouter, progress: Progress = silent) -> bytes:
    """The GIF; `interval` is the time of a step. Having no half transparency, it has the theme's ground at least.

    Raises:
        GradwalkError: `bad_view`, where there are too many steps.
    """
    steps = walked(trace, view)
    drawn = await scene(trace, view, layouter)
    grounded = replace(view, bg=None) if view.bg == "transparent" else view
    reel = await asyncio.to_thread(Reel, Cels(drawn, grounded), view, steps[-1])
    progress(0, len(steps))
    for done, step in enumerate(steps, 1):
        last = done == len(steps)
        await asyncio.to_thread(reel.add, step, view.interval * (_REST if last else 1))
        progress(done, len(steps))
    return reel.written()


class Reel:
    """The GIF that is being made; `last` is the step that it will end with."""

    def __init__(self, cels: Cels, view: View, last: Step) -> None:
        _left, _top, width, height = cels.box
        self._film = Film(cels, min(view.scale, (MOST_PIXELS / (width * height)) ** 0.5))
        self._colours = self._film.colours(last.index)
        wide, high = self._film.size
        self._canvas: Numbers = np.full((high, wide), CLEAR, dtype=np.uint8)
        self._parts = [
            b"GIF89a" + struct.pack("<HHBBB", wide, high, 0xF7, 0, 0),
            self._colours.palette,
            b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00",  # for ever
        ]

    def add(self, step: Step, milliseconds: int) -> None:
        """The frame of a step."""
        picture, windows = self._film.frame(step.index)
        left, top, right, bottom = window = around(windows) if windows else (0, 0, 1, 1)
        new, before = self._colours.numbered(picture.crop(window)), self._canvas[top:bottom, left:right]
        # What stays as it was is left clear: long runs of one number are what the format packs well.
        part = Image.fromarray(np.where(new == before, np.uint8(CLEAR), new))
        before[:] = new
        shown = min(milliseconds, _LONGEST)
        self._parts += GifImagePlugin.getdata(part, window[:2], duration=shown, disposal=1, transparency=CLEAR)

    def written(self) -> bytes:
        """The whole file."""
        return b"".join([*self._parts, b";"])
