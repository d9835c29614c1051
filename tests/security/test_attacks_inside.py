"""Attacks on the interpreter and on Gradwalk itself: crashes, escapes through Python's own doors, forged results."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable

import pytest

CRASHES = {
    "null-read": ("import ctypes\nctypes.string_at(0)", "crashed SIGSEGV"),
    "null-write": ("import ctypes\nctypes.memset(0, 1, 1)", "crashed SIGSEGV"),
    "abort": ("import os\nos.abort()", "crashed SIGSEGV"),
    "exit-0": ("import os\nos._exit(0)", "crashed 0"),
    "exit-3": ("import os\nos._exit(3)", "crashed 3"),
    "libc-exit": ("import ctypes\nctypes.CDLL(None).exit(7)", "crashed 7"),
    "sys-exit": ("import sys\nsys.exit(3)", "SystemExit at 2"),
    "keyboard-interrupt": ("raise KeyboardInterrupt", "KeyboardInterrupt at 1"),
    "bad-bytecode": (
        "def f():\n    return 1\nf.__code__ = f.__code__.replace(co_consts=())\nf()",
        "crashed SIGSEGV",
    ),
    "strides": (
        "import numpy as np\nnp.lib.stride_tricks.as_strided(np.zeros(1), (10**8,), (10**6,)).sum()",
        "crashed SIGSEGV",
    ),
    "csr-out-of-bounds": (
        "m = torch.sparse_csr_tensor([0, 1], [10**9], [1.0], (1, 2), check_invariants=False)\n"
        "print(m @ torch.ones(2, 1))",
        "crashed SIGSEGV",
    ),
    "repr-recursion": (
        "import sys\nsys.setrecursionlimit(10**9)\n"
        "class R:\n    def __repr__(self):\n        return repr(self)\nrepr(R())",
        "crashed SIGSEGV",
    ),
    "python-recursion": ("def f():\n    f()\nf()", "RecursionError at 2"),
    "deep-graph": (
        "x = torch.ones(1, requires_grad=True)\ny = x\nwith torch.no_grad():\n    pass\n"
        "for _ in range(500):\n    y = y + 1\ny.backward()\nprint(x.grad)",
        "ran: tensor([1.])",
    ),
}

ESCAPES = {
    "subclasses": (
        "c = [c for c in ().__class__.__base__.__subclasses__() if c.__name__ == '_wrap_close'][0]\n"
        "c.__init__.__globals__['mkdir']('@DIR@/made')",
        "PermissionError at 2",
    ),
    "pickle": (
        "import pickle\nclass P:\n    def __reduce__(self):\n        return (open, ('@SECRET@',))\n"
        "pickle.loads(pickle.dumps(P()))",
        "PermissionError at 5",
    ),
    "gc-scan-for-sockets": (
        "import gc, socket\nfound = [o for o in gc.get_objects() if isinstance(o, socket.socket)]\n"
        "for s in found:\n    s.send(b'x')\nprint('sent')",
        "PermissionError at 4",
    ),
    "caller-frames": (
        "import sys\nf = sys._getframe()\nseen = []\nwhile f:\n    seen.append(f.f_code.co_name)\n    f = f.f_back\n"
        "print('_fork' in seen)",
        "ran: True",
    ),
    "fork-servers-socket": (
        "import sys\nf = sys._getframe()\nwhile f.f_code.co_name != '_fork':\n    f = f.f_back\n"
        "f.f_locals['self'].control.send(b'{\"kill\": 1}')",
        "PermissionError at 5",
    ),
    "fork-servers-fork": (
        "import sys\nf = sys._getframe()\nwhile f.f_code.co_name != '_fork':\n    f = f.f_back\n"
        "f.f_locals['self']._fork(99, 200, 201)",
        "PermissionError at 5",
    ),
    "no-exit": ("import os\nos._exit = lambda code: None\nprint('still')", "ran: still"),
    "poisoned-open": ("import builtins\nbuiltins.open = print\nopen('x')", "PermissionError at 3"),
    "poisoned-len": ("import builtins\nbuiltins.len = lambda x: 'x'", "crashed 1"),
    "poisoned-json": ("import json\njson.dumps = lambda *a, **k: '[1]'", "crashed: forged"),
    "poisoned-write": ("import os\nos.write = lambda fd, data: 0", "time_limit SIGXCPU"),
    "no-modules": ("import sys\nsys.modules.clear()\nprint('still')", "crashed"),
    "own-stdout-closed": ("import sys\nsys.stdout.close()", "ran:"),
    "stdout-gone": ("import sys\nsys.stdout = None\nprint('x')", "ran:"),
    "undo-the-stubs": ("torch._C.default_generator.seed()", "RuntimeError at 1"),
    "environment": ("import os\nprint(os.environ.get('GRADWALK_SECRET'))", "ran: None"),
}


def frame(kind: bytes, payload: bytes) -> bytes:
    return struct.pack("=cI", kind, len(payload)) + payload


TRACE = {
    "version": 1, "program": {"source": "", "seed": 0, "torch": "", "expanded": False}, "tensors": [], "storages": [],
    "nodes": [], "edges": [], "passes": [], "steps": [], "stdout": "", "notes": [], "error": None,
}  # fmt: skip


def forged(**changes: object) -> bytes:
    return frame(b"T", json.dumps(TRACE | changes).encode())


def refusal(code: object, message: object = "x") -> bytes:
    return frame(b"E", json.dumps({"code": code, "message": message}).encode())


FORGERIES = {
    "a-trace-of-its-own": (forged(), "ran:"),
    "text": (b"hello", "crashed 0"),
    "nothing": (b"", "crashed 0"),
    "not-json": (frame(b"T", b"hello"), "crashed: forged"),
    "not-a-trace": (frame(b"T", b"[1, 2]"), "crashed: forged"),
    "another-version": (forged(version=99), "crashed: forged"),
    "wrong-types": (forged(tensors=7), "crashed: forged"),
    "deep": (frame(b"T", b"[" * 10**6), "crashed: forged"),
    "deep-object": (frame(b"T", b'{"version":' * 10**5), "crashed: forged"),
    "not-a-number": (forged(stdout=float("nan")), "crashed: forged"),
    "infinite-seed": (frame(b"T", json.dumps(TRACE).replace('"seed": 0', '"seed": 1e999').encode()), "crashed: forged"),
    "long-number": (frame(b"T", b"1" * 10**6), "crashed: forged"),
    "lone-surrogate": (forged(stdout="\ud800"), "crashed: forged"),
    "not-utf-8": (frame(b"T", b"\xff\xfe"), "crashed: forged"),
    "edge-to-nowhere": (
        forged(edges=[{"id": "e0", "source": "n0", "output": 0, "target": "n1", "input": 0, "differentiable": True}]),
        "crashed: forged",
    ),
    "two-answers": (forged() + forged(), "crashed 0"),
    "answer-then-text": (forged() + frame(b"O", b"x"), "crashed 0"),
    "unknown-frame": (frame(b"X", b""), "crashed 0"),
    "text-not-utf-8": (frame(b"O", b"\xff") + forged(), "crashed 0"),
    "bad-clock": (frame(b"C", b"123") + forged(), "crashed 0"),
    "endless-clock": (frame(b"C", struct.pack("=d", float("inf"))) + forged(), "ran:"),
    "clock-is-nan": (frame(b"C", struct.pack("=d", float("nan"))) + forged(), "ran:"),
    "an-error-of-its-own": (refusal("forbidden", "<script>alert(1)</script>"), "forbidden"),
    "an-error-of-the-server": (refusal("sandbox_unavailable"), "crashed 0"),
    "an-error-without-code": (refusal(None), "crashed 0"),
    "an-error-with-code-list": (refusal(["forbidden"]), "crashed 0"),
    "an-error-without-text": (refusal("forbidden", 5), "crashed 0"),
    "a-report": (frame(b"R", b'{"read a file": "refused"}'), "crashed 0"),
    "cut-short": (forged()[:-1], "crashed 0"),
    "length-beyond-4-gb": (b"T\xff\xff\xff\xff", "crashed 0"),
}


@pytest.mark.parametrize(("source", "expected"), (CRASHES | ESCAPES).values(), ids=(CRASHES | ESCAPES))
def test_what_happens_inside_stays_inside(attack: Callable[[str], str], source: str, expected: str) -> None:
    assert attack(source) == expected


@pytest.mark.parametrize(("data", "expected"), FORGERIES.values(), ids=FORGERIES)
def test_a_forged_result_is_answered(attack: Callable[[str], str], data: bytes, expected: str) -> None:
    source = (
        f"import os, zlib\ndata = zlib.decompress({__import__('zlib').compress(data)!r})\nat = 0\n"
        "while at < len(data):\n    at += os.write(201, data[at:])\nos._exit(0)"
    )
    assert attack(source) == expected
