"""The report on the wall: it stands only where every attempt was refused, and says why where it doesn't."""

from __future__ import annotations

import signal

import pytest

from app.sandbox.selftest import UNPROVEN, judge

REFUSED = {"read a file": "refused", "open a socket": "refused"}


def test_the_wall_stands_where_everything_was_refused() -> None:
    report = judge({}, REFUSED, -signal.SIGSYS)
    assert (report.ok, report.reason, report.warnings) == (True, None, ())


@pytest.mark.parametrize("came", ["succeeded", "FileNotFoundError", ""])
def test_an_attempt_that_was_not_refused_is_a_breach(came: str) -> None:
    report = judge({}, REFUSED | {"read a file": came}, -signal.SIGSYS)
    assert not report.ok
    assert "a test child could read a file" in str(report.reason)


@pytest.mark.parametrize("status", [0, None, -signal.SIGSEGV])
def test_a_forbidden_call_that_does_not_kill_is_a_breach(status: int | None) -> None:
    assert judge({}, REFUSED, status).breaches == ("make a call that is on no list",)


def test_without_seccomp_the_wall_does_not_stand_whatever_was_refused() -> None:
    report = judge({"seccomp": "no libseccomp"}, REFUSED, -signal.SIGSYS)
    assert not report.ok
    assert "seccomp is off: no libseccomp" in str(report.reason)


def test_a_layer_of_depth_is_a_warning() -> None:
    report = judge({"landlock": "an old kernel", "identity": "not root"}, REFUSED, -signal.SIGSYS)
    assert report.ok
    assert report.warnings == ("landlock is off: an old kernel",)


def test_what_was_not_proven_does_not_stand() -> None:
    assert not UNPROVEN.ok
    assert not judge({}, None, -signal.SIGSYS).ok
