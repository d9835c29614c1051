"""A view as the picture that goes with its link: 1200×630 pixels, the graph above, the step's sentence below."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from xml.sax.saxutils import escape

from app.core.trace import Trace
from app.core.view import View, shown_step
from app.draw.elements import Scene
from app.draw.layout import Layouter
from app.draw.measure import fit, text_width
from app.draw.scene import scene
from app.draw.svg import ILLEGAL
from app.draw.theme import PALETTES
from app.export.outlines import outlined
from app.export.png import pixels, size_of
from app.export.progress import Progress, silent
from app.export.svg import picture

WIDTH, HEIGHT = 1200, 630
_MARGIN = 48
_LETTERS = 34
_LEADING = 46
_LINES = 2
_MOST_ENLARGED = 2.2


async def make(trace: Trace, view: View, layouter: Layouter, _progress: Progress = silent) -> bytes:
    """The PNG, in the view's theme."""
    drawn = await scene(trace, view, layouter)
    return await asyncio.to_thread(lambda: pixels(outlined(card(trace, view, drawn))))


def card(trace: Trace, view: View, drawn: Scene) -> str:
    """The card as an SVG."""
    step = shown_step(trace, view)
    colours = PALETTES[view.theme or "light"]
    inner = picture(drawn, replace(view, scale=1.0, bg="transparent"), step)
    width, height = size_of(inner)
    words = wrapped(ILLEGAL.sub("\ufffd", trace.steps[step].text if trace.steps else ""), WIDTH - 2 * _MARGIN)
    below = HEIGHT - 36 - _LEADING * len(words) - 24
    grown = min((WIDTH - 2 * _MARGIN) / width, (below - 2 * 28) / height, _MOST_ENLARGED)
    left, top = (WIDTH - grown * width) / 2, 28 + (below - 2 * 28 - grown * height) / 2
    # The picture's own head, put in its place within the card.
    head, rest = inner[: inner.index(">")], inner[inner.index(">") :]
    head = head.replace(f' width="{width}"', f' x="{left:.1f}" y="{top:.1f}" width="{grown * width:.1f}"', 1)
    head = head.replace(f' height="{height}"', f' height="{grown * height:.1f}"', 1)
    lines = "".join(
        f'<text x="{_MARGIN}" y="{below + 24 + _LEADING * (row + 0.75):.1f}">{escape(line)}</text>'
        for row, line in enumerate(words)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{colours.paper}"/>{head}{rest}'
        f'<rect x="{_MARGIN}" y="{below}" width="{WIDTH - 2 * _MARGIN}" height="1.5" fill="{colours.line}"/>'
        f'<g font-family="Inter" font-size="{_LETTERS}" fill="{colours.ink}">{lines}</g></svg>'
    )


def wrapped(text: str, room: float) -> list[str]:
    """The text in at most two lines of words, the last cut short where it is too long."""
    lines: list[str] = []
    words = text.split()
    while words:
        if len(lines) == _LINES - 1:
            lines.append(fit(" ".join(words), room, _LETTERS))
            break
        taken = 1
        while taken < len(words) and text_width(" ".join(words[: taken + 1]), _LETTERS) <= room:
            taken += 1
        lines.append(fit(" ".join(words[:taken]), room, _LETTERS))
        del words[:taken]
    return lines
