"""Every node that PyTorch's own op database makes is explained: by a formula of ours, or by PyTorch's own rule."""

import warnings

import pytest
import torch

from app.explain.operation import formula_for
from app.explain.pytorch import derivative, own_rule

SAMPLES = 2
"""Per op of the database."""
BY_HAND = 261
"""Kinds of node with a formula of their own; grows, never shrinks."""


def kinds():
    """The class name of every node that some sample makes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.testing._internal.common_methods_invocations import op_db

        found = set()
        for op in op_db:
            if torch.float64 in op.dtypes and not op.name.startswith("jiterator"):
                try:
                    found |= of_op(op)
                except (RuntimeError, NotImplementedError, TypeError, ValueError):
                    continue
        return found


def of_op(op):
    found = set()
    for _, sample in zip(range(SAMPLES), op.sample_inputs("cpu", torch.float64, requires_grad=True), strict=False):
        made = op.op(sample.input, *sample.args, **sample.kwargs)
        stack = [t.grad_fn for t in (made if isinstance(made, tuple | list) else [made]) if isinstance(t, torch.Tensor)]
        seen = set()
        while stack and len(seen) < 300:
            node = stack.pop()
            if node is not None and node not in seen:
                seen.add(node)
                found.add(node.name())
                stack += [following for following, _ in node.next_functions]
    return found


@pytest.fixture(scope="module")
def nodes():
    return sorted(name for name in kinds() if not name.endswith("AccumulateGrad"))


def test_every_kind_of_node_is_explained(nodes):
    by_hand, by_pytorch, unexplained = [], [], []
    for name in nodes:
        schema = derivative(name, "")
        if schema is not None and formula_for(schema, schema.name, schema.defaults) is not None:
            by_hand.append(name)
        elif own_rule(name, "", schema.inputs[0] if schema else ""):
            by_pytorch.append(name)
        else:
            unexplained.append(name)
    print(f"{len(by_hand)} kinds of node by hand, {len(by_pytorch)} by PyTorch's own rule")
    assert unexplained == []
    assert len(nodes) > 300
    assert len(by_hand) >= BY_HAND


def test_inputs_are_those_of_the_node(nodes):
    """The table's inputs are as many as the node's edges, so that edge k is input k."""
    x = torch.rand(3, 3, dtype=torch.float64, requires_grad=True)
    for made in (
        x + x,
        x @ x,
        torch.addmm(x, x, x),
        torch.where(x > 0, x, x),
        torch.nn.functional.layer_norm(x, [3], x[0]),
    ):
        schema = derivative(made.grad_fn.name(), "")
        assert len(schema.inputs) == len(made.grad_fn.next_functions)


def test_a_kind_outside_the_table_is_noticed():
    assert derivative("MadeUpBackward0", "made_up") is None
    assert own_rule("MadeUpBackward0", "made_up", "self") is None
