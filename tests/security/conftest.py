"""The sandbox under attack, and a host with things worth reaching."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from app.core.limits import Limits
from app.sandbox import BlockingSandbox, Job
from tests.security.attacking import BENIGN, LIMITS, SECRET, Host, job, leftovers, outcome


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    directory = Path("/dev/shm" if Path("/dev/shm").is_dir() else "/tmp", f"gradwalk-attacked-{os.getpid()}")
    directory.mkdir(mode=0o777)
    directory.chmod(0o777)
    secret = directory / "secret.txt"
    secret.write_text(SECRET)
    secret.chmod(0o644)
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        psutil.Popen(["sleep", "infinity"]) as victim,
    ):
        udp.bind(("127.0.0.1", 0))
        for listener in (tcp, udp):
            listener.setblocking(False)
        yield Host(directory, secret, tcp, udp, victim)
        victim.kill()
    for path in directory.iterdir():
        path.unlink()
    directory.rmdir()


@pytest.fixture(scope="session")
def sandbox() -> Iterator[BlockingSandbox]:
    """With short limits on processor time and memory."""
    yield from _running(LIMITS)


@pytest.fixture(scope="session")
def hurried() -> Iterator[BlockingSandbox]:
    """With a short limit on waiting, too."""
    yield from _running(replace(LIMITS, wall=1.0))


def _running(limits: Limits) -> Iterator[BlockingSandbox]:
    os.environ["GRADWALK_SECRET"] = SECRET
    with BlockingSandbox(limits) as running:
        assert running.wall.ok, running.wall.reason
        yield running
        assert running.sandbox.restarts == 0, "an attack ended the fork server"


@pytest.fixture
def attack(sandbox: BlockingSandbox, host: Host) -> Callable[[str], str]:
    """Run an attack beside a benign snippet; the attack's outcome, once the host is seen to be unharmed."""
    return lambda source: _attack(sandbox, host, source)


@pytest.fixture
def hurried_attack(hurried: BlockingSandbox, host: Host) -> Callable[[str], str]:
    """The same, for attacks that only wait."""
    return lambda source: _attack(hurried, host, source)


def _attack(sandbox: BlockingSandbox, host: Host, source: str) -> str:
    attacked, benign = sandbox.together([job(host.fill(source)), Job(BENIGN)])
    assert outcome(benign) == "ran: tensor(3.)"
    assert host.harm() == []
    assert leftovers(sandbox) == []
    return outcome(attacked)
