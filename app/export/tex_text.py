"""Text for pdflatex: every character escaped, drawn by a macro, or named by its number; none can start a command."""

from __future__ import annotations

import re
import unicodedata

_ESCAPED = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedblright{}",
    "`": r"\textasciigrave{}",
    "'": r"\textquoteright{}",
    "-": "{-}",  # two of them would join
    ",": "{,}",
    "?": "{?}",
    "!": "{!}",
    " ": r"\ ",
    "\u00a0": r"\ ",
    "…": r"\textellipsis{}",
    "–": r"\textendash{}",
    "—": r"\textemdash{}",
    "‘": r"\textquoteleft{}",
    "’": r"\textquoteright{}",
    "“": r"\textquotedblleft{}",
    "”": r"\textquotedblright{}",
    "ß": r"\ss{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "œ": r"\oe{}",
    "Œ": r"\OE{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "ı": r"\i{}",
    "§": r"\S{}",
}
_MATH = {
    "×": r"\times", "·": r"\cdot", "−": "-", "±": r"\pm", "÷": r"\div", "∂": r"\partial", "∇": r"\nabla",
    "∞": r"\infty", "√": r"\surd", "∑": r"\textstyle\sum", "∏": r"\textstyle\prod", "∫": r"\textstyle\int",
    "⊙": r"\odot", "⊗": r"\otimes", "⊕": r"\oplus", "∘": r"\circ", "∗": r"\ast", "≤": r"\leq", "≥": r"\geq",
    "≠": r"\neq", "≈": r"\approx", "≡": r"\equiv", "∈": r"\in", "∉": r"\notin", "∀": r"\forall", "∃": r"\exists",
    "¬": r"\neg", "∧": r"\wedge", "∨": r"\vee", "∝": r"\propto", "→": r"\rightarrow", "←": r"\leftarrow",
    "↑": r"\uparrow", "↓": r"\downarrow", "↔": r"\leftrightarrow", "⇒": r"\Rightarrow", "⇐": r"\Leftarrow",
    "↦": r"\mapsto", "⟨": r"\langle", "⟩": r"\rangle", "⌊": r"\lfloor", "⌋": r"\rfloor", "⌈": r"\lceil",
    "⌉": r"\rceil", "‖": r"\Vert", "⋅": r"\cdot", "⋯": r"\cdots", "′": "{}'", "″": "{}''", "°": r"{}^\circ",
    "ℓ": r"\ell", "ᵀ": r"{}^{\mathsf{T}}", "ᵗ": "{}^{t}", "ⁿ": "{}^{n}", "ⁱ": "{}^{i}", "⁺": "{}^{+}", "⁻": "{}^{-}",
    "₊": "{}_{+}", "₋": "{}_{-}", "ᵢ": "{}_{i}", "ⱼ": "{}_{j}", "ₙ": "{}_{n}", "ₜ": "{}_{t}", "½": r"\frac12",
    "¼": r"\frac14", "✓": r"\surd", "•": r"\bullet", "○": r"\circ", "●": r"\bullet", "■": r"\rule{.6em}{.6em}",
    "µ": r"\mu",
}  # fmt: skip
_GREEK = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|(?:var)?sigma|tau|upsilon|phi|chi|psi"
    "|omega"
)
_LATIN_CAPITALS = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True))
"""Greek capitals that look like Latin ones, for which TeX has no name."""
_ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u", "\u0307": ".",
    "\u0308": '"', "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0327": "c", "\u0331": "b", "\u0323": "d",
}  # fmt: skip


def escaped(text: str) -> str:
    """The text as pdflatex sets it, whatever it holds; `\\gwunknown{4E2D}` where TeX's fonts have no such letter."""
    return "".join(map(_char, unicodedata.normalize("NFC", text)))


def commented(text: str) -> str:
    """The text on one line, to stand after a `%`."""
    return "".join(char if char.isprintable() and char.isascii() else "?" for char in " ".join(text.split()))


def _char(char: str) -> str:
    if char in _ESCAPED:
        return _ESCAPED[char]
    if char in _MATH:
        return f"${_MATH[char]}$"
    if char.isascii():
        return char if char.isprintable() else ""
    return _greek(char) or _script(char) or _accented(char) or _unknown(char)


def _greek(char: str) -> str:
    if char in _LATIN_CAPITALS:
        return _LATIN_CAPITALS[char]
    if char == "ο":
        return "o"
    name = unicodedata.name(char, "")
    if not name.startswith("GREEK ") or " LETTER " not in name or " WITH " in name:
        return ""
    kind, _letter, letter = name.removeprefix("GREEK ").partition(" LETTER ")
    letter = {"lamda": "lambda", "final sigma": "varsigma"}.get(letter.lower(), letter.lower())
    if not _GREEK.fullmatch(letter):
        return ""
    return f"$\\{letter.capitalize() if kind == 'CAPITAL' else letter}$"


def _script(char: str) -> str:
    """Raised and lowered figures and letters."""
    kind, _space, plain = unicodedata.decomposition(char).partition(" ")
    if kind not in ("<super>", "<sub>") or " " in plain:
        return ""
    base = chr(int(plain, 16))
    mark = "^" if kind == "<super>" else "_"
    return f"${{}}{mark}{{\\mathrm{{{base}}}}}$" if base.isascii() and base.isalnum() else ""


def _accented(char: str) -> str:
    pair = unicodedata.normalize("NFD", char)
    base, mark = pair[:1], pair[1:]
    if mark not in _ACCENTS or not base.isascii() or not base.isalpha():
        return ""
    stem = {"i": r"\i", "j": r"\j"}.get(base, base)
    return f"\\{_ACCENTS[mark]}{{{stem}}}"


def _unknown(char: str) -> str:
    if unicodedata.category(char) in ("Mn", "Cf", "Cc", "Zs"):
        return r"\ " if unicodedata.category(char) == "Zs" else ""
    return f"\\gwunknown{{{ord(char):X}}}"
