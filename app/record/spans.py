"""From a user's code object and instruction to line, span, source text and the name of what is called there."""

from __future__ import annotations

import ast
import textwrap
from copy import deepcopy
from functools import lru_cache
from types import CodeType

from app.core.trace import Span

LONGEST_TEXT = 80
LIBRARIES = frozenset({"torch", "nn", "F", "math", "np"})


class Source:
    """The text of one snippet; `first` is the line of its file at which it begins, `whole` that it is a whole file."""

    def __init__(self, text: str, filename: str, first: int = 1, *, whole: bool = False) -> None:
        self.text = text
        self.filename = filename
        self.first = first
        self.lines = text.split("\n")
        self.whole = whole
        self._positions: dict[CodeType, list[tuple[int | None, int | None, int | None, int | None]]] = {}
        self._spans: dict[tuple[CodeType, int], Span | None] = {}
        self._calls: dict[tuple[int, int, int, int], str | None] | None = None
        self._texts: dict[Span, str | None] = {}
        self._tree: ast.Module | None = None

    @property
    def tree(self) -> ast.Module:
        """The syntax of the text, with the lines and columns that it has in its file; see `syntax_of`."""
        if self._tree is None:
            shared = syntax_of(self.text)
            indent = len(self.text) - len(self.text.lstrip(" \t")) if shared.body else 0
            self._tree = deepcopy(shared) if indent or self.first > 1 else shared
            for node in ast.walk(self._tree) if indent or self.first > 1 else ():
                if isinstance(node, (ast.expr, ast.stmt)):
                    node.lineno += self.first - 1
                    node.end_lineno = (node.end_lineno or 0) + self.first - 1
                    node.col_offset += indent
                    node.end_col_offset = (node.end_col_offset or 0) + indent
        return self._tree

    def span(self, code: CodeType | None, lasti: int) -> Span | None:
        """The expression that an instruction belongs to."""
        if code is None or lasti < 0 or code.co_filename != self.filename:
            return None
        key = (code, lasti)
        if key not in self._spans:
            positions = self._positions.get(code)
            if positions is None:
                positions = self._positions[code] = list(code.co_positions())
            raw = positions[lasti // 2] if lasti // 2 < len(positions) else (None, None, None, None)
            self._spans[key] = self._in_characters(*raw)
        return self._spans[key]

    def of_statement(self, raw: tuple[int, int, int, int]) -> Span | None:
        """The span of a syntax node given as (line, column, last line, last column) in bytes."""
        line, column, last_line, last_column = raw
        return self._in_characters(line, last_line, column, last_column)

    def _in_characters(self, line: int | None, last: int | None, column: int | None, end: int | None) -> Span | None:
        if line is None or last is None or column is None or end is None:
            return None
        line, last = line - self.first + 1, last - self.first + 1
        if not 1 <= line <= last <= len(self.lines):
            return None
        return line, _characters(self.lines[line - 1], column), last, _characters(self.lines[last - 1], end)

    def text_of(self, span: Span | None) -> str | None:
        """The source of a span on one line, shortened where it is long."""
        if span is None:
            return None
        if span not in self._texts:
            line, column, last, end = span
            if line == last:
                text = self.lines[line - 1][column:end]
            else:
                rows = [self.lines[line - 1][column:], *self.lines[line : last - 1], self.lines[last - 1][:end]]
                text = " ".join(row.strip() for row in rows)
            text = text.strip()
            self._texts[span] = text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
        return self._texts[span]

    def callee(self, span: Span | None) -> str | None:
        """`torch.relu` where the span is a call of a library function, `Tensor.sum` of a method; else None."""
        if span is None or not self.whole:
            return None
        if self._calls is None:
            self._calls = {}
            for node in ast.walk(self.tree):
                if isinstance(node, ast.Call):
                    raw = (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)
                    place = self.of_statement(raw)
                    if place is not None:
                        self._calls[place] = _name_of(node.func)
        return self._calls.get(span)


@lru_cache(maxsize=8)
def syntax_of(source: str) -> ast.Module:
    """The syntax of a program, or of a function's indented source, from its own line 1; empty where it can't be read by
    itself, as a lambda's line. It is shared, so that it must not be changed.
    """
    try:
        return ast.parse(textwrap.dedent(source))
    except SyntaxError:
        return ast.Module([], [])


def _characters(line: str, octets: int) -> int:
    return octets if line.isascii() else len(line.encode("utf-8", "surrogatepass")[:octets].decode("utf-8", "replace"))


def _name_of(function: ast.expr) -> str | None:
    parts: list[str] = []
    node = function
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name) and node.id in LIBRARIES and parts:
        return ".".join([node.id, *reversed(parts)])
    return f"Tensor.{parts[0]}" if parts else None
