"""View parameters: defaults, clamping, refusals, the canonical query, and how steps resolve against a Trace."""

import base64
import json
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.codec import encode
from app.core.errors import GradwalkError
from app.core.parameters import PARAMETERS
from app.core.trace import Trace
from app.core.view import Program, View, resolve_range, resolve_step

DOCUMENT = Path(__file__).parents[2] / "docs" / "view.md"


@pytest.fixture(scope="module")
def trace() -> Trace:
    return Trace.from_dict(json.loads((Path(__file__).parents[1] / "lecture_by_hand.json").read_text()))


def test_defaults() -> None:
    view = View.parse([])
    assert view.program == Program("ex", "lecture")
    assert (view.seed, view.step, view.range, view.phase, view.detail, view.dir) == (
        0,
        None,
        None,
        "both",
        "autograd",
        "LR",
    )
    assert (view.scale, view.digits, view.num, view.interval, view.keys) == (1.0, 4, "auto", 1500, "local")
    assert (view.autoplay, view.predict, view.text, view.bg, view.select, view.let) == (
        False,
        False,
        "text",
        None,
        None,
        None,
    )
    assert view.query() == "ex=lecture"


@pytest.mark.parametrize(
    ("use", "step", "theme", "controls"),
    [("page", 0, "auto", "full"), ("embed", 0, "light", "min"), ("export", "end", "light", "full")],
)
def test_defaults_of_the_place(use: Any, step: object, theme: str, controls: str) -> None:
    placed = View.parse("ex=lecture").placed(use)
    assert (placed.step, placed.theme, placed.controls) == (step, theme, controls)
    chosen = View.parse("ex=lecture&step=0&theme=dark&controls=none")
    assert chosen.placed(use) == chosen


@pytest.mark.parametrize(
    ("query", "field", "value"),
    [
        ("step=4", "step", 4),
        ("step=loss", "step", "loss"),
        ("step=-3", "step", 0),
        ("step=" + "9" * 5000, "step", 10**9),
        ("step=soon", "step", 0),
        ("step=²", "step", 0),
        ("seed=-7", "seed", -7),
        ("range=3-9", "range", (3, 9)),
        ("range=9-3", "range", (3, 9)),
        ("dir=tb", "dir", "TB"),
        ("theme=Contrast", "theme", "contrast"),
        ("bg=FFF", "bg", "#ffffff"),
        ("bg=%23e0F1a2", "bg", "#e0f1a2"),
        ("bg=transparent", "bg", "transparent"),
        ("scale=9", "scale", 3.0),
        ("scale=0", "scale", 0.5),
        ("scale=1.25", "scale", 1.25),
        ("digits=12", "digits", 8),
        ("digits=-1", "digits", 0),
        ("interval=1", "interval", 100),
        ("show=grads,code,grads", "show", ("code", "grads")),
        ("show=none", "show", ()),
        ("autoplay=1", "autoplay", True),
        ("predict=0", "predict", False),
        ("root=y[0]", "root", "y[0]"),
        ("root=y[ 0, -1 ]", "root", "y[0,-1]"),
        ("root=@n5[ 0 ]", "root", "@n5[0]"),
        ("cotangent=[ 1, 0 ]", "cotangent", "[1,0]"),
        ("eta=1e-2", "eta", 0.01),
        ("select=path:n0:1", "select", "path:n0:1"),
        ("let=w: 2, W:[[1, 2]]", "let", "w:2,W:[[1,2]]"),
        ("text=paths", "text", "paths"),
        ("digits=", "digits", 4),
        ("digits=2&digits=3", "digits", 3),
        ("colour=red", "program", Program("ex", "lecture")),
    ],
)
def test_reading(query: str, field: str, value: object) -> None:
    assert getattr(View.parse(query), field) == value


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("seed=two", ("seed", "integer")),
        ("seed=" + "9" * 19, ("seed", "64 bits")),
        ("range=3", ("range", "3-9")),
        ("range=-3-9", ("range", "3-9")),
        ("phase=up", ("phase", "both, forward or backward")),
        ("detail=all", ("detail", "module, call or autograd")),
        ("dir=RL", ("dir", "LR or TB")),
        ("theme=pink", ("theme", "auto, light, dark or contrast")),
        ("bg=red", ("bg", "transparent", "hex")),
        ("bg=ff", ("bg", "hex")),
        ("scale=big", ("scale", "0.5 to 3")),
        ("scale=nan", ("scale", "0.5 to 3")),
        ("digits=four", ("digits", "0 to 8")),
        ("num=roman", ("num", "auto, fixed or sci")),
        ("controls=all", ("controls", "full, min or none")),
        ("show=everything", ("show", "code, inspector, values")),
        ("autoplay=yes", ("autoplay", "0 or 1")),
        ("interval=soon", ("interval", "100 to 60000")),
        ("keys=vim", ("keys", "local, reveal or off")),
        ("predict=2", ("predict", "0 or 1")),
        ("text=bold", ("text", "text or paths")),
        ("select=w", ("select", "n2")),
        ("root=1+1", ("root", "y[0]")),
        ("root=y[i]", ("root", "y[0]")),
        ("root=@w", ("root", "@n5")),
        ("cotangent=[1,", ("cotangent", "a number or [")),
        ("cotangent=[1],[2]", ("cotangent", "nothing more")),
        ("eta=fast", ("eta", "0.1")),
        ("eta=nan", ("eta", "0.1")),
        ("let=w", ("let", "colon")),
        ("c=abc", ("c", "d1.")),
        ("expr=%20", ("expr", "empty")),
        ("ex=../cli", ("ex", "letters")),
        ("id=a/b", ("id", "letters")),
        ("ex=lecture&expr=x", ("ex, expr", "exactly one")),
        ("ex=a&ex=b", ("ex, ex", "exactly one")),
    ],
)
def test_refusals_name_the_parameter(query: str, names: tuple[str, ...]) -> None:
    with pytest.raises(GradwalkError) as caught:
        View.parse(query)
    assert caught.value.code == "bad_view"
    text = f"{caught.value.message} {caught.value.hint}"
    assert all(name in text for name in names), text


def test_every_program_kind_is_spelt_canonically() -> None:
    assert View.parse("expr=relu(w*x+%2B+b)").query() == "expr=relu(w*x%20%2B%20b)"
    assert View.parse("ex=two_layer").query() == "ex=two_layer"
    assert View.parse("id=Ab3-_x").query() == "id=Ab3-_x"
    stored = zlib.compressobj(0, zlib.DEFLATED, -15)
    other = base64.urlsafe_b64encode(stored.compress(b"x = torch.ones(2)\n") + stored.flush()).decode().rstrip("=")
    view = View.parse([("c", f"d1.{other}")])
    assert view.program == Program("c", "x = torch.ones(2)\n")
    assert view.query() == f"c={encode(view.program.text)}" != f"c=d1.{other}"


def test_the_query_holds_only_what_differs() -> None:
    view = View.parse("theme=dark&step=3&ex=lecture&digits=4&dir=LR&let=W:[[1,2]]")
    assert view.query() == "ex=lecture&let=W:%5B%5B1,2%5D%5D&step=3&theme=dark"
    assert view.query(step=False) == "ex=lecture&let=W:%5B%5B1,2%5D%5D&theme=dark"
    assert View.parse("?step=0").query() == "ex=lecture&step=0"


values = {
    "let": st.sampled_from(["w:2", "w:-1.5,W:[[1,2],[3,4]]"]),
    "seed": st.integers(-(2**63), 2**63 - 1).map(str),
    "root": st.sampled_from(["y", "y[0]", "loss[1,2][3]", "β", "@n5", "@n12[0,1]"]),
    "cotangent": st.sampled_from(["2", "[1,0]", "[[1e-3,-2],[.5,inf]]"]),
    "eta": st.floats(-10, 10).map(str),
    "step": st.integers(-5, 10**12).map(str) | st.sampled_from(["start", "loss", "end", "x", "1.5"]),
    "range": st.tuples(st.integers(0, 99), st.integers(0, 99)).map(lambda ends: f"{ends[0]}-{ends[1]}"),
    "select": st.sampled_from(["n2", "e0", "path:n0:1"]),
    "bg": st.sampled_from(["transparent", "fff", "#102030"]),
    "scale": st.floats(-1, 9).map(str),
    "digits": st.integers(-3, 12).map(str),
    "interval": st.integers(0, 10**6).map(str),
    "show": st.lists(st.sampled_from(["code", "grads", "locals", "link"]), min_size=1).map(",".join),
    "autoplay": st.sampled_from(["0", "1"]),
    "predict": st.sampled_from(["0", "1"]),
    "vs": st.sampled_from(["detach", "two_layer", encode("y = relu(w)")]),
}
choices = {name: row.allowed for name, row in PARAMETERS.items() if name not in values}
values |= {name: st.sampled_from(allowed.replace(" or ", ", ").split(", ")) for name, allowed in choices.items()}
programs = (
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip).map(lambda text: ("expr", text))
    | st.text(st.characters(exclude_categories=["Cs"])).map(lambda text: ("c", encode(text)))
    | st.sampled_from([("ex", "lecture"), ("id", "Zz09-_")])
)


@given(programs, st.fixed_dictionaries({}, optional=values))
def test_any_valid_query_reads_back(program: tuple[str, str], options: dict[str, str]) -> None:
    view = View.parse([*options.items(), program])
    query = view.query()
    assert View.parse(query) == view
    assert View.parse(parse_qsl(query)).query() == query
    assert View.parse(urlencode(parse_qsl(query))) == view
    assert not set(query) & set("\"<>'\\ \n#")
    assert View.parse(view.query(step=False)) == replace(view, step=None)


@given(st.text())
def test_any_address_is_a_view_or_a_bad_view(query: str) -> None:
    try:
        view = View.parse(query)
    except GradwalkError as error:
        refused = error
    else:
        assert View.parse(view.query()) == view
        return
    assert refused.code == "bad_view"


def test_an_address_has_so_many_parameters() -> None:
    assert View.parse("&".join(["a=1"] * 200)) == View()
    with pytest.raises(GradwalkError, match="more than 200") as caught:
        View.parse("&".join(["a=1"] * 201))
    assert caught.value.code == "bad_view"


@given(st.lists(st.tuples(st.sampled_from(["expr", "c", "ex", "id", *PARAMETERS]), st.text(max_size=12)), max_size=4))
def test_any_text_is_a_view_or_a_bad_view(pairs: list[tuple[str, str]]) -> None:
    try:
        view = View.parse(pairs)
    except GradwalkError as error:
        refused = error
    else:
        assert View.parse(view.query()) == view
        return
    assert refused.code == "bad_view"


def test_steps_resolve(trace: Trace) -> None:
    assert [step.index for step in trace.steps if step.kind in ("start", "compute", "seed", "end")] == [
        0,
        1,
        2,
        3,
        4,
        10,
    ]
    assert [resolve_step(trace, step) for step in (None, "start", 0, 4, 99, "loss", "end")] == [0, 0, 0, 4, 10, 3, 10]
    forward_only = replace(trace, steps=tuple(s for s in trace.steps[:4]))
    assert resolve_step(forward_only, "loss") == 3
    assert resolve_step(forward_only, "end") == 3
    assert resolve_step(replace(trace, steps=()), "loss") == 0


@pytest.mark.parametrize(
    ("query", "ends"),
    [
        ("", (0, 10)),
        ("phase=forward", (0, 3)),
        ("phase=backward", (4, 10)),
        ("range=2-6", (2, 6)),
        ("range=2-600", (2, 10)),
        ("range=2-6&phase=backward", (4, 6)),
        ("range=2-6&phase=forward", (2, 3)),
        ("range=0-2&phase=backward", (4, 10)),
        ("range=50-60", (0, 10)),
    ],
)
def test_ranges_resolve(trace: Trace, query: str, ends: tuple[int, int]) -> None:
    assert resolve_range(trace, View.parse(query)) == ends


def rows() -> Iterator[str]:
    for line in DOCUMENT.read_text().splitlines():
        if line.startswith("| `"):
            yield line.split("`")[1]


def test_every_parameter_is_documented() -> None:
    assert set(rows()) == {"expr", "c", "ex", "id", *PARAMETERS}


def test_half_a_surrogate_pair_breaks_no_address() -> None:
    assert View(Program("expr", "w*\ud800")).query() == "expr=w*%3F"
