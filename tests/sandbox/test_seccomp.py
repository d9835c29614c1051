"""The compiled filter, executed here for every system call: exactly the policy's calls pass, all else kills."""

from __future__ import annotations

import errno
import platform
import struct
import sys

import pytest

if sys.platform != "linux":
    pytest.skip("system-call filters are Linux's", allow_module_level=True)

import pyseccomp

from app.sandbox.seccomp import ALLOWED, JOB_FD, REFUSED, RESULT_FD, Filter, _names, compile_filter

NATIVE = pyseccomp.system_arch()
X86_64, I386 = 0xC000003E, 0x40000003
REFUSE, NO_SUCH, KILL, ALLOW = (
    0x00050000 | errno.EACCES,
    0x00050000 | errno.ENOSYS,
    0x80000000,
    0x7FFF0000,
)


@pytest.fixture(scope="module")
def wall() -> Filter:
    return compile_filter()


def verdict(wall: Filter, number: int, arguments: tuple[int, ...] = (), arch: int = NATIVE) -> int:
    """What the filter says to a call: a classic-BPF interpreter for the instructions that filters use."""
    call = struct.pack("=iIQ6Q", number, arch, 0, *(arguments + (0,) * (6 - len(arguments))))
    program = list(struct.iter_unpack("=HBBI", wall.code))
    at = accumulator = 0
    memory = [0] * 16
    while True:
        code, if_true, if_false, k = program[at]
        at += 1
        if code == 0x20:  # load a word of the call's description
            (accumulator,) = struct.unpack_from("=I", call, k)
        elif code == 0x54:  # and
            accumulator &= k
        elif code == 0x02:  # store
            memory[k] = accumulator
        elif code == 0x60:  # load from memory
            accumulator = memory[k]
        elif code == 0x05:  # jump
            at += k
        elif code in (0x15, 0x25, 0x35, 0x45):  # jump if equal, greater, greater or equal, any bit
            holds = {0x15: accumulator == k, 0x25: accumulator > k, 0x35: accumulator >= k, 0x45: bool(accumulator & k)}
            at += if_true if holds[code] else if_false
        elif code == 0x06:  # return
            return k
        else:
            raise AssertionError(f"instruction {code:#x}")


def number(call: str) -> int:
    return int(pyseccomp.resolve_syscall(NATIVE, call))


def test_every_call_has_the_policys_verdict(wall: Filter) -> None:
    expected = dict.fromkeys((number(call) for call in _names(ALLOWED)), ALLOW)
    expected |= dict.fromkeys((number(call) for call in _names(REFUSED)), REFUSE)
    expected |= {number("read"): REFUSE, number("write"): REFUSE, number("futex"): ALLOW, number("clone3"): NO_SUCH}
    for call in range(1024):
        assert verdict(wall, call) == expected.get(call, KILL), call


def test_a_call_is_either_allowed_or_refused() -> None:
    allowed, refused = _names(ALLOWED), _names(REFUSED)
    assert len({*allowed, *refused}) == len(allowed) + len(refused)
    assert all(number(call) != -1 for call in (*allowed, *refused)), "a name that libseccomp doesn't know"


def test_reading_and_writing_are_bound_to_the_two_pipes(wall: Filter) -> None:
    for descriptor in (0, 1, 2, 3, JOB_FD - 1, RESULT_FD + 1, JOB_FD + (1 << 32)):
        assert verdict(wall, number("read"), (descriptor,)) == REFUSE
        assert verdict(wall, number("write"), (descriptor,)) == REFUSE
    assert verdict(wall, number("read"), (JOB_FD,)) == ALLOW
    assert verdict(wall, number("write"), (RESULT_FD,)) == ALLOW
    assert verdict(wall, number("read"), (RESULT_FD,)) == REFUSE
    assert verdict(wall, number("write"), (JOB_FD,)) == REFUSE


@pytest.mark.skipif(platform.machine() != "x86_64", reason="about x86's other calling conventions")
@pytest.mark.parametrize("arch", [I386, 0x40000028, 0xC00000B7], ids=hex)
def test_other_architectures_are_killed(wall: Filter, arch: int) -> None:
    assert {verdict(wall, call, arch=arch) for call in range(512)} == {KILL}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="x32 is x86-64's")
def test_x32_is_killed(wall: Filter) -> None:
    assert {verdict(wall, 0x40000000 | call, arch=X86_64) for call in range(1024)} == {KILL}
