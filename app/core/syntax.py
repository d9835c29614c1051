"""Python text to a syntax tree, and Python's syntax errors in the user's words."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from itertools import chain

from app.core.errors import GradwalkError
from app.core.misread import braced, misread

FILENAME = "<snippet>"


def parse(source: str) -> ast.Module:
    """The tree of a snippet that compiles.

    Raises:
        GradwalkError: `syntax_error`, with line, column and a hint.
    """
    if "\0" in source:
        raise _unreadable("it holds a null character")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source, FILENAME)
            compile(tree, FILENAME, "exec", dont_inherit=True)  # some errors are found only now
    except SyntaxError as error:
        raise _in_words(error, source) from None
    except (RecursionError, MemoryError):
        raise GradwalkError(
            "syntax_error",
            "The snippet is nested too deeply to be read.",
            hint="Split the expression over several lines.",
        ) from None
    except UnicodeEncodeError as error:
        line = source.count("\n", 0, error.start) + 1
        column = error.start - source.rfind("\n", 0, error.start) - 1
        raise GradwalkError(
            "syntax_error",
            "A character here is no Unicode text.",
            line=line,
            column=column,
            hint="Save the file as UTF-8, or type the character again.",
        ) from None
    except ValueError as error:  # a number with thousands of digits
        raise _unreadable(str(error)) from None
    assert isinstance(tree, ast.Module)
    return tree


def _unreadable(why: str) -> GradwalkError:
    return GradwalkError(
        "syntax_error", f"Python cannot read this text: {why}.", hint="Type it again instead of pasting it."
    )


def column_of(node: ast.AST, source: str) -> int:
    """The first column of a node in characters (`ast` counts UTF-8 bytes)."""
    line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
    return characters(source.split("\n")[line - 1], column)


def characters(line: str, octets: int) -> int:
    """How many characters the first `octets` bytes of a line's UTF-8 are."""
    return octets if line.isascii() else len(line.encode("utf-8", "surrogatepass")[:octets].decode("utf-8", "replace"))


_WORDS: tuple[tuple[str, str, str], ...] = (
    ("call to 'print'", "print needs parentheses.", "Write print(…)."),
    ("maybe you meant '==' or ':='", "A single = assigns a value, which cannot stand here.", "Compare with ==."),
    ("cannot assign to", "Only a variable can stand to the left of =.", "Write name = expression; compare with ==."),
    (
        "expected ':'",
        "A colon is missing here.",
        "Lines that open a block (if, for, def, class, with) end with a colon.",
    ),
    ("expected an indented block", "The lines of this block must be indented.", "Put four spaces before them."),
    ("unexpected indent", "This line is indented, though no block is open.", "Remove the spaces at its start."),
    (
        "unindent does not match",
        "This line is indented differently from its block.",
        "Give all lines of a block the same spaces.",
    ),
    ("inconsistent use of tabs", "Tabs and spaces are mixed in the indentation.", "Use four spaces for each level."),
    ("unterminated", "This text is never closed.", "Add the missing quotation mark."),
    (
        "perhaps you forgot a comma",
        "Something is missing between two values here.",
        "Write a comma, or * for a product.",
    ),
    ("invalid decimal literal", "A name cannot begin with a digit.", "For a product write 2*x."),
    ("leading zeros", "A whole number cannot begin with 0.", "Leave the zeros out."),
    (
        "after line continuation",
        "Nothing may follow the \\ at the end of a line.",
        "Remove what follows it, or the \\ itself.",
    ),
    ("'return' outside", "return can only stand in a function.", "Let the last line be the expression itself."),
    ("'yield' outside", "yield can only stand in a function.", "Put it into a function."),
    ("'await' outside", "await can only stand in an async function.", "Leave await out."),
    ("outside loop", "This can only stand in a loop.", "Put it into a for or while loop."),
    ("not properly in loop", "This can only stand in a loop.", "Put it into a for or while loop."),
    ("positional argument follows", "Arguments with a name come after those without.", "Move name=value to the end."),
    ("keyword argument repeated", "The same argument is given twice.", "Keep one of them."),
    ("exceeds the limit", "This number has too many digits.", "Write it like 1e9."),
    (
        "f-string: expecting '}'",
        "A { in this text is never closed.",
        "Add the missing }, or write {{ for the sign itself.",
    ),
    (
        "f-string",
        "The part of this text in { } cannot be read.",
        "Put one expression there, with other quotation marks.",
    ),
    ("expected 'except' or 'finally'", "try: needs an except: below it.", "Add except …:, or leave try out."),
    ("expected 'else' after", "A choice in one line needs both cases.", "Write a if condition else b."),
    (
        "expected '('",
        "Brackets are missing after the name.",
        "Write def f(x):, also where there are no arguments: f().",
    ),
    ("global declaration", "global must come before the name is used.", "Move it to the function's first line."),
    ("nonlocal declaration", "nonlocal can only stand in a function.", "Leave it out here: the variable is at hand."),
    ("no binding for nonlocal", "No function around this one has a variable of that name.", "Leave nonlocal out."),
    ("starred assignment", "A name with * stands only in a list of names.", "Write first, *rest = values."),
    ("too many nested", "The snippet is nested too deeply to be read.", "Split the expression over several lines."),
)
"""Part of Python's message (lower case) → message, hint. The first that fits counts."""

_CHARACTERS = {
    "−": "-", "–": "-", "—": "-", "×": "*", "·": "*", "⋅": "*", "÷": "/", "∗": "*", "≤": "<=", "≥": ">=", "≠": "!=",
    "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "，": ",", "（": "(", "）": ")", "：": ":", "²": "**2",
    "³": "**3", "√": "torch.sqrt(…)", "∂": "a name such as dx", "∇": "a name such as grad",
    "…": "the code that is left out",
}  # fmt: skip
"""Characters of books and word processors, and what Python calls them."""

_PLAIN = (
    "invalid syntax", "expected ':'", "cannot assign to", "illegal target", "after line continuation",
    "decimal literal", "forgot a comma", "unterminated string",
)  # fmt: skip
"""Parts of Python's messages that say less than the line itself may tell."""

_PARTNERS = {"(": ")", "[": "]", "{": "}", ")": "(", "]": "[", "}": "{"}


def _in_words(error: SyntaxError, source: str) -> GradwalkError:
    opened = braced(source.split("\n")[: error.lineno])
    if opened is not None:
        hint = "End the line with a colon instead, and indent the block by four spaces."
        words = "Python has no braces around the lines of a block."
        place = source.split("\n")[opened].index("{")
        return GradwalkError("syntax_error", words, line=opened + 1, column=place, hint=hint)
    message, hint = _message(error.msg or "invalid syntax", error, source)
    line = error.lineno if error.lineno and error.lineno > 0 else None
    column = error.offset - 1 if line and error.offset and error.offset > 0 else None
    return GradwalkError("syntax_error", message, line=line, column=column, hint=hint)


def _message(said: str, error: SyntaxError, source: str) -> tuple[str, str]:
    low = said.lower()
    text = _line(source, error.lineno)
    if "'" in said and ("was never closed" in low or low.startswith("unmatched")):
        return _lone_bracket(said.partition("'")[2][:1])
    if "does not match opening" in low:
        closing, opening = said.partition("'")[2][:1], said.rpartition("'")[0][-1:]
        words = f"{closing} does not match the {opening} before it, which is still open."
        return (
            words,
            f"Write {_PARTNERS.get(opening, 'its partner')} first: close brackets in the reverse order of opening.",
        )
    if "invalid character" in low or "non-printable" in low:
        return _foreign_character(text, error.offset)
    if "lambda" in _names(text) and ":" not in text:
        return "lambda is a word of Python and cannot be a variable.", "Call it lam."
    told = misread(text) if any(part in low for part in _PLAIN) else None
    known = ((words, hint) for part, words, hint in _WORDS if part in low)
    for words, hint in chain([told] if told else [], known):
        return words, hint
    detail = "" if low in ("invalid syntax", "") else f" ({said})"
    return (
        f"Python cannot read this line{detail}.",
        "Look at the mark and just before it: a bracket, comma or operator?",
    )


def _lone_bracket(bracket: str) -> tuple[str, str]:
    missing = _PARTNERS.get(bracket, "bracket")
    if bracket in "([{":
        return f"This {bracket} is never closed.", f"Add the missing {missing}."
    return f"This {bracket} closes nothing.", f"Remove it, or add the missing {missing} before it."


def _foreign_character(text: str, offset: int | None) -> tuple[str, str]:
    character = text[offset - 1 : offset] if offset else ""
    if character in _CHARACTERS:
        return f"Python does not know the character {character}.", f"Write {_CHARACTERS[character]} instead."
    shown = f"{character} " if character.isprintable() and character else ""
    code = f"U+{ord(character):04X}" if character else "this character"
    return f"Python does not know the character {shown}({code}).", "Type the line again with plain characters."


def _line(source: str, number: int | None) -> str:
    lines = source.split("\n")
    return lines[number - 1] if number and 0 < number <= len(lines) else ""


def _names(text: str) -> set[str]:
    names = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.NAME:
                names.add(token.string)
    except (tokenize.TokenError, SyntaxError):
        pass  # the line is broken: what was read before the break is enough
    return names
