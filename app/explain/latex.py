"""LaTeX of names, numbers, shapes and matrices, safe for whatever a stranger's program is called.

Everything made here is drawn by KaTeX in strict mode and compiles with amsmath.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from app.core.number import number_text
from app.core.trace import Scalar

GREEK = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega
Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
"""
GREEK_NAMES = frozenset(GREEK.split())
"""Letters that TeX has a command for."""
GREEK_LETTERS = {
    unicodedata.lookup(
        f"GREEK {'SMALL' if n[0].islower() else 'CAPITAL'} LETTER {n.replace('ambda', 'amda').upper()}"
    ): n
    for n in GREEK_NAMES
}
ACCENTS = {
    "hat": "hat", "bar": "bar", "tilde": "tilde", "dot": "dot", "\u0302": "hat", "\u0304": "bar", "\u0303": "tilde",
    "\u0307": "dot", "\u0308": "ddot", "\u0301": "acute", "\u0300": "grave",
}  # fmt: skip
TEXT = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip
SPELT = {
    "−": "-", "∞": r"\infty", "nan": r"\mathrm{NaN}", "None": r"\mathrm{None}", "True": r"\mathrm{True}",
    "False": r"\mathrm{False}",
}  # fmt: skip
POWER = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
LONGEST_NAME = 28
MOST_LISTED = 8
LONGEST_TEXT = 60
TOP = r"^{\top}"


def text(words: str) -> str:
    r"""`\text{…}` of anything; what TeX could not set is spelt by its code point."""
    return r"\text{" + "".join(_character(c) for c in words[:LONGEST_TEXT]) + "}"


def _character(char: str) -> str:
    if " " <= char <= "~":
        return TEXT.get(char, char)
    if char in GREEK_LETTERS:
        return "$\\" + GREEK_LETTERS[char] + "$"
    base, *marks = list(unicodedata.normalize("NFD", char))
    if "A" <= base <= "z" and all("\u0300" <= mark <= "\u036f" for mark in marks) and "\u00c0" <= char <= "\u00ff":
        return char
    return f"U+{ord(char):04X}"


def name(identifier: str) -> str:
    """An identifier as mathematics: `w_1` and `W1` get subscripts, `theta` is θ, `y_hat` gets its hat.

    Longer paths (`net.0.weight`) are set upright; nothing of the identifier reaches LaTeX unescaped.
    """
    identifier = " ".join(identifier.split()) or "?"
    if len(identifier) > LONGEST_NAME:
        identifier = identifier[: LONGEST_NAME - 3] + "..."
    identifier = unicodedata.normalize("NFC", identifier)
    for suffix in (".T", ".mT", ".t()"):
        if identifier.endswith(suffix):
            return transposed(name(identifier.removesuffix(suffix)))
    element = re.fullmatch(r"([^\W\d]\w*)\[(-?\d+(?:, ?-?\d+)*)\]", identifier)
    if element:
        return indexed(name(element[1]), f"[{element[2]}]")
    head, _, rest = identifier.partition("_")
    accent = ACCENTS.get(rest)
    if accent and head.isalpha():
        return rf"\{accent}{{{_word(head)}}}"
    if rest and head.isalpha() and rest.replace("_", "").isalnum() and len(rest) <= 8:
        return f"{_word(head)}_{{{_words(rest)}}}"
    numbered = re.fullmatch(r"([^\W\d_]+)(\d+)", identifier)
    if numbered:
        return f"{_word(numbered[1])}_{{{int(numbered[2])}}}"
    return _word(identifier)


def _words(parts: str) -> str:
    return ",".join(part if part.isascii() and part.isdigit() else _word(part) for part in parts.split("_") if part)


def _word(word: str) -> str:
    if word in GREEK_NAMES:
        return "\\" + word
    if word in GREEK_LETTERS:
        return "\\" + GREEK_LETTERS[word]
    if len(word) == 1 and word.isascii() and word.isalpha():
        return word
    base, *marks = list(unicodedata.normalize("NFD", word))
    if len(marks) == 1 and marks[0] in ACCENTS:
        return rf"\{ACCENTS[marks[0]]}{{{_word(base)}}}"
    if word.isascii() and word.isalpha():
        return rf"\mathit{{{word}}}"
    return text(word)


def number(x: Scalar | None, digits: int = 4, num: str = "auto") -> str:
    """The spelling of `app.core.number` in LaTeX."""
    return spelt(number_text(x, digits, num))


def spelt(plain: str) -> str:
    """LaTeX of a number that `number_text` wrote."""
    mantissa, times, power = plain.partition("×10")
    for sign, latex in SPELT.items():
        mantissa = mantissa.replace(sign, latex)
    return f"{mantissa} \\times 10^{{{power.translate(POWER)}}}" if times else mantissa.replace("j", r"\,j")


def dims(shape: Sequence[int]) -> str:
    r"""`2 \times 3`; a scalar's shape is `()`."""
    return r" \times ".join(map(str, shape)) if shape else "()"


def under(latex: str, shape: Sequence[int]) -> str:
    """A factor with its shape written underneath."""
    return rf"\underset{{{dims(shape)}}}{{{latex}}}" if shape else latex


def matrix(rows: Sequence[Sequence[Scalar]], digits: int, num: str) -> str:
    """A matrix of numbers in round brackets."""
    body = r" \\ ".join(" & ".join(number(x, digits, num) for x in row) for row in rows)
    return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"


def tensor(data: Any, digits: int, num: str) -> str:
    """Nested lists of rank 0 to 2; a vector is written as a row."""
    if not isinstance(data, list):
        return number(data, digits, num)
    return matrix(data if data and isinstance(data[0], list) else [data], digits, num)


def transposed(factor: str) -> str:
    """A factor's transpose; twice is none."""
    if factor.endswith(TOP):
        return factor.removesuffix(TOP)
    return f"{{{factor}}}{TOP}" if "^" in factor else factor + TOP


SUBSCRIPTED = re.compile(r"(.*[^_^])_\{([^{}]*)\}")
BARRED = re.compile(r"(\\?[A-Za-z]|\\[A-Za-z]+)(_\{.*\})?")


def indexed(symbol: str, index: str) -> str:
    """One element of a tensor: the index joins a subscript that is there already."""
    found = SUBSCRIPTED.fullmatch(symbol)
    if found:
        return f"{found[1]}_{{{found[2]},{index}}}"
    return f"{symbol}_{{{index}}}" if len(symbol) == 1 else f"{{{symbol}}}_{{{index}}}"


def bar(symbol: str) -> str:
    """The gradient that arrives at `symbol`."""
    found = BARRED.fullmatch(symbol)
    return rf"\bar{{{found[1]}}}{found[2] or ''}" if found else rf"\overline{{{symbol}}}"


def argument(value: Any, *, deep: bool = True) -> str:
    """An argument that is no tensor: a number, a list of a few, or a word."""
    if isinstance(value, bool | int | float) or value is None:
        return number(value)
    if isinstance(value, list | tuple) and deep:
        shown = [argument(item, deep=False) for item in value[:MOST_LISTED]]
        return "(" + ", ".join([*shown, r"\ldots"] if len(value) > MOST_LISTED else shown) + ")"
    return text(str(value)[:LONGEST_NAME])


def partial(above: str, below: str, slot: int | None = None) -> str:
    """A local derivative; `slot` tells the places of an input apart that an op takes twice, as in x · x."""
    mark = rf"\big|_{{{slot}}}" if slot is not None else ""
    return rf"\frac{{\partial {above}}}{{\partial {below}}}{mark}"


def total(above: str, below: str, *, d: str = "d") -> str:
    r"""A total derivative; `d` is `"d"`, or `"∂"` where everything is written so."""
    sign = "d" if d == "d" else r"\partial"
    return rf"\frac{{{sign} {above}}}{{{sign} {below}}}"
