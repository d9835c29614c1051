"""The formats that a view can be exported to: one entry a format, one module a maker."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.core.trace import Trace
from app.core.view import View
from app.draw.layout import Layouter
from app.export import png, svg, trace_json

Maker = Callable[[Trace, View, Layouter], Awaitable[bytes]]
"""Makes an export of a view that was `placed("export")`; raises GradwalkError where it cannot."""


@dataclass(frozen=True, slots=True)
class Export:
    """A format. `suffix` names it in file names; `route` in addresses."""

    suffix: str
    route: str
    media_type: str
    summary: str
    make: Maker


EXPORTS: dict[str, Export] = {
    export.suffix: export
    for export in (
        Export("svg", "svg", "image/svg+xml", "A picture of the view", svg.make),
        Export("png", "png", "image/png", "A picture of the view in pixels", png.make),
        Export("json", "trace.json", "application/json", "The Trace of the program", trace_json.make),
    )
}
"""By suffix."""
