"""What passes between server and child: honest bytes arrive whole, others are seen to be others."""

from __future__ import annotations

import json
import struct

import pytest

from app.sandbox import Job, wire
from app.sandbox.wire import CPU, ERROR, REPORT, STDOUT, TRACE, Records, Transcript, frame, job_bytes

CLOCK = frame(CPU, struct.pack("=d", 0.25))


def test_a_job_arrives_as_it_was_sent_even_with_a_lone_surrogate() -> None:
    job = Job("print('\ud800 é')", seed=7, let="w:2", root="y[0]", explain=False, checked=False)
    assert Job(**json.loads(job_bytes(job))) == job


def test_an_honest_child_is_understood() -> None:
    said = Transcript.read(frame(STDOUT, "3 ×".encode()) + frame(STDOUT, b" 2\n") + CLOCK + frame(TRACE, b"{}"))
    assert said == Transcript("3 × 2\n", 0.25, trace=b"{}")
    assert said.answered


def test_an_error_keeps_its_place_and_loses_what_cannot_be_shown() -> None:
    error = {"code": "forbidden", "message": "no\ud800" + "x" * 10**5, "line": 3, "column": 4, "hint": "h"}
    said = Transcript.read(frame(ERROR, json.dumps(error).encode())).error
    assert said is not None
    assert (said.code, said.line, said.column, said.hint) == ("forbidden", 3, 4, "h")
    assert said.message.startswith("no?x")
    assert len(said.message) == wire.TEXT


@pytest.mark.parametrize("line", [-1, 10**9, 1.5, True, "3", None], ids=repr)
def test_an_impossible_line_is_left_out(line: object) -> None:
    said = Transcript.read(frame(ERROR, json.dumps({"code": "crashed", "message": "m", "line": line}).encode()))
    assert said.error is not None
    assert said.error.line is None


@pytest.mark.parametrize(
    "data",
    [
        b"hello",
        frame(b"X", b""),
        frame(STDOUT, b"\xff"),
        frame(CPU, b"1"),
        frame(TRACE, b"{}") + frame(TRACE, b"{}"),
        frame(TRACE, b"{}") + b"O",
        frame(ERROR, b"{"),
        frame(ERROR, b"[" * 10**5),
        frame(ERROR, b"[]"),
        frame(ERROR, b'{"code": "busy", "message": "x"}'),
        frame(ERROR, b'{"code": ["crashed"], "message": "x"}'),
        frame(ERROR, b'{"code": "crashed", "message": 1}'),
        frame(REPORT, b"{}"),
        frame(STDOUT, b"x") + b"garbage",
    ],
)
def test_other_bytes_are_garbled_and_nothing_of_them_counts(data: bytes) -> None:
    assert Transcript.read(data) == Transcript(garbled=True)


def test_a_report_answers_a_probe_only() -> None:
    assert Transcript.read(frame(REPORT, b'{"a": "refused"}'), probe=True).report == {"a": "refused"}
    assert Transcript.read(frame(REPORT, b"7"), probe=True).garbled


def test_every_cut_of_an_honest_transcript_is_unanswered_and_not_garbled() -> None:
    whole = frame(STDOUT, b"text") + CLOCK + frame(TRACE, b"{}")
    for length in range(len(whole)):
        said = Transcript.read(whole[:length])
        assert not said.garbled
        assert not said.answered
        assert said.stdout in ("", "text")


def test_records_are_cut_out_of_any_stream() -> None:
    stream = wire.record(fork=1) + wire.record(kill=2) + wire.record(forked=3, process=4)
    for size in (1, 2, 7, 1000):
        records = Records()
        found = [one for at in range(0, len(stream), size) for one in records.feed(stream[at : at + size])]
        assert found == [{"fork": 1}, {"kill": 2}, {"forked": 3, "process": 4}]
