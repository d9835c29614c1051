"""What the sandbox made of a snippet, read from its hostile bytes; and the thread for what is large."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from app.core.errors import GradwalkError
from app.core.json_text import json_bytes
from app.core.trace import Trace
from app.sandbox import Job, Result
from app.sandbox.parse import parse, parse_verdict
from app.web.programs import Snippet

T = TypeVar("T")

_LARGE = 64 * 2**10
"""Bytes of JSON above which reading and drawing leave the event loop."""


@dataclass(frozen=True, slots=True)
class Run:
    """What the sandbox made of a snippet: a Trace, or an error instead."""

    trace: Trace | None
    error: GradwalkError | None
    size: int
    """Bytes of the Trace's JSON."""


async def run_of(result: Result, most: int) -> Run:
    """The Run of a sandbox's Result, whose bytes are hostile."""
    data = result.trace
    if result.code != "ok" or data is None:
        return Run(None, result.error or GradwalkError(result.code, "The program could not be run."), 0)
    try:
        return Run(await apart(lambda: parse(data, most=most), len(data)), None, len(data))
    except GradwalkError as error:
        return Run(None, error, 0)


def job_of(snippet: Snippet, *, verify: bool = False) -> Job:
    """What the sandbox is asked for."""
    return Job(snippet.source, snippet.seed, snippet.let, snippet.root, snippet.cotangent, verify=verify)


def trace_of(run: Run) -> Trace:
    """The Trace of a run.

    Raises:
        GradwalkError: it gave none.
    """
    if run.trace is not None:
        return run.trace
    assert run.error is not None
    raise fresh(run.error)


def fresh(kept: GradwalkError) -> GradwalkError:
    """An error that may be raised many times: a new one each time, or its traceback would grow."""
    return GradwalkError(kept.code, kept.message, line=kept.line, column=kept.column, hint=kept.hint)


def verdict_of(result: Result, most: int) -> bytes | GradwalkError:
    """The check's JSON, written anew from what was understood of the child's bytes."""
    if result.code != "ok" or result.verdict is None:
        return result.error or GradwalkError(result.code, "The program could not be checked.")
    try:
        return json_bytes(parse_verdict(result.verdict, most=most).to_dict())
    except GradwalkError as error:
        return error


async def apart(work: Callable[[], T], size: int) -> T:
    """Does small work here, large work in a thread."""
    return work() if size < _LARGE else await asyncio.to_thread(work)
