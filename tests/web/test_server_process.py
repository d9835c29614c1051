"""`gradwalk serve` as a process: it starts, refuses, stops and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

GRADWALK = Path(sys.executable).with_name("gradwalk")
NO_WALL = """\
import sys
from app.sandbox import pool
plain = pool.Sandbox.__init__
def without(self, limits, *, trust_local=False):
    plain(self, limits, trust_local=trust_local, without=["seccomp"])
pool.Sandbox.__init__ = without
from app.cli import main
sys.exit(main(sys.argv[1:]))
"""
"""The command with its wall taken away: the same code as on a machine without seccomp."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def started(
    *arguments: str, command: tuple[str, ...] = (str(GRADWALK),)
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server process and its address, once it answers; ended with the block."""
    port = free_port()
    process = subprocess.Popen(
        [*command, "serve", "--port", str(port), *arguments],
        env={**os.environ, "GRADWALK_RATE_LIMIT": "off"},
        stderr=subprocess.PIPE,
        text=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{address}/healthz")
                break
            time.sleep(0.05)
        yield process, address
    finally:
        process.terminate()
        process.communicate(timeout=30)


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=15)
    return not alive


def test_sigterm_leaves_no_process_and_is_no_failure() -> None:
    with started() as (process, address):
        answer = httpx.post(f"{address}/api/trace", json={"source": "x = torch.ones(1)"}, timeout=30)
        assert answer.status_code == 200, answer.text
        children = family(process)
        assert len(children) >= 3, "fork server, children on standby, layout process"
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=15)
        assert process.returncode == 0
        assert gone(children)
        assert "Traceback" not in log


def test_sigterm_in_the_middle_of_a_run() -> None:
    with started() as (process, address):
        with contextlib.suppress(httpx.TimeoutException):
            httpx.post(f"{address}/api/trace", json={"source": "while True: pass"}, timeout=0.5)
        children = family(process)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
        assert gone(children)


def test_sigkill_leaves_no_process_either() -> None:
    with started() as (process, _address):
        children = family(process)
        process.kill()
        process.communicate(timeout=20)
        assert gone(children)


def test_the_log_holds_no_program() -> None:
    with started() as (process, address):
        httpx.get(f"{address}/svg", params={"expr": "relu(secret_name)"})
        httpx.post(f"{address}/api/trace", json={"source": "other_secret = 1 +"})
        process.terminate()
        _, log = process.communicate(timeout=15)
    assert 'GET "/svg" ' in log
    assert "secret" not in log


def test_a_taken_port_is_said_plainly() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        run = subprocess.run(
            [GRADWALK, "serve", "--port", str(taken.getsockname()[1])],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert run.returncode == 3
    assert "address already in use" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_without_the_wall_it_does_not_listen_to_strangers(workers: str) -> None:
    port = free_port()
    run = subprocess.run(
        [sys.executable, "-c", NO_WALL, "serve", "--host", "0.0.0.0", "--port", str(port), "--workers", workers],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 3
    assert "does not listen on 0.0.0.0" in run.stderr
    assert "--trust-local" in run.stderr
    assert "Traceback" not in run.stderr


def test_without_the_wall_nothing_runs_on_loopback() -> None:
    with started(command=(sys.executable, "-c", NO_WALL)) as (_process, address):
        ready = httpx.get(f"{address}/readyz")
        assert (ready.status_code, ready.json()["error"]["code"]) == (503, "sandbox_unavailable")
        run = httpx.post(f"{address}/api/trace", json={"source": "x = torch.ones(1)"})
        assert (run.status_code, run.json()["error"]["code"]) == (503, "sandbox_unavailable")


def test_trust_local_is_for_this_machine_alone() -> None:
    run = subprocess.run(
        [GRADWALK, "serve", "--trust-local", "--host", "0.0.0.0"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 2
    assert "127.0.0.1" in run.stderr


def test_trust_local_runs_own_code_only() -> None:
    program = "w = torch.tensor(2., requires_grad=True)\ny = w * w\n"
    expression = {"expr": "relu(own)"}
    server = started("--trust-local", command=(sys.executable, "-c", NO_WALL))
    with server as (_process, address), httpx.Client(base_url=address, timeout=30) as client:
        assert client.get("/svg?ex=lecture").status_code == 200
        assert "without a sandbox" in client.get("/", headers={"Accept": "text/html"}).text
        for path in ("/svg", "/trace.json", "/embed", "/"):
            refused = client.get(path, params=expression)
            assert refused.status_code == 503, path
        for headers in (
            {"Origin": "https://elsewhere.example"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Origin": "null"},
        ):
            assert client.post("/api/walk", json=expression, headers=headers).status_code == 422
        assert client.get("/", headers={"Host": "rebound.example"}).status_code == 422
        assert client.get("/svg", params=expression).status_code == 503
        own = client.post("/api/walk", json={"source": program}, headers={"Sec-Fetch-Site": "same-origin"})
        assert own.status_code == 200
        assert client.get(f"/svg?{own.json()['query']}").status_code == 200


def test_workers_serve_and_end_together() -> None:
    with started("--workers", "2") as (process, address):
        answers = [
            httpx.post(f"{address}/api/trace", json={"source": f"x = torch.ones({n})"}, timeout=30) for n in range(1, 5)
        ]
        assert [answer.status_code for answer in answers] == [200] * 4, [answer.text[:200] for answer in answers]
        children = family(process)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
        assert gone(children)


@pytest.mark.parametrize("variable", ["GRADWALK_RATE_LIMIT=often", "GRADWALK_PORT=http"])
def test_a_wrong_setting_is_named(variable: str) -> None:
    name, _, value = variable.partition("=")
    run = subprocess.run(
        [GRADWALK, "serve"], env={**os.environ, name: value}, capture_output=True, text=True, timeout=30, check=False
    )
    assert run.returncode == 2
    assert name in run.stderr
    assert "Traceback" not in run.stderr
