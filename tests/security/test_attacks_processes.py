"""Attacks that start processes or threads, signal others, load code, or lift their own limits."""

from __future__ import annotations

from collections.abc import Callable

import pytest

ATTACKS = {
    "fork": ("import os\nos.fork()", "PermissionError at 2"),
    "forkpty": ("import os\nos.forkpty()", "PermissionError at 2"),
    "fork-bomb": ("import os\nwhile True:\n    os.fork()", "PermissionError at 3"),
    "vfork": (
        "import ctypes\nc = ctypes.CDLL(None, use_errno=True)\nprint(c.vfork(), ctypes.get_errno())",
        "ran: -1 13",
    ),
    "clone": (
        "import ctypes\nc = ctypes.CDLL(None, use_errno=True)\n"
        "print(c.syscall(56, 17, 0, 0, 0, 0), ctypes.get_errno())",
        "ran: -1 13",
    ),
    "clone3": (
        "import ctypes\nc = ctypes.CDLL(None, use_errno=True)\nprint(c.syscall(435, 0, 0), ctypes.get_errno())",
        "ran: -1 38",
    ),
    "exec": ("import os\nos.execv('/bin/sh', ['sh', '-c', 'touch @DIR@/made'])", "PermissionError at 2"),
    "posix-spawn": ("import os\nos.posix_spawn('/bin/true', ['true'], {})", "PermissionError at 2"),
    "system": ("import os\nprint(os.system('touch @DIR@/made'))", "ran: 32512"),
    "subprocess": ("import subprocess\nsubprocess.run(['touch', '@DIR@/made'])", "PermissionError at 2"),
    "popen": ("import os\nos.popen('touch @DIR@/made').read()", "PermissionError at 2"),
    "thread": ("import threading\nthreading.Thread(target=print).start()", "RuntimeError at 2"),
    "low-level-thread": ("import _thread\n_thread.start_new_thread(print, ())", "RuntimeError at 2"),
    "thread-pool": (
        "from concurrent.futures import ThreadPoolExecutor\nThreadPoolExecutor(2).submit(print, 1).result()",
        "RuntimeError at 2",
    ),
    "multiprocessing": (
        "import multiprocessing as mp\nmp.get_context('fork').Process(target=print).start()",
        "ModuleNotFoundError at 2",
    ),
    "torch-spawn": ("import torch.multiprocessing as mp\nmp.spawn(print, nprocs=1)", "PermissionError at 2"),
    "data-loader": (
        "from torch.utils.data import DataLoader\nlist(DataLoader([1, 2, 3], num_workers=1))",
        "ModuleNotFoundError at 2",
    ),
    "torch-threads": ("torch.set_num_threads(8)\nprint(torch.randn(400, 400).sum().isfinite())", "ran: tensor(True)"),
    "torch-threads-inside": (
        "torch._C.set_num_threads(8)\nx = torch.randn(2000, 2000)\ny = (x @ x).sum()",
        "crashed 1",
    ),
    "compile": ("torch.compile(lambda x: x * 2)(torch.ones(2))", "RuntimeError at 1"),
    "inductor": ("import torch._inductor.codecache", "ModuleNotFoundError at 1"),
    "load-inline": (
        "from torch.utils.cpp_extension import load_inline\nload_inline('x', 'int f() { return 1; }', functions=['f'])",
        "ModuleNotFoundError at 1",
    ),
    "jit-script": ("torch.jit.script(lambda x: x * 2)", "RuntimeError at 1"),
    "jit-script-often": (
        "@torch.jit.script\ndef f(x):\n    return (x * 2).sin() * x\n"
        "for _ in range(9):\n    y = f(torch.ones(4, requires_grad=True))\nprint(len(y))",
        "ran: 4",
    ),
    "load-library": ("torch.ops.load_library('@DIR@/x.so')", "OSError at 1"),
    "ctypes-library": ("import ctypes\nctypes.CDLL('libcrypt.so.1')", "OSError at 2"),
    "ctypes-own-library": ("import ctypes\nctypes.CDLL('@SECRET@')", "OSError at 2"),
    "kill-victim": ("import os\nos.kill(@VICTIM@, 9)", "PermissionError at 2"),
    "kill-all": ("import os\nos.kill(-1, 9)", "PermissionError at 2"),
    "kill-fork-server": ("import os\nos.kill(os.getppid(), 9)", "PermissionError at 2"),
    "kill-self": ("import os\nos.kill(os.getpid(), 9)", "PermissionError at 2"),
    "kill-group": ("import os\nos.killpg(0, 9)", "PermissionError at 2"),
    "raise-signal": ("import signal\nsignal.raise_signal(signal.SIGKILL)", "PermissionError at 2"),
    "pidfd": ("import os\nos.pidfd_open(@VICTIM@)", "PermissionError at 2"),
    "sigqueue": (
        "import ctypes\nc = ctypes.CDLL(None, use_errno=True)\n"
        "print(c.sigqueue(@VICTIM@, 9, ctypes.c_void_p(0)), ctypes.get_errno())",
        "ran: -1 13",
    ),
    "wait": ("import os\nos.wait()", "PermissionError at 2"),
    "raise-cpu-limit": (
        "import resource\nresource.setrlimit(resource.RLIMIT_CPU, (-1, -1))",
        "PermissionError at 2",
    ),
    "raise-memory-limit": ("import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))", "PermissionError at 2"),
    "nice": ("import os\nos.setpriority(os.PRIO_PROCESS, 0, -20)", "PermissionError at 2"),
    "real-time": (
        "import os\nos.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))",
        "PermissionError at 2",
    ),
    "become-root": ("import os\nos.setuid(0)", "PermissionError at 2"),
    "new-session": ("import os\nos.setsid()", "PermissionError at 2"),
    "alarm": ("import signal\nprint(signal.alarm(1))", "ran: 4294967295"),
    "timer": ("import signal\nsignal.setitimer(signal.ITIMER_REAL, 1)", "itimer_error at 2"),
    "dumpable": (
        "import ctypes\nc = ctypes.CDLL(None, use_errno=True)\nprint(c.prctl(4, 1, 0, 0, 0), ctypes.get_errno())",
        "ran: -1 13",
    ),
}


@pytest.mark.parametrize(("source", "expected"), ATTACKS.values(), ids=ATTACKS)
def test_no_process_starts_or_is_touched(attack: Callable[[str], str], source: str, expected: str) -> None:
    assert attack(source) == expected
