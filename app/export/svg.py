"""A view as one SVG picture, as it stands at the view's step."""

from __future__ import annotations

import asyncio
from functools import partial

from app.core.trace import Trace
from app.core.view import View, resolve_step
from app.draw.layout import Layouter
from app.draw.scene import scene
from app.draw.svg import svg

_SMALL = 60
"""Nodes below which writing the SVG takes a few milliseconds, less than to wake a thread is worth."""


async def make(trace: Trace, view: View, layouter: Layouter) -> bytes:
    """The SVG in UTF-8. `auto` is the light theme: a file cannot know where it will be shown."""
    drawn = await scene(trace, view, layouter)
    theme = "light" if view.theme in (None, "auto") else view.theme
    write = partial(svg, drawn, step=resolve_step(trace, view.step), theme=theme, bg=view.bg, scale=view.scale)
    small = len(trace.nodes) < _SMALL
    return (write() if small else await asyncio.to_thread(write)).encode()
