"""The Trace itself, as JSON."""

from __future__ import annotations

import json

from app.core.trace import Trace
from app.core.view import View
from app.draw.layout import Layouter
from app.export.progress import Progress, silent


async def make(trace: Trace, _view: View, _layouter: Layouter, _progress: Progress = silent) -> bytes:
    """The JSON in UTF-8; a lone surrogate, which UTF-8 lacks, as JSON's own escape."""
    text = json.dumps(trace.to_dict(), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")
