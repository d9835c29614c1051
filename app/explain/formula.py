"""What a formula is: an op's forward expression and, per input, its local derivative or its VJP.

The formulas themselves are tables in `app.explain.formulas`. A template is LaTeX with placeholders: `<other>` is an
input, an argument or `<result>`; `<g>` the gradient that arrives; `<other.T>` a transposed factor.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

Code = Callable[[Any, Any], Any]
"""`code(xp, v)`: `xp` has the functions of `torch` (or of `.scalars`), `v` inputs, arguments, outputs and `v.g`."""
Sparsity = Literal["identity", "diagonal", "one-hot", "selection", "dense", "zero"]
PLACEHOLDER = re.compile(r"<(\w+)(\.T)?>")


@dataclass(frozen=True, slots=True)
class Rule:
    """The derivative of an op with respect to one input.

    `pointwise`: `code` gives ∂y/∂x element by element, and the VJP is g ⊙ that, summed over what was broadcast.
    Otherwise `code` gives the VJP itself. `short` is for an edge of the drawing, with the same placeholders.
    """

    local: str
    code: Code
    pointwise: bool
    vjp: str
    short: str
    sparsity: Sparsity
    whole: bool = False
    """`local` is the whole Jacobian as a matrix, not the derivative of output element i by input element j."""


@dataclass(frozen=True, slots=True)
class Formula:
    """One aten op. `rules` by schema name of the input; `source` names where the derivative is written down.

    `forward` and rule templates may depend on arguments: then `variant` picks another Formula for them.
    """

    forward: str
    rules: Mapping[str, Rule]
    symbols: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    note: str = ""
    variant: Callable[[Any], Formula | None] | None = None


def pointwise(local: str, code: Code, short: str = "diag", *, sparsity: Sparsity = "diagonal") -> Rule:
    """A rule of an elementwise op: `local` is the derivative of one output element by its own input element."""
    factor = local if _is_factor(local) else rf"\left({local}\right)"
    vjp = "<g>" if local == "1" else rf"<g> \odot {factor}"
    return Rule(local, code, True, vjp, short, sparsity)


def linear(
    vjp: str, code: Code, short: str, *, local: str = "", sparsity: Sparsity = "dense", whole: bool = False
) -> Rule:
    """A rule given as VJP: what to do with the gradient that arrives. `local`: the derivative, where it is short."""
    return Rule(local, code, False, vjp, short, sparsity, whole)


def formula(forward: str, *, note: str = "", symbols: Mapping[str, str] | None = None, **rules: Rule) -> Formula:
    """A table entry: the forward expression and one rule per input that can have a gradient."""
    return Formula(forward, MappingProxyType(rules), MappingProxyType(dict(symbols or {})), note)


def _is_factor(latex: str) -> bool:
    """Whether a product with `latex` needs no brackets: no sum at its top level."""
    depth = 0
    for char in re.sub(r"\\left|\\right", "", latex):
        depth += (char in "{(") - (char in "})")
        if depth == 0 and char in "+-":
            return False
    return True


class Piece(NamedTuple):
    """What stands for a placeholder; `atomic`: it needs no brackets beside other factors."""

    latex: str
    atomic: bool = True


class Hole(NamedTuple):
    """A placeholder and where it stands."""

    name: str
    transposed: bool
    enclosed: bool
    """Alone between brackets, braces or bars: it needs none of its own."""
    script: str
    """`^` or `_` where a power or subscript follows directly."""
    nested: bool
    """Inside a power or subscript."""


@cache
def _parsed(template: str) -> tuple[str | Hole, ...]:
    parts: list[str | Hole] = []
    end = 0
    for match in PLACEHOLDER.finditer(template):
        before, after = template[: match.start()].rstrip(), template[match.end() :].lstrip()
        opened = not before or before[-1] in "{([|"
        closed = not after or after[0] in "})]|"
        power = after.startswith("^") or (before.endswith("{") and after.startswith("}^"))
        script = after[:1] if after[:1] in ("^", "_") else ""
        hole = Hole(match[1], bool(match[2]), opened and closed and not power, script, _in_script(before))
        parts += [template[end : match.start()], hole]
        end = match.end()
    return (*parts, template[end:])


def _in_script(before: str) -> bool:
    """Whether what comes next stands in an open `^{…` or `_{…`."""
    opened: list[bool] = []
    for k, char in enumerate(before):
        if char == "{":
            opened.append(before[k - 1 : k] in ("^", "_"))
        elif char == "}" and opened:
            opened.pop()
    return any(opened)


def fill(template: str, piece: Callable[[Hole], Piece], *, braces: bool = True) -> str:
    """Put `piece(hole)` into every placeholder, in brackets where precedence asks for them.

    `braces`: a longer piece before a power or subscript is kept together by braces, as LaTeX wants it.
    """
    out = []
    for part in _parsed(template):
        if isinstance(part, str):
            out.append(part)
            continue
        latex, atomic = piece(part)
        if braces and part.script and len(latex) > 1 and atomic:
            latex, atomic = f"{{{latex}}}", not (part.script == "^" and "^" in latex)
        out.append(latex if atomic or part.enclosed else f"({latex})")
    return "".join(out)
