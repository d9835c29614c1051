"""Which line of a snippet is running: for what ends a run from outside of it."""

from __future__ import annotations

from types import FrameType

from app.core.syntax import FILENAME


def running_line(frame: FrameType | None) -> int | None:
    """The line that a frame is in, or was called from; None where no snippet is running."""
    while frame is not None:
        if frame.f_code.co_filename == FILENAME:
            return frame.f_lineno
        frame = frame.f_back
    return None
