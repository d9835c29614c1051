"""Whatever text comes in, `prepare` answers with a program that compiles or with an error at a place in the text."""

import warnings

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import GradwalkError
from app.core.source import prepare
from app.examples import gallery

PIECES = [
    "relu(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "^",
    "**",
    "=",
    "==",
    ":",
    ",",
    "\n",
    "    ",
    "\t",
    "'",
    '"""',
    "#: n",
    ">>> ",
    "In [1]: ",
]
PIECES += [
    "%time ",
    "!pip",
    "lambda",
    "é",
    "𝛁",
    "\u2028",
    "\x0c",
    "\0",
    "\ud800",
    "0x",
    "1e",
    "__class__",
    ".",
    "@",
    "\\\n",
    "f'{x}'",
    ";",
]
PIECES += [
    "import os",
    "import torch as t",
    "from . import x",
    "def f(a):\n    return a",
    "x",
    "w",
    "sum",
    "F",
    "let",
    "(q:=w)",
    "*a",
    "await ",
]

sources = st.sampled_from([example.source for example in gallery().values()] + ["relu(w*x + b)", "(y - t)**2", "W @ x"])


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A snippet with a few pieces put in or cut out."""
    text = draw(sources)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 5))
        text = text[:at] + draw(st.sampled_from(PIECES) | st.text(max_size=3)) + text[at + cut :]
    return text


def answer(source: str) -> None:
    try:
        prepared = prepare(source)
    except GradwalkError as error:
        refused = error
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(prepared.source, "<snippet>", "exec")
        lines = prepared.source.count("\n") + 1
        assert all(1 <= line <= lines for line in prepared.notes_by_line)
        return
    assert refused.code in {"syntax_error", "forbidden", "no_tensor", "too_long"}
    assert refused.message
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if refused.line is not None:
        assert 1 <= refused.line <= len(lines) + 1
        if refused.column is not None and refused.line <= len(lines):
            assert 0 <= refused.column <= len(lines[refused.line - 1]) + 1


@settings(max_examples=400, deadline=None)
@given(damaged())
def test_damaged_programs(source: str) -> None:
    answer(source)


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_heaps_of_pieces(source: str) -> None:
    answer(source)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text(source: str) -> None:
    answer(source)
