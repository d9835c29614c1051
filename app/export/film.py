"""The steps of a walk in pixels, each made from the one before by drawing anew only where cels came or went."""

from __future__ import annotations

import io
import math

from PIL import Image

from app.export.cels import Cel, Cels
from app.export.colours import Colours
from app.export.marks import box, marks
from app.export.png import pixels

Window = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""

_AROUND = 2
"""Pixels around a cel that its edges may tint."""
_SAMPLED = 0.5
"""Of the zoom, when the tints of all frames are looked for."""
_MOST_WINDOWS = 12
"""Where more windows change they are drawn as one: each costs a start."""


class Film:
    """The frames of `cels`, `zoom` pixels for each unit. Steps are to be asked for in turn."""

    def __init__(self, cels: Cels, zoom: float) -> None:
        self._cels, self._zoom = cels, zoom
        _left, _top, width, height = cels.box
        self.size = (max(round(width * zoom), 1), max(round(height * zoom), 1))
        """Pixels of every frame."""
        self._windows: dict[int, Window | None] = {}
        self._stack: list[Cel] = []
        self._frame: Image.Image | None = None

    def frame(self, step: int) -> tuple[Image.Image, list[Window]]:
        """The picture at `step`, RGBA, and where it differs from the one before, which it was made of."""
        stack = self._cels.stack(step)
        if self._frame is None:
            windows = [(0, 0, *self.size)]
            self._frame = Image.new("RGBA", self.size)
        else:
            known, wanted = {cel.number for cel in self._stack}, {cel.number for cel in stack}
            changed = [cel for cel in self._stack + stack if (cel.number in known) != (cel.number in wanted)]
            windows = joined([window for cel in changed if (window := self._window(cel))])
        for window in windows:
            self._frame.paste(self._drawn(window, stack), window[:2])
        self._stack = stack
        return self._frame, windows

    def colours(self, last: int) -> Colours:
        """The colours for all frames: those of the drawing at its start and at step `last`."""
        sample = Film(self._cels, self._zoom * _SAMPLED)
        stacks = [self._cels.stack(0), self._cels.stack(last)]
        texts = [self._cels.ground, *(cel.svg for stack in stacks for cel in stack)]
        return Colours(texts, (sample.frame(step)[0].copy() for step in (0, last)))

    def _drawn(self, window: Window, stack: list[Cel]) -> Image.Image:
        left, top, right, bottom = window
        zoom = self._zoom
        width, height = right - left, bottom - top
        x, y = self._cels.box[0] + left / zoom, self._cels.box[1] + top / zoom
        seen = [cel for cel in stack if (own := self._window(cel)) and _meet(own, window)]
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="{x:.4f} {y:.4f} {width / zoom:.4f} {height / zoom:.4f}">'
        )
        return Image.open(io.BytesIO(pixels(self._cels.composed(seen, head, paths=True)))).convert("RGBA")

    def _window(self, cel: Cel) -> Window | None:
        """The pixels that a cel may colour."""
        if cel.number not in self._windows:
            found = box(marks((self._cels.head, self._cels.layers[cel.layer]), cel.svg))
            self._windows[cel.number] = None if found is None else self._pixels(found)
        return self._windows[cel.number]

    def _pixels(self, found: tuple[float, float, float, float]) -> Window | None:
        x, y = self._cels.box[:2]
        left, right = ((place - x) * self._zoom for place in (found[0], found[2]))
        top, bottom = ((place - y) * self._zoom for place in (found[1], found[3]))
        window = (
            max(math.floor(left) - _AROUND, 0),
            max(math.floor(top) - _AROUND, 0),
            min(math.ceil(right) + _AROUND, self.size[0]),
            min(math.ceil(bottom) + _AROUND, self.size[1]),
        )
        return window if window[0] < window[2] and window[1] < window[3] else None


def joined(windows: list[Window]) -> list[Window]:
    """Windows that cover the same and don't meet."""
    out: list[Window] = []
    for window in windows:
        merged = window
        while any(_meet(merged, other) for other in out):
            merged = around([merged, *(other for other in out if _meet(merged, other))])
            out = [other for other in out if not _meet(merged, other)]
        out.append(merged)
    return out if len(out) <= _MOST_WINDOWS else [around(out)]


def _meet(one: Window, other: Window) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def around(windows: list[Window]) -> Window:
    """The least window that holds them all."""
    lefts, tops, rights, bottoms = zip(*windows, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
