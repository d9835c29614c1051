"""Random programs: rules 1 to 5, stock PyTorch's gradients and values bit for bit, and its error where it raises."""

import io
import warnings
from contextlib import redirect_stdout
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, example, given, settings

from app.core.check import check
from app.core.trace import SetGrad, SetTensor, Trace
from app.record import record
from tests.conformance.compare import is_value
from tests.conformance.feature_programs import PROGRAMS
from tests.conformance.programs import programs


def stock(source: str) -> tuple[dict[str, Any], Exception | None]:
    """The namespace that stock PyTorch leaves behind, and what it raised."""
    space: dict[str, Any] = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional}
    torch.manual_seed(0)
    with redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(compile(source, "<program>", "exec"), space)
        except Exception as error:
            return space, error
    return space, None


def leaves(space: dict[str, Any]) -> dict[str, torch.Tensor]:
    """Every leaf that requires grad, by its name or by its path from a module's name."""
    found: dict[str, torch.Tensor] = {}
    for name, value in space.items():
        if isinstance(value, torch.nn.Module):
            found |= dict(value.named_parameters(prefix=name))
        elif isinstance(value, torch.Tensor) and value.is_leaf and value.requires_grad:
            found[name] = value
    return found


def last_values(trace: Trace) -> tuple[dict[str, Any], dict[str, Any]]:
    """The value shown last, and the `.grad` shown last, of each name that stands for one node only."""
    names = {node.id: node.name for node in trace.nodes}
    tensors = {tensor.id: tensor.value for tensor in trace.tensors}
    values: dict[str, Any] = {}
    grads: dict[str, Any] = {}
    for step in trace.steps:
        for item in step.sets:
            name = names[item.node]
            if name is not None and isinstance(item, SetTensor) and item.output == 0:
                values[name] = tensors[item.tensor]
            if name is not None and isinstance(item, SetGrad):
                grads[name] = item.grad
    return values, grads


def assert_recorded_as_stock_runs_it(source: str) -> None:
    space, error = stock(source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trace = record(source)
    assert [str(violation) for violation in check(trace)] == []
    assert (trace.error is None) == (error is None)
    if error is not None:
        assert trace.error is not None
        assert trace.error.type == type(error).__name__
    values, grads = last_values(trace)
    if isinstance(space.get("loss"), torch.Tensor) and "loss" in values:
        assert is_value(values["loss"], space["loss"])
    known = leaves(space)
    assert {name for name, leaf in known.items() if leaf.grad is not None} == {
        name for name, grad in grads.items() if grad is not None and name in known
    }
    for name, leaf in known.items():
        if leaf.grad is not None:
            assert is_value(grads[name], leaf.grad), name
        if name in values:
            assert is_value(values[name], leaf), name
    assert all(0 < len(step.text) <= 160 for step in trace.steps)
    # The node of a view whose base was written belongs to no operation of the program.
    assert {node.op for node in trace.nodes if node.grad_fn == "AsStridedBackward0"} <= {"as_strided"}


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs())
@example(
    "w = torch.randn(3, requires_grad=True)\nv = w * 2\nu = v[0:2]\nu.mul_(3)\nloss = (v * v).sum()\nloss.backward()\n"
)
@example(
    "w = torch.randn(3, requires_grad=True)\nv = w * 2\nu = v[0]\nv.mul_(2)\nloss = (u * u).sum()\nloss.backward()\n"
)
@example("w = torch.randn(3, requires_grad=True)\nv = w * w\nv.add_(1)\nloss = (v * w).sum()\nloss.backward()\n")
@example("w = torch.randn(3, requires_grad=True)\nv = w.sigmoid()\nv.add_(1)\nv.sum().backward()\n")
def test_a_random_program(source: str) -> None:
    assert_recorded_as_stock_runs_it(source)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_feature(name: str) -> None:
    assert_recorded_as_stock_runs_it(PROGRAMS[name])
