"""The Trace itself, as JSON."""

from __future__ import annotations

from app.core.json_text import json_bytes
from app.core.trace import Trace
from app.core.view import View
from app.draw.layout import Layouter
from app.export.progress import Progress, silent


async def make(trace: Trace, _view: View, _layouter: Layouter, _progress: Progress = silent) -> bytes:
    """The JSON in UTF-8."""
    return json_bytes(trace.to_dict())
