"""A view as a picture in pixels; `scale` says how many for each unit of the drawing."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import resvg_py

from app.core.errors import GradwalkError
from app.core.trace import Trace
from app.core.view import View
from app.draw.layout import Layouter
from app.export import svg
from app.export.progress import Progress, silent

MOST_PIXELS = 40_000_000
"""About 160 MB while it is drawn."""


async def make(trace: Trace, view: View, layouter: Layouter, _progress: Progress = silent) -> bytes:
    """The PNG; with `bg=transparent` its ground is.

    Raises:
        GradwalkError: `bad_view`, where the picture would be too large.
    """
    text = (await svg.make(trace, replace(view, text="paths"), layouter)).decode()
    return await asyncio.to_thread(pixels, text)


def pixels(svg: str, zoom: float = 1.0) -> bytes:
    """The PNG of an SVG without text, at `zoom` times its own size.

    Raises:
        GradwalkError: `bad_view`, where that is too large.
    """
    width, height = size_of(svg)
    if width * height * zoom**2 > MOST_PIXELS:
        raise GradwalkError(
            "bad_view",
            f"The picture would have {width * height * zoom**2 / 1e6:,.0f} million pixels; "
            f"{MOST_PIXELS // 1_000_000} million are the most.",
            hint="Take a smaller scale, fold the graph with detail=module, or take the SVG.",
        )
    data: bytes = resvg_py.svg_to_bytes(svg_string=svg, zoom=zoom, skip_system_fonts=True)
    return data


def size_of(svg: str) -> tuple[float, float]:
    """Width and height as an export writes them."""
    head = svg[: svg.index(">")]
    width, height = (float(head.split(f' {name}="')[1].split('"')[0]) for name in ("width", "height"))
    return width, height
