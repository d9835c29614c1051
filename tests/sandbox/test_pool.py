"""The sandbox as a whole: one answer for every job, bounded waiting, nothing left behind, and getting up again."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from app.core.limits import Limits
from app.sandbox import BlockingSandbox, Job, Result, parse

LIGHT = "tests.sandbox.light_body"
"""For tests that start a fork server of their own."""
Family = Callable[[BlockingSandbox], list[psutil.Process]]

GOOD = Job("x = torch.tensor(3.0)\nw = torch.tensor(2.0, requires_grad=True)\ny = w * x\ny.backward()\nprint(w.grad)")
SLEEP = Job("import time\ntime.sleep(60)", checked=False)
PRINT = Job("print('back')", checked=False)
BRIEF = Job("import time\ntime.sleep(0.4)\nprint('woke')\nend = torch.ones(1)", checked=False)


def said(result: Result) -> str:
    return result.stdout.strip() if result.code == "ok" else result.code


def test_a_run_is_answered_with_its_trace(sandbox: BlockingSandbox) -> None:
    result = sandbox.run(GOOD)
    assert result.trace is not None
    trace = parse(result.trace)
    assert (result.code, result.error, result.stdout) == ("ok", None, "tensor(3.)\n")
    assert (trace.program.source, trace.error) == (GOOD.source, None)
    assert 0 < result.cpu_s <= result.wall_s < 2


def test_a_snippet_that_raises_is_ok_with_the_error_in_its_trace(sandbox: BlockingSandbox) -> None:
    result = sandbox.run(Job("x = torch.ones(2)\nx @ torch.ones(3)"))
    assert result.trace is not None
    error = parse(result.trace).error
    assert error is not None
    assert (result.code, error.code, error.type, error.line) == ("ok", "raised", "RuntimeError", 2)


@pytest.mark.parametrize(
    ("source", "code", "line"),
    [
        ("x = = 1", "syntax_error", 1),
        ("x = 1\nimport os", "forbidden", 2),
        ("x = 1\nwhile True: x += 1", "time_limit", 2),
        ("x = 1\nwhile True:\n    print(x, 'x' * 1000)", "output_limit", 3),
        ("", "no_tensor", None),
        ("x" * 2_001, "too_long", None),
        ("x = '\ud800'", "syntax_error", None),
        ("\0", "syntax_error", None),
    ],
)
def test_a_snippet_at_fault_is_told_so(sandbox: BlockingSandbox, source: str, code: str, line: int | None) -> None:
    result = sandbox.run(Job(source))
    assert result.error is not None
    assert (result.code, result.trace) == (code, None)
    assert result.error.line == line or line is None
    assert result.error.message


def test_no_run_sees_another(sandbox: BlockingSandbox) -> None:
    leave = Job("import builtins, sys\nbuiltins.left = sys.left = torch.left = 1\nend = torch.ones(1)", checked=False)
    look = Job(
        "import builtins, sys\nprint([hasattr(m, 'left') for m in (builtins, sys, torch)])\nend = torch.ones(1)",
        checked=False,
    )
    for job in (leave, look) * 3:
        assert said(sandbox.run(job)) in ("", "[False, False, False]")


def test_the_same_snippet_gives_the_same_bytes(sandbox: BlockingSandbox) -> None:
    job = Job("import random\nprint(torch.rand(2), random.random(), [c for c in {'a', 'b', 'c', 'd'}], hash('x'))")
    assert len({sandbox.run(job).trace for _ in range(5)}) == 1
    assert sandbox.run(Job(job.source, seed=1)).stdout != sandbox.run(job).stdout


def test_a_hanging_run_disturbs_no_other(sandbox: BlockingSandbox) -> None:
    results = sandbox.together([SLEEP, GOOD, GOOD, GOOD])
    assert [said(result) for result in results] == ["time_limit", *["tensor(3.)"] * 3]
    assert max(result.wall_s for result in results[1:]) < results[0].wall_s


def test_beyond_the_queue_a_run_is_told_busy(sandbox: BlockingSandbox) -> None:
    results = sandbox.together([BRIEF] * 8)
    assert [said(result) for result in results] == ["woke"] * 5 + ["busy"] * 3
    assert results[-1].error is not None
    assert results[-1].error.hint


def test_at_most_so_many_run_at_the_same_time(sandbox: BlockingSandbox) -> None:
    start = time.perf_counter()
    sandbox.together([BRIEF] * 4)
    assert time.perf_counter() - start >= 0.8


def test_who_goes_away_takes_the_run_along(sandbox: BlockingSandbox, family: Family) -> None:
    async def leave() -> None:
        task = asyncio.create_task(sandbox.sandbox.run(SLEEP))
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.wait([task])

    for _ in range(4):
        sandbox.wait(leave())
    assert len(family(sandbox)) == sandbox.sandbox.limits.standby
    assert said(sandbox.run(GOOD)) == "tensor(3.)"


def test_nothing_accumulates(sandbox: BlockingSandbox, family: Family) -> None:
    jobs = [GOOD, Job("import os\nos._exit(1)", checked=False), Job("print('x' * 10**6)"), Job("x = = 1"), Job("1/0")]
    me, zygote = psutil.Process(), psutil.Process(sandbox.sandbox._server.process.pid)
    sandbox.together(jobs)
    family(sandbox)
    sandbox.wait(asyncio.sleep(0.3))
    before = me.num_fds(), zygote.num_fds()
    for _ in range(20):
        sandbox.together(jobs)
    assert len(family(sandbox)) == sandbox.sandbox.limits.standby
    sandbox.wait(asyncio.sleep(0.3))
    assert not [child for child in zygote.children() if child.status() == psutil.STATUS_ZOMBIE]
    assert (me.num_fds(), zygote.num_fds()) == before
    assert not sandbox.sandbox._server._children.keys() - {child.run for child in sandbox.sandbox._standby}


def test_a_child_lost_on_standby_is_replaced(sandbox: BlockingSandbox, family: Family) -> None:
    for process in family(sandbox):
        process.kill()
    sandbox.wait(asyncio.sleep(0.1))
    assert said(sandbox.run(GOOD)) == "tensor(3.)"
    assert sandbox.sandbox.restarts == 0


def test_a_large_job_and_a_large_result_pass_the_pipes() -> None:
    source = "x = torch.arange(4096.0)\n" + "y = x * 2\n" * 60 + f"note = {'é' * 80_000!r}"
    with BlockingSandbox(Limits(source=100_000)) as sandbox:
        result = sandbox.run(Job(source))
        assert result.trace is not None
        assert len(result.trace) > 200_000
        assert sum(node.kind == "op" for node in parse(result.trace).nodes) == 60


def test_a_lost_fork_server_is_told_and_replaced(family: Family) -> None:
    with BlockingSandbox(Limits(standby=1, wait=30), body=LIGHT) as sandbox:
        first = sandbox.sandbox._server.process.pid
        children = family(sandbox)

        async def lose() -> tuple[Result, Result]:
            running = asyncio.create_task(sandbox.sandbox.run(SLEEP))
            await asyncio.sleep(0.2)
            children.extend(psutil.Process(first).children())
            os.kill(first, signal.SIGKILL)
            return await running, await sandbox.sandbox.run(PRINT)

        lost, next_one = sandbox.wait(lose())
        assert lost.code == "sandbox_unavailable"
        assert lost.error is not None
        assert "Try again" in str(lost.error.hint)
        assert said(next_one) == "back"
        assert sandbox.wall.ok
        assert sandbox.sandbox.restarts == 1
        assert not [process for process in children if process.is_running() and process.status() != "zombie"]


def test_where_no_descriptors_are_left_it_is_told_and_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    with BlockingSandbox(Limits(standby=0), body=LIGHT) as sandbox:
        first = os.pipe()
        monkeypatch.setattr(os, "pipe", only([first]))
        result = sandbox.run(PRINT)
        monkeypatch.undo()
        assert result.code == "sandbox_unavailable"
        for descriptor in first:
            with pytest.raises(OSError, match="Bad file descriptor"):
                os.fstat(descriptor)
        assert said(sandbox.run(PRINT)) == "back"


def only(pipes: list[tuple[int, int]]) -> Callable[[], tuple[int, int]]:
    """`os.pipe` in a process that has descriptors left for these pipes only."""

    def pipe() -> tuple[int, int]:
        if not pipes:
            raise OSError(errno.EMFILE, "Too many open files")
        return pipes.pop()

    return pipe


def test_without_a_wall_nothing_runs_unless_it_is_ones_own() -> None:
    with BlockingSandbox(Limits(standby=0), body=LIGHT, without={"seccomp"}) as sandbox:
        assert not sandbox.wall.ok
        assert not sandbox.sandbox.ready
        result = sandbox.run(GOOD)
        assert result.error is not None
        assert result.code == "sandbox_unavailable"
        assert "seccomp is off" in result.error.message
        assert "--trust-local" in str(result.error.hint)


def test_a_fork_server_that_does_not_start_is_told() -> None:
    with BlockingSandbox(body="no_such_module") as sandbox:
        assert sandbox.wall.reason is not None
        assert "ended while it was starting" in sandbox.wall.reason
        assert sandbox.run(GOOD).code == "sandbox_unavailable"


SERVER = """
from app.sandbox import BlockingSandbox, Job
with BlockingSandbox(body='tests.sandbox.light_body') as sandbox:
    print(sandbox.sandbox._server.process.pid, flush=True)
    sandbox.run(Job("import time\\ntime.sleep(60)", checked=False))
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT], ids=lambda end: end.name)
def test_when_the_server_ends_nothing_stays(end: signal.Signals) -> None:
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=root
    ) as server:
        assert server.stdout is not None
        zygote = psutil.Process(int(server.stdout.readline()))
        time.sleep(0.3)
        processes = [zygote, *zygote.children(recursive=True)]
        assert len(processes) == 4, "the fork server, one run, two on standby"
        server.send_signal(end)
        server.wait(10)
    _, alive = psutil.wait_procs(processes, timeout=5)
    assert not alive
