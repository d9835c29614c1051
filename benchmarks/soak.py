"""Minutes of mixed good and hostile snippets against a real server: every answer is checked, and nothing may be left or
grow.

`python -m benchmarks.soak --minutes 10` exits 1 on a wrong answer, a leaked process or descriptor, or memory that
grows.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import psutil

from benchmarks.http import ROOT, free_port, server

HOSTILE = {
    "while True: pass": {"time_limit"},
    "import time\ntime.sleep(100)": {"forbidden"},
    "x = [torch.ones(10**7) for _ in range(10**4)]": {"memory_limit"},
    "x = [0]\nwhile True: x = x + x": {"memory_limit", "time_limit"},
    "while True: print('x' * 1000)": {"output_limit"},
    "w = torch.ones(1, requires_grad=True)\nwhile True: w = w + 1": {"too_many_ops"},
    "import os\nos.fork()": {"forbidden"},
    "y = = 1": {"syntax_error"},
    "(" * 5000: {"syntax_error", "too_long", "crashed"},
}
"""Snippet → the codes that are right for it. Some are `busy` under load, which is right for any."""
BUSY = {"busy"}


@dataclass
class Tally:
    """What has been answered so far; shared by the clients."""

    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, wrong: str | None, seconds: float) -> None:
        """Counts one answer."""
        with self.lock:
            self.answers[kind] += 1
            self.seconds.append(seconds)
            if wrong:
                self.wrong.append(wrong)


@dataclass(frozen=True)
class Sample:
    """The server's processes at one moment; memory is the proportional share (PSS), in bytes."""

    processes: int
    descriptors: int
    memory: int


def good(client: httpx.Client, dice: random.Random) -> tuple[str, str | None]:
    """A program whose gradient is known, as a Trace or a picture."""
    number = dice.randrange(1, 1000)
    source = f"w = torch.tensor({number}., requires_grad=True)\ny = w * w  # {dice.random()}\ny.backward()\n"
    answer = client.post("/api/walk", json={"source": source})
    if answer.status_code != 200:
        code = answer.json()["error"]["code"]
        return ("busy", None) if code in BUSY else ("good", f"{source!r}: {code}")
    after = answer.json()["trace"]["passes"][0]["accumulated"][0]["after"]["data"]
    return "good", None if after == 2.0 * number else f"{source!r}: gradient {after}"


def kept(client: httpx.Client, dice: random.Random) -> tuple[str, str | None]:
    """A gallery picture at some step, mostly from the cache."""
    name = dice.choice(["lecture", "square", "two_layer", "rnn"])
    answer = client.get("/svg", params={"ex": name, "step": str(dice.randrange(12))})
    wrong = answer.status_code != 200 and answer.json()["error"]["code"] not in BUSY
    return "kept", f"{name}: {answer.text[:200]}" if wrong else None


def hostile(client: httpx.Client, dice: random.Random) -> tuple[str, str | None]:
    """A snippet that must be stopped with its own code."""
    source, codes = dice.choice(list(HOSTILE.items()))
    answer = client.post("/api/trace", json={"source": f"{source}\n# {dice.random()}"})
    code = "ok" if answer.status_code == 200 else answer.json()["error"]["code"]
    return "hostile", None if code in codes | BUSY else f"{source[:60]!r}: {code}"


def load(address: str, until: float, tally: Tally, seed: int) -> None:
    """One client: three in four requests are good ones."""
    dice = random.Random(seed)
    turns: list[Callable[[httpx.Client, random.Random], tuple[str, str | None]]] = [good, good, kept, hostile]
    with httpx.Client(base_url=address, timeout=60) as client:
        while time.monotonic() < until:
            started = time.perf_counter()
            try:
                kind, wrong = dice.choice(turns)(client, dice)
            except (httpx.HTTPError, KeyError, ValueError) as problem:
                kind, wrong = "failed", repr(problem)
            tally.note(kind, wrong, time.perf_counter() - started)
            time.sleep(dice.random() * 0.05)


def sample(root: psutil.Process) -> Sample:
    """The server's process tree now."""
    tree = [root, *root.children(recursive=True)]
    descriptors = memory = 0
    for process in tree:
        try:
            descriptors += process.num_fds()
            memory += process.memory_full_info().pss
        except psutil.Error:
            continue  # a child that has ended meanwhile
    return Sample(len(tree), descriptors, memory)


def settled(root: psutil.Process) -> Sample:
    """The tree once all runs are over."""
    time.sleep(15)
    return sample(root)


def main() -> int:
    """Runs the load and prints what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clients", type=int, default=4)
    chosen = parser.parse_args()
    port = free_port()
    command = [str(ROOT / ".venv/bin/gradwalk"), "serve", "--port", str(port)]
    address = f"http://127.0.0.1:{port}"
    with server(command, port):
        root = next(p for p in psutil.Process().children(recursive=True) if str(port) in p.cmdline())
        warming = Tally()
        load(address, time.monotonic() + 20, warming, seed=0)
        before = settled(root)
        tally, until = Tally(), time.monotonic() + 60 * chosen.minutes
        clients = [threading.Thread(target=load, args=(address, until, tally, n + 1)) for n in range(chosen.clients)]
        for client in clients:
            client.start()
        while time.monotonic() < until:
            time.sleep(min(30.0, max(0.0, until - time.monotonic())))
            now = sample(root)
            print(
                f"{sum(tally.answers.values()):6} answers, {now.processes} processes, {now.descriptors} descriptors, "
                f"{now.memory / 2**20:.0f} MB, {len(tally.wrong)} wrong",
                flush=True,
            )
        for client in clients:
            client.join()
        after = settled(root)
    wrong = [*warming.wrong, *tally.wrong]
    print(f"answers: {dict(tally.answers)}, median {1000 * statistics.median(tally.seconds):.0f} ms")
    print(f"before: {before}\nafter:  {after}")
    for line in wrong[:10]:
        print("wrong:", line)
    grown = after.memory - before.memory
    leaked = after.processes > before.processes or after.descriptors > before.descriptors + 2 or grown > 250 * 2**20
    if leaked:
        print("leaked: more processes, descriptors or memory than before the load (the caches' share is 192 MB)")
    return 1 if wrong or leaked else 0


if __name__ == "__main__":
    sys.exit(main())
