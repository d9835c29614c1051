"""One sample, run by stock PyTorch and run recorded: whether both agree bit for bit and the Trace keeps its rules."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from app.core.check import check
from app.core.check_values import flat, same
from app.core.paths import PathGraph
from app.core.trace import Trace
from app.record import record

SEED = 0
KEPT = "kept"
OTHER_BRANCH = "kept, by another branch"
BRANCHES = {"ReshapeAliasBackward0": "ViewBackward0", "CtcLossBackward0": "CtcLossBackward1"}
"""Where a mode observes, PyTorch's `reshape` and `ctc_loss` take these branches: the same numbers by another node."""
REPEATS = 3
"""Stock runs that must agree with each other before a difference counts."""
STOCK_RAISES = "stock raises"
RANDOM = "stock differs from itself"
FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """What became of one sample; `detail` says why where it isn't `kept`."""

    kind: str
    detail: str = ""


@dataclass(frozen=True)
class Run:
    """What one run left behind: the tensors returned, every leaf's `.grad`, and the nodes that autograd made."""

    returned: list[Tensor]
    roots: list[Tensor]
    """Those of them that require grad."""
    leaves: list[Tensor]
    grads: list[Tensor | None]
    nodes: Counter[str]
    edges: int


def nothing() -> None:
    """Prepares nothing."""


def outcome(function: Callable[[], Any], explain: bool = False, renew: Callable[[], None] = nothing) -> Outcome:
    """Compare a stock run of `function` with a recorded one; `renew` puts back, before each, what a run changes."""
    try:
        renew()
        stock = stock_run(function)
    except Exception as error:
        return Outcome(STOCK_RAISES, first_line(error))
    renew()
    try:
        trace, problem = compared(function, stock, explain)
        problem = problem or next(differences(trace, stock), "")
        if not problem:
            renamed = sorted((stock.nodes - node_names(trace)).keys())
            if not renamed:
                return Outcome(KEPT)
            return Outcome(OTHER_BRANCH, ", ".join(f"{BRANCHES[name]} for {name}" for name in renamed))
    except Exception as error:
        problem = f"recording raised {first_line(error)}"
    for _ in range(REPEATS):
        renew()
        if not is_same_run(stock, stock_run(function)):
            return Outcome(RANDOM)
    return Outcome(FAILED, problem)


def first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0][:120] if str(error).strip() else ''}"


def flattened(result: Any) -> list[Any]:
    return [leaf for leaf in torch.utils._pytree.tree_leaves(result) if isinstance(leaf, Tensor)]


def stock_run(function: Callable[[], Any]) -> Run:
    """`function`, then one backward pass of ones from whatever it returns that requires grad."""
    torch.manual_seed(SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        returned = flattened(function())
        roots = [tensor for tensor in returned if tensor.requires_grad]
        nodes, edges, leaves = walked(roots)
        for leaf in leaves:
            leaf.grad = None
        values = [tensor.detach().clone() for tensor in returned]
        if roots:
            torch.autograd.backward(roots, [torch.ones_like(root) for root in roots], retain_graph=True)
    grads = [None if leaf.grad is None else leaf.grad.clone() for leaf in leaves]
    for leaf in leaves:
        leaf.grad = None
    ends = [value for value, tensor in zip(values, returned, strict=True) if tensor.requires_grad]
    return Run(values, ends, leaves, grads, nodes, edges)


def walked(roots: list[Tensor]) -> tuple[Counter[str], int, list[Tensor]]:
    """Names of the op nodes behind `roots`, the number of edges among all nodes, and the leaves."""
    names: Counter[str] = Counter()
    leaves: list[Tensor] = [root for root in roots if root.grad_fn is None]
    seen = {root.grad_fn for root in roots if root.grad_fn is not None}
    stack = list(seen)
    edges = 0
    while stack:
        fn = stack.pop()
        if fn.name().endswith("AccumulateGrad"):
            leaves.append(fn.variable)
            continue
        names[fn.name().rpartition("::")[2]] += 1
        for following, _ in fn.next_functions:
            if following is not None:
                edges += 1
                if following not in seen:
                    seen.add(following)
                    stack.append(following)
    return names, edges, leaves


def compared(function: Callable[[], Any], stock: Run, explain: bool) -> tuple[Trace, str]:
    """The Trace, and what differs in what the recorded run did; empty where nothing does."""
    returned: list[Tensor] = []

    def observed() -> tuple[Tensor, ...]:
        returned[:] = flattened(function())
        return tuple(returned)

    before = torch.get_rng_state()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trace = record(observed, seed=SEED, explain=explain)
    values = [tensor.detach().clone() for tensor in returned]
    grads = [leaf.grad for leaf in stock.leaves]
    for leaf in stock.leaves:
        leaf.grad = None
    if trace.error is not None:
        return trace, f"the recorded run failed: {trace.error.type}: {trace.error.message[:150]}"
    if not torch.equal(before, torch.get_rng_state()):
        return trace, "the caller's generator was not restored"
    for i, (recorded, value) in enumerate(zip(values, stock.returned, strict=True)):
        if not is_same(recorded, value):
            return trace, f"returned value {i} differs"
    for i, (recorded_grad, grad) in enumerate(zip(grads, stock.grads, strict=True)):
        if not is_same(recorded_grad, grad):
            return trace, f".grad of leaf {i} differs"
    return trace, ""


def reached(trace: Trace) -> set[str]:
    """The nodes that the last pass can reach."""
    graph = PathGraph(edge for edge in trace.edges if edge.differentiable)
    return {node for one in trace.passes[-1:] for root, _ in one.roots for node in graph.ancestors(root)}


def node_names(trace: Trace) -> Counter[str]:
    """How often each kind of autograd node is reached."""
    nodes = {node.id: node for node in trace.nodes}
    return Counter(str(nodes[id_].grad_fn).rpartition("::")[2] for id_ in reached(trace) if nodes[id_].kind == "op")


def differences(trace: Trace, stock: Run) -> Iterator[str]:
    """What the Trace says otherwise than stock."""
    yield from (str(violation) for violation in check(trace))
    for node in trace.nodes:
        if not node.outputs:
            yield f"{node.id} ({node.grad_fn or node.op}) has no value"
    roots = stock.roots
    if not roots:
        if trace.passes:
            yield "a pass where nothing requires grad"
        return
    if len(trace.passes) != 1:
        yield f"{len(trace.passes)} passes"
        return
    one = trace.passes[0]
    names = node_names(trace)
    other = Counter(BRANCHES.get(name, name) for name in stock.nodes.elements())
    if names not in (stock.nodes, other):
        yield f"nodes {dict(names - stock.nodes)} instead of {dict(stock.nodes - names)}"
    behind = reached(trace)
    edges = sum(edge.differentiable and edge.target in behind for edge in trace.edges)
    if edges != stock.edges:
        yield f"{edges} edges instead of {stock.edges}"
    nodes = {node.id: node for node in trace.nodes}
    tensors = {tensor.id: tensor for tensor in trace.tensors}
    for endpoint, root in zip(one.roots, roots, strict=True):
        if not is_value(tensors[nodes[endpoint[0]].outputs[endpoint[1]]].value, root):
            yield f"the root {endpoint} has another value"
    written = {entry.node: entry.after for entry in one.accumulated}
    expected = [grad for grad in stock.grads if grad is not None]
    if len(written) != len(expected):
        yield f"{len(written)} gradients instead of {len(expected)}"
    for value in written.values():
        if not any(is_value(value, grad) for grad in expected):
            yield "a .grad in the Trace is none of stock's"


def is_value(value: Any, tensor: Tensor) -> bool:
    """Whether a value of the Trace is exactly this tensor."""
    numbers = flat(value)
    if numbers is None:
        return value.numel == tensor.numel()
    dense = tensor.detach().to_dense() if tensor.layout != torch.strided else tensor.detach()
    return same(numbers, [x if isinstance(x, complex) else float(x) for x in dense.flatten().tolist()])


def is_same(a: Tensor | None, b: Tensor | None) -> bool:
    """The same bits, dtype, shape and layout; nan is nan."""
    if a is None or b is None:
        return a is b
    if (a.dtype, a.shape, a.layout) != (b.dtype, b.shape, b.layout):
        return False
    if a.layout != torch.strided:
        a, b = a.to_dense(), b.to_dense()
    a, b = a.detach().resolve_conj().resolve_neg(), b.detach().resolve_conj().resolve_neg()
    if a.is_complex():
        a, b = torch.view_as_real(a), torch.view_as_real(b)
    if not a.is_floating_point():
        return torch.equal(a, b)
    both = (a == b) & (a.signbit() == b.signbit())
    return bool((both | (a.isnan() & b.isnan())).all())


def is_same_run(a: Run, b: Run) -> bool:
    return all(map(is_same, a.returned, b.returned)) and all(map(is_same, a.grads, b.grads))
