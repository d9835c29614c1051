"""What each output is called in formulas: the user's name, a short label, or u with the number of the operation.

Names need not be unique in a program; here they are, so that ∂h/∂h never appears.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from app.core.trace import Endpoint, Node, Trace
from app.explain import latex
from app.explain.graph import Graph, graph

SHORT_LABEL = re.compile(r"[^\W\d]\w{0,9}(\.\w{1,8})?(\.mT|\.T|\.t\(\)|\[-?\d+\])?")
NUMBERED = re.compile(r"([uvzq])_?\d+")
LONGEST = 28
"""Characters of a name in plain text."""
SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class Names:
    """LaTeX and plain Unicode of every output, by (node, output)."""

    latex: dict[Endpoint, str]
    plain: dict[Endpoint, str]
    numbered: set[str]
    """Nodes that are called uₖ."""


def names(indexed: Graph, *, numbered: bool = False) -> Names:
    """Name every output of every node; with `numbered` each operation without a name of the user's is uₖ. Linear."""
    wanted = {node.id: _wanted(node, numbered) for node in indexed.trace.nodes}
    count = Counter(name for name in wanted.values() if name)
    letter = _free_letter(count)
    made = Names({}, {}, set())
    seen: Counter[str] = Counter()
    order = {id_: k for k, id_ in enumerate(indexed.compute, start=1)}
    for number, node in enumerate(indexed.trace.nodes, start=1):
        name = wanted[node.id]
        if name is None or (name != node.name and count[name] > 1):
            k = str(order.get(node.id, number))
            in_latex, plain = f"{letter}_{{{k}}}", letter + k.translate(SUBSCRIPT)
            made.numbered.add(node.id)
        else:
            in_latex, plain = latex.name(name), name[:LONGEST]
            if count[name] > 1:
                seen[name] += 1
                k = str(seen[name])
                in_latex = rf"{{{in_latex}}}^{{({k})}}"
                plain += "⁽" + k.translate(SUPERSCRIPT) + "⁾"
        for output in range(max(len(node.outputs), 1)):
            made.latex[node.id, output], made.plain[node.id, output] = _output(indexed, node, output, in_latex, plain)
    return made


def numbers(trace: Trace) -> dict[str, str]:
    """`u3` by id, for the operations without a name of the user's: as `names` calls them, in ASCII."""
    made = names(graph(trace), numbered=True)
    return {id_: made.plain[id_, 0].translate(_DIGITS) for id_ in made.numbered}


def _wanted(node: Node, numbered: bool) -> str | None:
    """The name to use if it is free: `node.name`, or a label that reads as a name."""
    if node.name:
        return node.name
    read = node.kind != "op" or (not numbered and SHORT_LABEL.fullmatch(node.label))
    return node.label if read else None


def _free_letter(taken: Counter[str]) -> str:
    used = {match[1] for name in taken if (match := NUMBERED.fullmatch(name))}
    return next((letter for letter in "uvzq" if letter not in used), "n")


def _output(indexed: Graph, node: Node, output: int, in_latex: str, plain: str) -> tuple[str, str]:
    if output == 0:
        return in_latex, plain
    tensor = indexed.result(node.id, output)
    if tensor is not None and tensor.name and tensor.name != node.name:
        return latex.name(tensor.name), tensor.name[:LONGEST]
    return rf"{{{in_latex}}}^{{[{output}]}}", f"{plain}[{output}]"
