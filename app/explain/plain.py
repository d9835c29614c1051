"""Formulas in one line of Unicode, for edges of the drawing and sentences: `1/x²`, `σ(x) (1 − σ(x))`.

Reads the small part of LaTeX that the formula tables use; a formula with no short one-line form gives None.
"""

from __future__ import annotations

import re
from functools import cache

TOKEN = re.compile(r"<\w+(?:\.T)?>|\\[A-Za-z]+|\\.|[{}^_]|\s+|[^\\{}^_\s<]+|<")
SYMBOLS = {
    r"\cdot": "·", r"\times": "×", r"\odot": "⊙", r"\top": "ᵀ", r"\infty": "∞", r"\pi": "π", r"\sigma": "σ", r"\lambda": "λ",
    r"\alpha": "α", r"\beta": "β", r"\gamma": "γ", r"\delta": "δ", r"\epsilon": "ε", r"\mu": "μ", r"\partial": "∂",
    r"\Phi": "Φ", r"\varphi": "φ", r"\tau": "τ", r"\left": "", r"\right": "", r"\,": " ", r"\;": " ", r"\quad": " ", r"\{": "{",
    r"\}": "}", r"\_": "_", r"\lfloor": "⌊", r"\rfloor": "⌋", r"\lceil": "⌈", r"\rceil": "⌉", r"\le": "≤", r"\ge": "≥",
    r"\ne": "≠", r"\lt": "<", r"\in": "∈", r"\sum": "Σ", r"\prod": "Π", r"\to": "→", r"\ldots": "…", r"\lVert": "‖",
    r"\rVert": "‖", r"\textstyle": "", r"\displaystyle": "", r"\bigl": "", r"\bigr": "", r"\theta": "θ", r"\lvert": "|",
    r"\rvert": "|", r"\land": "∧", r"\ell": "ℓ", r"\circ": "∘", r"\mid": "|", r"\!": "",
}  # fmt: skip
FUNCTIONS = set(
    ["ln", "log", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "max", "min", "exp", "det"]
)
WORDS = {
    r"\operatorname",
    r"\mathrm",
    r"\mathit",
    r"\text",
    r"\mathbb",
    r"\mathbf",
    r"\mathcal",
    r"\mathtt",
    r"\boldsymbol",
}
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


def _sequence(tokens: list[str], at: int) -> tuple[str, int]:
    out: list[str] = []
    while at < len(tokens) and tokens[at] != "}":
        token = tokens[at]
        if token in ("^", "_"):
            body, at = _group(tokens, at + 1)
            out.append(_shifted(body, RAISED if token == "^" else LOWERED, token))
            continue
        piece, at = _atom(tokens, at)
        out.append(piece)
    return "".join(out), at


def _group(tokens: list[str], at: int) -> tuple[str, int]:
    while tokens[at].isspace():
        at += 1
    if tokens[at] != "{":
        return _atom(tokens, at)
    body, at = _sequence(tokens, at + 1)
    return body.strip(), at + 1


def _atom(tokens: list[str], at: int) -> tuple[str, int]:
    token = tokens[at]
    if token == "{":
        return _group(tokens, at)
    if not token.startswith("\\"):
        return token.replace("-", "−"), at + 1
    if token in SYMBOLS:
        return SYMBOLS[token], at + 1
    if token in WORDS:
        return _group(tokens, at + 1)
    if token[1:] in FUNCTIONS:
        following = tokens[at + 1].lstrip()[:1] if at + 1 < len(tokens) else ""
        return token[1:] + ("" if following in ("(", "^", "_") else " "), at + 1
    if token in (r"\frac", r"\tfrac"):
        above, at = _group(tokens, at + 1)
        below, at = _group(tokens, at)
        return f"{_bracketed(above)}/{_bracketed(below)}", at
    if token == r"\sqrt":
        body, at = _group(tokens, at + 1)
        return "√" + _bracketed(body), at
    if token in OVER:
        body, at = _group(tokens, at + 1)
        return body + OVER[token], at
    raise _NoOneLineFormError(token)


def _shifted(body: str, table: dict[int, int], mark: str) -> str:
    if body == "ᵀ":
        return body
    moved = body.translate(table)
    return moved if all(a != b for a, b in zip(body, moved, strict=True)) else f"{mark}{_bracketed(body)}"


def _bracketed(body: str) -> str:
    simple = re.fullmatch(r"−?(<\w+>|\w+)[²³]?|√?\(.*\)|√<\w+>", body)
    return body if simple else f"({body})"
