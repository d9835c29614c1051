"""Names and expressions as runs of text in the right face: variables in italics with their number lowered, functions upright."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.core.sentence_words import Operand, infix_operands, is_infix, ordered, written
from app.core.trace import Edge, Node
from app.draw.measure import ELLIPSIS, Face, fit, text_width

SUBSCRIPT_SIZE = 0.68
SUBSCRIPT_DROP = 0.16
"""Of the font size."""
MATH_GROWTH = 1.1
"""The italic face is small for its size: this makes its x-height that of the text beside it."""
LONGEST_OPERAND = 10
"""Characters of an unnamed operand's source that are repeated in an expression; longer ones become a dot."""
WORD = re.compile(r"[^\W\d]\w*(?:\.\w+)*")
NUMBERED = re.compile(r"([^\W\d_]{1,3})(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Run:
    """Text in one face. `drop`: how far below the line, in units."""

    text: str
    face: Face
    size: float
    drop: float = 0.0


Runs = tuple[Run, ...]


def runs_width(runs: Sequence[Run]) -> float:
    """The width of all runs beside each other."""
    return sum(text_width(run.text, run.size, run.face) for run in runs)


def plain_text(runs: Sequence[Run]) -> str:
    """The characters of the runs."""
    return "".join(run.text for run in runs)


def name_runs(name: str, size: float) -> Runs:
    """A variable: `w`, `W1` with the 1 lowered; a dotted path stays as it is, only smaller."""
    if "." in name:
        return (Run(name, "math", round(size * 0.82, 1)),)
    numbered = NUMBERED.fullmatch(name)
    if numbered is None:
        return (Run(name, "math", size),)
    low = Run(numbered[2], "math", round(size * SUBSCRIPT_SIZE, 1), round(size * SUBSCRIPT_DROP, 1))
    return (Run(numbered[1], "math", size), low)


def expression_runs(text: str, size: float) -> Runs:
    """`w × x`, `relu(v)`: words before a bracket and keywords upright, other words as variables."""
    runs: list[Run] = []
    at = 0
    for word in WORD.finditer(text):
        if word.start() > at:
            runs.append(Run(text[at : word.start()], "text", size))
        if text[word.end() : word.end() + 1] in ("(", "=") or word[0] in ("if", "else", "for", "in", "lambda"):
            runs.append(Run(word[0], "text", size))
        else:
            runs.extend(name_runs(word[0], round(size * MATH_GROWTH, 1)))
        at = word.end()
    if at < len(text):
        runs.append(Run(text[at:], "text", size))
    return tuple(runs)


def fit_runs(runs: Sequence[Run], room: float) -> Runs:
    """The runs, cut with an ellipsis where they are wider than `room`."""
    if runs_width(runs) <= room:
        return tuple(runs)
    kept: list[Run] = []
    for run in runs:
        width = text_width(run.text, run.size, run.face)
        rest = text_width(ELLIPSIS, run.size, run.face)
        if width + rest > room:
            cut = fit(run.text + ELLIPSIS, max(room, rest), run.size, run.face)
            return (*kept, replace(run, text=cut))
        kept.append(run)
        room -= width
    return tuple(kept)


def expression(node: Node, incoming: Sequence[Edge], names: dict[tuple[str, int], str]) -> str:
    """What an op node computes, over its operands' names: `w × x`, `relu(v)`."""
    operands = [Operand(names.get((e.source, e.output), "·"), None) for e in ordered(incoming)]
    if is_infix(node, len(operands)):
        operands = infix_operands(node, operands)
    texts = [operand.text for operand in operands]
    if len(texts) > 3:
        texts = [*texts[:2], ELLIPSIS]
    return written(node, texts)


def operand_name(node: Node, tensor_name: str | None) -> str:
    """How a node is called inside another's expression."""
    name = node.name or tensor_name
    if name:
        return name
    label = " ".join(node.label[:40].split())
    return label if 0 < len(label) <= LONGEST_OPERAND else "·"
