"""A view as one SVG picture, as it stands at the view's step; its text as text or as paths."""

from __future__ import annotations

import asyncio

from app.core.trace import Trace
from app.core.view import View, shown_step
from app.draw.elements import Scene
from app.draw.layout import Layouter
from app.draw.scene import scene
from app.draw.svg import svg
from app.export.outlines import outlined
from app.export.progress import Progress, silent

_SMALL = 60
"""Nodes below which writing the SVG takes a few milliseconds, less than to wake a thread is worth."""


async def make(trace: Trace, view: View, layouter: Layouter, _progress: Progress = silent) -> bytes:
    """The SVG in UTF-8. `auto` is the light theme: a file cannot know where it will be shown."""
    drawn = await scene(trace, view, layouter)
    step = shown_step(trace, view)
    if view.text == "text" and len(trace.nodes) < _SMALL:
        return picture(drawn, view, step).encode()
    return (await asyncio.to_thread(picture, drawn, view, step, paths=view.text == "paths")).encode()


def picture(drawn: Scene, view: View, step: int, *, paths: bool = False) -> str:
    """A scene at `step` in the look of `view`; `paths`: its text as paths."""
    theme = "light" if view.theme in (None, "auto") else view.theme
    text = svg(drawn, step=step, theme=theme, bg=view.bg, scale=view.scale)
    return outlined(text) if paths else text
