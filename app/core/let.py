"""The `let` parameter: values for the free names of a bare expression, such as `w:2,x:3,W:[[1,2],[3,4]]`.

    let    = entry *( "," entry )
    entry  = name ":" value
    value  = number | "[" value *( "," value ) "]"
    number = [ "+" | "-" ] ( digits [ "." [ digits ] ] | "." digits ) [ ( "e" | "E" ) [ "+" | "-" ] digits ]
           | [ "+" | "-" ] ( "inf" | "nan" )

Spaces may stand between any two of these. A name is a Python identifier, given once; lists are rectangular.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from app.core.errors import GradwalkError

LONGEST = 4_000
"""Characters of a `let` text."""
_DEEPEST = 8
_NUMBER = re.compile(r"[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|inf|nan)(?![\w.])", re.ASCII)
_NAME = re.compile(r"\w+")
_EXAMPLE = "Write it like let=w:2,x:-0.5,W:[[1,2],[3,4]]."


@dataclass(frozen=True, slots=True)
class Number:
    """One number, in the user's own spelling."""

    text: str

    @property
    def literal(self) -> str:
        """The same number as Python text that torch reads as a floating-point one."""
        plain = self.text.removeprefix("+")
        if plain.endswith(("inf", "nan")):
            return plain.replace("inf", "torch.inf").replace("nan", "torch.nan")
        if set(plain) & set(".eE"):
            return plain
        sign, digits = ("-", plain[1:]) if plain.startswith("-") else ("", plain)
        return f"{sign}{digits.lstrip('0') or '0'}."


LetValue = Number | tuple["LetValue", ...]
"""A number, or a list of values of one shape."""


def parse_let(text: str) -> dict[str, LetValue]:
    """The values by name, in the order given.

    Raises:
        GradwalkError: `bad_view`, with the character where the text leaves the grammar.
    """
    if len(text) > LONGEST:
        raise GradwalkError("bad_view", f"let: more than {LONGEST:,} characters.", hint="Write a program instead.")
    return _Reader(text).entries()


def parse_value(text: str, name: str = "cotangent") -> LetValue:
    """One value alone: a number, or a list of values of one shape.

    Raises:
        GradwalkError: `bad_view`, with the character where the text leaves the grammar.
    """
    if len(text) > LONGEST:
        raise GradwalkError("bad_view", f"{name}: more than {LONGEST:,} characters.")
    reader = _Reader(text, name, f"Write it like {name}=[1,0,-0.5].")
    value = reader.value(1)
    if reader.peek():
        raise reader.error("nothing more is expected")
    return value


def value_text(value: LetValue) -> str:
    """The canonical spelling of one value."""
    return _value_text(value)


def numbers(value: LetValue) -> Any:
    """A value as a float, or nested lists of floats."""
    return float(value.text) if isinstance(value, Number) else [numbers(item) for item in value]


def let_text(values: dict[str, LetValue]) -> str:
    """The canonical spelling: the numbers as given, no spaces."""
    return ",".join(f"{name}:{_value_text(value)}" for name, value in values.items())


def tensor_source(value: LetValue) -> str:
    """The argument of `torch.tensor(…)` for a value, all numbers floating-point."""
    if isinstance(value, Number):
        return value.literal
    return "[" + ", ".join(tensor_source(item) for item in value) + "]"


def _value_text(value: LetValue) -> str:
    if isinstance(value, Number):
        return value.text
    return "[" + ",".join(_value_text(item) for item in value) + "]"


def _shape(value: LetValue) -> tuple[int, ...]:
    return () if isinstance(value, Number) else (len(value), *_shape(value[0]))


class _Reader:
    """Reads the grammar from left to right; `at` is the next character."""

    def __init__(self, text: str, what: str = "let", example: str = _EXAMPLE) -> None:
        self.text = text
        self.at = 0
        self._what = what
        self._example = example

    def entries(self) -> dict[str, LetValue]:
        values: dict[str, LetValue] = {}
        while True:
            name = self.name()
            if name in values:
                raise self.error(f"{name} has a value already")
            self.expect(":", f"a colon after {name}")
            values[name] = self.value(1)
            if self.peek() == "":
                return values
            self.expect(",", "a comma")

    def name(self) -> str:
        self.peek()
        match = _NAME.match(self.text, self.at)
        name = unicodedata.normalize("NFKC", match[0]) if match else ""
        if match is None or not name.isidentifier() or keyword.iskeyword(name):
            raise self.error("a name is expected")
        self.at = match.end()
        return name

    def value(self, depth: int) -> LetValue:
        if self.peek() != "[":
            return self.number()
        if depth > _DEEPEST:
            raise self.error(f"more than {_DEEPEST} lists in one another")
        self.at += 1
        items = [self.value(depth + 1)]
        while self.peek() == ",":
            self.at += 1
            before = self.at
            items.append(self.value(depth + 1))
            if _shape(items[-1]) != _shape(items[0]):
                self.at = before
                raise self.error("the rows of a list must be equally long")
        self.expect("]", "a comma or ]")
        return tuple(items)

    def number(self) -> Number:
        match = _NUMBER.match(self.text, self.at)
        if match is None:
            raise self.error("a number or [ is expected")
        self.at = match.end()
        return Number(match[0])

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.text[self.at : self.at + 1]

    def expect(self, character: str, what: str) -> None:
        if self.peek() != character:
            raise self.error(f"{what} is expected")
        self.at += 1

    def error(self, reason: str) -> GradwalkError:
        self.peek()
        there = f"character {self.at + 1} ({self.text[self.at]!r})" if self.at < len(self.text) else "its end"
        return GradwalkError("bad_view", f"{self._what}: {reason} at {there}.", column=self.at, hint=self._example)
