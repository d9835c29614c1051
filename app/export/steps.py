"""The pictures of all steps that a view walks through, for the exports that hold more than one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from app.core.errors import GradwalkError
from app.core.trace import Step, Trace
from app.core.view import View, resolve_range
from app.draw.layout import Layouter
from app.draw.scene import scene
from app.export.progress import Progress
from app.export.svg import picture

MOST_NODES = 20_000
"""Nodes drawn in all pictures together: some 400 steps of a graph of 50 nodes, about 40 s of one core as paths."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A step and its picture, an SVG; all frames of a walk have the same box."""

    step: Step
    svg: str


async def frames(trace: Trace, view: View, layouter: Layouter, progress: Progress, *, paths: bool) -> list[Frame]:
    """A frame for each step in the view's `range` and `phase`; `paths`: their text as paths.

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
    drawn = await scene(trace, view, layouter)
    walked = trace.steps[first : last + 1]
    made: list[Frame] = []
    progress(0, len(walked))
    for step in walked:
        # One thread call a step: whoever stops waiting stops the work at the next step.
        made.append(Frame(step, await asyncio.to_thread(picture, drawn, view, step.index, paths=paths)))
        progress(len(made), len(walked))
    return made
