"""The options of a view, one row each: what it may be, how it is read (and clamped), how it is spelt."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from app.core.codec import PREFIX, decode, encode
from app.core.errors import GradwalkError
from app.core.let import let_text, parse_let, parse_value, value_text

PhaseChoice = Literal["both", "forward", "backward"]
Detail = Literal["module", "call", "autograd"]
Direction = Literal["LR", "TB"]
Theme = Literal["auto", "light", "dark", "contrast"]
NumberStyle = Literal["auto", "fixed", "sci"]
NamesStyle = Literal["source", "numbered"]
Controls = Literal["full", "min", "none"]
Show = Literal["code", "inspector", "values", "grads", "locals", "legend", "link", "saved"]
Keys = Literal["local", "reveal", "off"]
TextForm = Literal["text", "paths"]
StepChoice = int | Literal["start", "loss", "end"]

_FAR = 10**9
"""A step beyond any walk; larger ones are clamped here already."""
_ROOT = re.compile(r"(?:@n\d{1,9}|[^\W\d]\w*)(?:\[-?\d{1,9}(?:,-?\d{1,9})*\])*")
_SELECT = re.compile(r"[ne]\d{1,9}|path:n\d{1,9}:\d{1,9}", re.ASCII)
_NAME = re.compile(r"[\w-]+", re.ASCII)
_HEX = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


@dataclass(frozen=True, slots=True)
class Parameter:
    """`read` turns an address's text into the value or raises `bad_view`; `write` is its canonical text."""

    name: str
    allowed: str
    """What it may be, in words."""
    about: str
    """What it does, in one phrase, for help texts."""
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str


def _bad(name: str, value: str, allowed: str) -> GradwalkError:
    shown = value if len(value) <= 40 else value[:40] + "…"
    return GradwalkError("bad_view", f"{name}={shown}: {name} may be {allowed}.")


def _choice(name: str, literal: Any, about: str) -> Parameter:
    choices: tuple[str, ...] = get_args(literal)
    allowed = ", ".join(choices[:-1]) + " or " + choices[-1]

    def read(text: str) -> str:
        for choice in choices:
            if text.casefold() == choice.casefold():
                return choice
        raise _bad(name, text, allowed)

    return Parameter(name, allowed, about, read)


def _flag(name: str, about: str) -> Parameter:
    def read(text: str) -> bool:
        if text not in ("0", "1"):
            raise _bad(name, text, "0 or 1")
        return text == "1"

    return Parameter(name, "0 or 1", about, read, lambda value: "1" if value else "0")


def _whole(text: str) -> int | None:
    """An integer's text, of whatever length, clamped to ±_FAR; None when it is none."""
    sign = -1 if text.startswith("-") else 1
    digits = text.removeprefix("+") if sign == 1 else text[1:]
    if not (digits.isascii() and digits.isdigit()):
        return None
    digits = digits.lstrip("0") or "0"
    return sign * (_FAR if len(digits) > len(str(_FAR)) else min(int(digits), _FAR))


def _integer(name: str, least: int, most: int, about: str) -> Parameter:
    def read(text: str) -> int:
        number = _whole(text)
        if number is None:
            raise _bad(name, text, f"an integer, {least} to {most}")
        return min(max(number, least), most)

    return Parameter(name, f"an integer, {least} to {most}", about, read)


def _read_let(text: str) -> str:
    return let_text(parse_let(text))


def _read_seed(text: str) -> int:
    bare = text.removeprefix("-").removeprefix("+")
    if not (bare.isascii() and bare.isdigit() and len(text) <= 20) or not -(2**63) <= int(text) < 2**63:
        raise _bad("seed", text, "an integer of at most 64 bits")
    return int(text)


def _read_root(text: str) -> str:
    tight = "".join(text.split())
    if len(tight) > 200 or not _ROOT.fullmatch(tight):
        raise _bad("root", text, "a variable of the program, a node such as @n5, or an element such as y[0]")
    return tight


def _read_cotangent(text: str) -> str:
    return value_text(parse_value(text))


def _read_step(text: str) -> StepChoice:
    """Never an error: what is no step is the start."""
    if text in ("start", "loss", "end"):
        return text  # type: ignore[return-value]  # narrowed by the line above, which mypy does not follow
    number = _whole(text)
    return 0 if number is None else max(number, 0)


def _read_range(text: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    ends = (_whole(first.strip()), _whole(last.strip()))
    if not dash or ends[0] is None or ends[1] is None or ends[1] < 0:
        raise _bad("range", text, "two steps, such as 3-9")
    return min(ends[0], ends[1]), max(ends[0], ends[1])


def _write_range(ends: tuple[int, int]) -> str:
    return f"{ends[0]}-{ends[1]}"


def _read_select(text: str) -> str:
    if not _SELECT.fullmatch(text):
        raise _bad("select", text, "a node such as n2, an edge such as e0, or a path such as path:n0:1")
    return text


def _read_vs(text: str) -> str:
    """A program's token in the canonical spelling, or a gallery name."""
    if text.startswith(PREFIX):
        return encode(decode(text))
    if len(text) > 100 or not _NAME.fullmatch(text):
        raise _bad("vs", text, f"the name of a gallery example, or {PREFIX} and a packed program as in c")
    return text


def _read_bg(text: str) -> str:
    if text.casefold() == "transparent":
        return "transparent"
    match = _HEX.fullmatch(text)
    if match is None:
        raise _bad("bg", text, "transparent, or a colour in hex such as ffffff")
    digits = match[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(2 * digit for digit in digits))


def _read_scale(text: str) -> float:
    try:
        scale = float(text) if text.isascii() and "_" not in text else None
    except ValueError:
        scale = None
    if scale is None or scale != scale:  # noqa: PLR0124  (NaN)
        raise _bad("scale", text, "a number, 0.5 to 3")
    return round(min(max(scale, 0.5), 3.0), 3)


def _read_eta(text: str) -> float:
    try:
        eta = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        eta = math.nan
    if not math.isfinite(eta):
        raise _bad("eta", text, "a number such as 0.1")
    return eta


def _read_show(text: str) -> tuple[str, ...]:
    known: tuple[str, ...] = get_args(Show)
    wanted = {item.strip() for item in text.split(",")}
    if "none" in wanted and len(wanted) == 1:
        return ()
    if not wanted <= set(known):
        raise _bad("show", text, "none, or a list of " + ", ".join(known))
    return tuple(item for item in known if item in wanted)


_ROWS = (
    Parameter("let", "values such as w:2,W:[[1,2],[3,4]]", "values for the free names of an expression", _read_let),
    Parameter("seed", "an integer of at most 64 bits", "the seed of all random generators", _read_seed),
    Parameter(
        "root", "a variable, a node such as @n5, or an element such as y[0]", "where the implicit backward pass starts",
        _read_root,
    ),
    Parameter(
        "cotangent", "a number, or nested lists such as [1,0]", "what the implicit backward pass is seeded with",
        _read_cotangent,
    ),
    Parameter("step", "an integer, start, loss or end", "the step that is shown, clamped to the walk", _read_step),
    Parameter("range", "two steps, such as 3-9", "walk these steps only", _read_range, _write_range),
    _choice("phase", PhaseChoice, "walk this part only"),
    Parameter("select", "n2, e0 or path:n0:1", "what the inspector shows", _read_select),
    _choice("detail", Detail, "how far calls and modules are unfolded"),
    _choice("dir", Direction, "left to right, or top to bottom"),
    _choice("theme", Theme, "the colours"),
    Parameter("bg", "transparent, or hex such as ffffff", "the background", _read_bg, lambda bg: bg.removeprefix("#")),
    Parameter("scale", "a number, 0.5 to 3", "the size of text and cards", _read_scale, lambda scale: f"{scale:g}"),
    _integer("digits", 0, 8, "significant digits of numbers"),
    Parameter(
        "eta", "a number", "the learning rate of the steps shown beside the gradients", _read_eta,
        lambda eta: repr(eta).removesuffix(".0"),
    ),
    _choice("num", NumberStyle, "how numbers are written"),
    _choice("names", NamesStyle, "what unnamed operations are called: their source text, or u1, u2, … as executed"),
    _choice("controls", Controls, "how much of the transport is shown"),
    Parameter(
        "show", "none, or a list of " + ", ".join(get_args(Show)), "the parts that are shown", _read_show,
        lambda parts: ",".join(parts) or "none",
    ),
    _flag("autoplay", "1 starts playing at once"),
    _integer("interval", 100, 60_000, "milliseconds a step while playing"),
    _choice("keys", Keys, "who answers the keys: the player, the deck around it, nobody"),
    _flag("predict", "1 hides each new number until the viewer reveals it"),
    Parameter("vs", "a gallery name, or d1. and a packed program", "the variant to compare with", _read_vs),
    _choice("text", TextForm, "text of an SVG as text or as outlines"),
)  # fmt: skip

PARAMETERS: dict[str, Parameter] = {row.name: row for row in _ROWS}
"""By name, in canonical order. The program parameters (`expr`, `c`, `ex`, `id`) are `app.core.view`'s."""
