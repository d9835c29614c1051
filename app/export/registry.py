"""Which file ending is written by which export: the one list that the command line and the web use.

An export is a coroutine from (trace, view, layouter) to bytes; a new one is a module here and a row in `EXPORTS`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from types import MappingProxyType

from app.core.errors import GradwalkError
from app.core.trace import Trace
from app.core.view import View
from app.draw.layout import Layouter
from app.export.json import write_json
from app.export.svg import write_svg

Write = Callable[[Trace, View, Layouter], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Export:
    """One format. `per_step`: the file shows a single step, so that its `step` is part of what it is."""

    suffix: str
    media_type: str
    write: Write
    per_step: bool


EXPORTS: Mapping[str, Export] = MappingProxyType(
    {
        ".svg": Export(".svg", "image/svg+xml", write_svg, per_step=True),
        ".json": Export(".json", "application/json", write_json, per_step=False),
    }
)


def export_for(name: str) -> Export:
    """The export that writes a file called `name`, by its suffix.

    Raises:
        GradwalkError: `bad_view`: there is none; the hint names those there are.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix not in EXPORTS:
        raise GradwalkError(
            "bad_view",
            f"No export writes {suffix or 'files without a suffix'}.",
            hint=f"Choose one of {', '.join(EXPORTS)}.",
        )
    return EXPORTS[suffix]
