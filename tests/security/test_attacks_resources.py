"""Attacks that use up memory, time or output: each ends with the limit that it met, in the words for that limit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

MEMORY = {
    "one-huge-tensor": ("torch.ones(10**12)", "memory_limit"),
    "one-large-tensor": ("torch.zeros(10**9)", "memory_limit"),
    "huge-numpy-array": ("import numpy as np\nnp.ones(10**12)", "memory_limit"),
    "huge-bytes": ("bytearray(10**12)", "memory_limit"),
    "huge-text": ("'x' * 10**12", "memory_limit"),
    "huge-list": ("[None] * 10**12", "memory_limit"),
    "doubling": ("x = torch.ones(2**20)\nwhile True:\n    x = torch.cat([x, x])", "memory_limit"),
    "growing-list": ("kept = []\nwhile True:\n    kept.append(bytearray(10**6))", "memory_limit"),
    "growing-dict": ("kept = {}\nwhile True:\n    kept[len(kept)] = 'x' * 10**5", "memory_limit"),
    "growing-set-of-tensors": ("kept = set()\nwhile True:\n    kept.add(torch.ones(10**6))", "memory_limit"),
    "growing-graph": (
        "x = torch.ones(10**6, requires_grad=True)\nwhile True:\n    x = (x * 2).exp()",
        "memory_limit",
    ),
    "broadcast": ("a = torch.ones(10**6, 1)\na + a.T", "memory_limit"),
    "outer-product-jacobian": (
        "torch.autograd.functional.jacobian(torch.sin, torch.ones(10**5), vectorize=True)",
        "memory_limit",
    ),
    "caught": ("try:\n    bytearray(10**12)\nexcept MemoryError:\n    print('caught')", "ran: caught"),
    "nothing-left-to-record-with": (
        "x = torch.arange(4000.0, requires_grad=True)\nfor _ in range(300):\n    x = x + 1\n"
        "kept = []\nsize = 2**24\nwhile size:\n    try:\n        while True:\n"
        "            kept.append(bytearray(size))\n"
        "    except MemoryError:\n        size //= 2",
        "memory_limit",
    ),
    "anonymous-mapping": ("import mmap\nmmap.mmap(-1, 10**11)", "memory_limit"),
    "malloc": (
        "import ctypes\nf = ctypes.CDLL(None).malloc\nf.restype = ctypes.c_void_p\nprint(f(ctypes.c_size_t(10**12)))",
        "ran: None",
    ),
}

TIME = {
    "loop": ("while True:\n    pass", "time_limit"),
    "long-sum": ("total = sum(range(10**12))", "time_limit SIGXCPU"),
    "big-power": ("len(str(7 ** (7 ** 9)))", "time_limit"),
    "regex": ("import re\nre.match('(a+)+$', 'a' * 60 + 'b')", "time_limit"),
    "matrix-products": ("x = torch.randn(1500, 1500)\nwhile True:\n    x @ x", "time_limit"),
    "ignoring-sigxcpu": (
        "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True:\n    pass",
        "time_limit",
    ),
    "ignoring-all-signals": (
        "import signal\nfor one in signal.SIGXCPU, signal.SIGPROF:\n    signal.signal(one, signal.SIG_IGN)\n"
        "while True:\n    pass",
        "time_limit SIGKILL",
    ),
    "blocking-all-signals": (
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True:\n    pass",
        "time_limit SIGKILL",
    ),
    "catching-everything": (
        "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass",
        "time_limit",
    ),
    "spinning-message": (
        "class Slow(Exception):\n    def __str__(self):\n        while True:\n            pass\nraise Slow",
        "time_limit",
    ),
    "eating-and-catching": (
        "kept = []\nwhile True:\n    try:\n        kept.append(bytearray(10**7))\n"
        "    except MemoryError:\n        pass",
        "time_limit",
    ),
    "many-ops": ("x = torch.ones(1)\nwhile True:\n    x = x + 1", "too_many_ops"),
}

WAITS = {
    "sleep": ("import time\ntime.sleep(1000)", "time_limit SIGKILL"),
    "deadlock": ("import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()", "time_limit SIGKILL"),
    "event": ("import threading\nthreading.Event().wait()", "time_limit SIGKILL"),
    "futex": (
        "import ctypes\nword = ctypes.c_int(0)\nctypes.CDLL(None).syscall(202, ctypes.byref(word), 0, 0, 0, 0, 0)",
        "time_limit SIGKILL",
    ),
}

OUTPUT = {
    "print-loop": ("while True:\n    print('x')", "output_limit"),
    "print-once": ("print('x' * 10**7)", "output_limit"),
    "catching": (
        "while True:\n    try:\n        print('x' * 1000)\n    except BaseException:\n        pass",
        "output_limit",
    ),
    "empty-prints": ("while True:\n    print(end='')", "time_limit"),
    "stderr": ("import sys\nwhile True:\n    sys.stderr.write('x' * 1000)", "time_limit"),
    "warnings": ("import warnings\nwarnings.warn('x' * 10**6)\nprint('done')", "ran: done"),
    "own-stdout": ("import sys\nsys.__stdout__.write('x' * 10**6)\nsys.__stdout__.flush()", "PermissionError at 2"),
    "descriptor-1": ("import os\nos.write(1, b'x')", "PermissionError at 2"),
    "frames": (
        "import os\nwhile True:\n    os.write(201, b'O\\x01\\0\\0\\0x' * 1000)",
        "output_limit SIGKILL",
    ),
    "lifted-counter": (
        "import sys\nsys.stdout._through._left = 10**15\nwhile True:\n    print('x' * 10**4)",
        "output_limit SIGKILL",
    ),
    "half-a-frame": (
        "import os\nos.write(201, b'T\\xff\\xff\\xff\\x7f')\nwhile True:\n    os.write(201, b'x' * 4096)",
        "output_limit SIGKILL",
    ),
    "giant-exception": ("raise ValueError('x' * 10**7)", "ValueError at 1"),
    "giant-expression": ("x = " + "+".join(["1"] * 5000), "syntax_error"),
    "deep-expression": ("x = " + "(" * 5000 + "1" + ")" * 5000, "syntax_error"),
    "wide-tensor": (
        "x = torch.arange(10**6).float().requires_grad_()\n(x * 2).sum().backward()\nprint('done')",
        "ran: done",
    ),
}


@pytest.mark.parametrize(("source", "expected"), (MEMORY | TIME | OUTPUT).values(), ids=(MEMORY | TIME | OUTPUT))
def test_a_limit_is_met(attack: Callable[[str], str], source: str, expected: str) -> None:
    assert attack(source) == expected


@pytest.mark.parametrize(("source", "expected"), WAITS.values(), ids=WAITS)
def test_waiting_for_ever_is_not_waited_for(hurried_attack: Callable[[str], str], source: str, expected: str) -> None:
    assert hurried_attack(source) == expected
