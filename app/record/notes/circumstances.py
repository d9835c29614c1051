"""What the traceback of an exception knows: where the snippet was, what failed with which operands, and what called it.

Read before the frames are let go; what it means in words is `app.record.notes.mistakes`'.
"""

from __future__ import annotations

import ast
import difflib
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any

import torch

from app.core.trace import Failure, Span
from app.record.notes.expressions import Expressions
from app.record.observe.facts import tensors_in
from app.record.observe.log import OpRun
from app.record.observe.watch import CALL_MODULE, Watch
from app.record.spans import Source

MOST_OPERANDS = 4
STARTS = {torch.autograd.backward.__code__: "tensors", torch.autograd.grad.__code__: "outputs"}
"""PyTorch's functions that start a pass, and what they call its roots."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A tensor that the failing operation was given; `text` is its expression, None where that isn't known."""

    text: str | None
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True, slots=True)
class Called:
    """The innermost module that was called: its path from a variable, itself in words, the shape it was given."""

    path: str | None
    words: str
    shape: tuple[int, ...] | None
    parameters: bool
    """It holds some, whose sizes it was made for."""
    dtypes: tuple[str, str] | None
    """What it computes with, and what it was given."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Everything about one exception that its message leaves out."""

    failure: Failure
    expression: str | None = None
    """The source text of what failed."""
    operands: tuple[Operand, ...] = ()
    called: Called | None = None
    roots: tuple[Any, ...] = ()
    """The tensors that the failing pass was to start from."""
    span: Span | None = None
    """Where the failing expression stands."""
    gradless: tuple[tuple[str, Any], ...] = ()
    """The tensors of the failing statement whose `.grad` is read and None, by their text."""
    similar: str | None = None
    """A name that exists and looks like the one that doesn't."""


def circumstances(problem: BaseException, text: Source, log: list[Any]) -> Circumstances:
    """What the exception says, the innermost place of the snippet that it went through, and what was there."""
    span = None
    place: TracebackType | None = problem.__traceback__
    user: FrameType | None = None
    frames: list[FrameType] = []
    while place is not None:
        found = text.span(place.tb_frame.f_code, place.tb_lasti)
        if found is not None:
            span, user = found, place.tb_frame
            frames.clear()
        frames.append(place.tb_frame)
        place = place.tb_next
    try:
        message = str(problem)
    except Exception:
        message = ""
    line, column = (span[0], span[1]) if span is not None else (None, None)
    failure = Failure("raised", type(problem).__name__, message[:4000], line, column, None)
    if not isinstance(problem, Exception) or user is None or span is None:
        return Circumstances(failure)
    try:
        read = Expressions(text, log, user)
        with torch.no_grad():
            return Circumstances(
                failure,
                text.text_of(span),
                tuple(_operands(read, span, frames))[:MOST_OPERANDS],
                _called(frames, user),
                _roots(frames),
                span,
                tuple(read.gradless(span)),
                _similar(problem, user),
            )
    except Exception:  # what a snippet's own classes do when they are looked at
        return Circumstances(failure)


def _operands(read: Expressions, span: Any, frames: list[FrameType]) -> Iterator[Operand]:
    """From the expression where its parts are known, else from the operation that failed."""
    node = read.node(span)
    known: list[tuple[str | None, torch.Tensor]] = []
    if node is not None:
        known.extend((ast.unparse(part), value) for part, value in read.tensors(node))
    run = next((f.f_locals.get("run") for f in reversed(frames) if f.f_code is Watch.__torch_dispatch__.__code__), None)
    given = tensors_in(run.args) if isinstance(run, OpRun) else []
    if len(known) < 2 and len(given) > len(known) and not (known and _called(frames, frames[0])):
        texts = {id(value): text for text, value in known}
        known = [(texts.get(id(value)), value) for value in given]
    told: set[str | None] = set()
    for text, value in known:
        if text is not None and text in told:
            continue
        told.add(text)
        yield Operand(text, tuple(value.shape), _dtype(value))


def _dtype(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _called(frames: list[FrameType], user: FrameType) -> Called | None:
    inner = next((frame for frame in reversed(frames) if frame.f_code is CALL_MODULE), None)
    if inner is None:
        return None
    module: Any = inner.f_locals.get("self")
    args: tuple[Any, ...] = inner.f_locals.get("args") or ()
    if not isinstance(module, torch.nn.Module):
        return None
    shape = tuple(args[0].shape) if args and isinstance(args[0], torch.Tensor) else None
    words = repr(module) if not list(module.children()) else type(module).__name__
    own = next(module.parameters(), None)
    dtypes = None if own is None or shape is None else (_dtype(own), _dtype(args[0]))
    return Called(_path(module, user), words, shape, own is not None, dtypes)


def _path(module: torch.nn.Module, user: FrameType) -> str | None:
    """`net.0`: how a variable leads to the module."""
    for name, value in (*user.f_locals.items(), *user.f_globals.items()):
        if isinstance(value, torch.nn.Module) and not name.startswith("@") and "_modules" in vars(value):
            for path, one in value.named_modules():
                if one is module:
                    return f"{name}.{path}" if path else name
    return None


def _roots(frames: list[FrameType]) -> tuple[Any, ...]:
    for frame in frames:
        name = STARTS.get(frame.f_code)
        if name is not None:
            value = frame.f_locals.get(name)
            return tuple(value) if isinstance(value, (tuple, list)) else (value,)
    return ()


def _names_in(module: str) -> list[str]:
    return [name for name in dir(sys.modules.get(module)) if not name.startswith("_")] if module else []


def _similar(problem: Exception, user: FrameType) -> str | None:
    """What the missing name or attribute may have been meant to be."""
    wanted = getattr(problem, "name", None)
    if not isinstance(wanted, str) or len(wanted) < 2:
        return None
    if isinstance(problem, NameError):
        there = [name for name in (*user.f_locals, *user.f_globals) if not name.startswith(("_", "@"))]
    elif isinstance(problem, ModuleNotFoundError):
        wanted, there = wanted.rpartition(".")[2], _names_in(wanted.rpartition(".")[0])
    elif isinstance(problem, ImportError):
        quoted = str(problem).split("'")
        wanted, there = quoted[1] if len(quoted) > 1 else wanted, _names_in(wanted)
    elif isinstance(problem, AttributeError) and problem.obj is not None:
        if inspect.ismodule(problem.obj) or isinstance(problem.obj, (torch.Tensor, torch.nn.Module)):
            there = [name for name in dir(problem.obj) if not name.startswith("_")]
        else:
            there = list(getattr(problem.obj, "__dict__", ()))
    else:
        return None
    found = difflib.get_close_matches(wanted, there, 1, 0.75)
    return found[0] if found else None
