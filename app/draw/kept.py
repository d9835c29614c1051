"""When each tensor is kept for a backward step: from the operation that saves it to the step whose pass frees it.

A mark on the slot that shows the tensor says so; it is gone with the memory, and so a second backward explains itself.
"""

from __future__ import annotations

from collections import defaultdict

from app.core.trace import Trace
from app.draw.timeline import When
from app.explain.saved import freed


def kept(trace: Trace) -> dict[str, tuple[When, ...]]:
    """By tensor id, the steps in which some node keeps it, as intervals that don't touch. Linear in nodes and steps."""
    made = {step.node: step.index for step in trace.steps if step.kind == "compute" and step.node}
    gone = freed(trace)
    spans: defaultdict[str, list[tuple[int, int | None]]] = defaultdict(list)
    for node in trace.nodes:
        start = made.get(node.id)
        if start is None:
            continue
        step, _words = gone.get(node.id, (None, ""))
        if step is None or step > start:
            for one in node.saved:
                spans[one.tensor].append((start, None if step is None else step - 1))
    return {tensor: _joined(items) for tensor, items in spans.items()}


def _joined(spans: list[tuple[int, int | None]]) -> tuple[When, ...]:
    out: list[tuple[int, int | None]] = []
    for start, end in sorted(spans, key=lambda span: span[0]):
        if out and (out[-1][1] is None or start <= out[-1][1] + 1):
            first, last = out[-1]
            out[-1] = (first, None if last is None or end is None else max(last, end))
        else:
            out.append((start, end))
    return tuple(When(start, end) for start, end in out)
