"""Marks on values that are kept for a backward step: from the operation that saves them to the step that frees them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

from app.core.trace import Trace
from app.draw.kept import kept
from app.draw.svg import svg
from app.record import record

TWICE = """w = torch.tensor(2., requires_grad=True)
u = w * w
u.backward(retain_graph=True)
u.backward()
"""


def circles(text: str) -> list[ET.Element]:
    return [e for e in ET.fromstring(text).iter() if "kept" in (e.get("class") or "").split()]


def test_a_value_is_kept_from_its_use_to_the_pass_that_frees_it() -> None:
    trace = record(TWICE)
    w = next(node for node in trace.nodes if node.name == "w")
    u = next(node for node in trace.nodes if node.name == "u")
    made = next(step.index for step in trace.steps if step.kind == "compute")
    last = [step.index for step in trace.steps if step.kind == "backward" and step.node == u.id][-1]
    assert [(when.start, when.end) for when in kept(trace)[w.outputs[0]]] == [(made, last - 1)]


def test_nothing_frees_what_no_pass_has_used() -> None:
    trace = record("w = torch.tensor(2., requires_grad=True)\nu = w * w\nv = u * u\nu.backward()\n")
    u = next(node for node in trace.nodes if node.name == "u")
    assert [when.end for when in kept(trace)[u.outputs[0]]] == [None]


def test_the_whole_walk_holds_the_marks_and_a_step_only_where_it_is_asked(lecture: Trace, draw: Any) -> None:
    saved = set(kept(lecture))
    shown = {node.outputs[0] for node in lecture.nodes} & saved
    assert shown
    whole = draw(lecture)
    assert len(circles(svg(whole))) == sum(len(kept(lecture)[id_]) for id_ in shown)
    assert circles(svg(whole, step=4)) == []
    assert len(circles(svg(replace(whole, marks=True), step=4))) == len(shown)
    assert draw(lecture, "show=values,grads,saved").marks
    assert circles(svg(draw(lecture, "show=values,grads,saved"), step=len(lecture.steps) - 1)) == []
