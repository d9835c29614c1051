"""The lessons: each link of a lesson leads to a step that is about what the link says."""

import re
from functools import cache

import pytest

from app.core.trace import Trace
from app.core.view import View, resolve_step
from app.examples import gallery, load
from app.record import record

LINK = re.compile(r"\[((?:[^\[\]]|\[\w+\])+)\]\(step=(\w+)\)")
WORD = re.compile(r"[−\d.]*\d|[^\W\d]\w*")

LINKS = [(name, *link) for name, example in gallery().items() for link in LINK.findall(example.lesson)]


@cache
def recorded(name: str) -> Trace:
    return record(load(name).source)


def test_links_are_the_only_markup() -> None:
    for example in gallery().values():
        assert example.lesson.count("](") == len(LINK.findall(example.lesson)), example.name
        assert not set(LINK.sub("", example.lesson)) & set("`<>#"), example.name
    assert len(LINKS) > 100


@pytest.mark.parametrize("name", gallery())
def test_every_example_has_a_lesson_whose_sentences_lead_to_steps(name: str) -> None:
    assert len(LINK.findall(load(name).lesson)) >= 2


@pytest.mark.parametrize(("name", "text", "step"), LINKS, ids=[f"{name}-{step}" for name, _text, step in LINKS])
def test_a_link_leads_where_it_says(name: str, text: str, step: str) -> None:
    trace = recorded(name)
    index = resolve_step(trace, View.parse(f"step={step}").step)
    assert step in ("start", "loss", "end") or index == int(step)
    sentence = set(WORD.findall(trace.steps[index].text))
    told = {word for word in WORD.findall(text) if word[-1].isdigit() or any(word == node.name for node in trace.nodes)}
    assert told, "a link names a variable or a number"
    assert told & sentence, f"{sorted(told)} are not in: {trace.steps[index].text}"
