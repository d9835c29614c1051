"""Mixed good and hostile load on a real server, watching for leaks and for wrong answers.

    python -m benchmarks.soak [--minutes 10] [--clients 4]

Each client sends programs one after another: seven of ten are good, each with numbers of its own, and their
gradients are checked against the derivative; the others loop, allocate, print, crash, recurse or are refused, and must
get exactly their error. Every few seconds the server's whole family of processes is looked at. Ends with 1 where an
answer was wrong or something grew.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import psutil

from benchmarks.http import ROOT, free_port, wait_until_ready

Check = Callable[[int, dict[str, object]], str | None]
"""(status, body) → what is wrong with the answer, None where nothing is."""

LIMITS = {
    "GRADWALK_RATE_LIMIT": "off",
    "GRADWALK_ACCESS_LOG": "false",
    "GRADWALK_WALL_SECONDS": "4",
    "GRADWALK_CPU_SECONDS": "1",
    "GRADWALK_MEMORY_BYTES": str(512 * 2**20),
    "GRADWALK_CACHE_BYTES": str(8 * 2**20),
    "GRADWALK_QUEUE": "64",
    "GRADWALK_WAIT_SECONDS": "60",
}
EVERY = 5.0
"""Seconds between two looks at the processes."""
SETTLING = 0.2
"""The part of the run after which the server is left idle and looked at; it must look the same at the end."""
IDLE = 3.0
"""Seconds without load before such a look."""
GROWTH = 1.10
"""By how much an idle server's memory may be higher at the end than after settling."""


def good(chance: random.Random) -> tuple[str, Check]:
    """A program whose gradient is known: d/dw relu(w·x + b)² summed over a vector, with numbers of its own."""
    w, b = round(chance.uniform(0.1, 2), 6), round(chance.uniform(-1, 1), 6)
    xs = [round(chance.uniform(-2, 2), 6) for _ in range(chance.randint(1, 6))]
    source = (
        f"x = torch.tensor({xs}, dtype=torch.float64)\n"
        f"w = torch.tensor({w}, dtype=torch.float64, requires_grad=True)\n"
        f"loss = (torch.relu(w * x + {b}) ** 2).sum()\nloss.backward()\nprint('done')\n"
    )
    expected = sum(2 * max(w * x + b, 0) * x for x in xs)

    def check(status: int, body: dict[str, object]) -> str | None:
        if status != 200 or body["error"] or body["stdout"] != "done\n":
            return f"status {status}, error {body.get('error')}"
        passes: Any = body["passes"]
        got = passes[0]["accumulated"][0]["after"]["data"]
        return None if math.isclose(got, expected, rel_tol=1e-9, abs_tol=1e-12) else f"{got} for {expected}"

    return source, check


def ends_with(*codes: str) -> Check:
    """The answer is this error (one of these, where load decides which limit is met first)."""

    def check(status: int, body: dict[str, object]) -> str | None:
        error = body.get("error")
        code = error.get("code") if isinstance(error, dict) else None
        return None if status == 422 and code in codes else f"status {status}, code {code}, not {' or '.join(codes)}"

    return check


def raises(kind: str) -> Check:
    """The answer is a Trace that ends with this exception."""

    def check(status: int, body: dict[str, object]) -> str | None:
        error = body.get("error")
        got = error.get("type") if isinstance(error, dict) else None
        return None if status == 200 and got == kind else f"status {status}, {got}, not {kind}"

    return check


HOSTILE: dict[str, tuple[str, Check]] = {
    "loop": ("while True:\n    pass", ends_with("time_limit")),
    "slow message": (
        "class E(Exception):\n    def __str__(self):\n        while True:\n            pass\nraise E",
        ends_with("time_limit"),
    ),
    "many ops": ("x = torch.ones(1)\nwhile True:\n    x = x + 1", ends_with("too_many_ops", "time_limit")),
    "huge tensor": ("x = torch.ones(10**12)", ends_with("memory_limit")),
    "growing list": (
        "kept = []\nwhile True:\n    kept.append(bytearray(10**7))",
        ends_with("memory_limit", "time_limit"),
    ),
    "growing graph": (
        "x = torch.ones(10**6, requires_grad=True)\nwhile True:\n    x = (x * 2).exp()",
        ends_with("memory_limit", "time_limit"),
    ),
    "print loop": ("while True:\n    print('x' * 99)", ends_with("output_limit")),
    "null read": (
        "m = torch.sparse_csr_tensor([0, 1], [10**9], [1.0], (1, 2), check_invariants=False)\n"
        "print(m @ torch.ones(2, 1))",
        ends_with("crashed"),
    ),
    "deep recursion": ("x = torch.ones(1)\ndef f():\n    f()\nf()", raises("RecursionError")),
    "mistake": ("x = torch.ones(2)\nx @ torch.ones(3)", raises("RuntimeError")),
    "import": ("import os", ends_with("forbidden")),
    "syntax": ("x = = 1", ends_with("syntax_error")),
    "nothing": ("# nothing", ends_with("no_tensor")),
    "deep syntax": ("x = " + "(" * 3000 + "1" + ")" * 3000, ends_with("syntax_error")),
}


@dataclass
class Tally:
    """What the clients saw."""

    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Look:
    """The server's family of processes at one moment; `memory` is proportional set size in bytes."""

    processes: int
    zombies: int
    descriptors: int
    memory: int


@contextlib.contextmanager
def serving(port: int) -> Iterator[psutil.Process]:
    """A server with short limits until the block ends; gives its process."""
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **LIMITS}) as process:
        wait_until_ready(port, process, time.perf_counter())
        yield psutil.Process(process.pid)
        process.terminate()


def client(address: str, until: float, seed: int, tally: Tally) -> None:
    """Send programs until the time is over."""
    chance = random.Random(seed)
    with httpx.Client(base_url=address, timeout=120) as session:
        while time.monotonic() < until:
            name, (source, check) = "good", good(chance)
            if chance.random() < 0.3:
                name = chance.choice(list(HOSTILE))
                source, check = HOSTILE[name]
                source += f"\n# {chance.random()}"  # so that no cache answers
            start = time.monotonic()
            try:
                answer = session.post("/api/trace", json={"source": source})
                problem = check(answer.status_code, answer.json())
            except (httpx.HTTPError, ValueError, LookupError, TypeError) as why:
                problem = repr(why)
            if name == "good":
                tally.times.append(time.monotonic() - start)
            tally.answers[name] += 1
            if problem:
                tally.wrong.append(f"{name}: {problem}")


def look(root: psutil.Process) -> Look:
    """Count the processes, their descriptors and their memory."""
    family = [root, *root.children(recursive=True)]
    zombies = descriptors = memory = 0
    for process in family:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                zombies += 1
                continue
            descriptors += process.num_fds()
            memory += process.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue  # it ended while it was looked at, or is locked down and not ours to see
    return Look(len(family), zombies, descriptors, memory)


def grown(before: Look, after: Look) -> list[str]:
    """What an idle server has more of at the end of the run than after settling."""
    counts = [(name, getattr(before, name), getattr(after, name)) for name in ("processes", "zombies", "descriptors")]
    found = [f"{name}: {first} → {last}" for name, first, last in counts if last > first]
    if after.memory > GROWTH * before.memory:
        found.append(f"memory: {before.memory >> 20} MB → {after.memory >> 20} MB")
    return found


def load(address: str, root: psutil.Process, clients: int, seconds: float, tally: Tally) -> Look:
    """Let clients send programs for so long, looking at the processes; gives the look of the idle server after."""
    until = time.monotonic() + seconds
    start = sum(tally.answers.values())
    threads = [threading.Thread(target=client, args=(address, until, start + seed, tally)) for seed in range(clients)]
    for one in threads:
        one.start()
    while time.monotonic() < until:
        time.sleep(min(EVERY, max(until - time.monotonic(), 0)))
        print(f"{sum(tally.answers.values()):6} answers, {len(tally.wrong)} wrong, {look(root)}", flush=True)
    for one in threads:
        one.join()
    time.sleep(IDLE)
    idle = look(root)
    print(f"{'idle':>6}: {idle}", flush=True)
    return idle


def main() -> int:
    """Run the load; the exit code says whether all was well."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clients", type=int, default=4)
    arguments = parser.parse_args()
    seconds, tally, port = 60 * arguments.minutes, Tally(), free_port()
    with serving(port) as root:
        address = f"http://127.0.0.1:{port}"
        settled = load(address, root, arguments.clients, SETTLING * seconds, tally)
        ended = load(address, root, arguments.clients, (1 - SETTLING) * seconds, tally)
    print(f"answers: {dict(tally.answers)}")
    print(f"good ones: median {1e3 * sorted(tally.times)[len(tally.times) // 2]:.0f} ms under this load")
    problems = tally.wrong[:20] + grown(settled, ended)
    print("\n".join(problems) or "no wrong answer, nothing grew")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
