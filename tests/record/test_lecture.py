"""The lecture's example, against the Trace made by hand."""

import json
from pathlib import Path

from app.record import record

BY_HAND = json.loads((Path(__file__).parent.parent / "lecture_by_hand.json").read_text())


def test_is_the_trace_made_by_hand():
    made = record(BY_HAND["program"]["source"]).to_dict()
    expected = json.loads(json.dumps(BY_HAND))
    for trace in (made, expected):
        trace["program"]["torch"] = ""
        trace["passes"][0]["paths"].sort(key=lambda entry: entry["leaf"])
        trace["passes"][0]["jacobians"].sort(key=lambda entry: entry["edge"])
    assert json.loads(json.dumps(made)) == expected


def test_the_same_snippet_gives_the_same_trace():
    source = (
        "torch.manual_seed(3)\nnet = nn.Linear(3, 2)\ny = F.dropout(net(torch.randn(4, 3)), 0.5).sum()\ny.backward()\n"
    )
    assert record(source) == record(source)
    assert record("x = torch.rand(3, requires_grad=True)", seed=1) != record(
        "x = torch.rand(3, requires_grad=True)", seed=2
    )
