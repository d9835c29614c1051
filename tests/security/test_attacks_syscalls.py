"""Attacks that speak to the kernel directly: what is on no list ends the process, in whatever architecture's name."""

from __future__ import annotations

import platform
from collections.abc import Callable

import pytest

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="system-call numbers and machine code of x86-64")

FATAL = {
    "ptrace": 101, "personality": 135, "modify_ldt": 154, "pivot_root": 155, "adjtimex": 159, "acct": 163,
    "settimeofday": 164, "mount": 165, "umount2": 166, "swapon": 167, "reboot": 169, "sethostname": 170, "iopl": 172,
    "ioperm": 173, "init_module": 175, "clock_settime": 227, "kexec_load": 246, "add_key": 248, "keyctl": 250,
    "migrate_pages": 256, "unshare": 272, "tee": 276, "vmsplice": 278, "move_pages": 279, "perf_event_open": 298,
    "fanotify_init": 300, "name_to_handle_at": 303, "open_by_handle_at": 304, "setns": 308, "process_vm_readv": 310,
    "process_vm_writev": 311, "kcmp": 312, "finit_module": 313, "seccomp": 317, "bpf": 321, "userfaultfd": 323,
    "pkey_alloc": 330, "io_uring_setup": 425, "io_uring_enter": 426, "open_tree": 428, "fsopen": 430,
    "process_madvise": 440, "landlock_create_ruleset": 444, "memfd_secret": 447, "futex_waitv": 449,
    "no such call": 9999,
}  # fmt: skip

RUN_CODE = """
import ctypes, mmap
memory = mmap.mmap(-1, 4096, prot=7)
memory.write({code!r})
call = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))
print("uid", call())
"""


@pytest.mark.parametrize("number", FATAL.values(), ids=FATAL)
def test_a_call_on_no_list_ends_the_process(attack: Callable[[str], str], number: int) -> None:
    assert attack(f"import ctypes\nctypes.CDLL(None).syscall({number}, 0, 0, 0, 0, 0, 0)") == "crashed SIGSYS"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(b"\xb8\x66\x00\x00\x00\x0f\x05\xc3", "ran: uid 65534", id="x86-64 (the control: it is allowed)"),
        pytest.param(b"\xb8\x66\x00\x00\x40\x0f\x05\xc3", "crashed SIGSYS", id="x32"),
        pytest.param(b"\xb8\x18\x00\x00\x00\xcd\x80\xc3", "crashed SIGSYS", id="int 0x80"),
    ],
)
def test_only_the_native_architecture_may_call(attack: Callable[[str], str], code: bytes, expected: str) -> None:
    assert attack(RUN_CODE.format(code=code)) == expected


@pytest.mark.parametrize("command", [6, 7, 8, 11, 12, 13], ids=lambda command: f"command {command}")
def test_futexes_with_priority_inheritance_are_not_allowed(attack: Callable[[str], str], command: int) -> None:
    call = f"ctypes.CDLL(None).syscall(202, ctypes.byref(word), {command}, 0, 0, 0, 0)"
    assert attack(f"import ctypes\nword = ctypes.c_int(0)\n{call}") == "crashed SIGSYS"
