"""The bytes between server, fork server and child.

What comes from a child is hostile: it is read only here, through `Transcript.read`, and a Trace only through `parse`.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from app.core.errors import GradwalkError

HEADER = struct.Struct("=cI")
"""A frame from the child: one kind, then the length of its payload."""
SECONDS = struct.Struct("=d")

STDOUT, CPU, TRACE, ERROR, REPORT, VERDICT = b"O", b"C", b"T", b"E", b"R", b"V"
KINDS = (STDOUT, CPU, TRACE, ERROR, REPORT, VERDICT)

CHILD_CODES = (
    *("syntax_error", "forbidden", "too_long", "no_tensor", "bad_view"),
    *("memory_limit", "time_limit", "too_many_ops", "output_limit", "crashed"),
)
"""The codes that a child may answer with; any other is forged."""

TEXT = 4_000
"""Characters kept of a message from a child."""


@dataclass(frozen=True, slots=True)
class Job:
    """One snippet to run. `let`, `root` and `cotangent` are as in an address.

    `checked=False` leaves out the source check. `verify`: check its gradients by finite differences, instead of
    answering with its Trace.
    """

    source: str
    seed: int = 0
    let: str | None = None
    root: str | None = None
    cotangent: str | None = None
    explain: bool = True
    checked: bool = True
    verify: bool = False


PROBE = b'{"probe": true}'
"""The job that makes a child try to break out, instead of running a snippet."""
OVERSTEP = b'{"overstep": true}'
"""The job that makes a child call something that must kill it."""


def job_bytes(job: Job) -> bytes:
    """ASCII JSON, so that a lone surrogate in the source survives the way to the child, which refuses it."""
    return json.dumps(asdict(job)).encode()


def frame(kind: bytes, payload: bytes) -> bytes:
    """One frame from the child."""
    return HEADER.pack(kind, len(payload)) + payload


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a child has said: at most one of `trace`, `verdict`, `error` and `report`, none where it ended without an
    answer.

    `garbled`: it sent what no honest child sends, and nothing of it counts.
    """

    stdout: str = ""
    cpu: float | None = None
    trace: bytes | None = None
    verdict: bytes | None = None
    error: GradwalkError | None = None
    report: dict[str, Any] | None = None
    garbled: bool = False

    @property
    def answered(self) -> bool:
        """There is an answer."""
        return any(part is not None for part in (self.trace, self.verdict, self.error, self.report))

    @classmethod
    def read(cls, data: bytes, *, probe: bool = False) -> Transcript:
        """Read a child's bytes. A frame cut short by its death is dropped; a report is an answer to a probe only."""
        try:
            said = _read(data)
        except (ValueError, TypeError, RecursionError, struct.error):
            return cls(garbled=True)
        return said if probe or said.report is None else cls(garbled=True)


def _read(data: bytes) -> Transcript:
    """Raises ValueError, TypeError, RecursionError or struct.error for what no honest child sends."""
    said: list[bytes] = []
    cpu: float | None = None
    for kind, payload, last in _frames(data):
        if kind == STDOUT:
            said.append(payload)
        elif kind == CPU:
            (cpu,) = SECONDS.unpack(payload)
        elif not last:
            raise ValueError("something follows the answer")
        elif kind == TRACE:
            return Transcript(_text(said), cpu, trace=payload)
        elif kind == VERDICT:
            return Transcript(_text(said), cpu, verdict=payload)
        elif kind == ERROR:
            return Transcript(_text(said), cpu, error=_error(json.loads(payload)))
        else:
            return Transcript(_text(said), cpu, report=dict(json.loads(payload)))
    return Transcript(_text(said), cpu)


def _frames(data: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """(kind, payload, is last) of each whole frame."""
    at = 0
    while at < len(data):
        if data[at : at + 1] not in KINDS:
            raise ValueError("a frame of unknown kind")
        if at + HEADER.size > len(data):
            return
        kind, size = HEADER.unpack_from(data, at)
        at += HEADER.size
        if at + size > len(data):
            return
        yield kind, data[at : at + size], at + size == len(data)
        at += size


def _text(said: list[bytes]) -> str:
    return b"".join(said).decode()


def _error(data: Any) -> GradwalkError:
    if not isinstance(data, dict) or data.get("code") not in CHILD_CODES or not isinstance(data.get("message"), str):
        raise ValueError("not an error that a child may report")
    hint = data.get("hint")
    return GradwalkError(
        data["code"],
        shown(data["message"]),
        line=_place(data.get("line")),
        column=_place(data.get("column")),
        hint=shown(hint) if isinstance(hint, str) else None,
    )


def _place(number: object) -> int | None:
    return number if type(number) is int and 0 <= number < 10**6 else None


def shown(text: str) -> str:
    """Bounded, and encodable whatever was put in."""
    return text[:TEXT].encode(errors="replace").decode()


class Records:
    """JSON lines of the control socket, cut out of a stream. Between server and fork server only, so trusted."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """The records that `data` completes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [json.loads(line) for line in lines]


def record(**fields: Any) -> bytes:
    """One line of the control socket."""
    return json.dumps(fields).encode() + b"\n"
