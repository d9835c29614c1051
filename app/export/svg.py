"""One step as an SVG file: plain presentation attributes, no script, no style sheet, nothing from elsewhere."""

from __future__ import annotations

from app.core.trace import Trace
from app.core.view import View, resolve_step
from app.draw.layout import Layouter
from app.draw.scene import scene
from app.draw.svg import svg


async def write_svg(trace: Trace, view: View, layouter: Layouter) -> bytes:
    """The picture of `view`'s step (by default the end), in its theme, UTF-8.

    Raises:
        GradwalkError: `busy`, where it can't be laid out in time.
    """
    view = view.placed("export")
    drawn = await scene(trace, view, layouter)
    step = resolve_step(trace, view.step)
    return svg(drawn, step=step, theme=view.theme or "light", bg=view.bg, scale=view.scale).encode()
