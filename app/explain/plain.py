"""Formulas in one line of Unicode, for edges of the drawing and sentences: `1/x²`, `σ(x) (1 − σ(x))`.

Reads the small part of LaTeX that the formula tables use; a formula with no short one-line form gives None.
"""

from __future__ import annotations

import re
from functools import cache

TOKEN = re.compile(r"<\w+(?:\.T)?>|\\[A-Za-z]+|\\.|[{}^_]|\s+|[^\\{}^_\s<]+|<")
SYMBOLS = {
    r"\cdot": "·", r"\times": "×", r"\odot": "⊙", r"\top": "ᵀ", r"\infty": "∞", r"\pi": "π", r"\sigma": "σ",
    r"\lambda": "λ", r"\alpha": "α", r"\beta": "β", r"\gamma": "γ", r"\delta": "δ", r"\epsilon": "ε", r"\mu": "μ",
    r"\partial": "∂", r"\Phi": "Φ", r"\varphi": "φ", r"\tau": "τ", r"\left": "", r"\right": "", r"\,": " ",
    r"\;": " ", r"\quad": " ", r"\{": "{", r"\}": "}", r"\_": "_", r"\lfloor": "⌊", r"\rfloor": "⌋", r"\lceil": "⌈",
    r"\rceil": "⌉", r"\le": "≤", r"\ge": "≥", r"\ne": "≠", r"<": "<", r"\in": "∈", r"\sum": "Σ", r"\prod": "Π",
    r"\to": "→", r"\ldots": "…", r"\lVert": "‖", r"\rVert": "‖", r"\textstyle": "", r"\displaystyle": "",
    r"\bigl": "", r"\bigr": "", r"\theta": "θ", r"\lvert": "|", r"\rvert": "|", r"\land": "∧", r"\ell": "ℓ",
    r"\circ": "∘", r"\mid": "|", r"\!": "",
}  # fmt: skip
FUNCTION_NAMES = "ln log sin cos tan arcsin arccos arctan sinh cosh tanh max min exp det"
FUNCTIONS = frozenset(FUNCTION_NAMES.split())
FONTS = r"\operatorname \mathrm \mathit \text \mathbb \mathbf \mathcal \mathtt \boldsymbol"
WORDS = frozenset(FONTS.split())
OVER = {r"\bar": "\u0304", r"\hat": "\u0302", r"\tilde": "\u0303", r"\dot": "\u0307"}
RAISED = str.maketrans("0123456789+-−()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿⁱ")
LOWERED = str.maketrans("0123456789+-−()ijkn", "₀₁₂₃₄₅₆₇₈₉₊₋₋₍₎ᵢⱼₖₙ")


class _NoOneLineFormError(Exception):
    """The formula needs more than a line."""


@cache
def one_line(template: str) -> str | None:
    """The template in Unicode, placeholders kept; None where it has no one-line form (cases, matrices)."""
    tokens = TOKEN.findall(template)
    try:
        out, rest = _sequence(tokens, 0)
    except (_NoOneLineFormError, IndexError):
        return None
    return re.sub(r"\s+", " ", out).replace("( ", "(").replace(" )", ")").strip() if rest == len(tokens) else None


def _sequence(parts: list[str], at: int) -> tuple[str, int]:
    out: list[str] = []
    while at < len(parts) and parts[at] != "}":
        part = parts[at]
        if part in ("^", "_"):
            body, at = _group(parts, at + 1)
            out.append(_shifted(body, RAISED if part == "^" else LOWERED, part))
            continue
        piece, at = _atom(parts, at)
        out.append(piece)
    return "".join(out), at


def _group(parts: list[str], at: int) -> tuple[str, int]:
    while parts[at].isspace():
        at += 1
    if parts[at] != "{":
        return _atom(parts, at)
    body, at = _sequence(parts, at + 1)
    return body.strip(), at + 1


def _atom(parts: list[str], at: int) -> tuple[str, int]:
    part = parts[at]
    if part == "{":
        return _group(parts, at)
    if not part.startswith("\\"):
        return part.replace("-", "−"), at + 1
    if part in SYMBOLS:
        return SYMBOLS[part], at + 1
    if part[1:] in FUNCTIONS:
        following = parts[at + 1].lstrip()[:1] if at + 1 < len(parts) else ""
        return part[1:] + ("" if following in ("(", "^", "_") else " "), at + 1
    return _command(parts, at)


def _command(parts: list[str], at: int) -> tuple[str, int]:
    """A command with arguments in braces."""
    command = parts[at]
    first, at = _group(parts, at + 1)
    if command in (r"\frac", r"\tfrac"):
        second, at = _group(parts, at)
        return f"{_bracketed(first)}/{_bracketed(second)}", at
    if command == r"\sqrt":
        return "√" + _bracketed(first), at
    if command in OVER:
        return first + OVER[command], at
    if command in WORDS:
        return first, at
    raise _NoOneLineFormError(command)


def _shifted(body: str, table: dict[int, int], mark: str) -> str:
    if body == "ᵀ":
        return body
    moved = body.translate(table)
    return moved if all(a != b for a, b in zip(body, moved, strict=True)) else f"{mark}{_bracketed(body)}"


def _bracketed(body: str) -> str:
    simple = re.fullmatch(r"−?(<\w+>|\w+)[²³]?|√?\(.*\)|√<\w+>", body)
    return body if simple else f"({body})"
