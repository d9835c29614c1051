"""A view as one SVG picture, as it stands at the view's step."""

from __future__ import annotations

import asyncio

from app.core.trace import Trace
from app.core.view import View, resolve_step
from app.draw.layout import Layouter
from app.draw.scene import scene
from app.draw.svg import svg


async def make(trace: Trace, view: View, layouter: Layouter) -> bytes:
    """The SVG in UTF-8. `auto` is the light theme: a file cannot know where it will be shown."""
    drawn = await scene(trace, view, layouter)
    theme = "light" if view.theme in (None, "auto") else view.theme
    text = await asyncio.to_thread(
        svg, drawn, step=resolve_step(trace, view.step), theme=theme, bg=view.bg, scale=view.scale
    )
    return text.encode()
