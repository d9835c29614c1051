"""What is said of runs that took too long: by the child, which knows the line, or by the server, which doesn't."""

from __future__ import annotations

from app.core.errors import GradwalkError


def too_long(time: str, line: int | None = None) -> GradwalkError:
    """`time_limit` after `time`, at a line if it is known."""
    hint = (
        "Does the loop around it end? A few turns, and tensors of a few dozen elements, show the same graph."
        if line is not None
        else "Does a loop never end? A few turns, and tensors of a few dozen elements, show the same graph."
    )
    return GradwalkError("time_limit", f"The program was stopped after {time}.", line=line, hint=hint)
