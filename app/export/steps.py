"""Which steps an export of many pictures holds, and how many are too many for one file."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.errors import GradwalkError
from app.core.trace import Step, Trace
from app.core.view import View, resolve_range

MOST_NODES = 60_000
"""Nodes drawn in all pictures together: 360 steps of a graph of 160 nodes, 4 seconds of a core as PDF, 15 as slides."""


def walked(trace: Trace, view: View) -> Sequence[Step]:
    """The steps in the view's `range` and `phase`.

    Raises:
        GradwalkError: `bad_view`, where there are too many.
    """
    first, last = resolve_range(trace, view)
    most = max(MOST_NODES // max(len(trace.nodes), 1), 1)
    if last - first + 1 > most:
        raise GradwalkError(
            "bad_view",
            f"{last - first + 1:,} pictures of {len(trace.nodes):,} nodes are too many for one file.",
            hint=f"Choose {most:,} steps at most, for example range={first}-{first + most - 1}.",
        )
    return trace.steps[first : last + 1]
