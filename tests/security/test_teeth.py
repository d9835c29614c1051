"""The proof that the suite has teeth: with one layer switched off, what that layer stops is no longer stopped."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from app.core.limits import Limits
from app.sandbox import BlockingSandbox, Job
from tests.security.attacking import SECRET, Host, job, outcome

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root has an identity to give up")
LIMITS = Limits(wall=1.5, cpu=1, memory=256 * 2**20, standby=1)


@contextmanager
def lacking(*layers: str) -> Iterator[Callable[[str], str]]:
    """A sandbox without some layers; it says itself that the wall is incomplete where seccomp is among them."""
    with BlockingSandbox(LIMITS, without=layers, trust_local=True) as sandbox:
        assert sandbox.wall.ok == ("seccomp" not in layers)
        yield lambda source: outcome(sandbox.run(job(source)))


def test_without_seccomp_the_host_is_seen_and_the_self_test_says_so(host: Host) -> None:
    with BlockingSandbox(LIMITS, without={"seccomp"}, trust_local=True) as sandbox:
        assert set(sandbox.wall.breaches) >= {
            "look at a file",
            "raise its own limits",
            "make a call that is on no list",
        }
        assert "seccomp is off" in str(sandbox.wall.reason)

        def attack(source: str) -> str:
            return outcome(sandbox.run(job(host.fill(source))))

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
        assert attack(host.fill("import socket\nsocket.create_connection(('127.0.0.1', @TCP@)).close()")) == "ran:"
        assert host.harm() == ["a connection came in"]
        assert attack(
            "import os\npid = os.fork()\nif not pid:\n    os._exit(7)\nprint(os.waitpid(pid, 0)[1] >> 8)"
        ) == ("ran: 7")
        assert (
            attack("import threading\nt = threading.Thread(target=print, args=('hi',))\nt.start()\nt.join()")
            == "ran: hi"
        )


def test_without_seccomp_landlock_is_depth(host: Host) -> None:
    with lacking("seccomp", "rlimits", "identity") as attack:
        assert attack(host.fill("open('@SECRET@')")) == "PermissionError at 1"
        assert (
            attack(host.fill("import socket\nsocket.create_connection(('127.0.0.1', @TCP@))")) == "PermissionError at 2"
        )
        assert attack("import os\nos.kill(os.getppid(), 0)") == "PermissionError at 2"


@root_only
def test_without_identity_roots_files_are_read() -> None:
    with lacking("seccomp", "landlock", "rlimits", "identity") as attack:
        assert attack("import os\nprint(os.getuid(), len(open('/etc/shadow').read()) > 0)") == "ran: 0 True"
    with lacking("seccomp", "landlock", "rlimits") as attack:
        assert attack("open('/etc/shadow')") == "PermissionError at 1"


def test_without_rlimits_memory_and_time_are_only_bounded_by_the_clock() -> None:
    with lacking("rlimits") as attack:
        assert attack("x = torch.zeros(2**27)\nprint(x.numel())") == f"ran: {2**27}"
        assert attack("while True:\n    pass") == "time_limit SIGKILL"


def test_without_closed_descriptors_the_fork_server_is_within_reach() -> None:
    source = "import sys\nf = sys._getframe()\nwhile f.f_code.co_name != '_fork':\n    f = f.f_back\n"
    source += "print(f.f_locals['self'].control.send(b'x') == 1)"
    with lacking("seccomp", "descriptors") as attack:
        assert attack(source) == "ran: True"


def test_without_parent_death_a_child_outlives_the_fork_server() -> None:
    with BlockingSandbox(LIMITS, without={"parent_death"}) as sandbox:
        zygote = psutil.Process(sandbox.sandbox._server.process.pid)
        (child,) = zygote.children()
        os.kill(zygote.pid, signal.SIGKILL)
        assert child.wait(1) is None if not child.is_running() else child.is_running()
        child.kill()


@root_only
def test_without_undumpable_another_of_the_same_user_could_look_inside() -> None:
    owners = []
    for without in ((), ("undumpable",)):
        with BlockingSandbox(LIMITS, without=without) as sandbox:
            (child,) = psutil.Process(sandbox.sandbox._server.process.pid).children()
            owners.append(Path(f"/proc/{child.pid}/mem").stat().st_uid)
    assert owners == [0, 65534]


def test_without_no_new_privileges_the_child_does_not_go_on() -> None:
    with BlockingSandbox(LIMITS, without={"no_new_privileges", "landlock"}) as sandbox:
        assert not sandbox.wall.proven
        assert sandbox.run(Job("print(1)")).code == "sandbox_unavailable"
