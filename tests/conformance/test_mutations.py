"""The suite has teeth: a recorder that corrupts a gradient, drops an edge or swaps an order makes it fail."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch

from app.core.trace import Trace
from app.record import record
from tests.conformance import compare
from tests.conformance.compare import FAILED, KEPT, outcome

Data = dict[str, Any]


def two_layers() -> torch.Tensor:
    return torch.tanh(W @ torch.tanh(W @ X + B) + B).pow(2).sum() * W.mean()


W = torch.linspace(-1, 1.5, 9).reshape(3, 3).requires_grad_()
X = torch.linspace(0, 2, 3)
B = torch.linspace(0.5, 1, 3).requires_grad_()


def first_number(value: Data) -> tuple[list[Any] | Data, Any]:
    place, key = value, "data"
    while isinstance(place[key], list):
        place, key = place[key], 0  # type: ignore[assignment]
    return place, key


def nudge(value: Data) -> None:
    """Change the last bit or so of the first number."""
    place, key = first_number(value)
    place[key] += 2.0**-12 * max(abs(place[key]), 1)  # type: ignore[index]


def renumber(data: Data) -> None:
    for index, step in enumerate(data["steps"]):
        step["index"] = index


def swap_backward(data: Data) -> None:
    places = [i for i, step in enumerate(data["steps"]) if step["kind"] == "backward"]
    steps = data["steps"]
    steps[places[1]], steps[places[2]] = steps[places[2]], steps[places[1]]
    renumber(data)


def swap_compute(data: Data) -> None:
    places = [i for i, step in enumerate(data["steps"]) if step["kind"] == "compute"]
    steps = data["steps"]
    steps[places[0]], steps[places[-1]] = steps[places[-1]], steps[places[0]]
    renumber(data)


def one(data: Data) -> Data:
    return data["passes"][0]


def drop_edge(data: Data) -> None:
    """One that nothing else mentions any more."""
    edge = next(edge for edge in data["edges"] if edge["differentiable"])
    data["edges"].remove(edge)
    for part in ("contributions", "jacobians"):
        one(data)[part] = [entry for entry in one(data)[part] if entry["edge"] != edge["id"]]
    one(data)["paths"] = []


MUTATIONS: dict[str, Callable[[Data], object]] = {
    "a corrupted gradient": lambda data: nudge(one(data)["grads"][2]["value"]),
    "a corrupted leaf gradient": lambda data: nudge(one(data)["accumulated"][0]["after"]),
    "a corrupted contribution": lambda data: nudge(one(data)["contributions"][1]["value"]),
    "a corrupted seed": lambda data: nudge(one(data)["seeds"][0]),
    "a corrupted Jacobian": lambda data: nudge(one(data)["jacobians"][0]["value"]),
    "a corrupted path": lambda data: nudge(one(data)["paths"][0]["shown"][0]["contribution"]),
    "a corrupted value": lambda data: nudge(data["tensors"][-1]["value"]),
    "a dropped edge": drop_edge,
    "a dropped gradient": lambda data: one(data)["grads"].pop(1),
    "a dropped contribution": lambda data: one(data)["contributions"].pop(1),
    "a dropped path": lambda data: one(data)["paths"][0]["shown"].pop(),
    "a dropped write": lambda data: one(data)["accumulated"].pop(),
    "swapped backward steps": swap_backward,
    "swapped compute steps": swap_compute,
    "swapped contributions": lambda data: one(data)["contributions"].reverse(),
    "a write twice": lambda data: one(data)["accumulated"].append(copy.deepcopy(one(data)["accumulated"][-1])),
}


def test_unchanged_it_passes() -> None:
    assert outcome(two_layers, explain=True).kind == KEPT


@pytest.mark.parametrize("name", MUTATIONS)
def test_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def corrupted(*args: Any, **kwargs: Any) -> Trace:
        data = copy.deepcopy(record(*args, **kwargs).to_dict())
        MUTATIONS[name](data)
        return Trace.from_dict(data)

    monkeypatch.setattr(compare, "record", corrupted)
    assert outcome(two_layers, explain=True).kind == FAILED


def test_another_gradient_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A recorder that changes what the snippet computes."""

    def meddling(function: Callable[[], Any], **kwargs: Any) -> Trace:
        trace = record(function, **kwargs)
        assert W.grad is not None
        W.grad += 1e-3
        return trace

    monkeypatch.setattr(compare, "record", meddling)
    assert outcome(two_layers).kind == FAILED
    W.grad = None
