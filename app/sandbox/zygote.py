"""The fork server: a single-threaded process that has everything imported, forks locked-down children and reaps them.

It never sees a snippet: jobs and results go through pipes between the server and the children. It holds nothing worth
stealing: a clean environment, no other descriptor than its control socket.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from app.core.limits import Limits
from app.sandbox import child, lockdown, wire


def main(control: int, config: str) -> NoReturn:
    """Warm up, then serve the control socket until the server closes it.

    `config` is JSON: `limits`, `without` (layers switched off), `body` (a module: see `child.Body`).
    """
    settings = json.loads(config)
    limits = Limits(**settings["limits"])
    lockdown.guard_fork_server()
    body: child.Body = importlib.import_module(settings["body"])
    body.warm()
    if (threads := _threads()) > 1:
        sys.exit(f"the fork server has {threads} threads; its children would hang")
    gc.collect()
    gc.freeze()
    Zygote(
        socket.socket(fileno=control), limits, lockdown.prepare(limits, frozenset(settings["without"])), body
    ).serve()
    sys.exit(0)


@dataclass
class Zygote:
    """The loop: fork and kill on demand, report every end."""

    control: socket.socket
    limits: Limits
    lockdown: lockdown.Lockdown
    body: child.Body
    living: dict[int, int] = field(default_factory=dict)
    """Run's number of each child's process id."""

    def serve(self) -> None:
        """Serve until the control socket closes; then leave no child behind."""
        wake, wakeup = os.pipe()
        os.set_blocking(wakeup, False)
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        selector = selectors.DefaultSelector()
        selector.register(self.control, selectors.EVENT_READ)
        selector.register(wake, selectors.EVENT_READ)
        self._say(ready=self.lockdown.missing)
        records = wire.Records()
        passed: list[int] = []
        with contextlib.suppress(ConnectionError):
            while True:
                for key, _ in selector.select():
                    if key.fileobj is self.control:
                        data, descriptors, _, _ = socket.recv_fds(self.control, 1 << 16, 8)
                        if not data:
                            return self._end()
                        passed += descriptors
                        for order in records.feed(data):
                            self._obey(order, passed)
                    else:
                        with contextlib.suppress(BlockingIOError):
                            os.read(wake, 512)
                        self._reap()
        return self._end()

    def _obey(self, order: dict[str, Any], passed: list[int]) -> None:
        if "fork" in order:
            job, result = passed.pop(0), passed.pop(0)
            try:
                self._fork(order["fork"], job, result)
            finally:
                os.close(job)
                os.close(result)
        else:
            for process, run in self.living.items():
                if run == order["kill"]:
                    _kill(process)

    def _fork(self, run: int, job: int, result: int) -> None:
        parent = os.getpid()
        try:
            process = os.fork()
        except OSError as why:
            self._say(exited=run, status=None, cpu=0.0, why=str(why))
            return
        if process == 0:
            child.main((job, result), parent, self.lockdown, self.limits, self.body)
        self.living[process] = run
        self._say(forked=run, process=process)

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while True:
                process, status, used = os.wait4(-1, os.WNOHANG)
                if process == 0:
                    return
                run = self.living.pop(process, None)
                if run is not None:
                    self._say(exited=run, status=os.waitstatus_to_exitcode(status), cpu=used.ru_utime + used.ru_stime)

    def _end(self) -> None:
        for process in self.living:
            _kill(process)
        with contextlib.suppress(ChildProcessError):
            while True:
                os.wait()

    def _say(self, **fields: Any) -> None:
        self.control.sendall(wire.record(**fields))


def _kill(process: int) -> None:
    """End a child that hasn't been reaped yet (so its number is still its own), and what it may have started."""
    for end in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            end(process, signal.SIGKILL)


def _threads() -> int:
    """How many threads this process has; 1 where the system can't tell."""
    tasks = Path("/proc/self/task")
    return len(os.listdir(tasks)) if tasks.exists() else 1  # noqa: PTH208 - names are all that is needed
