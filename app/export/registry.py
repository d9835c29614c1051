"""The formats that a view can be exported to: one entry a format, one module a maker."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import Protocol

from app.core.trace import Trace
from app.core.view import View
from app.draw.layout import Layouter
from app.export import card, gif, html, ipynb, pdf, png, pptx, svg, tex, trace_json, zip
from app.export.progress import Progress


class Maker(Protocol):
    """Makes an export of a view that was `placed`; raises GradwalkError where it cannot."""

    def __call__(self, trace: Trace, view: View, layouter: Layouter, progress: Progress = ..., /) -> Awaitable[bytes]:
        """The file. Cancelling it stops the work at the next step."""


@dataclass(frozen=True, slots=True)
class Export:
    """A format. `suffix` names it in file names; `route` in addresses."""

    suffix: str
    route: str
    media_type: str
    summary: str
    make: Maker
    download: bool = False
    """True: a browser saves it rather than show it on the server's own origin."""
    walk: bool = False
    """True: it holds the whole walk, and begins at its start."""
    steps: bool = False
    """True: it holds a picture of each step, so it may take seconds, and its maker tells its progress."""

    def placed(self, view: View) -> View:
        """`view` with the defaults of this export: a single picture shows the end, a player opens at the start."""
        opened = replace(view, step=0) if self.walk and view.step is None else view
        return opened.placed("export")


EXPORTS: dict[str, Export] = {
    export.suffix: export
    for export in (
        Export("svg", "svg", "image/svg+xml", "A picture of the view", svg.make),
        Export("png", "png", "image/png", "A picture of the view in pixels", png.make),
        Export(
            "pdf",
            "pdf",
            "application/pdf",
            "A page for each step, in vectors",
            pdf.make,
            walk=True,
            steps=True,
        ),
        Export(
            "gif",
            "gif",
            "image/gif",
            "The walk as an animation",
            gif.make,
            walk=True,
            steps=True,
        ),
        Export(
            "pptx",
            "pptx",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "A slide for each step, its sentence as speaker's note",
            pptx.make,
            download=True,
            walk=True,
            steps=True,
        ),
        Export(
            "tex",
            "tex",
            "application/x-tex",
            "TikZ that compiles, an overlay for each step",
            tex.make,
            download=True,
            walk=True,
            steps=True,
        ),
        Export(
            "html",
            "html",
            "text/html",
            "The player as one file that needs no network",
            html.make,
            download=True,
            walk=True,
        ),
        Export(
            "ipynb",
            "ipynb",
            "application/x-ipynb+json",
            "A notebook: the program, and the player as its output",
            ipynb.make,
            download=True,
            walk=True,
        ),
        Export(
            "zip",
            "zip",
            "application/zip",
            "All steps as SVG, with sentences and slides",
            zip.make,
            download=True,
            walk=True,
            steps=True,
        ),
        Export("json", "trace.json", "application/json", "The Trace of the program", trace_json.make),
    )
}
"""By suffix."""
CARD = Export("card", "card.png", "image/png", "A picture for previews of links, 1200×630", card.make)
"""Not a file that people take away: what other programs show of a link."""
