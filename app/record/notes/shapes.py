"""Shapes and types of numbers that don't fit: which expression has which, the rule, and what would fit."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import torch

from app.record.notes.circumstances import Circumstances
from app.record.notes.meaning import Meaning

Words = tuple[str, str]
"""The note's message, and the hint."""

RULES: tuple[tuple[str, str], ...] = (
    (
        r"shapes cannot be multiplied \(\d+x(\d+) and (\d+)x\d+\)",
        "A product of n×k and k×m needs the same k: here {0} meets {1}.",
    ),
    (r"size mismatch, got input \(\d+\), mat \(\d+x(\d+)\), vec \((\d+)\)", "Here {0} columns meet {1} elements."),
    (
        r"size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\) at non-singleton dimension (\d+)",
        "Aligned from the right, two sizes must be equal or one of them 1: here {0} meets {1}, in dimension {2}.",
    ),
    (
        r"except in dimension (\d+). Expected size (\d+) but got size (\d+)",
        "Only dimension {0}, along which they are joined, may differ: here {1} meets {2}.",
    ),
    (r"shape '(\[.*\])' is invalid for input of size (\d+)", "The {1} elements don't fill the shape {0}."),
    (r"input batch_size \((\d+)\) to match target batch_size \((\d+)\)", "{0} rows have {1} targets."),
    (r"stack expects each tensor to be equal size", "stack() joins tensors of one and the same shape."),
    (r"to have (\d+) channels, but got (\d+) channels", "It takes {0} channels, in dimension 1, and gets {1}."),
    (
        r"input to conv(\d)d",
        "conv{0}d takes an input of (batch, channels, …), or (channels, …) for one sample, with {0} dimensions more.",
    ),
    (r"Kernel size: \((.*)\)\. Kernel size can't be greater", "The kernel ({0}) is larger than the padded input."),
    (
        r"expanded size of the tensor \((\d+)\) must match the existing size \((\d+)\)",
        "A place of size {0} can't take {1} elements; only size 1 is repeated.",
    ),
    (
        r"output with shape (\[.*?\]) doesn't match the broadcast shape (\[.*?\])",
        "What is changed in place keeps its shape {0}, and the result would be {1}.",
    ),
    (r"Target size|that is different to the input size", "Prediction and target need the same shape."),
    (r"input_size\. Expected (\d+), got (\d+)", "Its last dimension must be {0} and is {1}."),
    (r"subscript (\w) has size (\d+) .* previously seen size (\d+)", "The index {0} stands for {1} and for {2}."),
    (r"should contain (\d+) elements not (\d+)", "It was made for {1} features and gets {0}."),
    (r"expecting embedding dimension of (\d+), but got (\d+)", "It takes {0} features and gets {1}."),
    (r"normalized_shape=(\[.*?\])", "The last dimensions must be {0}."),
    (r"grad_output\[0\] has a shape", "The gradient that is passed needs the shape of the tensor it starts from."),
    (r"self must be a matrix", "mm() multiplies two matrices; @ takes vectors, too."),
    (r"Target (-?\d+) is out of bounds", "Class {0} is not among the columns, which are numbered from 0."),
    (r"[Ee]xpected size for first two dimensions of batch2", "A product of (b, n, k) and (b, k, m) needs the same k."),
)
"""What a message says about the sizes, told as a rule."""


LINEAR = re.compile(r"shapes cannot be multiplied \(\d+x(\d+) and (\d+)x\d+\)")


def shapes(meaning: Meaning, here: Circumstances) -> Words:
    """Each expression with its shape, the rule that is broken, and a repair that has been tried."""
    message = here.failure.message
    linear = LINEAR.search(message) if here.called is not None and here.called.words.startswith("Linear(") else None
    if linear:
        words = f"{meaning.words} {given(here)} Its last dimension must be {linear[2]} and is {linear[1]}."
        return words, f"Make it nn.Linear({linear[1]}, …), or change what comes before it; batches come first."
    rule = next(
        (words.format(*found.groups()) for pattern, words in RULES if (found := re.search(pattern, message))), ""
    )
    repair = next(_repairs(here), None)
    words = " ".join(part for part in (meaning.words, given(here), rule) if part)
    return words, f"{repair} would fit. Is it what you mean?" if repair else meaning.hint


def given(here: Circumstances) -> str:
    """The module that was called with its input's shape, or each expression with its own; empty where unknown."""
    called = here.called
    if called is not None and (called.parameters or len(here.operands) < 2):
        name = f"{called.path} is {called.words} and" if called.path else called.words
        return f"{name} was given {_shape(called.shape)}." if called.shape is not None else ""
    if not here.operands:
        return ""
    if all(one.text for one in here.operands):
        return _sentence(", ".join(f"{one.text} is {_shape(one.shape)}" for one in here.operands))
    return f"The operands are {' and '.join(_shape(one.shape) for one in here.operands)}."


def dtypes(meaning: Meaning, here: Circumstances) -> Words:
    """Each expression with its type of numbers."""
    named = [one for one in here.operands if one.text]
    called = here.called
    if called is not None and called.dtypes is not None and called.dtypes[0] != called.dtypes[1]:
        wanted, got = called.dtypes
        words = f"{meaning.words} {called.path or called.words} computes with {wanted} and was given {got}."
        text = next((one.text for one in here.operands if one.text and one.dtype == got), None)
        return words, f"Convert what it is given: {_conversion(text, wanted)}."
    if len(named) >= 2 and len({one.dtype for one in named}) > 1:
        listed = ", ".join(f"{one.text} holds {one.dtype}" for one in named)
        wanted = next((one.dtype for one in named if "float" in one.dtype), named[0].dtype)
        other = next(one for one in named if one.dtype != wanted)
        return f"{meaning.words} {_sentence(listed)}", f"Convert one of them: {_conversion(other.text, wanted)}."
    return meaning.words, meaning.hint


def _conversion(text: str | None, dtype: str) -> str:
    method = {"float32": "float", "float64": "double", "int64": "long", "float16": "half"}.get(dtype)
    what = _factor(text or "x")
    return f"{what}.{method}()" if method else f"{what}.to(torch.{dtype})"


def _shape(shape: tuple[int, ...] | None) -> str:
    return "a single number" if shape == () else str(tuple(shape or ()))


def _sentence(text: str) -> str:
    return f"{text}."


def _factor(text: str) -> str:
    """In brackets where a method can't follow directly."""
    simple = isinstance(ast.parse(text, mode="eval").body, (ast.Name, ast.Attribute, ast.Call, ast.Subscript))
    return text if simple else f"({text})"


def _repairs(here: Circumstances) -> Iterator[str]:
    """Changes of one operand after which the operation can be carried out, the likeliest first."""
    if (here.called is not None and here.called.parameters) or len(here.operands) != 2:
        return
    first, second = here.operands
    if not first.text or not second.text:
        return
    a, b, message = first.shape, second.shape, here.failure.message
    left, right = _factor(first.text), _factor(second.text)
    if "cannot be multiplied" in message and "@" in (here.expression or ""):
        if len(b) == 2 and a[-1] == b[1]:
            yield f"{left} @ {_transposed(right)}"
        if len(a) == 2 and a[0] == b[0]:
            yield f"{_transposed(left)} @ {right}"
    elif "at non-singleton dimension" in message and "expanded" not in message:
        yield from _spread(right, b, a)
        yield from _spread(left, a, b)
    elif "input size" in message and a == (*b, 1):
        yield f"{right}.unsqueeze(1), of shape {a},"
    elif "input size" in message and b == (*a, 1):
        yield f"{right}.squeeze(1), of shape {a},"


def _transposed(factor: str) -> str:
    return factor.removesuffix(".T") if factor.endswith(".T") else f"{factor}.T"


def _spread(factor: str, shape: tuple[int, ...], other: tuple[int, ...]) -> Iterator[str]:
    """As a column, or transposed, where that can be broadcast with the other shape."""
    if len(shape) == 1 and _broadcasts((*shape, 1), other):
        yield f"{factor}.unsqueeze(1), of shape {(*shape, 1)},"
    elif len(shape) == 2 and _broadcasts(shape[::-1], other):
        yield f"{_transposed(factor)}, of shape {shape[::-1]},"


def _broadcasts(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    try:
        torch.broadcast_shapes(a, b)
    except RuntimeError:
        return False
    return True
