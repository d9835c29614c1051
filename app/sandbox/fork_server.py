"""The server's side of the fork server: its process, the control socket, and a handle for each child."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import app
from app.core.limits import Limits
from app.sandbox import wire
from app.sandbox.result import Exit

ROOT = Path(app.__file__).resolve().parents[1]
PROGRAM = (
    "import sys; sys.path.append(sys.argv[1]); from app.sandbox.zygote import main; main(int(sys.argv[2]), sys.argv[3])"
)
READY_WITHIN = 120.0
"""Seconds for a cold import of torch on a slow disk."""


class ForkServerError(Exception):
    """The fork server ended, or could not be started; the message says how."""


@dataclass(eq=False)
class Child:
    """One child from its order to its end. `job` and `result` are the server's ends of its pipes, closed by `close`."""

    run: int
    job: int
    result: int
    process: int | None = None
    exit: asyncio.Future[Exit] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    async def exits(self, within: float) -> bool:
        """Whether it ends within so many seconds.

        Raises:
            ForkServerError: the fork server ended first.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await asyncio.shield(self.exit)
        return self.exit.done()

    def close_job(self) -> None:
        """Tell the child that its job is complete."""
        if self.job >= 0:
            os.close(self.job)
            self.job = -1

    def close(self) -> None:
        """Close what is left of the pipes."""
        self.close_job()
        if self.result >= 0:
            os.close(self.result)
            self.result = -1


class ForkServer:
    """A running zygote. Make one with `start`; when `lost` is set it is of no use any more."""

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket) -> None:
        self.process = process
        self.lost = asyncio.Event()
        self.missing: dict[str, str] = {}
        self._control = control
        self._records = wire.Records()
        self._ready: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()
        self._children: dict[int, Child] = {}
        self._runs = 0

    @classmethod
    async def start(cls, limits: Limits, body: str, without: frozenset[str] = frozenset()) -> ForkServer:
        """Start the process and wait until it is warm.

        Raises:
            ForkServerError: it ended before it was.
        """
        if not hasattr(os, "fork"):
            raise ForkServerError(f"{sys.platform} can't fork processes; use WSL 2 or the container")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        ours.setblocking(False)
        config = json.dumps({"limits": asdict(limits), "body": body, "without": sorted(without)})
        # -s and -P keep the user's and the working directory's modules out. The rest of -I, ignoring PYTHON…, is not
        # wanted: the environment is ours alone, and holds the hash seed that makes the same snippet give the same Trace
        process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            [sys.executable, "-s", "-P", "-c", PROGRAM, str(ROOT), str(theirs.fileno()), config],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            cwd="/",
            start_new_session=True,
        )
        theirs.close()
        server = cls(process, ours)
        asyncio.get_running_loop().add_reader(ours.fileno(), server._hear)
        try:
            async with asyncio.timeout(READY_WITHIN):
                server.missing = await server._ready
        except TimeoutError as why:
            await server.close()
            raise ForkServerError(f"it was not ready within {READY_WITHIN:g} seconds") from why
        except BaseException:
            await server.close()
            raise
        return server

    def fork(self) -> Child:
        """Order a child. It may be given its job at once: the pipe holds it until the child is there.

        Raises:
            ForkServerError: the fork server doesn't listen.
        """
        self._runs += 1
        (job_read, job_write), (result_read, result_write) = _two_pipes()
        for descriptor in (job_write, result_read):
            os.set_blocking(descriptor, False)
        _widen(result_read)
        child = Child(self._runs, job_write, result_read)
        try:
            socket.send_fds(self._control, [wire.record(fork=child.run)], [job_read, result_write])
        except OSError as why:
            child.close()
            self._lose()
            raise ForkServerError("it doesn't answer") from why
        finally:
            os.close(job_read)
            os.close(result_write)
        self._children[child.run] = child
        return child

    def kill(self, child: Child) -> None:
        """End a child, whatever it is doing; harmless where it has ended. Its `exit` follows."""
        if child.exit.done():
            child.close()
            return
        # its pipes stay open until then: a child that writes must meet the kill, not a broken pipe
        child.exit.add_done_callback(lambda _: child.close())
        with contextlib.suppress(OSError):
            self._control.send(wire.record(kill=child.run))

    async def close(self) -> None:
        """End the process and with it every child."""
        self._lose()
        try:
            await asyncio.to_thread(self.process.wait, 5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            await asyncio.to_thread(self.process.wait)

    def _hear(self) -> None:
        try:
            data = self._control.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lose()
            return
        for said in self._records.feed(data):
            self._take(said)

    def _take(self, said: dict[str, Any]) -> None:
        if "ready" in said:
            self._ready.set_result(said["ready"])
        elif "forked" in said:
            self._children[said["forked"]].process = said["process"]
        else:
            child = self._children.pop(said["exited"])
            if said["status"] is None:
                child.exit.set_exception(ForkServerError(f"it could not fork ({said['why']})"))
                child.exit.exception()
            else:
                child.exit.set_result(Exit(said["status"], said["cpu"]))

    def _lose(self) -> None:
        """Give up on the process: everyone who waits for it is told."""
        if self.lost.is_set():
            return
        self.lost.set()
        asyncio.get_running_loop().remove_reader(self._control.fileno())
        self._control.close()
        if not self._ready.done():
            self._ready.set_exception(ForkServerError("the fork server ended while it was starting; the log says why"))
            self._ready.exception()
        for child in self._children.values():
            if not child.exit.done():
                child.exit.set_exception(ForkServerError("the fork server ended"))
                child.exit.exception()
        self._children.clear()


def _two_pipes() -> tuple[tuple[int, int], tuple[int, int]]:
    """Two pipes, (read, write) each; or none, with a ForkServerError, where there are no descriptors left."""
    try:
        first = os.pipe()
        try:
            return first, os.pipe()
        except OSError:
            for descriptor in first:
                os.close(descriptor)
            raise
    except OSError as why:
        raise ForkServerError(f"there are no descriptors left ({why.strerror})") from why


def _environment() -> dict[str, str]:
    """All that the fork server's environment holds."""
    return {
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
    }


def _widen(pipe: int) -> None:
    """Let a usual result fit into the pipe at once, so that the child needn't wait for the server to read."""
    with contextlib.suppress(ImportError, OSError, AttributeError):
        import fcntl  # noqa: PLC0415 - absent on Windows, where nothing is forked, but this module must import

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 18)
