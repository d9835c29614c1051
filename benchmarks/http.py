"""From a snippet's text to its finished SVG: Gradwalk over HTTP and through the real sandbox, against torchviz in a
process of its own.

Both are warm, both get the same programs in the same order, interleaved in one run; a literal is varied each time, so
that nothing comes from a cache. `python -m benchmarks.http --help` names the options.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from app.core.codec import encode

ROOT = Path(__file__).resolve().parents[1]

LECTURE = """\
x = torch.tensor(3.)
w = torch.tensor({literal}, requires_grad=True)
b = torch.tensor(1., requires_grad=True)
u = w * x
v = u + b
a = torch.relu(v)
a.backward()
"""
TWO_LAYERS = """\
x = torch.tensor([1., 2., {literal}])
W1 = torch.full((3, 4), 0.1, requires_grad=True)
W2 = torch.full((4, 2), 0.2, requires_grad=True)
h = torch.sigmoid(W1.T @ x)
y = torch.sigmoid(W2.T @ h)
loss = ((y - torch.tensor([0., 1.])) ** 2).sum() + 0.01 * ((W1 ** 2).sum() + (W2 ** 2).sum())
loss.backward()
"""
LOOP = """\
w = torch.tensor(0.9, requires_grad=True)
h = torch.tensor({literal}, requires_grad=True)
for i in range(10):
    h = torch.tanh(w * h + 0.1)
h.backward()
"""
PROGRAMS = {"lecture": (LECTURE, "a"), "two layers": (TWO_LAYERS, "loss"), "loop of 10": (LOOP, "h")}
"""Name → (program with a literal to vary, variable that torchviz draws)."""


@dataclass(frozen=True, slots=True)
class Row:
    """Medians in milliseconds."""

    program: str
    gradwalk: float
    torchviz: float
    repeat: float


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def server(command: list[str], port: int) -> Iterator[float]:
    """Runs a server until the block ends; gives the seconds until `/readyz` said yes."""
    environment = {**os.environ, "GRADWALK_RATE_LIMIT": "off", "GRADWALK_ACCESS_LOG": "false", "PORT": str(port)}
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        yield wait_until_ready(port, process, started)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(15)


@contextlib.contextmanager
def serving(address: str | None) -> Iterator[str]:
    """The address of a server: the one that runs already, else one that lives until the block ends."""
    if address:
        yield address
        return
    port = free_port()
    with server([str(ROOT / ".venv/bin/gradwalk"), "serve", "--port", str(port)], port):
        yield f"http://127.0.0.1:{port}"


def wait_until_ready(port: int, process: subprocess.Popen[bytes], started: float) -> float:
    """Seconds since `started` until `/readyz` answers 200."""
    while time.perf_counter() - started < 120:
        if process.poll() is not None:
            raise SystemExit(f"the server ended with {process.returncode}")
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                return time.perf_counter() - started
        time.sleep(0.02)
    raise SystemExit("the server was not ready within two minutes")


@contextlib.contextmanager
def torchviz() -> Iterator[Callable[[str, str], None]]:
    """A warm torchviz process; gives a function that draws a program and waits for it."""
    command = [sys.executable, "-m", "benchmarks.torchviz_process"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None

    def draw(source: str, root: str) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"source": source, "root": root}) + "\n")
        process.stdin.flush()
        if not process.stdout.readline():
            raise SystemExit("torchviz ended")

    try:
        yield draw
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def milliseconds(work: Callable[[], object]) -> float:
    """How long `work` took."""
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


def compare(name: str, client: httpx.Client, draw: Callable[[str, str], None], rounds: int) -> Row:
    """Medians over `rounds` programs that differ in one literal; the first fifth only warms up."""
    template, root = PROGRAMS[name]
    ours, theirs, repeats = [], [], []
    for i in range(rounds + rounds // 5):
        source = template.format(literal=2 + i / 1000)
        get, run = partial(picture, client, "/svg?c=" + encode(source)), partial(draw, source, root)
        if i % 2:
            ours.append(milliseconds(get))
            theirs.append(milliseconds(run))
        else:
            theirs.append(milliseconds(run))
            ours.append(milliseconds(get))
        repeats.append(milliseconds(get))
    warm = rounds // 5
    return Row(name, *(statistics.median(times[warm:]) for times in (ours, theirs, repeats)))


def picture(client: httpx.Client, address: str) -> bytes:
    """The SVG at an address."""
    answer = client.get(address)
    if answer.status_code != 200:
        raise SystemExit(f"{address}: {answer.status_code} {answer.text[:300]}")
    return answer.content


def second_start() -> float:
    """Seconds from `make serve` to ready, where everything is installed already."""
    port = free_port()
    with server(["make", "--no-print-directory", "serve", f"PORT={port}"], port) as seconds:
        return seconds


def main() -> None:
    """Prints the table, and as JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, help="measured programs of each kind (100)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--no-start", action="store_true", help="do not measure the second `make serve`")
    chosen = parser.parse_args()
    if shutil.which("dot") is None:
        raise SystemExit("torchviz needs Graphviz' dot program, which Gradwalk does not: sudo apt-get install graphviz")
    port = free_port()
    command = [str(ROOT / ".venv/bin/gradwalk"), "serve", "--port", str(port)]
    base = f"http://127.0.0.1:{port}"
    with server(command, port), httpx.Client(base_url=base, timeout=30) as client, torchviz() as draw:
        rows = [compare(name, client, draw, chosen.rounds) for name in PROGRAMS]
    start = None if chosen.no_start else second_start()
    if chosen.json:
        figures = {
            row.program: {"gradwalk": row.gradwalk, "torchviz": row.torchviz, "repeat": row.repeat} for row in rows
        }
        print(json.dumps({"milliseconds": figures, "second_start_seconds": start}))
        return
    print(f"{'median, ms':<14}{'Gradwalk':>10}{'torchviz':>10}{'ratio':>8}{'from cache':>12}")
    for row in rows:
        ratio = row.gradwalk / row.torchviz
        print(f"{row.program:<14}{row.gradwalk:>10.1f}{row.torchviz:>10.1f}{ratio:>8.2f}{row.repeat:>12.1f}")
    if start is not None:
        print(f"second `make serve`, until ready: {start:.1f} s")


if __name__ == "__main__":
    main()
