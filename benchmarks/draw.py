"""Trace → SVG without the recorder: warm medians of layout, scene and SVG for graphs of several sizes.

`python benchmarks/draw.py` from the repository's root; prints a table, milliseconds.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.core.trace import Edge, Full, Node, SetTensor, Step, TensorEntry, Trace  # noqa: E402
from app.core.view import View  # noqa: E402
from app.draw.layout import Layouter  # noqa: E402
from app.draw.scene import Plan  # noqa: E402
from app.draw.svg import svg  # noqa: E402

T = TypeVar("T")
ROUNDS = 15


def chain(count: int) -> Trace:
    """`count` operations one after the other, each on a line of its own."""
    trace = lecture()
    nodes, edges, tensors, steps = list(trace.nodes[:1]), [], list(trace.tensors[:1]), [trace.steps[0]]
    for k in range(count):
        id_ = f"n{k + 1}"
        tensor = f"t{k + 1}"
        nodes.append(
            Node(
                id_, "op", "tanh" if k % 2 else "exp", "", "TanhBackward0", f"y{k}" if k % 3 else None, f"y{k}", {},
                k + 1, (k + 1, 0, k + 1, 9), None, None, (tensor,), hooked=False, saved=(),
            )
        )  # fmt: skip
        tensors.append(
            TensorEntry(tensor, None, (), "float32", "strided", (), 0, None, 0, True, False, Full(1.0 / (k + 1)))
        )
        edges.append(Edge(f"e{k}", f"n{k}", 0, id_, 0, True))
        if k > 4 and k % 5 == 0:
            edges.append(Edge(f"e{k}x", f"n{k - 3}", 0, id_, 1, True))
        steps.append(Step(k + 1, "forward", "compute", id_, None, k + 1, None, "", (SetTensor(id_, 0, tensor),)))
    steps.append(replace(trace.steps[-1], index=len(steps)))
    return replace(
        trace,
        nodes=tuple(nodes),
        edges=tuple(edges),
        tensors=tuple(tensors),
        steps=tuple(steps),
        passes=(),
        storages=(),
    )


def lecture() -> Trace:
    """The hand-made Trace of the lecture's example."""
    return Trace.from_dict(json.loads((ROOT / "tests" / "lecture_by_hand.json").read_text("utf-8")))


def median(run: Callable[[], T], rounds: int = ROUNDS) -> tuple[float, T]:
    """Milliseconds, and the last result."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        result = run()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times), result


async def measure(name: str, trace: Trace) -> None:
    """One row of the table."""
    async with Layouter(timeout=60) as layouter:
        dot = Plan(trace, View()).dot
        times = []
        for k in range(5):
            start = time.perf_counter()
            layout = await layouter.layout(f"{dot}\n/*{k}*/")
            times.append((time.perf_counter() - start) * 1e3)
        plan, planned = median(lambda: Plan(trace, View()))
        routed, lanes = median(lambda: planned.routes(layout), 3)
        placed, scene = median(lambda: planned.scene(layout, lanes))
        written, text = median(lambda: svg(scene))
        one, _text = median(lambda: svg(scene, step=scene.steps - 1))
        row = [statistics.median(times), routed, plan, placed, written, one, plan + placed + written]
        print(f"{name:<10} {len(scene.cards):>6} " + " ".join(f"{x:>8.2f}" for x in row) + f" {len(text) / 1024:>8.0f}")


async def main() -> None:
    """Print the table. `layout` and `routes` are kept by structure; `warm` is what a change of numbers costs."""
    heads = ("layout", "routes", "plan", "scene", "svg", "one step", "warm")
    print(f"{'graph':<10} {'cards':>6} " + " ".join(f"{head:>8}" for head in heads) + f" {'KB':>8}")
    await measure("lecture", lecture())
    for count in (50, 140, 300, 1000):
        await measure(f"{count} ops", chain(count))


if __name__ == "__main__":
    asyncio.run(main())
