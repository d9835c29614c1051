"""What becomes of a snippet before it runs: cleaned of what pasting added, parsed, checked, expanded, its notes read.

Runs where the snippet runs, in the sandbox's child: parsing hostile text is work for a process that may die.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from app.core.errors import GradwalkError
from app.core.expand import expand, is_bare
from app.core.let import parse_let
from app.core.limits import Limits
from app.core.notes import notes_by_line
from app.core.paste import normalise, without_paste
from app.core.refusal import refuse
from app.core.syntax import parse


@dataclass(frozen=True, slots=True)
class Prepared:
    """A program ready to run. `notes_by_line`: the `#:` comments, by line of `source` from 1."""

    source: str
    expanded: bool
    notes_by_line: dict[int, str]


def prepare(source: str, *, let: str | None = None, checked: bool = True, limit: int = Limits().source) -> Prepared:
    """The program of a snippet.

    `let` gives values to the free names of a bare expression. `checked=False` leaves out the check of what is imported
    and called. `limit` is the most characters.

    Raises:
        GradwalkError: `too_long`, `syntax_error`, `forbidden` or `no_tensor` (nothing to run), with line, column and
            hint; `bad_view` where `let` does not fit.
    """
    if len(source) > limit:
        raise GradwalkError(
            "too_long",
            f"The snippet has {len(source):,} characters; {limit:,} are the most.",
            hint="Keep the part that makes the graph.",
        )
    values = parse_let(let) if let and let.strip() else {}
    source = normalise(source)
    try:
        tree = parse(source)
    except GradwalkError as error:
        source, tree = _unpasted(source, error)
    if not tree.body:
        raise GradwalkError("no_tensor", "There is nothing to run.", hint="Try relu(w*x + b).")
    if checked:
        refuse(tree, source)
    expanded = is_bare(tree, source)
    if expanded:
        source = expand(tree, source, values)
        parse(source)
    elif values:
        raise GradwalkError(
            "bad_view", "let gives values to the free names of an expression; this is a program.", hint="Leave let out."
        )
    return Prepared(source, expanded, notes_by_line(source))


def _unpasted(source: str, error: GradwalkError) -> tuple[str, ast.Module]:
    """The program inside a text that does not parse, or the error of the text."""
    cleaned = without_paste(source)
    if cleaned == source:
        raise error
    try:
        return cleaned, parse(cleaned)
    except GradwalkError as inner:
        # Lines are still the user's, columns are not.
        raise GradwalkError(inner.code, inner.message, line=inner.line, hint=inner.hint) from None
