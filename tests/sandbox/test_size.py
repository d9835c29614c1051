"""A Trace that is too large: its largest values become summaries; where operations alone are too many, it's said."""

import json
from dataclasses import replace
from io import StringIO

import pytest

from app.core.errors import GradwalkError
from app.core.limits import Limits
from app.record import record
from app.sandbox import task, wire

CHAIN = "w = torch.tensor(0.5, requires_grad=True)\nh = w\nfor i in range({}):\n    h = h * w\nh.backward()\n"


def recorded(count: int, most: int) -> bytes:
    job = wire.Job(source=CHAIN.format(count), explain=False)
    return task._recorded(job, replace(Limits(), result=most), StringIO())


def test_a_refusal_says_how_many_operations_fit():
    most = 2**18
    with pytest.raises(GradwalkError) as caught:
        recorded(1000, most)
    assert caught.value.code == "output_limit"
    assert "1,000 operations" in caught.value.message
    assert "0.25 are the most" in caught.value.message
    fit = int(caught.value.hint.split()[1])
    assert 100 <= fit < 1000
    assert len(recorded(fit, most)) <= most


def test_large_values_become_summaries_before_that():
    source = (
        "x = torch.rand(60, 60, requires_grad=True)\ny = x\nfor i in range(80):\n    y = y * 0.9\ny.sum().backward()\n"
    )
    data = record(source, explain=False).to_dict()
    assert len(json.dumps(data, separators=(",", ":"))) <= Limits().result
    assert {tensor["value"]["kind"] for tensor in data["tensors"] if tensor["shape"]} == {"summary"}
