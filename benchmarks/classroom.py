"""A class opens one deck's link at once: so many clients, each with a connection of its own, ask for the page, the
embed and the picture of the same step of a program that nobody asked for before.

`python -m benchmarks.classroom` prints what the clients saw and what it cost the server.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.core.codec import encode
from benchmarks.http import free_port, server

ROOT = Path(__file__).resolve().parents[1]
PATHS = ("/", "/embed", "/svg")
PROGRAM = """\
x = torch.tensor([1., 2., {literal}])
W1 = torch.full((3, 4), 0.1, requires_grad=True)
W2 = torch.full((4, 2), 0.2, requires_grad=True)
h = torch.sigmoid(W1.T @ x)
y = torch.sigmoid(W2.T @ h)
loss = ((y - torch.tensor([0., 1.])) ** 2).sum()
loss.backward()
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the clients saw: seconds of each answer, by path; and every answer that was not 200."""

    seconds: dict[str, list[float]]
    faults: list[str]


async def storm(port: int, clients: int, query: str) -> Seen:
    """All clients at once, each asking for all paths on one connection."""
    seen = Seen({path: [] for path in PATHS}, [])
    await asyncio.gather(*(_client(port, query, seen) for _ in range(clients)))
    return seen


async def _client(port: int, query: str, seen: Seen) -> None:
    started = time.perf_counter()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for path in PATHS:
            head = f"GET {path}?{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html\r\n"
            writer.write(f"{head}Accept-Encoding: gzip\r\n\r\n".encode())
            status = await _answer(reader)
            if status != 200:
                seen.faults.append(f"{path}: {status}")
            seen.seconds[path].append(time.perf_counter() - started)
            started = time.perf_counter()
        writer.close()
        await writer.wait_closed()
    except (OSError, asyncio.IncompleteReadError, ValueError) as fault:
        seen.faults.append(f"{type(fault).__name__}: {fault}")


async def _answer(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    length = re.search(r"(?i)^content-length: (\d+)", head, re.MULTILINE)
    if length is None:
        raise ValueError(f"an answer without its length: {head[:100]}")
    await reader.readexactly(int(length[1]))
    return int(head.split(" ", 2)[1])


def runs(port: int) -> float:
    """How many runs the server has made."""
    text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    return sum(float(number) for number in re.findall(r"^gradwalk_runs_total\{.*\} (\S+)$", text, re.MULTILINE))


def percentile(seconds: list[float], share: float) -> float:
    """The least of `seconds` that `share` of them do not exceed."""
    return sorted(seconds)[max(0, round(share * len(seconds)) - 1)]


def clients_apart(port: int, clients: int, query: str) -> Seen:
    """The storm from a process of its own, as the clients of a class are not the server's."""
    command = [sys.executable, "-m", "benchmarks.classroom", "--storm", str(port), str(clients), query]
    out = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True).stdout
    return Seen(**json.loads(out))


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3, help="each with a new program (3)")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--storm", nargs=3, metavar=("PORT", "CLIENTS", "QUERY"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.storm:
        port, clients, query = chosen.storm
        seen = asyncio.run(storm(int(port), int(clients), query))
        print(json.dumps({"seconds": seen.seconds, "faults": seen.faults}))
        return
    port = free_port()
    command = [str(ROOT / ".venv/bin/gradwalk"), "serve", "--port", str(port), "--workers", str(chosen.workers)]
    with server(command, port):
        for number in range(chosen.rounds):
            before = runs(port)
            query = f"c={encode(PROGRAM.format(literal=f'{number}.5'))}&step=12"
            seen = clients_apart(port, chosen.clients, query)
            print(
                f"{chosen.clients} clients: {runs(port) - before:.0f} run, {len(seen.faults)} faults {seen.faults[:3]}"
            )
            for path, seconds in seen.seconds.items():
                shares = ", ".join(f"p{100 * share:.0f} {percentile(seconds, share):.2f} s" for share in (0.5, 0.95, 1))
                print(f"  {path:<8}{shares}")


if __name__ == "__main__":
    main()
