"""A program as tokens and top-level statements with their places, for changes that keep all else as it was typed.

Reads text without parsing it, so that the server may do it: deep nesting costs nothing here. Lines count from 1,
columns from 0 in characters.
"""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.core.errors import GradwalkError

Place = tuple[int, int]
"""Line and column."""

_LAYOUT = {
    tokenize.NL, tokenize.COMMENT, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER,
}  # fmt: skip
_GO_ON = {"elif", "else", "except", "finally"}


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `text` in place of what stands from `start` to `end`."""

    start: Place
    end: Place
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A top-level statement with all that is indented under it. `tokens`: without comments and layout."""

    first: int
    last: int
    tokens: tuple[tokenize.TokenInfo, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The texts of its tokens."""
        return tuple(token.string for token in self.tokens)


def tokens(source: str) -> list[tokenize.TokenInfo]:
    """All tokens of a program.

    Raises:
        GradwalkError: `syntax_error` where the text is none.
    """
    try:
        return list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError, ValueError):
        raise GradwalkError("syntax_error", "This program cannot be read.", hint="Run it first.") from None


def statements(source: str) -> list[Statement]:
    """The top-level statements in their order."""
    found: list[list[tokenize.TokenInfo]] = []
    depth, fresh, decorated = 0, True, False
    for token in tokens(source):
        depth += (token.type == tokenize.INDENT) - (token.type == tokenize.DEDENT)
        if token.type in _LAYOUT:
            fresh = fresh or token.type == tokenize.NEWLINE
            continue
        if fresh and depth == 0:
            if not (found and (token.string in _GO_ON or decorated)):
                found.append([])
            decorated = token.string == "@"
        fresh = False
        found[-1].append(token)
    return [Statement(parts[0].start[0], parts[-1].end[0], tuple(parts)) for parts in found]


def within(all_tokens: Iterable[tokenize.TokenInfo], start: Place, end: Place) -> list[tokenize.TokenInfo]:
    """The tokens between two places, without comments and layout."""
    return [token for token in all_tokens if token.type not in _LAYOUT and start <= token.start and token.end <= end]


def edited(source: str, edits: Sequence[Edit]) -> str:
    """The text with edits that do not overlap."""
    lines = source.split("\n")
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        (top, left), (bottom, right) = edit.start, edit.end
        inserted = (lines[top - 1][:left] + edit.text + lines[bottom - 1][right:]).split("\n")
        lines[top - 1 : bottom] = inserted
    return "\n".join(lines)


def indented(source: str, first: int, last: int) -> list[str]:
    """Lines `first` to `last`, four spaces further in; what lies inside a text of several lines stays."""
    inside = {
        line
        for token in tokens(source)
        if token.type not in _LAYOUT and token.end[0] > token.start[0]
        for line in range(token.start[0] + 1, token.end[0] + 1)
    }
    lines = source.split("\n")
    return [
        lines[number - 1] if number in inside or not lines[number - 1].strip() else "    " + lines[number - 1]
        for number in range(first, last + 1)
    ]
