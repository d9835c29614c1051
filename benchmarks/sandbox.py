"""Fork-to-result: how long the sandbox takes for a job, beside the recording alone in a warm process.

    python -m benchmarks.sandbox [--runs N]

Medians in milliseconds. "recording alone" is `prepare` + `record` + JSON in a warm process; the sandbox adds the
hand-over, the pages that a fresh child touches first (and did not in its rehearsal), and the result's way back.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable

from app.core.limits import Limits
from app.core.source import prepare
from app.record import record, warm
from app.sandbox import BlockingSandbox, Job, parse
from app.sandbox.task import answer

LECTURE = """x = torch.tensor(3.0)
w = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(1.0, requires_grad=True)
u = w * x
v = u + b
a = torch.relu(v)
a.backward()
"""
PAUSE = 0.05
"""Seconds between two jobs, so that the next child is on standby, as it is between a person's clicks."""


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--runs", type=int, default=100)
    runs = arguments.parse_args().runs
    job = Job(LECTURE)
    warm.warm()
    alone = _milliseconds(runs, lambda: answer(record(prepare(LECTURE).source).to_dict()))
    start = time.perf_counter()
    with BlockingSandbox(Limits()) as sandbox:
        print(f"{'start of the sandbox, wall proven':42} {1e3 * (time.perf_counter() - start):8.0f}")
        results = [sandbox.run(job) for _ in range(3)]

        def rest() -> None:
            sandbox.wait(asyncio.sleep(PAUSE))

        standby = _milliseconds(runs, lambda: results.append(sandbox.run(job)), rest)
        read = _milliseconds(runs, lambda: parse(results[-1].trace or b""))
        busy = _milliseconds(runs, lambda: results.append(sandbox.run(job)))
        refused = _milliseconds(runs, lambda: sandbox.run(Job("x = = 1")), rest)
    assert all(result.code == "ok" for result in results)
    print(f"{'recording alone, in a warm process':42} {alone:8.2f}")
    print(f"{'job to result, child on standby':42} {standby:8.2f}")
    print(f"{'  processor time of that child':42} {1e3 * statistics.median(r.cpu_s for r in results[3:runs]):8.2f}")
    print(f"{'job to result, one after another':42} {busy:8.2f}")
    print(f"{'job to refusal (a syntax error)':42} {refused:8.2f}")
    print(f"{'reading the result as hostile':42} {read:8.2f}")


def _milliseconds(runs: int, act: Callable[[], object], rest: Callable[[], object] = int) -> float:
    """The median time of `act`, resting between two."""
    times = []
    for _ in range(runs):
        rest()
        start = time.perf_counter()
        act()
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times)


if __name__ == "__main__":
    main()
