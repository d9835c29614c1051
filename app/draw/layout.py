"""Layouts by Graphviz, made in a warm process that can be killed, and kept by the structure they were made for.

The only module of the drawing that starts a process. What is laid out is DOT text; what comes back are places and
curves in the drawing's units (1 unit = 1 point), y downwards.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from cachetools import LRUCache

from app.core.errors import GradwalkError

POINTS = 72.0
HEADER = struct.Struct(">I")
WORKER = Path(__file__).with_name("layout_worker.py")

Point = tuple[float, float]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Curve:
    """One edge of the DOT text: a chain of cubic Béziers, `1 + 3·k` points from tail to head."""

    tail: str
    head: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything lies; `nodes` are centres."""

    width: float
    height: float
    nodes: dict[str, Point]
    curves: tuple[Curve, ...]


class Layouter:
    """Owns the layout process and the cache. One layout at a time; use it from one event loop.

    A layout that takes longer than `timeout` seconds ends its process; the next call starts another.
    """

    def __init__(self, *, timeout: float = 5.0, cached: int = 128, waiting: int = 32) -> None:
        self._timeout = timeout
        self._waiting = waiting
        self._queued = 0
        self._cache: LRUCache[str, Layout] = LRUCache(cached)
        self._kept: LRUCache[str, Any] = LRUCache(cached)
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()
        self.hits = 0
        self.misses = 0

    async def start(self) -> None:
        """Start the process and wait until it is warm.

        Raises:
            GradwalkError: `busy`, where it can't be started.
        """
        async with self._lock:
            await self._running()

    async def close(self) -> None:
        """End the process."""
        async with self._lock:
            await self._kill()

    async def __aenter__(self) -> Layouter:
        await self.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    @property
    def pid(self) -> int | None:
        """The process's id while it runs."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def layout(self, dot: str) -> Layout:
        """The layout of `dot`; the same text is laid out once.

        Raises:
            GradwalkError: `busy`: it took too long, or too many wait.
        """
        known = self._cache.get(dot)
        if known is not None:
            self.hits += 1
            return known
        if self._queued >= self._waiting:
            raise GradwalkError("busy", "Too many pictures are being laid out.", hint="Try again in a moment.")
        self._queued += 1
        try:
            async with self._lock:
                if dot not in self._cache:
                    self.misses += 1
                    self._cache[dot] = parse_plain(await self._ask(dot))
                return self._cache[dot]
        finally:
            self._queued -= 1

    def kept(self, dot: str, make: Callable[[], T]) -> T:
        """What `make` derives from the layout of `dot` and nothing else, made once."""
        if dot not in self._kept:
            self._kept[dot] = make()
        made: T = self._kept[dot]
        return made

    async def _ask(self, dot: str) -> str:
        process = await self._running()
        try:
            async with asyncio.timeout(self._timeout):
                reply = await _exchange(process, dot.encode())
        except TimeoutError:
            await self._kill()
            raise GradwalkError(
                "busy",
                f"Laying out this graph took longer than {self._timeout:g} seconds.",
                hint="Fold it (detail=module or detail=call), or walk a smaller program.",
            ) from None
        except (OSError, EOFError):
            await self._kill()
            raise GradwalkError("busy", "The layout process ended.", hint="Try again.") from None
        except BaseException:
            # A cancelled exchange leaves an answer in the pipe that nobody waits for.
            await self._kill()
            raise
        state, _, text = reply.decode().partition("\n")
        if state != "ok":
            raise GradwalkError("busy", f"This graph can't be laid out: {text}", hint="Try a smaller program.")
        return text

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            str(WORKER),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PATH": "", "LC_ALL": "C"},
            limit=2**24,
        )
        self._process = process
        try:
            async with asyncio.timeout(30):
                await _read(process)
        except (TimeoutError, OSError, EOFError):
            await self._kill()
            raise GradwalkError("busy", "The layout process can't be started.") from None
        return process

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()


async def _exchange(process: asyncio.subprocess.Process, data: bytes) -> bytes:
    if process.stdin is None:
        raise EOFError
    process.stdin.write(HEADER.pack(len(data)) + data)
    await process.stdin.drain()
    return await _read(process)


async def _read(process: asyncio.subprocess.Process) -> bytes:
    if process.stdout is None:
        raise EOFError
    (size,) = HEADER.unpack(await process.stdout.readexactly(HEADER.size))
    return await process.stdout.readexactly(size)


def parse_plain(text: str) -> Layout:
    """Read Graphviz's `plain` format. Node names are ours, plain words, so that a line splits at blanks."""
    width = height = 0.0
    nodes: dict[str, Point] = {}
    curves: list[Curve] = []
    for line in text.splitlines():
        word, *rest = line.split()
        if word == "graph":
            width, height = float(rest[1]) * POINTS, float(rest[2]) * POINTS
        elif word == "node":
            nodes[rest[0]] = (float(rest[1]) * POINTS, height - float(rest[2]) * POINTS)
        elif word == "edge":
            numbers = [float(x) * POINTS for x in rest[3 : 3 + 2 * int(rest[2])]]
            points = tuple((x, height - y) for x, y in zip(numbers[::2], numbers[1::2], strict=True))
            curves.append(Curve(rest[0], rest[1], points))
    return Layout(width, height, nodes, tuple(curves))
