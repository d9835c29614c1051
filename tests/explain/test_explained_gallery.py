"""Explanations of real Traces: the gallery, and small programs whose reasons are known."""

import itertools
import json
import shutil
import subprocess
import time
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from app.core.trace import Trace
from app.examples import gallery
from app.explain import chip_texts, explain, explain_element, local_texts
from app.record import record

KATEX = Path(__file__).with_name("katex_strict.mjs")
FIELDS = """
title name where general named numbers result line vjp latex lhs names contribution sum total derivation defined
objective value running before added after captured
"""
EXAMPLES = sorted(gallery())


@cache
def traced(name):
    return record(gallery()[name].source)


def strings(data, key=""):
    if isinstance(data, dict):
        for name, item in data.items():
            if name != "edges":
                yield from strings(item, name)
    elif isinstance(data, list):
        for item in data:
            yield from strings(item, key)
    elif isinstance(data, str) and key in FIELDS.split():
        yield data


@pytest.fixture(scope="module")
def explained():
    return {name: explain(traced(name)) for name in EXAMPLES}


def test_every_latex_of_the_gallery_is_accepted_by_katex(explained):
    if shutil.which("node") is None:
        pytest.skip("KaTeX is run by Node, which is not installed")
    texts = sorted({text for told in explained.values() for text in strings(told)})
    done = subprocess.run(
        ["node", str(KATEX)], input=json.dumps(texts), capture_output=True, text=True, check=True, timeout=300
    )
    assert len(texts) > 1000
    assert json.loads(done.stdout) == []


def test_every_differentiable_edge_has_a_rule(explained):
    sources = Counter()
    for name, told in explained.items():
        for node in told["nodes"].values():
            for rule in node["rules"]:
                sources[rule["source"]] += 1
                assert rule["source"] == "formula" or name == "custom_function", (name, rule)
    assert sources["formula"] > 150


@pytest.mark.parametrize("name", EXAMPLES)
def test_numbers_agree_with_the_trace(name):
    """Where a formula and PyTorch's Jacobian both give a local derivative, they are the same number."""
    trace = traced(name)
    stripped = json.loads(json.dumps(trace.to_dict()))
    for pass_ in stripped["passes"]:
        pass_["jacobians"] = []
    with_jacobian, without = explain(trace), explain(Trace.from_dict(stripped))
    for node_id, node in with_jacobian["nodes"].items():
        for mine, theirs in zip(node["rules"], without["nodes"][node_id]["rules"], strict=True):
            if mine["jacobian"]["scalar"] and theirs["result"] is not None:
                assert mine["result"] == theirs["result"], (name, mine["edge"])


@pytest.mark.parametrize("name", EXAMPLES)
def test_texts_of_the_drawing_cover_what_a_pass_sent(name):
    trace = traced(name)
    chips = chip_texts(trace)
    assert set(chips) == {(p.index, c.edge) for p in trace.passes for c in p.contributions}
    assert all(0 < len(text) <= 60 for text in [*chips.values(), *local_texts(trace).values()])


@pytest.mark.parametrize("name", EXAMPLES)
def test_paths_end_in_what_was_added(name):
    told = explain(traced(name))
    for path in told["paths"]:
        if path["total"] is not None and path["sum"] is not None:
            assert path["sum"].endswith(f"= {path['total']}")
            assert path["derivation"].count(r"\begin{aligned}") == 1


def reasons(source, node_name):
    """Codes and lines of what is said of the node called so."""
    trace = record(source)
    told = explain(trace)["nodes"]
    ids = [node.id for node in trace.nodes if node.name == node_name]
    return [(answer["code"], answer["line"]) for id_ in ids for answer in told[id_]["why"]]


LEAF = "w = torch.tensor(2., requires_grad=True)\n"
OTHER = "x = torch.tensor(1., requires_grad=True)\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (LEAF + "y = torch.tensor(3., requires_grad=True) * 2\ny.backward()", ("none_unused", 1)),
        (LEAF + "u = w * 2\nv = u.detach()\n" + OTHER + "y = v * x\ny.backward()", ("none_detached", 3)),
        (
            LEAF + "with torch.no_grad():\n    u = w * 2\n" + OTHER + "y = u * x\ny.backward()",
            ("none_no_grad", 3),
        ),
        (LEAF + "u = w * 2\nx = torch.tensor(1., requires_grad=True)\ny = x * 3\ny.backward()", ("none_no_path", 1)),
        (LEAF + "y = w * w\ng, = torch.autograd.grad(y, w)", ("none_grad_call", 1)),
        (LEAF + "y = w * 3\ny.backward()\nprint(y.grad_fn, y.is_leaf)\nz = [y.grad]", ("none_not_leaf", 2)),
        (LEAF + "a = torch.relu(w - 5)\ny = a * 3\ny.backward()", ("zero_flat_side", 2)),
        (LEAF + "a = torch.floor(w)\ny = a * 3\ny.backward()", ("zero_flat", 2)),
        (LEAF + "z = torch.tensor(0.)\ny = w * z\ny.backward()", ("zero_factor", 3)),
        (LEAF + "y = w - w\ny.backward()", ("zero_cancels", 1)),
        (LEAF + "u = w - 2\ny = torch.sqrt(u)\ny.backward()", ("inf", 3)),
        (LEAF + "u = (w - 2) * 0\ny = torch.sqrt(u * u)\ny.backward()", ("nan", 3)),
        (LEAF + "y = w * 1.\ny.backward(torch.tensor(0.))", ("zero_seed", 2)),
        (LEAF + "y = torch.clamp(w, 0, 1) * 2\ny.backward()", ("zero_flat_side", 2)),
        (LEAF + OTHER + "y = torch.maximum(w, x + 4)\ny.backward()", ("zero_not_chosen", 3)),
    ],
)  # fmt: skip
def test_why(source, expected):
    assert expected in reasons(source, "w") or expected in reasons(source, "y")


def test_an_ordinary_gradient_needs_no_reason():
    assert reasons(LEAF + "y = w * w\ny.backward()", "w") == []


def test_the_ledger_shows_both_uses_and_a_forgotten_zero_grad():
    told = explain(record(LEAF + "y = w * w\ny.backward()\nz = w * 3\nz.backward()"))
    first, second = told["ledger"]["n0"]
    assert [entry["running"] for entry in first["entries"]] == ["2", "4"]
    assert (first["before"], first["added"], first["after"]) == (r"\mathrm{None}", "4", "4")
    assert (second["before"], second["added"], second["after"]) == ("4", "3", "7")
    assert "not zeroed" in second["text"]


def test_the_lectures_form_of_two_paths():
    source = (
        "W = torch.tensor(2., requires_grad=True)\n"
        "u1 = W * 3\nu2 = W * W\nl = u1 + u2\nl.backward()"
    )  # fmt: skip
    (to_w,) = explain(record(source))["paths"]
    top = next(iter(to_w["unfold"].values()))
    assert top["latex"] == (
        r"\frac{d l}{d W} = \frac{\partial l}{\partial u_{1}} \cdot \frac{d u_{1}}{d W}"
        r" + \frac{\partial l}{\partial u_{2}} \cdot \frac{d u_{2}}{d W}"
    )
    assert to_w["count"] == 3
    assert to_w["total"] == "7"


def test_views_fold_into_their_consumer():
    source = "W = torch.ones(2, 1, requires_grad=True)\nx = torch.ones(2, 1)\ny = W.T @ x\ny.backward()"
    trace = record(source)
    (open_,), (folded,) = (explain(trace, fold_views=fold)["paths"] for fold in (False, True))
    assert open_["shown"][0]["names"] == (
        r"\underset{1 \times 2}{\frac{\partial y}{\partial W^{\top}}}"
        r" \cdot \underset{2 \times 2}{\frac{\partial W^{\top}}{\partial W}}"
    )
    assert folded["shown"][0]["names"] == r"\underset{1 \times 2}{\frac{\partial y}{\partial W}}"
    assert folded["total"] == open_["total"]


def test_lists_of_tensors_keep_their_order():
    told = explain(record(LEAF + "c = torch.tensor(5.)\ny = torch.stack([c, w, c * 2, w])\ny.sum().backward()"))
    titles = [node["title"] for node in told["nodes"].values() if "stack" in node["title"]]
    assert titles == [r"y = \operatorname{stack}(c, w, u_{1}, w)"]


def test_millions_of_paths_are_counted_and_the_largest_written():
    source = (
        "w = torch.tensor(0.3, requires_grad=True)\nx = w\nfor _ in range(22):\n    x = torch.sin(x) + x\nx.backward()"
    )
    trace = record(source)
    start = time.process_time()
    (to_w,) = explain(trace)["paths"]
    assert time.process_time() - start < 1
    assert to_w["count"] == 2**22
    assert to_w["shown"][-1]["plain"] == "all other paths"
    assert r"\text{(53 more)}" in to_w["derivation"]


def test_both_places_of_a_square_are_told_apart():
    told = explain(record(LEAF + "y = w * w\ny.backward()"))
    assert [rule["plain"] for rule in told["nodes"]["n1"]["rules"]] == ["∂y/∂w|₁ = w = 2", "∂y/∂w|₂ = w = 2"]
    (to_w,) = told["paths"]
    assert to_w["derivation"] == (
        r"\begin{aligned} \frac{d y}{d w} &= \frac{\partial y}{\partial w}\big|_{1}"
        r" \\ &\quad + \frac{\partial y}{\partial w}\big|_{2} \\ &= 2 \\ &\quad + 2 \\ &= 2 + 2 \\ &= 4 \end{aligned}"
    )


def test_names_used_twice_are_told_apart():
    source = "h = torch.tensor(1., requires_grad=True)\nfor _ in range(2):\n    h = torch.tanh(h)\nh.backward()"
    told = explain(record(source))
    assert [node["name"] for node in told["nodes"].values()] == ["{h}^{(1)}", "{h}^{(2)}", "{h}^{(3)}"]


def test_time_is_linear_in_the_trace():
    def seconds(length):
        source = f"w = torch.tensor(1.01, requires_grad=True)\ny = w\nfor _ in range({length}):\n    y = y * 1.01\n"
        trace = record(source + "y.backward()")
        return min(_timed(trace) for _ in range(3))

    short, long = seconds(100), seconds(800)
    assert long < 8 * short * 2.5


def _timed(trace):
    start = time.process_time()
    explain(trace)
    return time.process_time() - start


def test_pytorchs_own_rule_is_shown_as_such():
    told = explain(
        record("A = torch.eye(2, requires_grad=True)\ny = torch.linalg.matrix_exp(A + 1).sum()\ny.backward()")
    )
    rules = [rule for node in told["nodes"].values() for rule in node["rules"] if rule["source"] == "pytorch"]
    assert rules
    assert all(rule["note"].startswith("PyTorch's own rule: ") and rule["pytorch"] in rule["note"] for rule in rules)


def test_a_custom_function_is_said_to_be_the_snippets_own():
    told = explain(traced("custom_function"))
    (rule,) = [rule for node in told["nodes"].values() for rule in node["rules"] if rule["source"] == "engine"]
    assert rule["note"] == "Given by the backward of Round, the snippet's own Function."


def test_chosen_nodes_only():
    trace = traced("two_layer")
    some = explain(trace, nodes={"n8"})
    assert list(some["nodes"]) == ["n8"]
    assert some["nodes"]["n8"] == explain(trace)["nodes"]["n8"]
    assert some["omitted"] == len(trace.nodes) - 1


def test_a_partial_trace_is_explained_too():
    trace = record(LEAF + "y = w * 2\ny.backward()\nraise ValueError('stop')")
    assert trace.error is not None
    assert explain(trace)["nodes"]["n1"]["rules"][0]["result"] == "2"


def test_elements_of_an_elementwise_op():
    told = explain(record("x = torch.tensor([0., 1.], requires_grad=True)\ny = torch.sin(x)\ny.sum().backward()"))
    (rule,) = told["nodes"]["n1"]["rules"]
    assert rule["named"] == r"\frac{\partial y_{i}}{\partial x_{i}} = \cos x_{i}"
    assert [entry["latex"] for entry in rule["elements"]] == [
        r"\frac{\partial y_{0}}{\partial x_{0}} = \cos 0 = 1",
        r"\frac{\partial y_{1}}{\partial x_{1}} = \cos 1 = 0.5403",
    ]
    assert all(a["index"] != b["index"] for a, b in itertools.pairwise(rule["elements"]))


def test_one_chosen_element():
    source = "x = torch.linspace(0, 1, 12).reshape(3, 4).requires_grad_()\ny = x * x[0]\ny.sum().backward()"
    trace = record(source)
    (edge,) = [edge.id for edge in trace.edges if edge.input == 0 and trace.nodes[-2].id == edge.target]
    entry = explain_element(trace, edge, [2, 3])
    assert entry["index"] == entry["input"] == [2, 3]
    assert entry["latex"].endswith("= 0.2727")
    assert explain_element(trace, edge, [3, 0]) is None
    assert explain_element(trace, edge, [0]) is None


def test_broadcasting_is_undone_along_its_dimensions():
    told = explain(traced("broadcasting"))
    broadcast = [rule["broadcast"] for node in told["nodes"].values() for rule in node["rules"]]
    assert broadcast == [[0], None, None]


def test_shapes_stand_under_the_factors():
    source = "W = torch.ones(3, 4, requires_grad=True)\nx = torch.ones(2, 3)\ny = x @ W\ny.sum().backward()"
    told = explain(record(source))
    (rule,) = [rule for node in told["nodes"].values() for rule in node["rules"] if rule["input"] == "mat2"]
    assert rule["vjp"] == (
        r"\underset{3 \times 4}{\bar{W}} = \underset{3 \times 2}{x^{\top}} \, \underset{2 \times 4}{\bar{y}}"
    )
