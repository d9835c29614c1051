"""The words that sentences are made of: values, short names of nodes and written-out operations.

Owns spelling; which step says what is in `app.core.sentence`.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.core.number import number_text
from app.core.trace import Edge, Full, Nested, Node, Scalar, Value

Spell = Callable[[Scalar | None], str]
"""Writes one number, with as many digits as the view wants."""

LONGEST = 160
"""Characters of a sentence, about two lines under a picture."""
NAME_LIMIT = 28
PATH_LIMIT = 32
"""Characters of a name or a piece of source inside a sentence."""
SMALL = 6
"""Elements up to which a vector or matrix is written out."""

PARAMETERS = {
    "add": ("self", "other"),
    "sub": ("self", "other"),
    "mul": ("self", "other"),
    "div": ("self", "other"),
    "pow": ("self", "exponent"),
    "matmul": ("self", "other"),
    "mm": ("self", "mat2"),
    "mv": ("self", "vec"),
    "bmm": ("self", "mat2"),
    **dict.fromkeys(("gt", "lt", "ge", "le", "eq", "ne"), ("self", "other")),
}
"""Operations written between their two operands, with the schema names of the two."""
INFIX = {
    "add": "+",
    "sub": "−",
    "mul": "×",
    "div": "÷",
    "pow": "^",
    "matmul": "@",
    "mm": "@",
    "mv": "@",
    "bmm": "@",
} | {
    "gt": ">",
    "lt": "<",
    "ge": "≥",
    "le": "≤",
    "eq": "=",
    "ne": "≠",
}
SHOWN_ARGUMENTS = frozenset(
    {"dim", "dims", "dim0", "dim1", "exponent", "p", "negative_slope", "index", "start", "end", "step"}
)
"""Arguments that change what an operation means to a reader."""
UNSAID = {("start", 0), ("step", 1), ("end", 2**63 - 1)}
"""What a slice means without being told."""


@dataclass(frozen=True, slots=True)
class Operand:
    """One argument of an operation: its short name, and its value where a tensor."""

    text: str
    value: Value | None


def clipped(text: str, limit: int) -> str:
    """`text` on one line, with an ellipsis where it's longer than `limit` characters."""
    if len(text) <= limit and text.isprintable() and "  " not in text:
        return text
    line = " ".join(text[: 4 * limit].split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def called(name: str) -> str:
    """A name as sentences write it: of a long path the beginning and the last parts, which tell it from others."""
    if len(name) <= NAME_LIMIT or "." not in name:
        return clipped(name, NAME_LIMIT)
    first, _, rest = name.partition(".")
    while len(first) + 1 + len(rest) > PATH_LIMIT and "." in rest:
        rest = rest.partition(".")[2]
    return clipped(f"{first}…{rest}", PATH_LIMIT)


def listed(words: Sequence[str], shown: int = 3) -> str:
    """`a, b and c`; beyond `shown` words: `a, b, c and 4 more`."""
    if len(words) > shown:
        words = [*words[:shown], f"{len(words) - shown} more"]
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def scalar(value: Value | None) -> float | None:
    """The real number that a rank-0 value is, else None (bools and complex numbers too)."""
    if not isinstance(value, Full):
        return None
    data = value.data
    if isinstance(data, str):
        return {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}.get(data)
    return data if isinstance(data, int | float) and not isinstance(data, bool) else None


def shape_of(value: Value) -> tuple[int, ...] | None:
    """The shape that a full value's nesting shows; None for a summary, whose shape isn't kept with it."""
    if not isinstance(value, Full):
        return None
    shape: list[int] = []
    data = value.data
    while isinstance(data, list):
        shape.append(len(data))
        data = data[0] if data else None
    return tuple(shape)


@lru_cache(maxsize=1024)
def shape_words(shape: tuple[int, ...] | None, noun: str | None = None) -> str:
    """`a 3×4 matrix`, `a vector of 5`, `a 2×3×4 tensor`; `noun` replaces the last word (`a 3×4 gradient`)."""
    if shape is None:
        return f"a large {noun or 'tensor'}"
    if len(shape) == 0:
        return f"a {noun or 'number'}"
    if len(shape) == 1:
        return f"a {noun or 'vector'} of {shape[0]}"
    sizes = "×".join(map(str, shape))
    article = "an" if sizes[0] == "8" or (sizes.startswith(("11", "18")) and shape[0] < 100) else "a"
    return f"{article} {sizes} {noun or ('matrix' if len(shape) == 2 else 'tensor')}"


def small_text(value: Value | None, number: Spell = number_text) -> str | None:
    """A number, or a vector or matrix of few elements, written out; None where that takes too much room."""
    if not isinstance(value, Full):
        return None
    data = value.data
    if not isinstance(data, list):
        return number(data)
    if not 0 < len(data) <= SMALL:
        return None
    row = data[0]
    if isinstance(row, list) and (not row or isinstance(row[0], list) or len(data) * len(row) > SMALL):
        return None
    return nested_text(data, number)


def value_words(value: Value, noun: str | None = None, number: Spell = number_text) -> str:
    """The value itself where it is small, else its shape in words."""
    return small_text(value, number) or shape_words(shape_of(value), noun)


def nested_text(data: Nested, number: Spell = number_text) -> str:
    """`[1, 2]` or `[[1, 2], [3, 4]]`, for at most two levels."""
    if not isinstance(data, list):
        return number(data)
    return f"[{', '.join(nested_text(item, number) if isinstance(item, list) else number(item) for item in data)}]"


@lru_cache(maxsize=1024)
def bare_op(op: str) -> str:
    """An operation's plain name: `_log_softmax` is log_softmax, `add_` is add, `nll_loss_forward` is nll_loss."""
    return op.strip("_").removeprefix("native_").removesuffix("_copy").removesuffix("_forward") or op


def has_auxiliaries(op: str) -> bool:
    """Whether the results after the first are only kept for the backward step, as `native_layer_norm`'s are."""
    hidden = op.startswith(("_", "native_")) and not op.startswith("_foreach")
    return hidden or op.endswith("_forward") or "_with_" in op


def is_infix(node: Node, operands: int) -> bool:
    """Whether the operation is written between its operands; `operands` counts tensors."""
    base = bare_op(node.op)
    if base not in INFIX or node.args.get("rounding_mode") is not None:
        return False
    return operands + sum(name in node.args for name in PARAMETERS[base]) == 2


def ordered(edges: Sequence[Edge]) -> list[Edge]:
    """The edges that enter one node, as the call was written.

    A differentiable edge is numbered among its own kind, any other by its argument. So the others have their
    places, and the differentiable ones fill what is left, in order.
    """
    if len({edge.input for edge in edges}) == len(edges):
        return sorted(edges, key=lambda edge: edge.input)
    filling = deque(sorted((edge for edge in edges if edge.differentiable), key=lambda edge: edge.input))
    out: list[Edge] = []
    for edge in sorted((edge for edge in edges if not edge.differentiable), key=lambda edge: edge.input):
        while filling and len(out) < edge.input:
            out.append(filling.popleft())
        out.append(edge)
    return [*out, *filling]


def infix_operands(node: Node, tensors: Sequence[Operand], number: Spell = number_text) -> list[Operand]:
    """The two operands of an infix operation, numbers among them, in written order."""
    left = list(tensors)
    out = []
    for name in PARAMETERS[bare_op(node.op)]:
        if name in node.args:
            argument = node.args[name]
            plain = argument if isinstance(argument, bool | int | float | str | dict) else str(argument)
            text = plain if isinstance(plain, str) and plain not in {"nan", "inf", "-inf"} else number(plain)
            out.append(Operand(text, Full(plain)))
        else:
            out.append(left.pop(0))
    return out


def written(node: Node, texts: Sequence[str]) -> str:
    """The operation over its operands' texts: `w × x`, `relu(v)`, `sum(x, dim=1)`."""
    base = bare_op(node.op)
    if len(texts) == 2 and base in INFIX and node.args.get("rounding_mode") is None:
        first, second = (in_brackets(text) for text in texts)
        alpha = node.args.get("alpha", 1)
        scale = "" if alpha in (1, None) or isinstance(alpha, dict) else f"{number_text(alpha)} × "
        if texts[0].startswith("−") and base != "pow":
            first = texts[0]
        return f"{first} {INFIX[base]} {scale}{second}"
    if len(texts) == 1 and base in {"neg", "t"}:
        return f"−{in_brackets(texts[0])}" if base == "neg" else f"{in_brackets(texts[0])}ᵀ"
    if base == "addmm" and len(texts) == 3 and _is_one(node, "alpha") and _is_one(node, "beta"):
        added, first, second = (in_brackets(text) for text in texts)
        return f"{added} + {first} @ {second}"
    if len(texts) == 1 and base in {"select", "slice"} and node.args.get("dim") in range(4):
        return f"{in_brackets(texts[0])}[{', '.join([*[':'] * node.args['dim'], _subscript(node)])}]"
    return f"{base}({', '.join([*texts, *_arguments(node)])})"


def _subscript(node: Node) -> str:
    """What stands in the brackets for the one dimension that is indexed: `1`, `2:`, `0:6:2`."""
    if "index" in node.args:
        return number_text(node.args["index"])
    start, end, step = (
        "" if argument is None or (name, argument) in UNSAID else number_text(argument)
        for name, argument in ((name, node.args.get(name)) for name in ("start", "end", "step"))
    )
    return f"{start}:{end}" + (f":{step}" if step else "")


def _is_one(node: Node, name: str) -> bool:
    return bool(node.args.get(name, 1) == 1)


@lru_cache(maxsize=4096)
def in_brackets(text: str) -> str:
    """`text`, in round brackets where an operator beside it would be misread."""
    if text.startswith("−") or (any(mark in text for mark in " +-*/@") and not _is_enclosed(text)):
        return f"({text})"
    return text


def _is_enclosed(text: str) -> bool:
    """Whether `text` is one bracketed thing: `(a + b)`, `[1, 2]`, `f(x, y)`."""
    opening = min((text.find(mark) for mark in "([" if mark in text), default=-1)
    if opening < 0 or text[-1] not in ")]" or any(mark in text[:opening] for mark in " +-*/@"):
        return False
    depth = 0
    for place, mark in enumerate(text):
        depth += (mark in "([") - (mark in ")]")
        if depth == 0 and place >= opening and place < len(text) - 1:
            return False
    return True


def _arguments(node: Node) -> list[str]:
    words = []
    for name, argument in node.args.items():
        if name not in SHOWN_ARGUMENTS or (name, argument if isinstance(argument, int) else None) in UNSAID:
            continue
        if isinstance(argument, int | float) and not isinstance(argument, bool):
            words.append(f"{name}={number_text(argument)}")
        elif isinstance(argument, list) and 0 < len(argument) <= 4 and all(type(item) is int for item in argument):
            words.append(f"{name}={argument[0] if len(argument) == 1 else nested_text(argument)}")
    return words[:4]
