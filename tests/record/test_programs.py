"""Every program runs recorded exactly as it runs alone, its Trace keeps every rule and ends with stock's numbers."""

import json
import warnings

import pytest
import torch

from app.core.check import check
from app.core.check_values import flat, same
from app.core.trace import SetGrad, SetTensor, Trace
from app.record import record
from tests.record import edge_programs, programs
from tests.record.stock import Stock, leaves, run_stock

PROGRAMS = programs.PROGRAMS | edge_programs.PROGRAMS
NOISE = {"transformer": 4}
"""Gradients that are zero but for rounding: the sum of their paths is noise of another size."""


@pytest.fixture(scope="module", params=PROGRAMS)
def both(request):
    source = PROGRAMS[request.param]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return request.param, run_stock(source), record(source)


def numbers(tensor):
    tensor = tensor.detach()
    tensor = tensor if tensor.layout is torch.strided else tensor.to_dense()
    return tensor.reshape(-1).tolist()


def last_shown(trace: Trace):
    """By node: the last value and the last `.grad` that the steps show."""
    tensors = {tensor.id: tensor for tensor in trace.tensors}
    values, grads = {}, {}
    for step in trace.steps:
        for item in step.sets:
            if isinstance(item, SetGrad):
                grads[item.node] = item.grad
            elif isinstance(item, SetTensor) and item.output == 0:
                values[item.node] = tensors[item.tensor].value
    return values, grads


def test_prints_and_raises_as_stock(both: tuple[str, Stock, Trace]):
    _, stock, trace = both
    assert trace.stdout == stock.stdout
    if stock.error is None:
        assert trace.error is None
    else:
        assert trace.error is not None
        assert (trace.error.code, trace.error.type, trace.error.message) == (
            "raised",
            type(stock.error).__name__,
            str(stock.error),
        )


def test_keeps_the_rules(both: tuple[str, Stock, Trace]):
    name, _, trace = both
    assert [violation for violation in check(trace) if violation.rule != NOISE.get(name)] == []


def test_leaves_end_with_the_bits_of_stock(both: tuple[str, Stock, Trace]):
    _, stock, trace = both
    ids = {}
    for node in trace.nodes:
        if node.kind == "leaf" and node.name:
            ids.setdefault(node.name, node.id)
    values, grads = last_shown(trace)
    implicit = any(one.implicit for one in trace.passes)
    for name, leaf in leaves(stock.namespace).items():
        assert name in ids
        shown = flat(values[ids[name]])
        assert shown is None or same(shown, numbers(leaf)), name
        if implicit:
            continue
        grad = grads.get(ids[name])
        assert (grad is None) == (leaf.grad is None), name
        if grad is not None and (seen := flat(grad)) is not None:
            assert same(seen, numbers(leaf.grad)), name


def test_is_plain_json(both: tuple[str, Stock, Trace]):
    _, _, trace = both
    assert Trace.from_dict(json.loads(json.dumps(trace.to_dict(), allow_nan=False))) == trace


def test_every_op_node_has_its_value(both: tuple[str, Stock, Trace]):
    _, _, trace = both
    assert [node.id for node in trace.nodes if node.kind == "op" and not node.outputs] == []
