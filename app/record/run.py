"""Runs a snippet or a callable under observation, makes the implicit backward pass, and hands the log on."""

from __future__ import annotations

import builtins
import contextlib
import inspect
import linecache
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from types import CodeType
from typing import Any, Protocol, TextIO

import numpy as np
import torch

from app.core.errors import GradwalkError
from app.core.garbage import fewer_collections
from app.core.limits import Limits
from app.core.trace import Failure, Note, Program, Trace
from app.record.assemble.assembly import Assembly, torch_version
from app.record.implicit import implicit_pass
from app.record.locating import Locating
from app.record.notes.circumstances import Circumstances, circumstances
from app.record.notes.culprits import Culprits
from app.record.notes.cuts import Cuts
from app.record.notes.missing import nonleaf_notes
from app.record.notes.mistakes import explained
from app.record.notes.registered import registered_notes
from app.record.observe.facts import tensors_in
from app.record.observe.log import Bound, OpRun
from app.record.observe.observation import Observation
from app.record.observe.passes import Derive
from app.record.observe.transforms import transform_notes
from app.record.observe.watch import ElsewhereError, Stop
from app.record.program import BIND, DONE, FILENAME, GRAD_OF, HEAD, RESULT, compile_program
from app.record.replay import replay
from app.record.replay.complete import complete
from app.record.replay.hooked_paths import leave_out_paths
from app.record.replay.hooks import mark_hooks
from app.record.replay.records import Records
from app.record.replay.select import mark_kept
from app.record.roots import Root, Start, differentiable, read_root
from app.record.spans import Source
from app.record.stdout import Printed

SEEDED = "The snippet seeds its own backward pass; a cotangent is for one that Gradwalk starts, from a root of yours."


class Keep(Protocol):
    """Looks at a run once its Trace is made, while the log still holds its tensors."""

    def records(self, *args: Any) -> Records:
        """The Records to use, with its own arguments."""

    def done(self, seen: Observation, records: Records, trace: Trace) -> None:
        """The Trace is made; its ids are on the records."""


@fewer_collections()
def run_program(
    source: str,
    *,
    seed: int,
    expanded: bool,
    root: str | None,
    max_ops: int | None,
    derive: Derive | None,
    cotangent: str | None = None,
    stdout: TextIO | None = None,
    keep: Keep | None = None,
) -> Trace:
    """Execute a program and record it; `keep` looks at the run before everything of it is let go."""
    start = Start(_root(source, root, seed, max_ops), cotangent)
    compiled = compile_program(source)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    seen = Observation(frozenset({FILENAME}), max_ops, derive, hooks="hook" in source)
    namespace["__builtins__"] = vars(builtins) | {
        BIND: seen.bind,
        DONE: seen.done,
        HEAD: seen.head,
        RESULT: seen.keep_result,
        GRAD_OF: seen.grad_of,
    }
    namespace.update(torch=torch, nn=torch.nn, F=torch.nn.functional, math=__import__("math"))
    printed = Printed(Limits().stdout, stdout)
    text = Source(source, FILENAME, whole=True)
    failure: Circumstances | None = None
    notes: list[Note] = []
    if (origin := start.root) is not None:
        seen.passes.elsewhere = lambda: differentiable(origin.tensor(namespace, seen.watch.log))
    with _seeded(seed), _legible(source), seen.on(), _stdout(printed):
        try:
            exec(compiled.code, namespace)  # noqa: S102 - the snippet, in the sandbox or with the caller's own rights
        except Stop as stop:
            raise stop.error from None
        except ElsewhereError:
            notes.append(_left_out(text, seen, origin))
        except BaseException as problem:
            failure = _failure(problem, text, seen)
        if failure is None:
            failure = _implicit(seen, namespace, start, compiled.statements, notes)
    program = Program(source, seed, torch_version(), expanded)
    return _finish(
        seen,
        compiled.statements,
        text,
        program=program,
        stdout=printed.text(),
        notes=notes,
        failure=failure,
        results=[seen.result],
        keep=keep,
    )


@fewer_collections()
def run_callable(function: Callable[[], Any], *, seed: int, max_ops: int | None, derive: Derive | None) -> Trace:
    """Call `function` and record it."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    filename = code.co_filename if code is not None else "<unknown>"
    source, first = _text_of(code) if code is not None else ("", 1)
    text = Source(source, filename, first)
    seen = Observation(frozenset({filename}), max_ops, derive, hooks="hook" in text.text)
    printed = Printed(Limits().stdout, sys.stdout)
    failure: Circumstances | None = None
    notes: list[Note] = []
    result: Any = None
    with _seeded(seed), seen.on(), _stdout(printed):
        for name, value in _closed_over(function):
            seen.bind(-1, name, value)
        try:
            result = function()
        except Stop as stop:
            raise stop.error from None
        except Exception as problem:
            failure = _failure(problem, text, seen)
        seen.result = result
        if failure is None:
            failure = _implicit(seen, None, Start(), (), notes)
    program = Program(text.text, seed, torch_version(), False)
    return _finish(
        seen, (), text, program=program, stdout=printed.text(), notes=notes, failure=failure, results=[result]
    )


def _implicit(
    seen: Observation,
    namespace: dict[str, Any] | None,
    start: Start,
    statements: tuple[Any, ...],
    notes: list[Note],
) -> Circumstances | None:
    """The implicit pass, where the run made none or another is asked for; what PyTorch says where that can't be."""
    if (seen.passes.count or seen.passes.unseen) and start.root is None:
        if start.cotangent is not None:
            notes.append(Note("cotangent_unused", SEEDED, None, None))
        return None
    try:
        notes.extend(implicit_pass(seen, namespace, start, statements))
    except Stop as stop:
        raise stop.error from None
    except GradwalkError:
        raise
    except Exception as problem:
        return Circumstances(Failure("raised", type(problem).__name__, str(problem), None, None, None))
    return None


def _root(source: str, root: str | None, seed: int, max_ops: int | None) -> Root | None:
    """Where to start the pass from; to find a node of the Trace the snippet is run once before."""
    if root is None:
        return None
    read = read_root(root)
    if not read.name.startswith("@"):
        return read
    locating = Locating(read.name[1:])
    run_program(source, seed=seed, expanded=False, root=None, max_ops=max_ops, derive=None, keep=locating)
    return replace(read, place=locating.place, called=locating.called)


def _left_out(text: Source, seen: Observation, root: Root | None) -> Note:
    """What to say of the snippet's own pass, in whose place another one starts."""
    span = text.span(*seen.passes.cut) if seen.passes.cut is not None else None
    where = f", in line {span[0]}," if span else ""
    message = (
        f"The backward pass starts from {root.text if root else 'elsewhere'}. "
        f"The snippet's own{where} is left out, with what follows it."
    )
    return Note("root_elsewhere", message, span[0] if span else None, None)


def _finish(
    seen: Observation,
    statements: tuple[Any, ...],
    text: Source,
    *,
    program: Program,
    stdout: str,
    notes: list[Note],
    failure: Circumstances | None,
    results: list[Any],
    keep: Keep | None = None,
) -> Trace:
    watch = seen.watch
    log = watch.log
    notes.extend(transform_notes(seen.passes.unseen, text))
    with torch._C.DisableTorchFunctionSubclass(), torch.no_grad():
        notes.extend(nonleaf_notes(seen.nonleaf_grads, log, text))
        cuts = Cuts(log, seen.reads, text)
        notes.extend(cuts.notes())
        notes.extend(registered_notes(log, seen.optimizers, text))
        complete(seen)
        records = (keep.records if keep else Records)(log, seen.graph, watch.writes, statements)
        replay(records)
        if seen.passes.hooks:
            mark_hooks(records, seen.passes)
        else:
            for raw in records.passes:
                if raw.start.failed:
                    leave_out_paths(raw, records, ())
        mark_kept(records, records.show(tensors_in(results)))
        trace = Assembly(records, text).trace(program, stdout, notes, failure.failure if failure else None)
        trace = explained(trace, failure, Culprits(trace, log, cuts, text))
        if keep is not None:
            keep.done(seen, records, trace)
    empty = not trace.nodes and failure is None and not any(isinstance(entry, (Bound, OpRun)) for entry in log)
    seen.forget()
    if empty:
        raise GradwalkError(
            "no_tensor", "The snippet makes no tensor.", hint="Try w = torch.tensor(2., requires_grad=True)."
        )
    return trace


@contextlib.contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed the three generators for the run; put their states back, and the switches that a snippet may leave."""
    states = torch.default_generator.get_state(), random.getstate(), np.random.get_state()
    grad, dtype = torch.is_grad_enabled(), torch.get_default_dtype()
    torch.default_generator.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed % 2**32)
    try:
        yield
    finally:
        torch.default_generator.set_state(states[0])
        random.setstate(states[1])
        np.random.set_state(states[2])
        torch.set_grad_enabled(grad)
        torch.set_default_dtype(dtype)


@contextlib.contextmanager
def _legible(source: str) -> Iterator[None]:
    """Let the snippet read its own source, as a file can: tracebacks, `inspect.getsource` and TorchScript do."""
    linecache.cache[FILENAME] = (len(source), None, source.splitlines(keepends=True), FILENAME)
    try:
        yield
    finally:
        linecache.cache.pop(FILENAME, None)


@contextlib.contextmanager
def _stdout(printed: Printed) -> Iterator[None]:
    with contextlib.redirect_stdout(printed):
        yield


def _failure(problem: BaseException, text: Source, seen: Observation) -> Circumstances:
    with seen.watch.paused():
        return circumstances(problem, text, seen.watch.log)


@lru_cache(maxsize=64)
def _text_of(code: CodeType) -> tuple[str, int]:
    """The source of a function, and the line of its file at which it begins."""
    try:
        lines, first = inspect.getsourcelines(code)
    except (OSError, TypeError):
        return "", 1
    return "".join(lines), first


def _closed_over(function: Any) -> list[tuple[str, Any]]:
    """What a function refers to by name: tensors and modules, which keep these names."""
    try:
        variables = inspect.getclosurevars(function)
    except (TypeError, ValueError):
        return []
    every = {**variables.globals, **variables.nonlocals}
    return [(name, value) for name, value in every.items() if isinstance(value, (torch.Tensor, torch.nn.Module))]
