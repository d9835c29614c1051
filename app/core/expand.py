"""A bare expression such as `relu(w*x + b)` made into a program that the user sees.

A snippet is a bare expression when it is one expression statement in which some name is bound by nothing: not by the
expression, not by Python, not at hand. So `torch.tensor(2., requires_grad=True) * 3` is a program.
"""

from __future__ import annotations

import ast
import builtins
import difflib
import io
import symtable
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count

from app.core.allowed import AT_HAND
from app.core.errors import GradwalkError
from app.core.let import LetValue, tensor_source
from app.core.mathnames import CONSTANTS, FUNCTIONS, NEED_DIM, OVER_ITEMS
from app.core.syntax import FILENAME, characters, column_of

FIRST_VALUES = (2, 3, 1)
"""Values of the first free names; 4, 5, 6, … follow."""
RESULTS = ("y", "z", "out", "result")
_OTHER_LIBRARIES = frozenset({"np", "numpy", "plt", "tf", "jnp", "jax", "sp", "scipy", "pd", "random", "itertools"})


@dataclass(frozen=True, slots=True)
class _Edit:
    """Put `text` in place of the `length` characters at a line (from 1) and column."""

    line: int
    column: int
    length: int
    text: str


def is_bare(tree: ast.Module, source: str) -> bool:
    """Whether a snippet is a bare expression."""
    return (
        len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr) and bool(_free_names(source) - _modules_used(tree))
    )


def expand(tree: ast.Module, source: str, let: dict[str, LetValue]) -> str:
    """The program of a bare expression; the expression keeps the user's own spelling.

    Raises:
        GradwalkError: `syntax_error` for a function that is none, `^`, or a name of another library;
            `bad_view` when `let` names what the expression does not have.
    """
    free = _free_names(source) - _modules_used(tree)
    uses = sorted(
        (node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in free),
        key=lambda node: (node.lineno, node.col_offset),
    )
    functions = _functions_called(tree, free, source)
    called = {id(function) for function, _path in functions}
    _refuse_power(tree, source)
    leaves: dict[str, None] = {}
    edits = [_edit(function, path, source) for function, path in functions]
    edits.extend(_dims(tree, called, source))
    for name in uses:
        if id(name) in called:
            continue
        if name.id in CONSTANTS and name.id not in let:
            edits.append(_edit(name, CONSTANTS[name.id], source))
        else:
            leaves[name.id] = None
    _refuse_unknown(let, leaves)
    first = tree.body[0]
    result = next(chain((r for r in RESULTS if r not in leaves), (f"y{i}" for i in count() if f"y{i}" not in leaves)))
    edits.append(_Edit(first.lineno, column_of(first, source), 0, f"{result} = "))
    return "\n".join([*_leaf_lines(leaves, let), _edited(source, edits).strip("\n")]) + "\n"


def _leaf_lines(leaves: dict[str, None], let: dict[str, LetValue]) -> Iterator[str]:
    values = chain(FIRST_VALUES, count(max(FIRST_VALUES) + 1))
    for name, value in zip(leaves, values, strict=False):
        text = tensor_source(let[name]) if name in let else f"{value}."
        yield f"{name} = torch.tensor({text}, requires_grad=True)"


def _free_names(source: str) -> frozenset[str]:
    """Names that the snippet uses and neither it nor Python binds; functions of mathematics count as free."""
    module = symtable.symtable(source, FILENAME, "exec")
    own = {symbol.get_name() for symbol in module.get_symbols() if symbol.is_assigned()}
    free: set[str] = set()
    tables = [module]
    while tables:
        table = tables.pop()
        tables.extend(table.get_children())
        outermost = table is module
        free.update(s.get_name() for s in table.get_symbols() if s.is_referenced() and (outermost or s.is_global()))
    known = set(dir(builtins)) - set(FUNCTIONS) - set(CONSTANTS)
    return frozenset(free - own - known)


def _modules_used(tree: ast.Module) -> frozenset[str]:
    """Names at hand that are used as modules (`F.relu`, `getattr(F, …)`); a lone `F` is a free name like any other."""
    used: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case (
                ast.Attribute(value=ast.Name(id=name))
                | ast.Call(func=ast.Name("getattr"), args=[ast.Name(id=name), *_])
            ):
                used.add(name)
    return frozenset(used & set(AT_HAND))


def _functions_called(tree: ast.Module, free: frozenset[str], source: str) -> list[tuple[ast.Name, str]]:
    """Free names that are called, with what each is in torch (or Python's own, for items written out)."""
    functions = []
    for node in sorted(ast.walk(tree), key=lambda node: (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in free:
            _refuse_library(node.value, source)
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in free):
            continue
        name = node.func
        if name.id not in FUNCTIONS:
            raise _unknown_function(name, source)
        over_items = name.id in OVER_ITEMS and bool(node.args) and isinstance(node.args[0], _ITEMS)
        functions.append((name, name.id if over_items else FUNCTIONS[name.id]))
    return functions


_ITEMS = (ast.List, ast.Tuple, ast.Set, ast.GeneratorExp, ast.ListComp)


def _dims(tree: ast.Module, called: set[int], source: str) -> Iterator[_Edit]:
    """`dim=-1` for the functions that need a `dim` and are given one argument only."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and id(node.func) in called):
            continue
        if node.func.id in NEED_DIM and len(node.args) == 1 and not node.keywords:
            line = source.split("\n")[(node.end_lineno or 1) - 1]
            end = characters(line, node.end_col_offset or 0) - 1
            comma = " " if line[:end].rstrip().endswith(",") else ", "
            yield _Edit(node.end_lineno or 1, end, 0, f"{comma}dim=-1")


def _edit(name: ast.Name, text: str, source: str) -> _Edit:
    return _Edit(name.lineno, column_of(name, source), len(_spelt(name, source)), text)


def _spelt(name: ast.Name, source: str) -> str:
    """The name as typed, which `ast` may have normalised."""
    line = source.split("\n")[name.lineno - 1]
    return line[column_of(name, source) : characters(line, name.end_col_offset or 0)]


def _edited(source: str, edits: list[_Edit]) -> str:
    lines = source.split("\n")
    for edit in sorted(edits, key=lambda edit: (edit.line, edit.column, edit.length), reverse=True):
        line = lines[edit.line - 1]
        lines[edit.line - 1] = line[: edit.column] + edit.text + line[edit.column + edit.length :]
    return "\n".join(lines)


def _unknown_function(name: ast.Name, source: str) -> GradwalkError:
    near = difflib.get_close_matches(name.id, FUNCTIONS, n=1, cutoff=0.7)
    hint = f"Did you mean {near[0]}? " if near else ""
    return GradwalkError(
        "syntax_error",
        f"{name.id}(…) is no function known here.",
        line=name.lineno,
        column=column_of(name, source),
        hint=f"{hint}For a product write {name.id}*(…); for another function of torch write torch.… or F.…",
    )


def _refuse_library(name: ast.Name, source: str) -> None:
    if name.id in _OTHER_LIBRARIES:
        raise GradwalkError(
            "syntax_error",
            f"{name.id} is not at hand in an expression.",
            line=name.lineno,
            column=column_of(name, source),
            hint="Write torch's function, such as torch.sin(x) or sin(x).",
        )


def _refuse_power(tree: ast.Module, source: str) -> None:
    if not any(isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitXor) for node in ast.walk(tree)):
        return
    powers = [token for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.string == "^"]
    line, column = powers[0].start
    meant = _edited(source, [_Edit(*power.start, 1, "**") for power in powers]).strip()
    raise GradwalkError(
        "syntax_error",
        "In Python ^ is not a power.",
        line=line,
        column=column,
        hint=f"Write {meant}" if len(meant) < 80 else "Write ** for a power.",
    )


def _refuse_unknown(let: dict[str, LetValue], leaves: dict[str, None]) -> None:
    unknown = [name for name in let if name not in leaves]
    if unknown:
        names = ", ".join(leaves) or "none"
        raise GradwalkError(
            "bad_view", f"let: the expression has no free name {unknown[0]}.", hint=f"Its free names are: {names}."
        )
