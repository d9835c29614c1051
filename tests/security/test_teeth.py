"""The proof that the suite has teeth: with one layer switched off, what that layer stops is no longer stopped."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil

from app.core.limits import Limits
from app.sandbox import BlockingSandbox, Job
from tests.security.attacking import SECRET, Host, outcome

LIGHT = "tests.sandbox.light_body"
LIMITS = Limits(wall=3.0, cpu=1, memory=64 * 2**20, standby=1)
FORK = "import os\npid = os.fork()\nif not pid:\n    os._exit(7)\nprint(os.waitpid(pid, 0)[1] >> 8)"
DUMPABLE = "import ctypes\nprint(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
FORK_SERVERS_SOCKET = """
import sys
frame = sys._getframe()
while frame.f_code.co_name != "_fork":
    frame = frame.f_back
frame.f_locals["self"].control.send(b"x")
print("sent")
"""


@contextmanager
def lacking(*layers: str) -> Iterator[Callable[[str], str]]:
    """A sandbox without some layers; it says itself that the wall is incomplete where seccomp is among them."""
    with BlockingSandbox(LIMITS, body=LIGHT, without=layers, trust_local=True) as sandbox:
        assert sandbox.wall.ok == ("seccomp" not in layers)
        yield lambda source: outcome(sandbox.run(Job(source)))


def test_without_seccomp_the_host_is_seen_and_the_self_test_says_so(host: Host) -> None:
    with BlockingSandbox(LIMITS, body=LIGHT, without={"seccomp"}, trust_local=True) as sandbox:
        assert set(sandbox.wall.breaches) >= {
            "look at a file",
            "raise its own limits",
            "make a call that is on no list",
        }
        assert "seccomp is off" in str(sandbox.wall.reason)

        def attack(source: str) -> str:
            return outcome(sandbox.run(Job(host.fill(source))))

        assert attack("import os\nprint(os.stat('@SECRET@').st_size)") == f"ran: {len(SECRET)}"
        assert attack("import os\nprint(os.path.exists('@SECRET@'))") == "ran: True"
        assert attack("import os\nos.setsid()") == "PermissionError at 2", "it leads its own group already"
        assert attack("import os\nprint(os.getpgid(0) > 0)") == "ran: True"
        assert attack("import ctypes\nprint(ctypes.CDLL(None).personality(-1))") == "ran: 0"


def test_without_seccomp_landlock_and_rlimits_the_host_is_harmed(host: Host) -> None:
    with lacking("seccomp", "landlock", "rlimits") as attack:
        assert attack(host.fill("print(open('@SECRET@').read())")) == f"ran: {SECRET}"
        assert attack(host.fill("with open('@DIR@/made', 'w') as f:\n    f.write('x')")) == "ran:"
        assert host.harm() == ["made was made"]
        (host.directory / "made").unlink()
        assert attack(host.fill("import socket\nsocket.socket().connect(('127.0.0.1', @TCP@))")) == "ran:"
        assert host.harm() == ["a connection came in"]
        assert attack(FORK) == "ran: 7"
        assert attack("import threading as t\nx = t.Thread(target=print, args=(1,))\nx.start()\nx.join()") == "ran: 1"
        if os.geteuid() == 0:
            assert attack("open('/etc/shadow')") == "PermissionError at 1", "nobody may not"


def test_without_seccomp_landlock_is_depth(host: Host) -> None:
    with lacking("seccomp", "rlimits", "identity") as attack:
        assert attack(host.fill("open('@SECRET@')")) == "PermissionError at 1"
        assert (
            attack(host.fill("import socket\nsocket.create_connection(('127.0.0.1', @TCP@))")) == "PermissionError at 2"
        )
        assert attack("import os\nos.kill(os.getppid(), 0)") == "PermissionError at 2"
        assert attack(DUMPABLE) == "ran: 0"


def test_without_most_the_fork_server_and_roots_files_are_within_reach() -> None:
    with lacking("seccomp", "landlock", "rlimits", "identity", "descriptors", "undumpable") as attack:
        assert attack(DUMPABLE) == "ran: 1"
        assert attack(FORK_SERVERS_SOCKET) == "ran: sent"
        if os.geteuid() == 0:
            assert attack("import os\nprint(os.getuid(), bool(open('/etc/shadow').read()))") == "ran: 0 True"


def test_without_rlimits_memory_and_time_are_only_bounded_by_the_clock() -> None:
    with lacking("rlimits") as attack:
        assert attack("print(len(bytearray(96 * 2**20)) >> 20)") == "ran: 96"
        assert attack("while True:\n    pass") == "time_limit"
        deaf = "import signal\nsignal.signal(signal.SIGPROF, signal.SIG_IGN)\nwhile True:\n    pass"
        assert attack(deaf) == "time_limit SIGKILL"


def test_without_parent_death_a_child_outlives_the_fork_server() -> None:
    for without, outlives in (((), False), (("parent_death",), True)):
        with BlockingSandbox(LIMITS, body=LIGHT, without=without) as sandbox:
            server = sandbox.sandbox._server
            assert server is not None
            child = only_child(sandbox, psutil.Process(server.process.pid))
            server.process.kill()
            server.process.wait()
            deadline = time.monotonic() + (0.3 if outlives else 5)
            while lives(child) and time.monotonic() < deadline:
                time.sleep(0.01)
            assert lives(child) is outlives
            child.kill()


def only_child(sandbox: BlockingSandbox, fork_server: psutil.Process) -> psutil.Process:
    """The child on standby, once it is there and those of the self-test are gone."""
    for _ in range(1000):
        children = fork_server.children()
        if len(children) == 1:
            return children[0]
        sandbox.wait(asyncio.sleep(0.01))
    raise AssertionError(children)


def lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_without_no_new_privileges_the_child_does_not_go_on() -> None:
    with BlockingSandbox(LIMITS, body=LIGHT, without={"no_new_privileges", "landlock"}) as sandbox:
        assert not sandbox.wall.proven
        assert sandbox.run(Job("print(1)")).code == "sandbox_unavailable"
