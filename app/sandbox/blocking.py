"""The sandbox without an event loop of one's own: for the command line, tests and benchmarks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar

from app.core.limits import Limits
from app.sandbox.pool import Sandbox
from app.sandbox.result import Result
from app.sandbox.selftest import WallReport
from app.sandbox.wire import Job

T = TypeVar("T")


class BlockingSandbox:
    """A context manager: inside it the sandbox runs. Options as those of `Sandbox`."""

    def __init__(self, limits: Limits | None = None, **options: Any) -> None:
        self._runner = asyncio.Runner()
        self._limits = limits
        self._options = options

    def __enter__(self) -> Self:
        self._runner.__enter__()
        self.sandbox = self.wait(self._start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wait(self.sandbox.close())
        self._runner.__exit__(kind, error, trace)

    async def _start(self) -> Sandbox:
        sandbox = Sandbox(self._limits, **self._options)
        await sandbox.start()
        return sandbox

    @property
    def wall(self) -> WallReport:
        """Whether strangers' code may run here."""
        return self.sandbox.wall

    def wait(self, work: Awaitable[T]) -> T:
        """Let the sandbox's own loop finish some work."""

        async def finish() -> T:
            return await work

        return self._runner.run(finish())

    def run(self, job: Job) -> Result:
        """Run one job."""
        return self.wait(self.sandbox.run(job))

    def together(self, jobs: Iterable[Job]) -> list[Result]:
        """Run jobs at the same time; their results in the same order."""

        async def gather() -> list[Result]:
            return await asyncio.gather(*(self.sandbox.run(job) for job in jobs))

        return self.wait(gather())


def run_sync(jobs: Iterable[Job], limits: Limits | None = None, *, trust_local: bool = False) -> Iterator[Result]:
    """Run jobs one after another; results as they come."""
    with BlockingSandbox(limits, trust_local=trust_local) as sandbox:
        for job in jobs:
            yield sandbox.run(job)
