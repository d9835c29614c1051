"""PyTorch's own backward rules, by `grad_fn`: a node's inputs, and the rule shown where none is written by hand.

The data file is made from torch's `derivatives.yaml` by `scripts/extract_derivatives.py`: torch isn't needed here.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

ENGINE_RULES = {
    "AccumulateGrad": "variable.grad += grad",
    "CopySlices": "grad.clone(), the written part replaced by fn(grad of that part)",
    "NotImplemented": "none: PyTorch raises an error here, because this op has no derivative",
    "CheckpointFunctionBackward": "rerun the function, then torch.autograd.backward through it",
}
"""Nodes that PyTorch writes in C++ or Python instead of in derivatives.yaml."""


WRITTEN_BY_HAND: dict[str, dict[str, Any]] = {
    "CopyBackwards": {
        "op": "copy", "args": ["self", "src", "non_blocking"], "tensors": ["self", "src"], "lists": [], "defaults": {},
        "returns": ["result"], "inputs": ["self", "src"],
        "rules": {"self": "zeros_like(grad)", "src": "sum_to(grad, src.sizes()).to(src.options())"},
    },
}  # fmt: skip
"""Entries of the same form for nodes whose class PyTorch writes in C++: torch/csrc/autograd/functions/tensor.cpp."""


@dataclass(frozen=True, slots=True)
class Derivative:
    """One entry of PyTorch's table."""

    op: str
    """With overload: `max.dim`."""
    args: tuple[str, ...]
    tensors: tuple[str, ...]
    lists: frozenset[str]
    defaults: dict[str, Any]
    returns: tuple[str, ...]
    inputs: tuple[str, ...]
    """Differentiated arguments in the order of `next_functions`."""
    rules: dict[str, str]

    @property
    def name(self) -> str:
        """The op without overload."""
        return self.op.partition(".")[0]


@cache
def derivatives() -> dict[str, Derivative]:
    """All entries by the name of their `grad_fn`."""
    table: dict[str, Any] = json.loads(files("app.explain").joinpath("derivatives.json").read_text(encoding="utf-8"))
    return {name: _entry(entry) for name, entry in {**table, **WRITTEN_BY_HAND}.items()}


def _entry(data: dict[str, Any]) -> Derivative:
    return Derivative(
        data["op"],
        tuple(data["args"]),
        tuple(data["tensors"]),
        frozenset(data["lists"]),
        data["defaults"],
        tuple(data["returns"]),
        tuple(data["inputs"]),
        data["rules"],
    )


@cache
def _by_op() -> dict[str, Derivative]:
    found: dict[str, Derivative] = {}
    for entry in sorted(derivatives().values(), key=lambda entry: len(entry.op)):
        found.setdefault(entry.op, entry)
        found.setdefault(entry.name, entry)
        found.setdefault(bare(entry.name), entry)
    return found


def bare(op: str) -> str:
    """An op without the in-place mark: `add_` is `add`, `_softmax` and `__and__` stay."""
    return op if op.startswith("__") else op.removesuffix("_")


def derivative(grad_fn: str | None, op: str) -> Derivative | None:
    """The entry of a node, by its `grad_fn` and, without one, by the op's name."""
    if grad_fn:
        found = derivatives().get(grad_fn.rpartition("::")[2])
        if found is not None:
            return found
    return _by_op().get(bare(op))


def own_rule(grad_fn: str | None, op: str, role: str) -> str | None:
    """PyTorch's rule for one input as it is written there; for nodes outside the table, what the engine does."""
    entry = derivative(grad_fn, op)
    if entry is not None and role in entry.rules:
        return entry.rules[role]
    plain = re.sub(r"\d+$", "", (grad_fn or "").rpartition("::")[2])
    if plain.startswith("GeneratedBackwardFor_"):
        return "the backward that was registered with torch.library"
    return ENGINE_RULES.get(plain)
