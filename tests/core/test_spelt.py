"""Sentences with other digits than those recorded."""

from __future__ import annotations

import json
from pathlib import Path

from app.core.sentence import spelt
from app.core.trace import Trace
from app.record import record

PROGRAM = "w = torch.tensor(0.123456, requires_grad=True)\ny = torch.sigmoid(w * 3.14159)\ny.backward()"


def traced(source: str) -> Trace:
    return Trace.from_dict(json.loads(json.dumps(record(source).to_dict())))


def test_sentences_have_the_digits_that_are_asked_for() -> None:
    trace = traced(PROGRAM)
    assert spelt(trace, 4, "auto") is trace
    assert "0.1235 × 3.142 = 0.3878" in " ".join(step.text for step in trace.steps)
    assert "0.12 × 3.1 = 0.39" in " ".join(step.text for step in spelt(trace, 2, "auto").steps)
    assert "1.2×10⁻¹ × 3.1×10⁰ = 3.9×10⁻¹" in " ".join(step.text for step in spelt(trace, 2, "sci").steps)


def test_nothing_else_changes() -> None:
    trace = traced(PROGRAM)
    other = spelt(trace, 7, "auto").to_dict()
    texts = [step.pop("text") for step in other["steps"]]
    plain = trace.to_dict()
    assert texts != [step.pop("text") for step in plain["steps"]]
    assert other == plain


def test_recorded_sentences_are_those_of_four_digits() -> None:
    from app.core.sentence import with_sentences

    source = (Path(__file__).parents[2] / "app" / "examples" / "two_layer.py").read_text("utf-8").split('"""', 2)[2]
    trace = traced(source)
    assert [step.text for step in with_sentences(trace).steps] == [step.text for step in trace.steps]
