"""Where a plain number or array goes that was taken out of the graph: by the names in the source, not by values.

An approximation: of a name, the assignment last above its use counts, else (in a loop) any; branches aren't told apart.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from app.core.trace import Span
from app.record.spans import Source

STATEMENTS = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.NamedExpr)

COPYING = frozenset({"tensor", "as_tensor", "Tensor", "FloatTensor", "DoubleTensor"})
MOST_PARTS = 64


class Flows:
    """The assignments of a program and what each reads."""

    def __init__(self, text: Source) -> None:
        self._text = text
        self._tree = text.tree
        self._assigned: dict[str, list[tuple[int, ast.AST]]] = {}
        """Of each name the lines and statements that give it a value; of a function those that return one."""
        self._statements: list[tuple[ast.AST, frozenset[str]]] = []
        self._loads: dict[ast.AST, list[tuple[str, int]]] = {}
        self._met: dict[tuple[Span, Span], bool] = {}
        self._by_span: dict[Span | None, ast.AST] = {}
        for node in ast.walk(self._tree):
            self._by_span.setdefault(self.span(node), node)
        self._collect(self._tree, None)

    def _collect(self, parent: ast.AST, function: str | None) -> None:
        for node in ast.iter_child_nodes(parent):
            inner = node.name if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else function
            targets = _targets(node, function)
            for name in targets:
                self._assigned.setdefault(name, []).append((getattr(node, "lineno", 0), node))
            if targets:
                self._statements.append((node, targets))
            self._collect(node, inner)

    def reached(self, seed: Span) -> set[ast.AST]:
        """The statements whose values come from the expression at `seed`, its own among them."""
        found = {node for node, _ in self._statements if self._holds(node, seed)}
        grown = True
        while grown:
            more = {node for node, _ in self._statements if node not in found and self._reads(node, found)}
            grown = bool(more)
            found |= more
        return found

    def copies(self) -> Iterator[tuple[Span, list[ast.expr], bool]]:
        """The calls that copy numbers into a new tensor (`torch.tensor([a, b])`, `nn.Parameter(a * 2)`): what they
        copy, and whether they make a new leaf.
        """
        for node in ast.walk(self._tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = ast.unparse(node.func).rpartition(".")[2]
            listed = isinstance(node.args[0], (ast.List, ast.Tuple))
            span = self.span(node)
            if span is not None and (name == "Parameter" or (listed and name in COPYING)):
                parts = [part for part in ast.walk(node.args[0]) if isinstance(part, ast.expr)] if listed else node.args
                leaf = any(one.arg == "requires_grad" and ast.unparse(one.value) == "True" for one in node.keywords)
                yield span, parts[:MOST_PARTS], leaf or name == "Parameter"

    def meets(self, span: Span, seed: Span, reached: set[ast.AST]) -> bool:
        """Whether the expression at `span` is made of what comes from `seed`."""
        key = span, seed
        if key not in self._met:
            node = self._by_span.get(span)
            self._met[key] = node is not None and (_within(seed, span) or self._reads(node, reached))
        return self._met[key]

    def _reads(self, node: ast.AST, statements: set[ast.AST]) -> bool:
        loads = self._loads.get(node)
        if loads is None:
            loads = self._loads[node] = list(_loads(node))
        for name, line in loads:
            places = self._assigned.get(name, [])
            if not any(statement in statements for _, statement in places):
                continue
            before = [statement for at, statement in places if at < line]
            if not before or before[-1] in statements:
                return True
        return False

    def _holds(self, node: ast.AST, seed: Span) -> bool:
        span = self.span(node)
        return span is not None and _within(seed, span)

    def span(self, node: ast.AST) -> Span | None:
        if not isinstance(node, (ast.expr, ast.stmt)):
            return None
        return self._text.of_statement((node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0))


def _targets(node: ast.AST, function: str | None) -> frozenset[str]:
    match node:
        case ast.Assign(targets=targets):
            return frozenset(name for target in targets for name in _names(target))
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target) | ast.NamedExpr(target=target):
            return frozenset(_names(target))
        case ast.Return() if function is not None:
            return frozenset((function,))
    return frozenset()


def _names(target: ast.expr) -> Iterator[str]:
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield f".{node.attr}"


def _loads(node: ast.AST) -> Iterator[tuple[str, int]]:
    value = getattr(node, "value", node) if isinstance(node, STATEMENTS) else node
    for part in ast.walk(value) if value is not None else ():
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
            yield part.id, part.lineno
        elif isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Load):
            yield f".{part.attr}", part.lineno
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        yield node.target.id, node.lineno


def _within(inner: Span, outer: Span) -> bool:
    return outer[:2] <= inner[:2] and inner[2:] <= outer[2:]
