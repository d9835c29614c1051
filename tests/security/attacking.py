"""What an attack would like to reach, and how each attack ended in a few exact words."""

from __future__ import annotations

import asyncio
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

import psutil

from app.core.errors import GradwalkError
from app.core.limits import Limits
from app.sandbox import BlockingSandbox, Job, Result, parse

LIMITS = Limits(wall=8.0, cpu=1, memory=256 * 2**20, running=2, standby=2)
BENIGN = "x = torch.tensor(3.0)\nw = torch.tensor(2.0, requires_grad=True)\ny = w * x\ny.backward()\nprint(w.grad)"
SECRET = "a secret that must stay on the host"


@dataclass(frozen=True)
class Host:
    """What an attack would like to reach: a directory anyone may write to, a file in it, two listening sockets."""

    directory: Path
    secret: Path
    tcp: socket.socket
    udp: socket.socket
    victim: psutil.Process

    def fill(self, source: str) -> str:
        """Put the host's names into an attack's source."""
        names = {
            "@DIR@": str(self.directory),
            "@SECRET@": str(self.secret),
            "@TCP@": str(self.tcp.getsockname()[1]),
            "@UDP@": str(self.udp.getsockname()[1]),
            "@VICTIM@": str(self.victim.pid),
        }
        for name, value in names.items():
            source = source.replace(name, value)
        return source

    def harm(self) -> list[str]:
        """What has been done to the host."""
        found = [f"{path.name} was made" for path in self.directory.iterdir() if path != self.secret]
        if self.secret.read_text() != SECRET:
            found.append("the secret was overwritten")
        if self.secret.stat().st_mode & 0o777 != 0o644:
            found.append("the secret's permissions were changed")
        for name, listener in (("connection", self.tcp), ("datagram", self.udp)):
            try:
                listener.accept()[0].close() if name == "connection" else listener.recv(100)
                found.append(f"a {name} came in")
            except BlockingIOError:
                pass
        if not self.victim.is_running() or self.victim.status() == psutil.STATUS_ZOMBIE:
            found.append("the victim was killed")
        return found


def job(source: str) -> Job:
    """An attack, without the source check; its last line makes it a program with a tensor, which can be recorded."""
    return Job(f"{source}\nend = torch.ones(1)", checked=False)


def outcome(result: Result) -> str:
    """How a run ended: `ran: what it printed`, `PermissionError at 2`, or a code with the signal or exit status."""
    if result.trace is not None:
        try:
            error = parse(result.trace).error
        except GradwalkError as refused:
            return f"{refused.code}: forged"
        return f"{error.type} at {error.line}" if error else f"ran: {result.stdout}".strip()
    assert result.error is not None
    if result.status is None:
        return result.code
    return f"{result.code} {signal.Signals(-result.status).name if result.status < 0 else result.status}"


def leftovers(sandbox: BlockingSandbox) -> list[str]:
    """Processes of the sandbox beyond those on standby, after giving the ended ones a moment to go."""
    server = sandbox.sandbox._server
    assert server is not None

    async def settled() -> list[str]:
        for _ in range(200):
            family = psutil.Process(server.process.pid).children(recursive=True)
            if len(family) <= sandbox.sandbox.limits.standby:
                return []
            await asyncio.sleep(0.01)
        return [str(process) for process in family]

    return sandbox.wait(settled())
