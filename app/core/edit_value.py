"""Changing a tensor's numbers where the program writes them: only the numbers themselves, nothing around them."""

from __future__ import annotations

import math
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.core.errors import GradwalkError
from app.core.let import Number
from app.core.tokens import Edit, Place, edited, tokens, within
from app.core.trace import Full, Node, Scalar, TensorEntry, Trace

MAKERS = frozenset({"tensor", "as_tensor", "Tensor", "FloatTensor", "LongTensor"})
"""Functions of torch whose first argument is the value."""
MOST = 64
"""Numbers of one tensor that are changed at once."""
_NUMBER = re.compile(r"[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|inf|nan)", re.ASCII)
_SPELT = {"torch.inf": math.inf, "torch.nan": math.nan, "math.inf": math.inf, "math.nan": math.nan}


@dataclass(frozen=True, slots=True)
class Literal:
    """A number in the text, its sign included."""

    start: Place
    end: Place
    text: str

    @property
    def value(self) -> float:
        """The number."""
        bare = self.text.lstrip("+-").replace("_", "")
        value = _SPELT[bare] if bare in _SPELT else float(int(bare, 0) if re.match(r"0[xXoObB]", bare) else bare)
        return -value if self.text.startswith("-") else value


def value_texts(trace: Trace, node_id: str) -> tuple[str, ...]:
    """The numbers of a leaf's or input's tensor as the program spells them, in logical order.

    Raises:
        GradwalkError: `bad_view`, as `edit_value` does.
    """
    node, tensor = _chosen(trace, node_id)
    return tuple(re.sub(r"\b(?:torch|math)\.", "", literal.text) for literal in literals_of(trace, node, tensor))


def edit_value(trace: Trace, node_id: str, texts: Sequence[str]) -> str:
    """The program with other numbers for the tensor of a leaf or input: `texts` in logical order, as they were typed.

    Raises:
        GradwalkError: `bad_view` where `texts` are no numbers or do not fit, or where the program does not write the
            tensor's value as numbers.
    """
    node, tensor = _chosen(trace, node_id)
    texts = [text.strip().replace("\u2212", "-") for text in texts]
    wrong = next((text for text in texts if not _NUMBER.fullmatch(text)), None)
    if wrong is not None:
        raise GradwalkError("bad_view", f"{wrong or 'Nothing'} is no number.", hint="Write it like 2, -0.5 or 1e-3.")
    literals = literals_of(trace, node, tensor)
    if len(literals) != len(texts):
        raise GradwalkError("bad_view", f"{_called(node)} holds {len(literals)} numbers, not {len(texts)}.")
    edits = [
        Edit(old.start, old.end, spelt)
        for old, text in zip(literals, texts, strict=True)
        if (spelt := _spelling(text, old, tensor)) != old.text
    ]
    return edited(trace.program.source, edits)


def _chosen(trace: Trace, node_id: str) -> tuple[Node, TensorEntry]:
    node = next((node for node in trace.nodes if node.id == node_id), None)
    tensor = None if node is None else next((one for one in trace.tensors if one.id in node.outputs[:1]), None)
    if node is None or tensor is None or node.kind == "op":
        raise GradwalkError("bad_view", "Only the values of leaves and inputs can be changed.")
    return node, tensor


def literals_of(trace: Trace, node: Node, tensor: TensorEntry) -> list[Literal]:
    """The numbers of a tensor in the text, in logical order.

    Raises:
        GradwalkError: `bad_view`, with the line, where its value is not written as numbers.
    """
    source = trace.program.source
    if node.span is None:
        raise _no_literal(node, "")
    top, left, bottom, right = node.span
    inside = within(tokens(source), (top, left), (bottom, right))
    count = math.prod(tensor.shape)
    if count > MOST:
        raise GradwalkError("bad_view", f"{_called(node)} holds {count:,} numbers.", hint="Change it in the program.")
    fitting = [found for found in _written(inside) if len(found) == count]
    same = [found for found in fitting if _are(found, tensor)]
    if len(same) > 1 and node.name is not None:  # w, b = torch.tensor(1.), torch.tensor(1.)
        same = _by_target(node.name, inside, fitting) or same
    if len(same) != 1:
        raise _no_literal(node, _maker(inside))
    return same[0]


def _written(inside: Sequence[tokenize.TokenInfo]) -> Iterator[list[Literal]]:
    """The values of `torch.tensor(…)` and its like that are numbers alone."""
    for place, token in enumerate(inside[:-1]):
        if token.string in MAKERS and inside[place + 1].string == "(":
            after = place + 2
            if [one.string for one in inside[after : after + 2]] == ["data", "="]:
                after += 2
            found = _numbers(inside[after:])
            if found is not None:
                yield found


def _numbers(inside: Sequence[tokenize.TokenInfo]) -> list[Literal] | None:
    """The numbers up to the end of an argument; None where there is anything else."""
    found: list[Literal] = []
    depth = 0
    sign: tokenize.TokenInfo | None = None
    at = 0
    while at < len(inside):
        token = inside[at]
        text, end, length = token.string, token.end, 1
        dotted = "".join(one.string for one in inside[at : at + 3])
        if dotted in _SPELT:
            text, end, length = dotted, inside[at + 2].end, 3
        if token.type == tokenize.NUMBER or length == 3:
            if text[-1] in "jJ":
                return None
            start = token.start if sign is None else sign.start
            found.append(Literal(start, end, (sign.string if sign else "") + text))
            sign = None
        elif sign is not None:
            return None
        elif text in "+-" and token.type == tokenize.OP:
            sign = token
        elif text == "[" or (text == "(" and depth):
            depth += 1
        elif text in ("]", ")") and depth:
            depth -= 1
        elif text in (")", ",") and not depth:
            return found
        elif text != ",":
            return None
        at += length
    return None


def _are(literals: Sequence[Literal], tensor: TensorEntry) -> bool:
    """Whether these numbers are the tensor's value, within its dtype's rounding."""
    if not isinstance(tensor.value, Full):
        return False
    tolerance = 5e-2 if "16" in tensor.dtype else 1e-6
    pairs = zip(literals, _flat(tensor.value.data), strict=True)
    return all(_near(literal.value, value, tolerance) for literal, value in pairs)


def _near(x: float, y: Scalar, tolerance: float) -> bool:
    if isinstance(y, str):
        y = float(y)
    return isinstance(y, int | float) and (math.isclose(x, y, rel_tol=tolerance) or (math.isnan(x) and math.isnan(y)))


def _flat(data: object) -> Iterator[Scalar]:
    if isinstance(data, list | tuple):
        for item in data:
            yield from _flat(item)
    else:
        yield data  # type: ignore[misc]


def _by_target(name: str, inside: Sequence[tokenize.TokenInfo], found: list[list[Literal]]) -> list[list[Literal]]:
    """Of `a, b = …` the value in the place of the name."""
    words = [token.string for token in inside]
    targets = words[: words.index("=")] if "=" in words else []
    names = targets[::2]
    fits = targets[1::2] == [","] * (len(names) - 1) and len(names) == len(found) and name in names
    return [found[names.index(name)]] if fits else []


def _spelling(text: str, old: Literal, tensor: TensorEntry) -> str:
    """A number as the program writes it: of floats with a point, so that the dtype stays."""
    if tensor.dtype.startswith(("float", "bfloat", "complex")):
        if float(text) == old.value:
            return old.text
        return Number(text).literal
    if not re.fullmatch(r"[+-]?\d+", text):
        raise GradwalkError("bad_view", f"{text} is no whole number; this tensor is {tensor.dtype}.")
    return str(int(text))


def _maker(inside: Sequence[tokenize.TokenInfo]) -> str:
    """The function that made a tensor, for the message."""
    words = [token.string for token in inside]
    if "(" not in words:
        return ""
    start = at = words.index("(")
    while start and (words[start - 1].isidentifier() or words[start - 1] == "."):
        start -= 1
    return "".join(words[start:at])


def _called(node: Node) -> str:
    return node.name or "It"


def _no_literal(node: Node, maker: str) -> GradwalkError:
    how = f"comes from {maker}(…)" if maker and maker.rpartition(".")[2] not in MAKERS else "is calculated"
    return GradwalkError(
        "bad_view",
        f"{_called(node)} {how}, so the program holds no number to change.",
        line=node.line,
        hint=f"Write {node.name if node.name and node.name.isidentifier() else 'w'} = torch.tensor(…) with numbers "
        "of your own.",
    )
