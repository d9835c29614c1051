"""Every rule of the checker: the clean lecture passes, and each corruption is caught under its own rule."""

import copy
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.core.check import check, check_structure
from app.core.check_values import added, close, representable, rounded, same
from app.core.trace import Trace

LECTURE = json.loads((Path(__file__).parents[1] / "lecture_by_hand.json").read_text("utf-8"))
Data = dict[str, Any]


def full(data: Any) -> Data:
    return {"kind": "full", "data": data}


def broken(change: Callable[[Data], object]) -> set[int]:
    data = copy.deepcopy(LECTURE)
    change(data)
    return {violation.rule for violation in check(Trace.from_dict(data))}


def test_the_lecture_keeps_every_rule() -> None:
    assert check(Trace.from_dict(LECTURE)) == []
    assert check_structure(Trace.from_dict(LECTURE)) == []


def put(data: Data, path: str, value: Any) -> None:
    """Set `passes.0.grads.1.value.data` to a value."""
    *way, last = path.split(".")
    for key in way:
        data = data[int(key)] if isinstance(data, list) else data[key]
    if isinstance(data, list):
        data[int(last)] = value
    else:
        data[last] = value


WRONG_VALUES = [
    (1, "passes.0.grads.1.value.data", 2.0),
    (1, "passes.0.grads.4.value.data", 3.0000002384185791),
    (1, "passes.0.seeds.0.data", 2.0),
    (1, "passes.0.grads.0.node", "n2"),
    (1, "passes.0.grads.1.hook", {"before": full(5.0), "after": full(1.0)}),
    (1, "passes.0.roots.0", ["n4", 0]),
    (2, "passes.0.contributions.3.value.data", 4.0),
    (2, "passes.0.contributions.3.value.data", 0.1),
    (2, "passes.0.contributions.3.edge", "e1"),
    (2, "passes.0.contributions.1.edge", "e4"),
    (2, "passes.0.jacobians.0.value.data", 2.0),
    (3, "passes.0.accumulated.1.added.data", 2.0),
    (3, "passes.0.accumulated.1.after.data", 4.0),
    (3, "passes.0.accumulated.1.before", full(1.0)),
    (3, "passes.0.kind", "grad"),
    (4, "passes.0.paths.0.count", 2),
    (4, "passes.0.paths.0.count", "1"),
    (4, "passes.0.paths.0.shown.0.contribution.data", 2.0),
    (4, "passes.0.paths.0.shown.0.edges", ["e0", "e4"]),
    (4, "passes.0.paths.0.shown.0.edges", ["e3", "e4"]),
    (4, "passes.0.paths.0.shown", []),
    (4, "passes.0.paths.0.root", ["n4", 0]),
    (6, "steps.4.kind", "end"),
    (6, "steps.1.phase", "update"),
    (6, "steps.4.pass", None),
    (6, "steps.1.node", "n4"),
    (6, "steps.7.node", "n0"),
    (6, "steps.7.sets.0.grad.data", 2.0),
    (6, "steps.7.sets", []),
    (5, "steps.1.sets", []),
    (0, "nodes.0.grad_fn", "MulBackward0"),
    (0, "nodes.2.grad_fn", None),
    (0, "tensors.0.is_leaf", False),
    (0, "tensors.1.requires_grad", True),
    (0, "tensors.0.value.data", 0.1),
    (0, "tensors.0.value.data", True),
    (0, "tensors.0.offset", 1),
    (0, "passes.0.jacobians.0.edge", "e1"),
]


@pytest.mark.parametrize(("rule", "path", "value"), WRONG_VALUES)
def test_a_wrong_value_is_caught(rule: int, path: str, value: Any) -> None:
    assert rule in broken(lambda data: put(data, path, value))


def swap(items: list[Any], i: int, j: int) -> None:
    items[i], items[j] = items[j], items[i]


def swap_steps(data: Data, i: int, j: int) -> None:
    swap(data["steps"], i, j)
    for index, step in enumerate(data["steps"]):
        step["index"] = index


WRONG_ORDERS: list[tuple[int, Callable[[Data], object]]] = [
    (1, lambda data: data["passes"][0]["grads"].pop()),
    (1, lambda data: data["passes"][0]["grads"].append(data["passes"][0]["grads"][0])),
    (1, lambda data: data["passes"][0]["contributions"].pop()),
    (2, lambda data: swap(data["passes"][0]["contributions"], 1, 3)),
    (2, lambda data: swap(data["passes"][0]["contributions"], 1, 2)),
    (2, lambda data: data["passes"][0]["contributions"].append(data["passes"][0]["contributions"][0])),
    (2, lambda data: swap_steps(data, 5, 6)),
    (6, lambda data: swap_steps(data, 7, 9)),
    (6, lambda data: swap_steps(data, 4, 5)),
    (6, lambda data: swap_steps(data, 0, 1)),
    (5, lambda data: swap_steps(data, 1, 2)),
    (5, lambda data: swap_steps(data, 3, 5)),
    (2, lambda data: data["steps"].pop(5)),
    (6, lambda data: data["passes"][0]["accumulated"].pop()),
    (0, lambda data: data["edges"].pop(0)),
    (4, lambda data: data["edges"].append(data["edges"][0] | {"id": "e9", "input": 7})),
    (4, lambda data: data["passes"][0]["paths"][0]["shown"].append(data["passes"][0]["paths"][0]["shown"][0])),
]


@pytest.mark.parametrize(("rule", "change"), WRONG_ORDERS)
def test_a_wrong_order_is_caught(rule: int, change: Callable[[Data], object]) -> None:
    def mend(data: Data) -> None:
        change(data)
        for index, step in enumerate(data["steps"]):
            step["index"] = index

    assert rule in broken(mend)


def nested(depth: int) -> Any:
    value: Any = 1.0
    for _ in range(depth):
        value = [value]
    return value


STRUCTURES = [
    ("tensors.1.id", "t0"),
    ("tensors.0.storage", "s99"),
    ("tensors.0.shape", [-1]),
    ("tensors.0.shape", [2]),
    ("tensors.0.shape", [2**70]),
    ("tensors.0.shape", [1] * 1000),
    ("tensors.0.stride", [1]),
    ("tensors.0.value.data", [2.0]),
    ("tensors.0.value.data", "much"),
    ("tensors.0.value.data", float("nan")),
    ("tensors.0.value.data", float("inf")),
    ("tensors.0.value.data", 10**400),
    ("tensors.0.value.data", {"re": 1.0}),
    ("tensors.0.value.data", {"re": {"re": 1.0, "im": 1.0}, "im": 1.0}),
    ("tensors.0.value.data", nested(50_000)),
    ("tensors.0.value.data", None),
    ("storages.0.size", 2),
    ("storages.0.size", 5000),
    ("storages.0.itemsize", 0),
    ("nodes.0.outputs", ["t99"]),
    ("nodes.0.outputs", []),
    ("nodes.2.saved.0.tensor", "t99"),
    ("nodes.2.line", 0),
    ("nodes.2.span", [4, 9, 4, 4]),
    ("nodes.2.args", {"deep": nested(500)}),
    ("edges.0.source", "n99"),
    ("edges.0.output", 1),
    ("edges.0.output", -1),
    ("edges.0.target", "n1"),
    ("edges.0.input", -1),
    ("edges.3.input", 0),
    ("edges.0.source", "n5"),
    ("edges.0.source", "n2"),
    ("passes.0.index", 1),
    ("passes.0.within", 0),
    ("passes.0.seeds", []),
    ("passes.0.roots.0", ["n5", 1]),
    ("passes.0.inputs", [["n99", 0]]),
    ("passes.0.grads.0.node", "n99"),
    ("passes.0.grads.0.value.data", [1.0]),
    ("passes.0.contributions.0.edge", "e99"),
    ("passes.0.contributions.0.value.data", [1.0]),
    ("passes.0.accumulated.0.after.data", [1.0]),
    ("passes.0.jacobians.0.edge", "e99"),
    ("passes.0.jacobians.0.shape", [2]),
    ("passes.0.jacobians.0.shape", [-2]),
    ("passes.0.paths.0.leaf", "n99"),
    ("passes.0.paths.0.count", "9" * 5000),
    ("passes.0.paths.0.count", "1e5"),
    ("passes.0.paths.0.shown.0.edges", ["e99"]),
    ("passes.0.paths.0.shown.0.contribution.data", [1.0]),
    ("steps.3.index", 5),
    ("steps.3.node", "n99"),
    ("steps.4.pass", 1),
    ("steps.1.sets.0.tensor", "t99"),
    ("steps.1.sets.0.output", 3),
    ("steps.7.sets.0.grad.data", [1.0]),
    ("steps.1.line", -4),
]


@pytest.mark.parametrize(("path", "value"), STRUCTURES)
def test_a_broken_structure_is_caught(path: str, value: Any) -> None:
    data = copy.deepcopy({key: LECTURE[key] for key in LECTURE})
    put(data, path, value)
    assert check_structure(Trace.from_dict(data))


def test_an_endless_report_is_cut() -> None:
    data = copy.deepcopy(LECTURE)
    data["nodes"] = [data["nodes"][0] | {"id": f"n{i}", "outputs": ["t99"]} for i in range(1000)]
    assert len(check_structure(Trace.from_dict(data))) == 100


def test_random_corruption_never_raises() -> None:
    """Whatever number or id is exchanged for another, the checker answers; it never fails itself."""
    rng = random.Random(0)
    text = json.dumps(LECTURE)
    for _ in range(300):
        data = json.loads(text)
        place: Any = data
        key: Any = "passes"
        while isinstance(place, dict | list) and place:
            parent = place
            key = rng.choice(list(place)) if isinstance(place, dict) else rng.randrange(len(place))
            place = place[key]
        parent[key] = rng.choice([0, 1, -1, 2.5, "n1", "t1", "e1", None, [], {}, True, [1.0], "nan"])
        try:
            trace = Trace.from_dict(data)
        except ValueError:
            continue
        check(trace)


def test_a_long_trace_is_checked_in_linear_time() -> None:
    """A cycle-free chain of 20,000 operations needs no recursion."""
    data = copy.deepcopy(LECTURE)
    node, edge, step = data["nodes"][2], data["edges"][0], data["steps"][1]
    data["passes"], data["nodes"], data["edges"] = [], data["nodes"][:2], []
    steps = [data["steps"][0]]
    for i in range(2, 20_000):
        data["nodes"].append(node | {"id": f"n{i}"})
        source = f"n{i - 1}" if i > 2 else "n0"
        data["edges"].append(edge | {"id": f"e{i}", "source": source, "target": f"n{i}"})
        sets = [{"node": f"n{i}", "output": 0, "tensor": "t2"}] + (step["sets"][:2] if i == 2 else [])
        steps.append(step | {"index": len(steps), "node": f"n{i}", "sets": sets})
    data["steps"] = [*steps, data["steps"][-1] | {"index": len(steps)}]
    assert check(Trace.from_dict(data)) == []


def test_arithmetic_is_that_of_the_dtype() -> None:
    assert added([1.0], [2.0**-24], "float32") == [1.0]
    assert added([1.0], [2.0**-24], "float64") == [1.0 + 2.0**-24]
    assert added([1.0], [2.0**-8], "bfloat16") == [1.0]
    assert added([1.0], [2.0**-7], "bfloat16") == [1.0 + 2.0**-7]
    assert added([65504.0], [65504.0], "float16") == [float("inf")]
    assert added([3e38], [3e38], "float32") == [float("inf")]
    assert added([1 + 1j], [2.0**-24 + 1j], "complex64") == [1 + 2j]
    assert same(rounded([0.1], "float32"), [0.10000000149011612])
    assert not same([0.0], [-0.0])
    assert same([float("nan")], [float("nan")])
    assert not representable([0.1], "float16")
    assert close([1.0], [1.0 + 2.0**-23], [1.0], "float32", 2)
    assert not close([1.0], [1.0 + 2.0**-20], [1.0], "float32", 2)
