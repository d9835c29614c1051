"""Names and expressions as runs of text: variables in italics with their number lowered, functions upright."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.core.sentence_words import Operand, bare_op, in_brackets, infix_operands, is_infix, ordered, written
from app.core.trace import Edge, Node, Trace
from app.draw.measure import ELLIPSIS, Face, fit, text_width

SUBSCRIPT_SIZE = 0.68
SUBSCRIPT_DROP = 0.16
"""Of the font size."""
MATH_GROWTH = 1.1
"""The italic face is small for its size: this makes its x-height that of the text beside it."""
LONGEST_OPERAND, DEEPEST = 12, 3
"""Characters, and levels, of an unnamed operand that are written out in an expression; longer ones become a dot."""
UNNAMED = "·"
NO_BREAK = "\u00a0"
INDEXING = {"select", "slice", "index", "unbind", "split"}
TRANSPOSING = {"t", "transpose", "permute", "numpy_T", "adjoint"}
PRODUCT_SUMS = {"addmm", "addmv", "baddbmm"}
WORD = re.compile(r"[^\W\dᵀ](?:(?!ᵀ)\w)*(?:\.(?:(?!ᵀ)\w)+)*")
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


def label_runs(node: Node, size: float) -> Runs:
    """A leaf's or input's name, or where it has none the source text that made it."""
    if node.name:
        return name_runs(node.name, size)
    return (Run(" ".join(node.label[:80].split()) or "tensor", "code", round(size * 0.6, 1)),)


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


class Expressions:
    """What each op node of one Trace computes, over its operands' names: `w × x`, `relu(v)`, `Wᵀ`, `M[:, 1]`."""

    def __init__(self, trace: Trace) -> None:
        self._nodes = {node.id: node for node in trace.nodes}
        self._tensors = {tensor.id: tensor for tensor in trace.tensors}
        self._lines = trace.program.source.splitlines()
        self._spans = Counter(node.span for node in trace.nodes if node.kind == "op")
        self._incoming: defaultdict[str, list[Edge]] = defaultdict(list)
        for edge in trace.edges:
            self._incoming[edge.target].append(edge)
        self._kept: dict[tuple[str, int], str] = {}

    def of(self, node: Node, nested: int = 0) -> str:
        """The expression; unnamed operands are written out where that is short, `nested` levels deep so far."""
        key = (node.id, nested)
        if key not in self._kept:
            self._kept[key] = self._made(node, nested).replace(NO_BREAK, " ")
        return self._kept[key]

    def _made(self, node: Node, nested: int) -> str:
        base = bare_op(node.op)
        source = self._source(node) if base in INDEXING else None
        if source is not None:
            return source
        edges = ordered(self._incoming[node.id])
        texts = [self._operand(edge, base, nested) for edge in edges]
        if base in TRANSPOSING and len(texts) == 1 and len(self._shape(node)) == 2:
            return in_brackets(texts[0]) + "ᵀ"
        if base in PRODUCT_SUMS and len(texts) == 3:
            return f"{in_brackets(texts[1])} @ {in_brackets(texts[2])} + {texts[0]}"
        if len(texts) > 4:
            texts = [*texts[:2], ELLIPSIS]
        if is_infix(node, len(edges)):
            texts = [operand.text for operand in infix_operands(node, [Operand(text, None) for text in texts])]
        return written(node, texts)

    def _operand(self, edge: Edge, base: str, nested: int) -> str:
        node = self._nodes.get(edge.source)
        if node is None:
            return UNNAMED
        tensor = self._tensors.get(node.outputs[edge.output]) if edge.output < len(node.outputs) else None
        name = node.name or (tensor.name if tensor is not None else None)
        if name:
            return name.rpartition(".")[2] or name
        if node.kind != "op":
            label = " ".join(node.label[:60].split())
            return label if 0 < len(label) <= LONGEST_OPERAND else UNNAMED
        inner = self.of(node, nested + 1) if nested < DEEPEST else UNNAMED
        if len(inner) > LONGEST_OPERAND:
            return UNNAMED
        # A product inside a sum needs no brackets, and a blank that can't break is what keeps them away.
        return inner.replace(" ", NO_BREAK) if base in ("add", "sub") and bare_op(node.op) == "mul" else inner

    def _shape(self, node: Node) -> tuple[int, ...]:
        tensor = self._tensors.get(node.outputs[0]) if node.outputs else None
        return tensor.shape if tensor is not None else ()

    def _source(self, node: Node) -> str | None:
        """The piece of the program that made the node and no other."""
        if node.span is None or self._spans[node.span] != 1:
            return None
        first, start, last, end = node.span
        if first != last or not 0 < first <= len(self._lines):
            return None
        return self._lines[first - 1][start:end][:60].strip() or None
