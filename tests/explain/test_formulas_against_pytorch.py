"""Every hand-written formula, run as code, gives the VJP that PyTorch's own node gives."""

import importlib.util
import math
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from app.explain import scalars
from app.explain.formula import Formula, formula, pointwise
from app.explain.formulas import FORMULAS
from app.explain.formulas.special import COMPARISONS
from app.explain.operation import formula_for
from app.explain.pytorch import derivative, derivatives

_spec = importlib.util.spec_from_file_location("samples", Path(__file__).with_name("samples.py"))
_samples = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_samples)
CALLS = _samples.calls()
ALIASES = {"softmax", "log_softmax", "reshape", "contiguous", "_reshape_copy", "lift_fresh", "detach"} | set(
    COMPARISONS
)
"""Composite for the engine, or without a derivative: stated for the reader's sake only, in terms of a tested rule."""
ELSEWHERE = {
    "linear",
    "_fused_rms_norm",
    "copy",
    "_scaled_dot_product_flash_attention",
    "_scaled_dot_product_efficient_attention",
}
"""Ops that the CPU makes no node of by this call: the first three are tested below, the others share a tested rule."""


def run(call):
    """The op's outputs, its differentiable tensors, and everything a formula may refer to."""
    op, args, kwargs, which = call
    name, _, overload = op.partition(".")
    function = getattr(getattr(torch.ops.aten, name), overload or "default")
    inputs = derivative(None, op).inputs
    names = [argument.name for argument in function._schema.arguments]
    args = [_leaf(arg) if name in inputs else arg for name, arg in zip(names, args, strict=False)]
    outputs = function(*args, **kwargs)
    outputs = tuple(outputs) if isinstance(outputs, tuple | list) else (outputs,)
    bound = {}
    for k, argument in enumerate(function._schema.arguments):
        bound[argument.name] = args[k] if k < len(args) else kwargs.get(argument.name, argument.default_value)
    g = torch.randn_like(outputs[which])
    plain = {key: _detached(value) for key, value in bound.items()}
    results = {f"result{k}": output.detach() for k, output in enumerate(outputs)}
    values = {**plain, **results, "result": outputs[0].detach(), "g": g, f"g{which}": g}
    return outputs, which, g, bound, values


def _leaf(arg):
    if isinstance(arg, torch.Tensor) and arg.is_floating_point():
        return arg.detach().clone().requires_grad_()
    return [_leaf(item) for item in arg] if isinstance(arg, list) else arg


def _detached(value):
    if isinstance(value, torch.Tensor):
        return value.detach()
    return [_detached(item) for item in value] if isinstance(value, list) else value


def vjp(rule, values):
    """The formula as code."""
    made = rule.code(torch, SimpleNamespace(**values))
    return values["g"] * made if rule.pointwise else made


@pytest.mark.parametrize("call", CALLS, ids=[f"{k}-{call[0]}" for k, call in enumerate(CALLS)])
def test_the_formula_gives_the_nodes_own_vjp(call):
    outputs, which, g, bound, values = run(call)
    grad_fn = outputs[which].grad_fn.name()
    schema = derivative(grad_fn, call[0])
    found = formula_for(schema, call[0].partition(".")[0], {**schema.defaults, **values})
    assert isinstance(found, Formula)
    compared = 0
    for role in schema.inputs:
        tensors = bound[role] if isinstance(bound[role], list | tuple) else [bound[role]]
        for place, tensor in enumerate(tensors):
            if role not in found.rules or not isinstance(tensor, torch.Tensor) or not tensor.requires_grad:
                continue
            (expected,) = torch.autograd.grad(outputs[which], tensor, g, retain_graph=True, allow_unused=True)
            made = torch.as_tensor(vjp(found.rules[role], {**values, "place": place}))
            if made.shape != tensor.shape:
                made = (made.expand(g.shape) if made.dim() < g.dim() else made).sum_to_size(tensor.shape)
            expected = torch.zeros_like(tensor) if expected is None else expected
            torch.testing.assert_close(made.to(expected.dtype), expected, rtol=1e-6, atol=1e-8)
            compared += 1
    assert compared


def test_every_formula_has_a_sample():
    used = set()
    for op, *_ in CALLS:
        used |= {op, op.partition(".")[0]}
    assert set(FORMULAS) - used - ALIASES - ELSEWHERE == set()


def test_linear_as_pytorch_differentiates_it():
    x, w, b = (t.double().requires_grad_() for t in (torch.randn(2, 5, 3), torch.randn(4, 3), torch.randn(4)))
    y = torch.nn.functional.linear(x, w, b)
    g = torch.randn_like(y)
    expected = torch.autograd.grad(y, (x, w, b), g)
    values = {"input": x.detach(), "weight": w.detach(), "bias": b.detach(), "g": g}
    for role, grad in zip(("input", "weight", "bias"), expected, strict=True):
        torch.testing.assert_close(vjp(FORMULAS["linear"].rules[role], values), grad)


def test_rms_norm_as_pytorch_differentiates_it():
    x, w = (t.double().requires_grad_() for t in (torch.randn(2, 3, 4), torch.randn(4)))
    y = torch.nn.functional.rms_norm(x, [4], w, 1e-5)
    g = torch.randn_like(y)
    expected = torch.autograd.grad(y, (x, w), g)
    values = {"input": x.detach(), "weight": w.detach(), "normalized_shape": [4], "eps": 1e-5, "g": g}
    for role, grad in zip(("input", "weight"), expected, strict=True):
        torch.testing.assert_close(vjp(FORMULAS["_fused_rms_norm"].rules[role], values), grad)


def test_copy_overwrites():
    x, source = torch.randn(2, 3, requires_grad=True), torch.randn(3, requires_grad=True)
    y = x.clone().copy_(source)
    schema = derivative(y.grad_fn.name(), "copy_")
    assert schema.inputs == ("self", "src")
    g = torch.randn(2, 3)
    values = {"self": x.detach(), "src": source.detach(), "g": g}
    sent = y.grad_fn(g)
    torch.testing.assert_close(vjp(FORMULAS["copy"].rules["self"], values), sent[0])
    torch.testing.assert_close(vjp(FORMULAS["copy"].rules["src"], values), sent[1].sum_to_size(3))


def test_a_wrong_formula_is_caught():
    wrong = formula(r"\sin <self>", self=pointwise(r"\sin <self>", lambda xp, v: xp.sin(v.self)))
    outputs, _, g, bound, values = run(("sin", (torch.tensor([1.0, 2.0], dtype=torch.float64),), {}, 0))
    (expected,) = torch.autograd.grad(outputs[0], bound["self"], g)
    with pytest.raises(AssertionError):
        torch.testing.assert_close(vjp(wrong.rules["self"], values), expected)


@pytest.mark.parametrize("x", [-1.5, -0.25, 0.5, 2.0])
def test_scalars_and_tensors_agree(x):
    """The runtime's evaluator for single numbers has the functions of torch."""
    for name in ("exp", "sin", "cos", "tanh", "sigmoid", "erf", "sign", "cosh", "floor"):
        expected = getattr(torch, name)(torch.tensor(x, dtype=torch.float64)).item()
        assert math.isclose(getattr(scalars, name)(x), expected, rel_tol=1e-12)


def test_pointwise_rules_run_on_plain_numbers():
    """Every elementwise rule gives the same number on Python floats as on tensors."""
    compared = 0
    for call in CALLS:
        outputs, which, _, bound, values = run(call)
        schema = derivative(outputs[which].grad_fn.name(), call[0])
        found = formula_for(schema, call[0].partition(".")[0], {**schema.defaults, **values})
        for role in schema.inputs:
            rule = found.rules.get(role)
            if rule is None or not rule.pointwise or not isinstance(bound[role], torch.Tensor):
                continue
            shape = outputs[which].shape
            first = {
                key: value.broadcast_to(shape).flatten()[0].item() if isinstance(value, torch.Tensor) else value
                for key, value in values.items()
                if not isinstance(value, torch.Tensor) or value.dim() <= len(shape)
            }
            whole = torch.as_tensor(rule.code(torch, SimpleNamespace(**values)), dtype=torch.float64)
            try:
                one = rule.code(scalars, SimpleNamespace(**first))
            except AttributeError:
                assert call[0] == "lgamma"
                continue
            assert math.isclose(one, whole.broadcast_to(shape).flatten()[0].item(), rel_tol=1e-6, abs_tol=1e-9), call[0]
            compared += 1
    assert compared > 80


def test_pytorchs_table_is_that_of_the_installed_torch():
    y = torch.tensor([1.0], requires_grad=True)
    for made in (y * y, y.exp(), y.sum(), torch.linalg.vector_norm(y), torch.cat([y, y])):
        assert made.grad_fn.name() in derivatives()
