"""The lecture's example, explained word for word."""

import json
import time
from pathlib import Path

import pytest

from app.core.trace import Trace
from app.explain import chip_text, chip_texts, explain, local_text, local_texts


@pytest.fixture(scope="module")
def trace() -> Trace:
    return Trace.from_dict(json.loads((Path(__file__).parent.parent / "lecture_by_hand.json").read_text()))


def test_the_rule_of_one_edge_goes_from_general_to_the_number(trace):
    rule = explain(trace)["nodes"]["n2"]["rules"][0]
    assert rule["edge"] == "e0"
    assert rule["general"] == r"\frac{\partial y}{\partial a} = b"
    assert rule["named"] == r"\frac{\partial u}{\partial w} = x"
    assert (rule["numbers"], rule["result"]) == ("3", "3")
    assert rule["line"] == r"\frac{\partial u}{\partial w} = x = 3"
    assert rule["plain"] == "∂u/∂w = x = 3"
    assert rule["source"] == "formula"


def test_relu_tells_its_condition_with_numbers(trace):
    (rule,) = explain(trace)["nodes"]["n5"]["rules"]
    assert rule["line"].endswith(r"\mathbf{1}[v > 0] = \mathbf{1}[7 > 0] = 1")


def test_the_chain_rule_line(trace):
    (line,) = explain(trace)["nodes"]["n2"]["chain"]
    assert line["latex"] == (r"\frac{d a}{d w} = \frac{d a}{d u} \cdot \frac{\partial u}{\partial w} = 1 \cdot 3 = 3")
    assert line["whole"] is True


def test_totals_can_be_written_with_the_partial_sign(trace):
    (line,) = explain(trace, totals="∂")["nodes"]["n2"]["chain"]
    assert line["latex"].startswith(r"\frac{\partial a}{\partial w} = \frac{\partial a}{\partial u} \cdot")


def test_edges_and_chips_of_the_drawing(trace):
    assert local_texts(trace) == {"e0": "3", "e2": "1", "e3": "1", "e4": "1"}
    assert chip_texts(trace)[0, "e0"] == "1 × 3 = 3"
    assert (local_text(trace, "e0"), local_text(trace, "e1")) == ("3", None)
    assert chip_text(trace, 0, "e0") == "1 × 3 = 3"
    assert chip_text(trace, 0, "e1") is None


def test_paths_end_in_the_gradient(trace):
    to_w = explain(trace)["paths"][0]
    assert to_w["shown"][0]["numbers"] == r"1 \cdot 1 \cdot 3"
    assert to_w["total"] == "3"
    assert to_w["derivation"].startswith(r"\begin{aligned} \frac{d a}{d w} &= ")


def test_what_is_kept_and_when_it_is_freed(trace):
    (kept,) = explain(trace)["nodes"]["n2"]["saved"]
    assert kept["text"] == "x = 3, freed after it"
    assert (kept["bytes"], kept["freed"]) == (4, 8)


def test_an_input_says_why_it_has_no_gradient(trace):
    (answer,) = explain(trace)["nodes"]["n1"]["why"]
    assert answer["code"] == "none_not_required"
    assert answer["line"] == 1


def test_is_json_and_fast(trace):
    assert json.loads(json.dumps(explain(trace), allow_nan=False))["version"] == 1
    times = []
    for _ in range(30):
        start = time.process_time()
        explain(trace)
        times.append(time.process_time() - start)
    assert min(times) < 1.5e-3
