"""The sandbox as the server sees it.

Owns a warm fork server, the children on standby, a bounded queue, and that every job gets exactly one answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from types import TracebackType
from typing import Self

from app.core.errors import GradwalkError
from app.core.limits import Limits
from app.sandbox import wire
from app.sandbox.exchange import exchange
from app.sandbox.fork_server import Child, ForkServer, ForkServerError
from app.sandbox.result import Exit, Result, answer, failure, refusal
from app.sandbox.selftest import UNPROVEN, WallReport, judge, platform_note
from app.sandbox.wire import Job, Transcript

TASK = "app.sandbox.task"
REFILL_AFTER = 0.03
"""Seconds from a child's first job to the order of its successor on standby."""
EXITS_WITHIN = 0.5
"""Seconds in which a child that has closed its pipe without an answer must be gone; else it closed its own way out."""
REAPED_WITHIN = 5.0
"""Seconds in which a killed child must be gone; else the fork server itself is stuck."""
PAUSES = (0.5, 1, 2, 4, 8, 16, 30)
"""Seconds between attempts to restart a fork server that doesn't start; the last one repeats."""


class BusyError(Exception):
    """No turn was to be had."""


class Sandbox:
    """Runs snippets, each in a fresh locked-down child.

    `trust_local` runs them where the wall is incomplete, too: for one's own code only. `without` (layers switched off)
    and `body` (what the children do) are for tests.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        trust_local: bool = False,
        without: Iterable[str] = (),
        body: str = TASK,
    ) -> None:
        self.limits = limits or Limits()
        self.trust_local = trust_local
        self.wall = UNPROVEN
        self.restarts = 0
        self._without = frozenset(without)
        self._body = body
        self._server: ForkServer | None = None
        self._standby: deque[Child] = deque()
        self._turns = asyncio.Semaphore(self.limits.running)
        self._waiting = 0
        self._up = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> WallReport:
        """Start the fork server, prove the wall, fill the standby. A missing wall doesn't raise: look at the report."""
        try:
            await self._begin()
        except (ForkServerError, OSError) as why:
            self.wall = replace(UNPROVEN, missing={"fork_server": str(why)})
        self._keeper = asyncio.create_task(self._keep())
        return self.wall

    async def close(self) -> None:
        """End the fork server and every child."""
        if self._keeper:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        await self._end()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def ready(self) -> bool:
        """Jobs are taken: a fork server is up, and the wall stands or isn't asked for."""
        return self._up.is_set() and (self.wall.ok or self.trust_local)

    async def run(self, job: Job) -> Result:
        """Run one job: wait for a turn, then for its end. Always an answer; no snippet can make this raise."""
        try:
            self._admit(job)
            async with self._turn():
                return await self._ask(await self._fork_server(), wire.job_bytes(job))
        except BusyError:
            message, hint = "Too many programs are running just now.", "Try again in a few seconds."
            return refusal(GradwalkError("busy", message, hint=hint))
        except ForkServerError as why:
            message, hint = f"The sandbox can't run this just now: {why}.", "Try again in a few seconds."
            return refusal(GradwalkError("sandbox_unavailable", message, hint=hint))
        except GradwalkError as error:
            return refusal(error)

    def _admit(self, job: Job) -> None:
        if self.wall.reason and not (self.trust_local and hasattr(os, "fork")):
            hint = None if "fork_server" in self.wall.missing else platform_note()
            raise GradwalkError("sandbox_unavailable", self.wall.reason, hint=hint)
        size, most = (
            max(len(job.source), len(job.let or ""), len(job.root or ""), len(job.cotangent or "")),
            self.limits.source,
        )
        if size > most:
            message = f"The program has {size:,} characters; at most {most:,} are run."
            raise GradwalkError("too_long", message, hint="Leave out what the picture doesn't need.")

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._turns.locked() and self._waiting >= self.limits.queue:
            raise BusyError
        self._waiting += 1
        try:
            async with asyncio.timeout(self.limits.wait):
                await self._turns.acquire()
        except TimeoutError as why:
            raise BusyError from why
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turns.release()

    async def _fork_server(self) -> ForkServer:
        """The fork server; while it is being restarted, wait for it."""
        try:
            async with asyncio.timeout(self.limits.wait):
                while self._server is None or not self._up.is_set():
                    await self._up.wait()
        except TimeoutError as why:
            raise ForkServerError("it is not back yet") from why
        return self._server

    async def _ask(self, server: ForkServer, task: bytes, *, probe: bool = False) -> Result:
        """Give `task` to a child on standby, order its successor, and judge what came of it."""
        child = self._next(server)
        start = time.perf_counter()
        try:
            heard = await exchange(child, task, wall=self.limits.wall, most=_most_bytes(self.limits))
            wall = time.perf_counter() - start
            end, said = heard.end, Transcript.read(heard.data, probe=probe)
            if end == "closed" and said.answered:
                return answer(said, wall)
            if end == "closed" and not await child.exits(EXITS_WITHIN):
                end = "mute"
            server.kill(child)
            return failure(said, end, await self._gone(server, child), self.limits, wall)
        finally:
            server.kill(child)

    def _next(self, server: ForkServer) -> Child:
        """A child of this fork server that hasn't ended while it waited."""
        while self._standby and self._standby[0].exit.done():
            self._standby.popleft().close()
        child = self._standby.popleft() if self._standby else server.fork()
        # its successor can wait until it and who asked have had the processors
        asyncio.get_running_loop().call_later(REFILL_AFTER, self._refill, server)
        return child

    def _refill(self, server: ForkServer) -> None:
        with contextlib.suppress(ForkServerError):
            while server is self._server and not server.lost.is_set() and len(self._standby) < self.limits.standby:
                self._standby.append(server.fork())

    async def _gone(self, server: ForkServer, child: Child) -> Exit:
        """How a killed child ended. One that can't be ended means a stuck fork server, which takes all with it."""
        if not await child.exits(REAPED_WITHIN):
            server.process.kill()
            raise ForkServerError("it was stuck")
        return child.exit.result()

    async def _begin(self) -> None:
        server = self._server = await ForkServer.start(self.limits, self._body, self._without)
        tried = await self._ask(server, wire.PROBE, probe=True)
        overstepped = await self._ask(server, wire.OVERSTEP, probe=True)
        self.wall = judge(server.missing, tried.report, overstepped.status)
        self._refill(server)
        self._up.set()

    async def _keep(self) -> None:
        """Restart the fork server whenever it is lost; the wall is proven anew each time."""
        failures = 0
        while True:
            if self._server is not None:
                await self._server.lost.wait()
                self.restarts += 1
                await self._end()
            try:
                await self._begin()
                failures = 0
            except (ForkServerError, OSError):
                await self._end()
                await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
                failures += 1

    async def _end(self) -> None:
        self._up.clear()
        server, self._server = self._server, None
        while self._standby:
            self._standby.popleft().close()
        if server:
            await server.close()


def _most_bytes(limits: Limits) -> int:
    """What an honest child may send at most: its Trace, and every printed character in a frame of its own."""
    return limits.result + (wire.HEADER.size + 4) * limits.stdout + (1 << 12)
