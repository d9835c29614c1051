"""What a walk costs in each format: processor time of all its steps, and of a step against one SVG made alone.

`python -m benchmarks.exports [EXAMPLE]` from the repository's root; prints a table. Processor time, not the clock's,
and medians of a few rounds after a first, so that a busy machine says about the same as an idle one.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time

from app.core.trace import Trace
from app.core.view import View
from app.draw.layout import Layouter
from app.examples import load
from app.export import EXPORTS
from app.record import record

ROUNDS = 3


async def cost(trace: Trace, suffix: str, query: str, layouter: Layouter) -> tuple[float, int]:
    """Median seconds of processor in this process, the layout kept, and the bytes of the file."""
    export = EXPORTS[suffix]
    view = export.placed(View.parse(query))
    await export.make(trace, view, layouter)
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        data = await export.make(trace, view, layouter)
        times.append(time.process_time() - start)
    return statistics.median(times), len(data)


async def main(name: str) -> None:
    """Print the table."""
    trace = record(load(name).source)
    steps = len(trace.steps)
    async with Layouter(timeout=60) as layouter:
        one, _size = await cost(trace, "svg", "", layouter)
        alone, _size = await cost(trace, "png", "", layouter)
        print(f"{name}: {steps} steps; one SVG alone {one * 1e3:.1f} ms, one PNG {alone * 1e3:.0f} ms of processor\n")
        print(f"{'format':<8} {'seconds':>8} {'ms a step':>10} {'of one SVG':>11} {'kB':>7}")
        for suffix, query in (("pdf", ""), ("tex", ""), ("zip", ""), ("zip", "text=paths"), ("gif", ""), ("pptx", "")):
            seconds, size = await cost(trace, suffix, query, layouter)
            label = f"{suffix}{' paths' if query else ''}"
            each = seconds / steps
            print(f"{label:<10} {seconds:>6.2f} {each * 1e3:>10.1f} {each / one:>10.2f}× {size / 1e3:>7.0f}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "two_layer"))
