"""The Trace itself as a file."""

from __future__ import annotations

import json

from app.core.trace import Trace
from app.core.view import View
from app.draw.layout import Layouter


async def write_json(trace: Trace, _view: View, _layouter: Layouter) -> bytes:
    """The Trace's JSON on one line, UTF-8. Needs no layout."""
    return json.dumps(trace.to_dict(), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
