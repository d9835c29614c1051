"""Compiles a snippet so that it says which names it binds and which statements have run.

Calls are put in after statements, under names that no snippet can spell; line and column of everything else stay.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from types import CodeType
from typing import Any

from app.core.syntax import parse

FILENAME = "<snippet>"
BIND, DONE, HEAD, RESULT, GRAD_OF = "@bind", "@done", "@head", "@result", "@grad_of"
"""Names of the calls put in; they live in the snippet's builtins."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of the source."""

    span: tuple[int, int, int, int]
    module_level: bool
    argument: bool = False
    """It is no statement but an argument of a function."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A snippet ready to run."""

    code: CodeType
    statements: tuple[Statement, ...]


def compile_program(source: str) -> Compiled:
    """Parse and instrument `source`.

    Raises:
        GradwalkError: `syntax_error`, with the place.
    """
    try:
        tree = ast.parse(source, FILENAME)
        instrument = _Instrument()
        instrument.module(tree)
        code = compile(tree, FILENAME, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        parse(source)  # says it better
        raise
    return Compiled(code, tuple(instrument.statements))


class _Instrument:
    """Adds the calls to every list of statements; explicit stacks, as snippets may nest deeply."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []

    def module(self, tree: ast.Module) -> None:
        last = tree.body[-1] if tree.body else None
        if isinstance(last, ast.Expr):
            number = self._number(last, module_level=True)
            last.value = _call(RESULT, [_constant(number, last), last.value], last)
        todo: list[tuple[list[ast.stmt], bool]] = [(tree.body, True)]
        while todo:
            body, module_level = todo.pop()
            for statement in body:
                todo.extend(_bodies(statement, module_level))
            body[:] = [new for statement in body for new in self._with_calls(statement, module_level)]
            for statement in body:
                self._open(statement, module_level)
        matched = {id(part) for case in ast.walk(tree) if isinstance(case, ast.pattern) for part in ast.walk(case)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr == "grad" and isinstance(node.ctx, ast.Load):
                if id(node) in matched:
                    continue  # a pattern takes no call
                node.value = _call(GRAD_OF, [node.value], node.value)

    def _with_calls(self, statement: ast.stmt, module_level: bool) -> list[ast.stmt]:
        if getattr(statement, "ours", False):
            return [statement]
        if isinstance(statement, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if isinstance(statement, ast.AnnAssign) and statement.value is None:
                return [statement]
            number = self._number(statement, module_level)
            names = [name for target in targets for name in _names(target)]
            out: list[ast.stmt] = [statement, *(self._bind(number, name, statement) for name in names)]
            if _writes(statement):
                out.append(_statement(DONE, [_constant(number, statement)], statement))
            return out
        if isinstance(statement, (ast.Expr, ast.Delete)) and _writes(statement):
            number = self._number(statement, module_level)
            return [statement, _statement(DONE, [_constant(number, statement)], statement)]
        return [statement]

    def _open(self, statement: ast.stmt, module_level: bool) -> None:
        """Bind what a loop, a `with` or a function binds on entry; say when its head has run."""
        self._head(statement, module_level)
        places: list[tuple[str, ast.expr | ast.arg]] = []
        if isinstance(statement, (ast.For, ast.AsyncFor)):
            places = [(name, statement.target) for name in _names(statement.target)]
        elif isinstance(statement, (ast.With, ast.AsyncWith)):
            targets = [item.optional_vars for item in statement.items if item.optional_vars]
            places = [(name, target) for target in targets for name in _names(target)]
        elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            arguments = statement.args
            every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
            places = [(a.arg, a) for a in every if a.arg not in {"self", "cls", "ctx"}]
        if not places or not isinstance(statement, _OPENING):
            return
        calls = [self._bind(self._number(place, module_level), name, statement) for name, place in places]
        first = statement.body[0]
        documented = (
            isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef))
            and isinstance(first, ast.Expr)
            and isinstance(first.value, ast.Constant)
            and isinstance(first.value.value, str)
        )
        statement.body[int(documented) : int(documented)] = calls

    def _head(self, statement: ast.stmt, module_level: bool) -> None:
        """`if opt.step() is None:` may write leaves before anything of its body runs."""
        for field in ("test", "iter"):
            head = getattr(statement, field, None)
            if head is not None and any(isinstance(part, ast.Call) for part in ast.walk(head)):
                number = self._number(head, module_level)
                setattr(statement, field, _call(HEAD, [_constant(number, head), head], head))

    def _bind(self, number: int, name: str, at: ast.stmt) -> ast.stmt:
        load = ast.copy_location(ast.Name(name, ast.Load()), at)
        return _statement(BIND, [_constant(number, at), _constant(name, at), load], at)

    def _number(self, statement: ast.stmt | ast.expr | ast.arg, module_level: bool) -> int:
        span = (statement.lineno, statement.col_offset, statement.end_lineno or 0, statement.end_col_offset or 0)
        self.statements.append(Statement(span, module_level, isinstance(statement, ast.arg)))
        return len(self.statements) - 1


_OPENING = (ast.For, ast.AsyncFor, ast.With, ast.AsyncWith, ast.FunctionDef, ast.AsyncFunctionDef)


def _bodies(statement: ast.stmt, module_level: bool) -> list[tuple[list[ast.stmt], bool]]:
    inside = module_level and not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    out = []
    for field in ("body", "orelse", "finalbody"):
        body = getattr(statement, field, None)
        if body:
            out.append((body, inside))
    parts: list[Any] = [*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())]
    out.extend((part.body, inside) for part in parts)
    return out


def _names(target: ast.expr) -> list[str]:
    if isinstance(target, ast.Name):
        return [target.id]
    if isinstance(target, ast.Starred):
        return _names(target.value)
    if isinstance(target, (ast.Tuple, ast.List)):
        return [name for item in target.elts for name in _names(item)]
    return []


def _writes(statement: ast.stmt) -> bool:
    """Whether it may write a tensor: it calls something, or sets an attribute or an element."""
    return isinstance(statement, (ast.AugAssign, ast.Delete)) or any(
        isinstance(part, ast.Call)
        or (isinstance(part, (ast.Attribute, ast.Subscript)) and isinstance(part.ctx, ast.Store))
        for part in ast.walk(statement)
    )


def _constant(value: object, at: ast.stmt | ast.expr) -> ast.expr:
    return ast.copy_location(ast.Constant(value), at)  # type: ignore[arg-type]


def _call(name: str, args: list[ast.expr], at: ast.stmt | ast.expr) -> ast.expr:
    function = ast.copy_location(ast.Name(name, ast.Load()), at)
    return ast.copy_location(ast.Call(function, args, []), at)


def _statement(name: str, args: list[ast.expr], at: ast.stmt) -> ast.stmt:
    new = ast.copy_location(ast.Expr(_call(name, args, at)), at)
    new.ours = True  # type: ignore[attr-defined]
    return new
