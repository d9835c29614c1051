"""Gradients of gradients of PyTorch's own op database: `create_graph`, then a second pass through what it made."""

import warnings
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest
import torch

from app.core.check import check
from app.record import record
from tests.conformance.compare import SEED, first_line, flattened, is_same
from tests.conformance.samples import Case, cases, tensors

WHOLE = [case for case in cases() if case.dtype is not torch.float32 and case.op.supports_gradgrad]
OFTEN = (
    *(
        "mul",
        "div_no_rounding_mode",
        "pow",
        "matmul",
        "addmm",
        "exp",
        "log",
        "tanh",
        "sigmoid",
        "softmax",
        "abs",
        "norm_inf",
        "var",
    ),
    *("nn_functional_softsign", "nn_functional_l1_loss", "nn_functional_conv2d", "nn_functional_layer_norm"),
    *("max_reduction_no_dim", "median", "masked_fill", "linalg_slogdet"),
    *("sparse_sampled_addmm", "cumsum", "cumprod", "prod", "linalg_inv", "index_select", "nn_functional_cross_entropy"),
)
FAST = [case for case in WHOLE if case.op.formatted_name in OFTEN and case.dtype is torch.float64]
OTHERWISE = {"ormqr": "a second gradient differs", "linalg_det": "a second gradient differs"}
"""What stays: derivatives of a Householder product, and of the determinant of a singular matrix, round otherwise."""
Gradients = Callable[[], list[torch.Tensor]]


def twice(case: Case, sample: Any, leaves: list[torch.Tensor]) -> Gradients:
    """The first gradients, after a backward pass from them that writes the second ones."""

    def run() -> list[torch.Tensor]:
        roots = [root for root in flattened(case.run(sample)) if root.requires_grad]
        found = torch.autograd.grad(roots, leaves, list(map(cotangent, roots)), create_graph=True, allow_unused=True)
        first = [grad for grad in found if grad is not None and grad.requires_grad]
        if first:
            torch.autograd.backward(first, list(map(cotangent, first)))
        return [grad.detach().clone() for grad in first]

    return run


def hooked(case: Case, sample: Any, leaves: list[torch.Tensor]) -> Gradients:
    """Nothing, after a backward pass during which hooks of the snippet's own run."""

    def run() -> list[torch.Tensor]:
        roots = [root for root in flattened(case.run(sample)) if root.requires_grad]
        handles = [leaf.register_hook(lambda grad: None) for leaf in leaves]
        torch.autograd.backward(roots, list(map(cotangent, roots)))
        for handle in handles:
            handle.remove()
        return []

    return run


def cotangent(tensor: torch.Tensor) -> torch.Tensor:
    """Random and negative, so that sums round and zeros have a sign."""
    random = torch.randn_like(tensor) if tensor.layout is torch.strided else torch.ones_like(tensor)
    return -(random.abs() + 0.01)


def seconds(leaves: list[torch.Tensor]) -> list[torch.Tensor | None]:
    """Every leaf's `.grad`, which is taken away."""
    grads = [leaf.grad for leaf in leaves]
    for leaf in leaves:
        leaf.grad = None
    return grads


def problem(case: Case, sample: Any, way: Any) -> str:
    """What is wrong with one sample; empty where all is well, or stock itself can't, or differs from itself."""
    leaves = [tensor for tensor in tensors(sample) if tensor.requires_grad and tensor.is_leaf]
    run = way(case, sample, leaves)
    torch.manual_seed(SEED)
    try:
        first = run()
    except Exception:
        seconds(leaves)
        return ""
    second = seconds(leaves)
    torch.manual_seed(SEED)
    if not all(map(is_same, [*first, *second], [*run(), *seconds(leaves)])):
        return ""
    recorded: list[torch.Tensor] = []
    try:
        trace = record(lambda: recorded.extend(run()), seed=SEED, explain=False)
    except Exception as error:
        return f"recording raised {first_line(error)}"
    again = seconds(leaves)
    if trace.error is not None:
        return f"the recorded run failed: {trace.error.message[:150]}"
    for name, stock, ours in (("first", first, recorded), ("second", second, again)):
        for a, b in zip(stock, ours, strict=True):
            if (a is None) != (b is None) or (a is not None and not is_same(a, b)):
                return f"a {name} gradient differs"
    violations = check(trace)
    return str(violations[0]) if violations else ""


def broken(case: Case, most: int, way: Any = twice) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [found for sample in islice(case.samples(), most) if (found := problem(case, sample, way))]


@pytest.mark.parametrize("way", [twice, hooked])
def test_fast(way: Any) -> None:
    """The first sample of ops that are used a lot, or that once failed."""
    assert {case.op.formatted_name for case in FAST} == set(OFTEN)
    failures = {case.name: broken(case, 1, way) for case in FAST}
    assert {name: problems for name, problems in failures.items() if problems} == {}


@pytest.mark.slow
@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case.name)
@pytest.mark.parametrize("way", [twice, hooked])
def test_whole(case: Case, way: Any) -> None:
    known = OTHERWISE.get(case.op.formatted_name) if way is twice else None
    assert set(broken(case, 2, way)) <= ({known} if known else set())
