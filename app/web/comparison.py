"""Two programs side by side as the page plays them: both walks over one layout, aligned steps, differences.

What is the same and what differs is worked out here, once; the page only shows it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from app.core.align import Alignment, align
from app.core.errors import GradwalkError
from app.core.json_text import json_text
from app.core.parameters import StepChoice
from app.core.plain import to_plain
from app.core.trace import Trace
from app.core.view import View, resolve_step
from app.draw.differences import differences
from app.draw.layout import Layouter
from app.draw.side_by_side import side_by_side
from app.draw.svg import svg


@dataclass(frozen=True, slots=True)
class Comparison:
    """`data`: the JSON text of `POST /api/compare`."""

    first: Trace
    alignment: Alignment
    data: str

    def row(self, step: StepChoice | None) -> int:
        """The row of a view's `step`; `loss` is the first program's."""
        rows = self.alignment.rows
        if step == "loss":
            loss = resolve_step(self.first, step)
            return next((k for k, row in enumerate(rows) if row.first == loss), 0)
        last = max(len(rows) - 1, 0)
        return last if step == "end" else min(step, last) if isinstance(step, int) else 0


async def compared(first: Trace, second: Trace, view: View, layouter: Layouter) -> Comparison:
    """The comparison of two Traces, drawn as `view` says.

    Raises:
        GradwalkError: `busy`, where they can't be laid out in time.
    """
    alignment = await asyncio.to_thread(align, first, second)
    scenes = await side_by_side(first, second, alignment, view, layouter)

    def put_together() -> str:
        walks = [
            {"trace": trace.to_dict(), "svg": svg(scene)} for trace, scene in zip((first, second), scenes, strict=True)
        ]
        about: dict[str, Any] = to_plain(differences(first, second, alignment))
        about |= {"nodes": to_plain(alignment.nodes), "rows": to_plain(alignment.rows)}
        return json_text({"walks": walks, "compare": about})

    return Comparison(first, alignment, await asyncio.to_thread(put_together))


def of_second(error: GradwalkError) -> GradwalkError:
    """The error of the second program, which says so. Its line and column are those of the second program's text."""
    return GradwalkError(
        error.code, f"In the second program: {error.message}", line=error.line, column=error.column, hint=error.hint
    )
