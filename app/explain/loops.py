"""Which steps of a walk form an iteration of a training run, read from the program's loops and the order of the lines.

An iteration is one turn of the innermost loop around a backward pass; where there is no loop, what lies between two
updates that follow a pass each.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from app.core.trace import Pass, SetTensor, Step, Trace


@dataclass(frozen=True, slots=True)
class Iteration:
    """The steps from `first` to `last`, both inclusive, and the passes that start within them."""

    first: int
    last: int
    passes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Body:
    """The lines of a loop or function: a line within one of its own loops counts as that loop's first."""

    first: int
    last: int
    loops: tuple[tuple[int, int], ...]
    functions: tuple[tuple[int, int], ...]
    """The functions elsewhere, which it may call."""

    def place(self, line: int) -> int | None:
        """Where a line stands in the body, None outside; a turn of an inner loop stays where it is."""
        if not self.first <= line <= self.last:
            return None
        return next((start for start, end in self.loops if start <= line <= end), line)

    def calls(self, line: int) -> bool:
        """Whether the line belongs to a function elsewhere."""
        return any(start <= line <= end for start, end in self.functions)


_Block = ast.For | ast.While | ast.FunctionDef


def iterations(trace: Trace) -> tuple[Iteration, ...]:
    """The iterations in order, never overlapping; empty where there are less than two."""
    seeds = {step.pass_: step.index for step in trace.steps if step.kind == "seed" and step.pass_ is not None}
    passes = [one for one in trace.passes if one.within is None and not one.implicit and one.index in seeds]
    if len(passes) < 2:
        return ()
    starts = _turns(trace, passes, seeds) or _between_updates(trace, passes, seeds)
    found = []
    for first, after in pairwise(starts):
        inside = tuple(one.index for one in passes if first <= seeds[one.index] < after)
        if inside:
            found.append(Iteration(first, after - 1, inside))
    return tuple(found) if len(found) > 1 else ()


def _turns(trace: Trace, passes: list[Pass], seeds: dict[int, int]) -> list[int]:
    """The steps at which a turn of the loop around the most passes starts, and the step behind the last turn."""
    bodies = {}
    for line in sorted({one.line for one in passes if one.line is not None}):
        body = _body(trace.program.source, line)
        if body is not None:
            bodies[body.first, body.last] = body
    runs = [_starts(trace.steps, body) for body in bodies.values()]
    useful = [run for run in runs if sum(run[0] <= seeds[one.index] < run[-1] for one in passes) > 1]
    return max(useful, key=len, default=[])


def _starts(steps: tuple[Step, ...], body: _Body) -> list[int]:
    """Where the line goes back. Steps of functions that the body calls belong to the turn that follows them."""
    starts: list[int] = []
    former = called = None
    end = 0
    for step in steps:
        if step.line is None:
            continue
        place = body.place(step.line)
        if place is not None:
            if former is None or place < former:
                starts.append(step.index if called is None else called)
            former, called, end = place, None, step.index + 1
        elif not body.calls(step.line):
            called = None
        elif called is None:
            called = step.index
    return [*starts, end] if starts else [0]


def _between_updates(trace: Trace, passes: list[Pass], seeds: dict[int, int]) -> list[int]:
    """The same for a program that writes its iterations out: each ends with the updates after its pass."""
    starts = [next((step.index for step in trace.steps if step.kind == "compute"), 0)]
    untils = [*(seeds[one.index] for one in passes[1:]), len(trace.steps)]
    for one, until in zip(passes, untils, strict=True):
        end = next((step.index for step in trace.steps[seeds[one.index] : until] if _moves(step)), None)
        if end is not None:
            while end < until and trace.steps[end].kind == "update":
                end += 1
            starts.append(end)
    return starts


def _moves(step: Step) -> bool:
    return step.kind == "update" and any(isinstance(item, SetTensor) for item in step.sets)


def _body(source: str, line: int) -> _Body | None:
    """The innermost loop around a line, else the function around it."""
    try:
        blocks = list(_blocks(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    around = [block for block in blocks if _first(block) <= line <= _last(block)]
    loops = [block for block in around if not isinstance(block, ast.FunctionDef)]
    chosen = max(loops or around, key=_first, default=None)
    if chosen is None:
        return None
    inside = [block for statement in chosen.body for block in _blocks(statement)]
    elsewhere = [block for block in blocks if isinstance(block, ast.FunctionDef) and block not in around]
    return _Body(
        _first(chosen),
        _last(chosen),
        tuple((_first(block), _last(block)) for block in inside if not isinstance(block, ast.FunctionDef)),
        tuple((_first(block), _last(block)) for block in elsewhere if block not in inside),
    )


def _blocks(tree: ast.AST) -> Iterator[_Block]:
    return (block for block in ast.walk(tree) if isinstance(block, _Block))


def _first(block: _Block) -> int:
    return block.lineno


def _last(block: _Block) -> int:
    return block.end_lineno or block.lineno
