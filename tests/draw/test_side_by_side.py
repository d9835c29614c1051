"""Two variants over one layout, and what differs between them: against numbers worked out by hand."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from app.core.align import Alignment, align
from app.core.trace import Full, Trace
from app.core.view import View
from app.draw.differences import Differences, differences, same
from app.draw.elements import Scene
from app.draw.layout import Layouter
from app.draw.side_by_side import side_by_side
from app.draw.svg import svg
from app.examples import load
from app.record import record


def pair(source: str, old: str, new: str) -> tuple[Trace, Trace, Alignment]:
    assert old in source
    first, second = record(source), record(source.replace(old, new))
    return first, second, align(first, second)


def drawn(first: Trace, second: Trace, alignment: Alignment, direction: str = "LR") -> tuple[Scene, Scene]:
    async def make() -> tuple[Scene, Scene]:
        async with Layouter() as layouter:
            return await side_by_side(first, second, alignment, View(dir=direction), layouter)  # type: ignore[arg-type]

    return asyncio.run(make())


def said(first: Trace, second: Trace, alignment: Alignment) -> tuple[Differences, list[str]]:
    found = differences(first, second, alignment)
    return found, [one.text for one in found.summary]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("detach", "u.detach()", "u"),
        ("dead_relu", "torch.relu", "torch.tanh"),
        ("training_loop", "range(3)", "range(2)"),
        ("attention", "torch.softmax(", "torch.log_softmax("),
        ("module", "nn.ReLU()", "nn.Tanh()"),
    ],
)
def test_partners_lie_at_the_same_place(name: str, old: str, new: str) -> None:
    first, second, alignment = pair(load(name).source, old, new)
    for direction in ("LR", "TB"):
        ours, theirs = drawn(first, second, alignment, direction)
        assert (ours.left, ours.top, ours.width, ours.height) == (theirs.left, theirs.top, theirs.width, theirs.height)
        centres = [
            {c.node.id: (c.x + c.face.width / 2, c.y + c.face.height / 2) for c in s.cards if c.drawn.form == "card"}
            for s in (ours, theirs)
        ]
        pairs = [(a, b) for a, b in alignment.nodes if a is not None and b is not None]
        assert len(pairs) > 3
        for a, b in pairs:
            assert centres[0][a] == pytest.approx(centres[1][b], abs=0.2)
        for scene, trace in ((ours, first), (theirs, second)):
            assert len(scene.wires) == len(trace.edges)
            assert "<svg" in svg(scene)


def test_detached_or_not() -> None:
    found, texts = said(*pair(load("detach").source, "u.detach()", "u"))
    # By hand: y = u·d = u², z = 2y: dz/dw = 2·2u·1.5 = 18; with d held constant half of it.
    assert texts == ["d = detach only in the first (line 3)", "w.grad: 9 against 18"]
    assert found.headline == "w.grad: 9 against 18: d = detach only in the first (line 3)"
    assert found.alone == (("n2", None),)
    assert {(mark.first, mark.kind) for mark in found.marks} == {("n0", "grad"), ("n1", "grad")}


def test_a_gradient_that_one_side_never_has() -> None:
    source = "w = torch.tensor(2., requires_grad=True)\nv = torch.tensor(1., requires_grad=True)\n"
    source += "y = w * 3 + v\ny.backward()\n"
    _, texts = said(*pair(source, "w * 3", "w.detach() * 3"))
    assert "w.grad: 3 against None" in texts
    assert any(text.startswith("detach only in the second (line 3)") for text in texts)


def test_what_differed_and_is_the_same_again_is_said_as_it_was() -> None:
    source = "w = torch.tensor(2., requires_grad=True)\ny = w * 3\ny.backward()\nw.grad = None\n"
    _, texts = said(*pair(source, "w * 3", "w * 4"))
    assert "w.grad: 3 against 4" in texts


def test_relu_or_tanh() -> None:
    found, texts = said(*pair(load("dead_relu").source, "torch.relu", "torch.tanh"))
    # tanh(−3) = −0.99505: the loss is 1.99505² = 3.98, its slope −3.9901·(1 − tanh²) = −0.03937, times x = 2 for w.
    assert texts[0] == "a: relu against tanh (line 5)"
    assert set(texts[1:]) == {"w.grad: 0 against −0.07873", "b.grad: 0 against −0.03937", "loss: 1 against 3.98"}
    assert found.changed == (("n5", "n5"),)


def test_a_program_and_itself_differ_in_nothing() -> None:
    trace = record(load("training_loop").source)
    found = differences(trace, trace, align(trace, trace))
    assert found == Differences("", (), (), (), ())


def test_a_corrupted_number_is_found() -> None:
    """Were `differences` blind, the test above would pass all the same."""
    trace = Trace.from_dict(record(load("lecture").source).to_dict())
    tensors = tuple(replace(t, value=Full(6.5)) if t.value == Full(6.0) else t for t in trace.tensors)
    other = replace(trace, tensors=tensors)
    (mark,) = differences(trace, other, align(trace, other)).marks
    assert (mark.first, mark.kind, mark.start, mark.end) == ("n2", "value", 1, None)


def test_values_are_compared_within_rounding() -> None:
    assert same(Full([1.0, "nan"]), Full([1.000001, "nan"]))
    assert not same(Full([1.0]), Full([1.001]))
    assert not same(Full([1.0]), Full([[1.0]]))
    assert not same(Full(1.0), None)
    assert same(Full({"re": 1.0, "im": 0.0}), Full({"re": 1.0, "im": 0.0}))
