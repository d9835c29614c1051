"""A view: which program, with which options, at which absolute step; read from a query string and written back.

The same text works on the page, in embeds and for every export (`docs/view.md`). What a parameter may be, and how it is
read and spelt, is one row of `app.core.parameters`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Literal
from urllib.parse import parse_qsl, quote

from app.core.codec import PREFIX, decode, encode
from app.core.errors import GradwalkError
from app.core.let import LetValue, parse_let
from app.core.parameters import (
    PARAMETERS,
    Controls,
    Detail,
    Direction,
    Keys,
    NamesStyle,
    NumberStyle,
    PhaseChoice,
    Show,
    StepChoice,
    TextForm,
    Theme,
)
from app.core.trace import Trace

ProgramKind = Literal["expr", "c", "ex", "id"]
PROGRAM_KINDS: tuple[ProgramKind, ...] = ("expr", "c", "ex", "id")
DEFAULT_EXAMPLE = "lecture"
_PLAIN = "()*:,/@!$"
"""Left as they are in a query string: legible, and special in none of HTML, JSON, CSS and URLs' queries."""

MOST_FIELDS = 200

Use = Literal["page", "embed", "export"]


@dataclass(frozen=True, slots=True)
class Program:
    """The program of a view. `text`: for `expr` and `c` the source itself, for `ex` and `id` the name."""

    kind: ProgramKind
    text: str


@dataclass(frozen=True, slots=True)
class View:
    """All view parameters, valid and clamped.

    `step`, `theme`, `controls` and `show` are None where the address leaves them to the place of use (see `placed`).
    """

    program: Program = Program("ex", DEFAULT_EXAMPLE)
    let: str | None = None
    seed: int = 0
    root: str | None = None
    cotangent: str | None = None
    step: StepChoice | None = None
    range: tuple[int, int] | None = None
    phase: PhaseChoice = "both"
    select: str | None = None
    detail: Detail = "autograd"
    dir: Direction = "LR"
    theme: Theme | None = None
    bg: str | None = None
    scale: float = 1.0
    digits: int = 4
    eta: float = 0.1
    num: NumberStyle = "auto"
    names: NamesStyle = "source"
    controls: Controls | None = None
    show: tuple[Show, ...] | None = None
    autoplay: bool = False
    interval: int = 1500
    keys: Keys = "local"
    predict: bool = False
    vs: str | None = None
    text: TextForm = "text"

    @classmethod
    def parse(cls, pairs: Iterable[tuple[str, str]] | str) -> View:
        """Read a query string, or its name–value pairs; unknown names are ignored, empty values count as not given.

        Of an option given twice the last counts. Without a program the view is of the default example.

        Raises:
            GradwalkError: `bad_view`, naming the parameter and what it may be.
        """
        if isinstance(pairs, str):
            try:
                pairs = parse_qsl(pairs.removeprefix("?"), max_num_fields=MOST_FIELDS)
            except ValueError:
                raise GradwalkError("bad_view", f"The address has more than {MOST_FIELDS} parameters.") from None
        given = [(name, value) for name, value in pairs if value]
        programs = [(name, value) for name, value in given if name in PROGRAM_KINDS]
        if len(programs) > 1:
            names = ", ".join(name for name, _value in programs)
            raise GradwalkError(
                "bad_view", f"More than one program is given ({names}).", hint="Give exactly one of expr, c, ex and id."
            )
        options = {name: PARAMETERS[name].read(value) for name, value in given if name in PARAMETERS}
        if programs:
            options["program"] = _read_program(*programs[0])
        return cls(**options)

    def query(self, *, step: bool = True) -> str:
        """The canonical query string, without what is left at its default; `step=False` leaves the step out."""
        spelt: list[tuple[str, str]] = [(self.program.kind, _program_text(self.program))]
        for name, parameter in PARAMETERS.items():
            value = getattr(self, name)
            if value != _DEFAULTS[name] and (step or name != "step"):
                spelt.append((name, parameter.write(value)))
        return "&".join(f"{name}={_quoted(value)}" for name, value in spelt)

    def placed(self, use: Use) -> View:
        """This view with the defaults of a page, an embed or an export for what the address left open."""
        step: StepChoice = "end" if use == "export" else 0
        theme: Theme = "auto" if use == "page" else "light"
        controls: Controls = "min" if use == "embed" else "full"
        return replace(
            self,
            step=step if self.step is None else self.step,
            theme=self.theme or theme,
            controls=self.controls or controls,
        )

    def variant(self) -> View:
        """The view of the program that `vs` names, with the same options.

        Raises:
            GradwalkError: `bad_view` where the view names none.
        """
        if self.vs is None:
            raise GradwalkError("bad_view", "vs: a second program is expected.")
        program = Program("c", decode(self.vs)) if self.vs.startswith(PREFIX) else Program("ex", self.vs)
        return replace(self, program=program, vs=None, let=None, root=None)

    def let_values(self) -> dict[str, LetValue]:
        """The values of `let`, by name."""
        return parse_let(self.let) if self.let else {}

    def run_key(self) -> tuple[str, ...]:
        """What decides the Trace, once an `ex` or `id` is looked up: two views with equal keys show the same run."""
        return (
            self.program.kind,
            self.program.text,
            self.let or "",
            str(self.seed),
            self.root or "",
            self.cotangent or "",
        )


_DEFAULTS = {field.name: field.default for field in fields(View)}


def resolve_step(trace: Trace, step: StepChoice | None) -> int:
    """The absolute index of a `step`, clamped to the walk.

    `loss` is the last `compute` before the first `seed` (without a seed, the last `compute`); None is the start.
    """
    last = max(len(trace.steps) - 1, 0)
    if step is None or step == "start":
        return 0
    if step == "end":
        return last
    if step == "loss":
        seed = first_seed(trace)
        return max(
            (s.index for s in trace.steps if s.kind == "compute" and (seed is None or s.index < seed)), default=0
        )
    return min(max(step, 0), last)


def resolve_range(trace: Trace, view: View) -> tuple[int, int]:
    """The first and last step that a view walks through: its `range` within its `phase`, clamped to the walk.

    `forward` ends before the first `seed`, `backward` starts with it. Where nothing would be left, it is
    the phase alone.
    """
    first, last = 0, max(len(trace.steps) - 1, 0)
    seed = first_seed(trace)
    if view.phase == "forward" and seed is not None:
        last = max(seed - 1, 0)
    elif view.phase == "backward" and seed is not None:
        first = seed
    if view.range is None or view.range[0] > last or view.range[1] < first:
        return first, last
    return max(first, view.range[0]), min(last, view.range[1])


def shown_step(trace: Trace, view: View) -> int:
    """The absolute step that a view shows: its `step`, clamped to what it walks through."""
    first, last = resolve_range(trace, view)
    return min(max(resolve_step(trace, view.step), first), last)


def first_seed(trace: Trace) -> int | None:
    """The index of the first step of the first backward pass, None where there is no pass."""
    return next((step.index for step in trace.steps if step.kind == "seed"), None)


def _read_program(name: str, value: str) -> Program:
    if name == "c":
        return Program("c", decode(value))
    if name == "expr":
        if not value.strip():
            raise GradwalkError(
                "bad_view", "expr: the expression is empty.", hint="For example expr=relu(w*x%20%2B%20b)."
            )
        return Program("expr", value)
    if not all(character.isascii() and (character.isalnum() or character in "_-") for character in value):
        raise GradwalkError("bad_view", f"{name}: a name of letters, digits, - and _ is expected.")
    return Program("ex" if name == "ex" else "id", value)


def _quoted(text: str) -> str:
    return quote(text, safe=_PLAIN, errors="replace")


def _program_text(program: Program) -> str:
    return encode(program.text) if program.kind == "c" else program.text
