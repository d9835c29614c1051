"""The check of a parsed snippet: what it imports, names and calls that cannot run here, each told by line.

Courtesy to the user: whatever slips through meets the operating system's wall.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterable, Iterator

from app.core import allowed
from app.core.errors import GradwalkError
from app.core.syntax import column_of

Finding = tuple[ast.AST, str, str]
"""Where, the message, the hint."""


def refuse(tree: ast.Module, source: str) -> None:
    """Raise for the first thing, in the order of the text, that a snippet may not do.

    Raises:
        GradwalkError: `forbidden`, with line, column and what to write instead.
    """
    nodes = list(ast.walk(tree))
    bound = bound_names(nodes)
    paths = _Paths(nodes, bound)
    found: list[tuple[int, int, str, str]] = []
    for node in nodes:
        for place, message, hint in _findings(node, paths, bound):
            line = getattr(place, "lineno", 1)
            found.append((line, column_of(place, source), message, hint))
    if found:
        line, column, message, hint = min(found)
        raise GradwalkError("forbidden", message, line=line, column=column, hint=hint)


def bound_names(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """Every name that the snippet itself gives a meaning, by any statement but an import."""
    names: set[str | None] = set()
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.ExceptHandler(name=name) | ast.MatchAs(name=name) | ast.MatchStar(name=name):
                names.add(name)
            case ast.MatchMapping(rest=name):
                names.add(name)
    return frozenset(name for name in names if name is not None)


class _Paths:
    """Full paths of names and attributes: `F.relu` is `torch.nn.functional.relu`."""

    def __init__(self, nodes: Iterable[ast.AST], bound: frozenset[str]) -> None:
        self.aliases = {name: path for name, path in allowed.AT_HAND.items() if name not in bound}
        for node in nodes:
            if isinstance(node, ast.Import):
                for item in node.names:
                    first = item.name.partition(".")[0]
                    self.aliases[item.asname or first] = item.name if item.asname else first
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for item in node.names:
                    self.aliases[item.asname or item.name] = f"{node.module}.{item.name}"

    def of(self, node: ast.expr) -> str | None:
        names: list[str] = []
        while isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self.aliases:
            return None
        return ".".join([self.aliases[node.id], *reversed(names)])


def _findings(node: ast.AST, paths: _Paths, bound: frozenset[str]) -> Iterator[Finding]:
    match node:
        case ast.Import():
            for item in node.names:
                yield from _import(node, item.name)
        case ast.ImportFrom():
            yield from _import_from(node)
        case ast.Name(ctx=ast.Load()):
            yield from _name(node, bound)
        case ast.Attribute():
            yield from _attribute(node, paths)
        case ast.Call():
            yield from _call(node, paths, bound)


def _module_allowed(name: str) -> bool:
    below = any(name == package or name.startswith(package + ".") for package in allowed.PACKAGES)
    return (below or name in allowed.MODULES) and name not in allowed.PATHS


def _import(node: ast.AST, name: str) -> Iterator[Finding]:
    if _module_allowed(name):
        return
    first = name.partition(".")[0]
    instead = next((text for key, text in allowed.IMPORTS_INSTEAD.items() if key in (name, first)), "")
    if name in allowed.PATHS:
        instead = allowed.PATHS[name].instead
    if not instead:
        known = [*allowed.MODULES, *allowed.PACKAGES]
        similar = difflib.get_close_matches(name, known, 1, 0.75) or difflib.get_close_matches(first, known, 1, 0.75)
        instead = f"Did you mean {similar[0]}?" if similar else ""
    yield node, f"{name} cannot be imported here.", f"{instead} {allowed.ALLOWED_IN_WORDS}".strip()


def _import_from(node: ast.ImportFrom) -> Iterator[Finding]:
    if node.level:
        yield node, "A snippet is no package: there is nothing to import with a dot.", allowed.ALLOWED_IN_WORDS
        return
    module = node.module or ""
    if not _module_allowed(module):
        yield from _import(node, module)
        return
    for item in node.names:
        path = f"{module}.{item.name}"
        if path in allowed.PATHS:
            yield _said(item, path, allowed.PATHS[path])
        elif module == "torch.utils" and item.name != "checkpoint":
            yield from _import(node, path)


def _name(node: ast.Name, bound: frozenset[str]) -> Iterator[Finding]:
    if node.id in bound:
        return
    if node.id in allowed.NAMES:
        yield _said(node, node.id, allowed.NAMES[node.id])
    elif _is_dunder(node.id) and node.id not in allowed.OWN_NAMES:
        yield node, f"{node.id} cannot be used here.", "Use public names, without double underscores."


def _attribute(node: ast.Attribute, paths: _Paths) -> Iterator[Finding]:
    path = paths.of(node)
    if path in allowed.PATHS:
        yield _said(node, ast.unparse(node), allowed.PATHS[path])
    elif _is_dunder(node.attr) and node.attr not in allowed.ATTRIBUTES:
        instead = "Write vars(x) for an object's own variables." if node.attr == "__dict__" else ""
        yield (
            node,
            f".{node.attr} cannot be used here.",
            instead or "Use public attributes, without double underscores.",
        )


def _call(node: ast.Call, paths: _Paths, bound: frozenset[str]) -> Iterator[Finding]:
    path = paths.of(node.func)
    if path in allowed.NEED_ARGUMENT and not node.args and not node.keywords:
        yield _said(node, f"{path}()", allowed.NEED_ARGUMENT[path])
    if isinstance(node.func, ast.Name) and node.func.id in ("getattr", "hasattr", "setattr", "delattr"):
        yield from _attribute_by_text(node, bound)
    for keyword in node.keywords:
        if keyword.arg == "num_workers" and isinstance(keyword.value, ast.Constant) and keyword.value.value:
            yield keyword.value, "A DataLoader cannot have workers: a snippet is one process.", "Write num_workers=0."
        if keyword.arg == "device" and _is_device(keyword.value):
            yield _said(keyword.value, ast.unparse(keyword), allowed.NO_DEVICE)
    if isinstance(node.func, ast.Attribute):
        if node.func.attr in allowed.DEVICE_METHODS and path is None:
            yield _said(node, f".{node.func.attr}()", allowed.NO_DEVICE)
        if node.func.attr == "to" and node.args and _is_device(node.args[0]):
            yield _said(node.args[0], f".to({ast.unparse(node.args[0])})", allowed.NO_DEVICE)


def _attribute_by_text(node: ast.Call, bound: frozenset[str]) -> Iterator[Finding]:
    assert isinstance(node.func, ast.Name)
    if node.func.id in bound or len(node.args) < 2:
        return
    match node.args[1]:
        case ast.Constant(value=str(name)) if _is_dunder(name) and name not in allowed.ATTRIBUTES:
            yield node.args[1], f"{name} cannot be used here.", "Use public attributes, without double underscores."


def _is_device(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.partition(":")[0] in allowed.DEVICES
    )


def _is_dunder(name: str) -> bool:
    return len(name) > 4 and name.startswith("__") and name.endswith("__")


def _said(node: ast.AST, what: str, refusal: allowed.Refusal) -> Finding:
    return node, f"{what} cannot be used here: {refusal.why}.", refusal.instead
