"""Hostile bytes: a Trace is read whole, anything else is `crashed`, and nothing takes long or recurses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import GradwalkError
from app.sandbox import parse

HONEST = (Path(__file__).parents[1] / "lecture_by_hand.json").read_bytes()


def changed(**fields: Any) -> bytes:
    return json.dumps(json.loads(HONEST) | fields).encode()


def test_an_honest_trace_is_read_as_it_is() -> None:
    assert parse(HONEST).to_dict() == json.loads(HONEST)


def test_a_cycle_is_refused() -> None:
    data = json.loads(HONEST)
    last = data["edges"][-1]
    data["edges"].append(last | {"id": "e99", "source": last["target"], "target": last["source"], "input": 9})
    with pytest.raises(GradwalkError) as refused:
        parse(json.dumps(data).encode())
    assert refused.value.code == "crashed"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 10**6,
        b'{"a":' * 10**6,
        b"9" * 10**6,
        b'{"version": 1}',
        changed(version=2),
        changed(stdout=float("nan")),
        changed(stdout="\ud800"),
        changed(nodes=[]),
        changed(nodes={}),
        changed(steps=[None]),
        changed(notes=[{"code": "x"}]),
        changed(error="x"),
        HONEST[:-1],
        HONEST + b" " * 8 * 2**20,
    ],
    ids=lambda data: repr(data[:24]),
)
def test_what_the_recorder_does_not_write_is_refused(data: bytes) -> None:
    with pytest.raises(GradwalkError) as refused:
        parse(data)
    assert refused.value.code == "crashed"
    assert refused.value.hint
