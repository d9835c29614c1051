"""A walk as a Jupyter notebook: the program as a cell that runs, its output the whole player, offline, with a picture
for readers that show no HTML.
"""

from __future__ import annotations

import asyncio
import json
from html import escape

from app.core.trace import Trace
from app.core.view import View, shown_step
from app.draw.layout import Layouter
from app.draw.scene import scene
from app.draw.svg import ILLEGAL, svg
from app.export.html import page
from app.export.progress import Progress, silent
from app.export.svg import picture

HEIGHT = 680
"""Pixels of the player's frame."""
AT_HAND = "import math\n\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
"""What a program has without import in Gradwalk, and must import in a notebook."""


async def make(trace: Trace, view: View, layouter: Layouter, _progress: Progress = silent) -> bytes:
    """The notebook, nbformat 4.5, in UTF-8; the player opens at the view's step, the picture shows the end."""
    drawn = await scene(trace, view, layouter)

    def write() -> bytes:
        end = picture(drawn, view, max(len(trace.steps) - 1, 0))
        return _notebook(trace, page(trace, view, svg(drawn)), end, shown_step(trace, view)).encode("utf-8", "replace")

    return await asyncio.to_thread(write)


def _notebook(trace: Trace, player: str, end: str, step: int) -> str:
    output = {
        "output_type": "display_data",
        "metadata": {},
        "data": {
            "text/html": _lines(_frame(player)),
            "image/svg+xml": _lines(end),
            "text/plain": _lines(_words(trace, step)),
        },
    }
    cells = [
        {"cell_type": "markdown", "id": "about", "metadata": {}, "source": _lines(_ABOUT)},
        {
            "cell_type": "code",
            "id": "program",
            "metadata": {},
            "execution_count": None,
            "source": _lines(f"{AT_HAND}\n{trace.program.source.rstrip()}"),
            "outputs": [output],
        },
    ]
    about = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return json.dumps({"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}, ensure_ascii=False)


def _frame(player: str) -> str:
    """The page in a frame of its own origin: it reaches nothing of the notebook."""
    return (
        f'<iframe srcdoc="{escape(player)}" sandbox="allow-scripts" title="The walk, step by step" '
        f'width="100%" height="{HEIGHT}" frameborder="0"></iframe>'
    )


def _words(trace: Trace, step: int) -> str:
    said = ILLEGAL.sub("\ufffd", trace.steps[step].text) if trace.steps else ""
    return f"A walk of {len(trace.steps)} steps, at step {step}: {said}"


def _lines(text: str) -> list[str]:
    """As notebooks keep text: a list of lines with their ends."""
    return text.splitlines(keepends=True)


_ABOUT = """\
# A walk of Gradwalk

The picture below the program is the player: click it, then use the arrow keys. If it is only a picture, trust the
notebook (*File → Trust Notebook*). Running the cell runs the program and takes the player away; opening the file anew
brings it back."""
