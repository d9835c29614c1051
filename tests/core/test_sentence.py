"""The sentence of each step, on the hand-made lecture Trace and on variations of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.sentence import with_sentences
from app.core.sentence_words import Operand, called, clipped, in_brackets, listed, ordered, shape_words, written
from app.core.trace import Edge, Node, Trace

LECTURE = Path(__file__).parents[1] / "lecture_by_hand.json"


def lecture() -> dict[str, Any]:
    return json.loads(LECTURE.read_text("utf-8"))


def sentences(data: dict[str, Any]) -> list[str]:
    return [step.text for step in with_sentences(Trace.from_dict(data)).steps]


def test_the_lecture_word_for_word() -> None:
    data = lecture()
    expected = [step["text"] for step in data["steps"]]
    for step in data["steps"]:
        step["text"] = ""
    assert sentences(data) == expected


def test_a_gradient_that_is_added() -> None:
    data = lecture()
    data["passes"][0]["accumulated"][1]["before"] = {"kind": "full", "data": 3.0}
    data["passes"][0]["accumulated"][1]["after"] = {"kind": "full", "data": 6.0}
    assert sentences(data)[9] == "w.grad was 3; adding 3 makes 6."


def test_a_product_that_does_not_hold_is_not_shown() -> None:
    data = lecture()
    data["passes"][0]["contributions"][3]["value"]["data"] = 5.0
    assert sentences(data)[8] == "u = w × x receives ∂a/∂u = 1 and sends 5 to w; x needs no gradient."


def test_without_jacobians_the_factor_is_still_named() -> None:
    data = lecture()
    data["passes"][0]["jacobians"] = []
    assert "sends 1 × x = 3 to w" in sentences(data)[8]
    assert sentences(data)[6] == "v = u + b receives ∂a/∂v = 1 and sends 1 to u and 1 to b."


def test_negative_operands_are_bracketed() -> None:
    data = lecture()
    data["tensors"][1]["value"]["data"] = -3.0
    data["tensors"][2]["value"]["data"] = -6.0
    assert sentences(data)[1] == "u = w × x = 2 × (−3) = −6."


def test_vectors_and_matrices() -> None:
    data = lecture()
    for index, value in ((0, [2.0, 1.0]), (1, [3.0, 4.0]), (2, [6.0, 4.0])):
        data["tensors"][index]["value"]["data"] = value
        data["tensors"][index]["shape"] = [2]
    data["tensors"][4]["value"]["data"] = [[0.0] * 4] * 3
    data["tensors"][4]["shape"] = [3, 4]
    texts = sentences(data)
    assert texts[1] == "u = w × x = [2, 1] × [3, 4] = [6, 4]."
    assert texts[2] == "v = u + b: a 3×4 matrix."


def test_a_failure_ends_with_its_message() -> None:
    data = lecture()
    data["error"] = {"code": "raised", "type": "RuntimeError", "message": "no\n  way", "line": 7}
    data["error"] |= {"column": None, "hint": None}
    assert sentences(data)[-1] == "The run stops in line 7: RuntimeError: no way"


def test_an_unnamed_operation_says_no_name() -> None:
    data = lecture()
    data["nodes"][2]["name"] = None
    data["nodes"][2]["label"] = "w * x"
    data["tensors"][2]["name"] = None
    texts = sentences(data)
    assert texts[1] == "w × x = 2 × 3 = 6."
    assert texts[2] == "v = (w * x) + b = 6 + 1 = 7."
    assert texts[8].startswith("w × x receives ∂a/∂(w * x) = 1 and sends")


def test_a_span_of_several_operations_names_none_of_them() -> None:
    data = lecture()
    for index in (2, 4):
        data["nodes"][index] |= {"name": None, "label": "net(x)", "span": [4, 0, 4, 6]}
        data["tensors"][index]["name"] = None
    texts = sentences(data)
    assert texts[2] == "(w × x) + b = 6 + 1 = 7."
    assert texts[8].startswith("w × x receives ∂a/∂(w × x) = 1")
    assert "net(x)" not in "".join(texts)


def test_updates() -> None:
    data = lecture()
    new = json.loads(json.dumps(data["tensors"][0])) | {"id": "t9"}
    new["value"]["data"] = 1.7
    data["tensors"].append(new)
    blank = {"phase": "update", "kind": "update", "node": "n0", "pass": None, "line": 8, "span": None, "text": ""}
    updates = [
        {"sets": [{"node": "n0", "output": 0, "tensor": "t9"}]},
        {"sets": [{"node": "n0", "grad": None}, {"node": "n3", "grad": {"kind": "full", "data": 0.0}}]},
        {"sets": [{"node": "n0", "output": 0, "tensor": "t9"}]},
    ]
    end = data["steps"].pop()
    for update in updates:
        data["steps"].append(blank | update | {"index": len(data["steps"])})
    data["steps"].append(end | {"index": len(data["steps"])})
    assert sentences(data)[-4:] == [
        "w changes from 2 to 1.7.",
        "w.grad is reset to None and b.grad changes from 1 to 0.",
        "w is written and keeps its value.",
        "Done: b.grad = 0.",
    ]


@settings(max_examples=60)
@given(st.text(max_size=300), st.floats(), st.text(max_size=300))
def test_never_long_and_never_empty(name: str, number: float, label: str) -> None:
    data = lecture()
    value: Any = number if abs(number) < float("inf") else str(number)
    for node in data["nodes"]:
        node["name"], node["label"] = name or None, label
    for tensor in data["tensors"]:
        tensor["value"]["data"] = value
    for entry in data["passes"][0]["grads"] + data["passes"][0]["contributions"]:
        entry["value"]["data"] = value
    for text in sentences(data):
        assert 0 < len(text) <= 160
        assert "\n" not in text


def test_ids_that_lead_nowhere_are_survived() -> None:
    data = lecture()
    for step in data["steps"]:
        step["node"], step["sets"] = "n99", [{"node": "n98", "output": 7, "tensor": "t99"}]
    data["passes"][0]["roots"] = [["n97", 3]]
    assert all(sentences(data))


def op(name: str, **args: object) -> Node:
    return Node("n0", "op", name, "", None, None, "", args, None, None, None, None, ("t0",), False, ())


@pytest.mark.parametrize(
    ("node", "texts", "expected"),
    [
        (op("mul"), ["w", "x"], "w × x"),
        (op("add_", alpha=1), ["w", "x"], "w + x"),
        (op("add", alpha=-0.1), ["w", "g"], "w + −0.1 × g"),
        (op("div", rounding_mode="floor"), ["a", "b"], "div(a, b)"),
        (op("neg"), ["a + b"], "−(a + b)"),
        (op("pow"), ["−3", "2"], "(−3) ^ 2"),
        (op("_log_softmax", dim=1), ["z"], "log_softmax(z, dim=1)"),
        (op("sum", dim=[0, 1]), ["z"], "sum(z, dim=[0, 1])"),
        (op("mm"), ["a", "b.t()"], "a @ b.t()"),
        (op("mul"), ["f(a) + g(b)", "x[0, 1]"], "(f(a) + g(b)) × x[0, 1]"),
    ],
)
def test_written(node: Node, texts: list[str], expected: str) -> None:
    assert written(node, texts) == expected


def test_words() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert clipped("a  b\nc", 10) == "a b c"
    assert clipped("abcdef", 4) == "abc…"
    assert in_brackets("(a + b)") == "(a + b)"
    assert in_brackets("(a) + (b)") == "((a) + (b))"
    assert shape_words((3, 4)) == "a 3×4 matrix"
    assert shape_words((8, 4), "gradient") == "an 8×4 gradient"
    assert shape_words(()) == "a number"
    assert Operand("x", None).value is None


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (op("select", dim=0, index=1), "a[1]"),
        (op("select", dim=1, index=-1), "a[:, −1]"),
        (op("slice", dim=0, start=0, end=6, step=2), "a[:6:2]"),
        (op("slice", dim=2, start=1, end=2**63 - 1, step=1), "a[:, :, 1:]"),
    ],
)
def test_indexing_is_written_as_indexing(node: Node, expected: str) -> None:
    assert written(node, ["a"]) == expected


def test_operands_come_as_the_call_was_written() -> None:
    """`where(condition, r, y)`: the condition is argument 0, the two others are numbered as differentiable inputs."""
    condition = Edge("e2", "n2", 0, "n9", 0, differentiable=False)
    first, second = (Edge(f"e{i}", f"n{i}", 0, "n9", i, differentiable=True) for i in range(2))
    assert ordered([first, second, condition]) == [condition, first, second]
    last = Edge("e3", "n3", 0, "n9", 2, differentiable=False)
    assert ordered([first, last, condition]) == [condition, first, last]


def test_long_paths_keep_the_parts_that_tell_them_apart() -> None:
    assert called("net.0.weight") == "net.0.weight"
    assert called("net.encoder.layers.0.self_attn.in_proj_weight") == "net…0.self_attn.in_proj_weight"
    assert called("net.encoder.layers.1.self_attn.out_proj.bias") == "net…1.self_attn.out_proj.bias"
    assert len(called("a_module_with_a_name." + "x" * 40)) <= 32
