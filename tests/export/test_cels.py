"""Steps put together from cels are the steps that the template draws; what has no mark is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from app.core.trace import Trace
from app.core.view import View
from app.draw.elements import Scene
from app.examples import load, names
from app.export.cels import Cels
from app.export.marks import Letters, Shape, Veil, box, marks
from app.export.svg import picture
from app.record import record

Draw = Callable[[Trace, View], Scene]
HEAD = '<svg xmlns="http://www.w3.org/2000/svg">'


def canonical(svg: str) -> str:
    return ET.canonicalize(svg, strip_text=True)


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("two_layer", ""),
        ("training_loop", "dir=TB&theme=dark&bg=transparent"),
        ("attention", "detail=call&scale=2"),
        ("storage", "theme=contrast&bg=f8f4e3&digits=2"),
        ("double_backward", "num=sci&show=values"),
    ],
)
def test_every_step_is_what_the_template_draws(draw: Draw, name: str, query: str) -> None:
    trace, view = record(load(name).source), View.parse(query)
    drawn = draw(trace, view)
    cels = Cels(drawn, view)
    for step in range(len(trace.steps) - 1, -1, -4):  # nothing depends on the order in which steps are asked for
        assert canonical(cels.svg(step)) == canonical(picture(drawn, view, step)), step
    middle = len(trace.steps) // 2
    assert canonical(cels.svg(middle, paths=True)) == canonical(picture(drawn, view, middle, paths=True))
    assert canonical(cels.svg(middle)) != canonical(picture(drawn, view, middle + 1))


def test_a_cel_serves_every_step_that_shows_its_state(draw: Draw) -> None:
    trace = record(load("two_layer").source)
    drawn = draw(trace, View())
    cels = Cels(drawn, View())
    stacks = [cels.stack(step) for step in range(len(trace.steps))]
    numbers = {cel.number for stack in stacks for cel in stack}
    assert len(numbers) < sum(map(len, stacks)) / 6
    assert cels.stack(5) == stacks[5]


def test_everything_in_the_gallery_has_marks(draw: Draw) -> None:
    for name in names():
        trace = record(load(name).source, explain=False)
        cels = Cels(draw(trace, View()), View())
        left, top, width, height = cels.box
        stacks = [cels.stack(step) for step in {0, len(trace.steps) // 2, len(trace.steps) - 1}]
        for cel in {cel.number: cel for stack in stacks for cel in stack}.values():
            found = marks((cels.head, cels.layers[cel.layer]), cel.svg)
            covered = box(found)
            assert covered is None or (covered[0] > left - 20 and covered[2] < left + width + 20)
            assert covered is None or (covered[1] > top - 20 and covered[3] < top + height + 20)


def test_marks_take_over_what_is_inherited() -> None:
    inside = (
        '<g transform="translate(10 20) scale(2)" opacity="0.4" stroke="#0072b2"><rect width="5" height="6" rx="1"/>'
        '<text x="1" y="2" fill="#a94400" font-weight="600">w</text></g>'
    )
    (veil,) = marks((HEAD, '<g font-size="8" fill="none">'), inside)
    assert isinstance(veil, Veil)
    shape, letters = veil.marks
    assert isinstance(shape, Shape)
    assert isinstance(letters, Letters)
    assert (veil.alpha, shape.fill, shape.stroke, shape.width) == (0.4, None, "#0072b2", 2)
    assert shape.segments[0] == ("M", ((12, 20),))
    assert (letters.x, letters.y, letters.style.size, letters.style.face) == (12, 24, 16, "strong")


def test_the_cells_of_a_heat_map_are_bars() -> None:
    (bars,) = marks((HEAD,), '<g transform="scale(10 4)"><path d="M1 2.5h3" fill="none" stroke="#c3dff0"/></g>')
    assert isinstance(bars, Shape)
    assert (bars.fill, bars.stroke) == ("#c3dff0", None)
    assert box((bars,)) == (10, 8, 40, 12)


@pytest.mark.parametrize(
    "svg",
    [
        "<image/>",
        '<use href="#a"/>',
        '<g transform="rotate(3)"/>',
        '<path d="M0 0A1 1 0 0 1 2 2" fill="#000000"/>',
        '<path d="M0 0Z 3" fill="#000000"/>',
        '<rect width="1" height="1" fill="url(#g)"/>',
        '<rect width="1" height="1" fill="red"/>',
    ],
)
def test_what_has_no_mark_is_refused(svg: str) -> None:
    with pytest.raises(ValueError, match="no mark"):
        marks((HEAD,), svg)


def test_a_scene_with_nothing_in_it(trace: Trace, draw: Draw) -> None:
    empty = replace(trace, nodes=(), edges=(), passes=(), tensors=(), storages=(), steps=trace.steps[:1])
    assert Cels(draw(empty, View()), View()).stack(0) == []
