"""The arithmetic of a backward pass: sums, contributions, accumulation and paths (rules 1 to 4)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from app.core.check_report import Violation
from app.core.check_steps import steps_by_pass
from app.core.check_values import COMPONENT, Number, added, close, finite, flat, representable, same
from app.core.paths import MOST_SHOWN, PathGraph, count_json
from app.core.trace import Edge, Endpoint, Grad, Jacobian, Pass, Paths, Trace, Value

SPARSE_ULPS = 64.0
"""Sparse gradients are summed in the order of their indices, which a Trace doesn't show."""
PATH_ULPS = 256.0
"""Rounding allowed per path sum, in units of the dtype at the magnitude of what was summed."""
Violations = Iterator[Violation]


class Facts:
    """Lookups that the rules share."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.nodes = {node.id: node for node in trace.nodes}
        self.edges = {edge.id: edge for edge in trace.edges}
        tensors = {tensor.id: tensor for tensor in trace.tensors}
        self.dtypes = {(node.id, k): tensors[id_].dtype for node in trace.nodes for k, id_ in enumerate(node.outputs)}
        self.dense = all(tensor.layout == "strided" for tensor in trace.tensors) and not any(
            node.args.get("sparse") is True or "sparse" in node.op for node in trace.nodes
        )
        self.steps = steps_by_pass(trace)
        self.graph = PathGraph(edge for edge in trace.edges if edge.differentiable)

    def dtype(self, endpoint: Endpoint) -> str:
        """The dtype of the output, and so of its gradient."""
        return self.dtypes[endpoint]

    def agree(self, a: Sequence[Number], b: Sequence[Number], dtype: str) -> bool:
        """Whether `b`, a sum made here, is `a`: the same bits, but where PyTorch itself adds otherwise.

        It adds complex numbers as a + 1·b, which may turn the sign of a zero and spreads what isn't finite; sparse
        gradients it adds in the order of their indices.
        """
        if same(a, b):
            return True
        if dtype in COMPONENT and len(a) == len(b) and all(x == y or not finite(y) for x, y in zip(a, b, strict=True)):
            return True
        return not self.dense and close(a, b, [abs(x) for x in a], dtype, SPARSE_ULPS)


def gradients(facts: Facts, one: Pass) -> Violations:
    """Rule 1: a node's gradient is the sum, in listed order, of its seed and of what its edges carried."""
    parts: defaultdict[Endpoint, list[Value]] = defaultdict(list)
    for endpoint, seed in zip(one.roots, one.seeds, strict=True):
        parts[endpoint].append(seed)
    for contribution in one.contributions:
        edge = facts.edges[contribution.edge]
        parts[edge.source, edge.output].append(contribution.value)
    entries: dict[Endpoint, Grad] = {}
    where = f"passes[{one.index}].grads"
    for grad in one.grads:
        endpoint = (grad.node, grad.output)
        if endpoint in entries:
            yield Violation(1, f"two gradients of {endpoint}", where)
        entries[endpoint] = grad
        if endpoint not in parts:
            yield Violation(1, f"{endpoint} has a gradient from nowhere", where)
            continue
        if not _is_sum(facts, endpoint, grad.value, parts[endpoint]):
            yield Violation(1, f"the gradient of {endpoint} isn't the sum of what reached it", where)
        if grad.hook is not None and grad.hook.before is not None and not _equal(grad.hook.before, grad.value):
            yield Violation(1, f"the hook on {endpoint} saw another gradient", where)
    ran = {step.node for step in facts.steps[one.index] if step.kind in {"backward", "accumulate"}}
    for endpoint in parts:
        if endpoint not in entries and endpoint[0] in ran:
            yield Violation(1, f"{endpoint} was reached and has no gradient", where)


def _is_sum(facts: Facts, endpoint: Endpoint, total: Value, parts: list[Value]) -> bool:
    dtype = facts.dtype(endpoint)
    numbers = [flat(part) for part in parts]
    expected = flat(total)
    if expected is None or any(part is None for part in numbers):
        return True
    known = [part for part in numbers if part is not None]
    running = known[0]
    for part in known[1:]:
        if len(part) != len(running):
            return False
        running = added(running, part, dtype)
    return facts.agree(expected, running, dtype)


def exactness(facts: Facts, one: Pass) -> Violations:
    """Rule 2: what reached a source fits the source's dtype, and no edge carried twice."""
    where = f"passes[{one.index}].contributions"
    seen = set()
    for contribution in one.contributions:
        edge = facts.edges[contribution.edge]
        if edge.id in seen:
            yield Violation(2, f"{edge.id} carries twice", where)
        seen.add(edge.id)
        numbers = flat(contribution.value)
        dtype = facts.dtype((edge.source, edge.output))
        if numbers is not None and not representable(numbers, dtype):
            yield Violation(2, f"what {edge.id} carries isn't {dtype}", where)


def chain_rule(facts: Facts, one: Pass) -> Violations:
    """Rule 2: where local Jacobians are given, an edge carries (arriving gradient) × Jacobian, within rounding."""
    jacobians: defaultdict[str, list[Jacobian]] = defaultdict(list)
    for jacobian in one.jacobians:
        jacobians[jacobian.edge].append(jacobian)
    arriving: defaultdict[str, list[Grad]] = defaultdict(list)
    for grad in one.grads:
        arriving[grad.node].append(grad)
    for contribution in one.contributions:
        edge = facts.edges[contribution.edge]
        by_output = {jacobian.of: jacobian for jacobian in jacobians[edge.id]}
        grads = arriving[edge.target]
        if facts.nodes[edge.target].hooked or not all(grad.output in by_output for grad in grads):
            continue
        sent = flat(contribution.value)
        if sent is not None and not _is_product(facts, edge, grads, by_output, sent):
            yield Violation(2, f"{edge.id} doesn't carry gradient × Jacobian", f"passes[{one.index}].contributions")


def _is_product(
    facts: Facts, edge: Edge, grads: list[Grad], by_output: dict[int, Jacobian], sent: list[Number]
) -> bool:
    total, scale = [0.0] * len(sent), [0.0] * len(sent)
    terms = 1
    for grad in grads:
        rows, numbers = flat(by_output[grad.output].value), flat(grad.value if grad.hook is None else grad.hook.after)
        if rows is None or numbers is None or any(isinstance(x, complex) for x in (*rows, *numbers)):
            return True
        if len(rows) != len(numbers) * len(sent):
            return False
        terms += len(numbers)
        for i, weight in enumerate(numbers):
            for j in range(len(sent)):
                product = weight.real * rows[i * len(sent) + j].real
                total[j] += product
                scale[j] += abs(product)
    dtype = facts.dtype((edge.source, edge.output))
    # Terms that cancel inside the node's own formula leave rounding of the size of the gradient, in any element.
    largest = max([*scale, *(abs(x) for grad in grads for x in flat(grad.value) or [])], default=0.0)
    for grad in grads:
        dtype = _coarser(dtype, facts.dtype((edge.target, grad.output)))
    return close(sent, total, [largest] * len(sent), dtype, PATH_ULPS + 4 * terms)


def _coarser(a: str, b: str) -> str:
    order = ["float64", "complex128", "float32", "complex64", "float16", "complex32", "bfloat16"]
    return max(a, b, key=lambda dtype: order.index(dtype) if dtype in order else -1)


def accumulation(facts: Facts, one: Pass) -> Violations:
    """Rule 3: `.grad` after is before + added, bit for bit, and what was added or returned is the leaf's gradient."""
    where = f"passes[{one.index}]"
    passed_on = {(grad.node, grad.output): grad.value if grad.hook is None else grad.hook.after for grad in one.grads}
    for entry in one.accumulated:
        dtype = facts.dtype((entry.node, 0))
        new, after = flat(entry.added), flat(entry.after)
        before = flat(entry.before)
        if new is None or after is None or (entry.before is not None and before is None):
            continue
        expected = new if before is None else added(before, new, dtype)
        if not facts.agree(after, expected, dtype):
            yield Violation(3, f"the .grad of {entry.node} isn't before + added", f"{where}.accumulated")
        reached = passed_on.get((entry.node, 0))
        if reached is None or not _equal(reached, entry.added):
            yield Violation(3, f"{entry.node} added something else than its gradient", f"{where}.accumulated")
    for taken in one.captured:
        reached = passed_on.get((taken.node, taken.output))
        numbers = flat(taken.value)
        if reached is None:
            if numbers is not None and any(numbers):
                yield Violation(3, f"{taken.node} returned a gradient from nowhere", f"{where}.captured")
        elif taken.value is None or not _equal(reached, taken.value):
            yield Violation(3, f"{taken.node} returned something else than its gradient", f"{where}.captured")
    if one.kind == "grad" and one.accumulated:
        yield Violation(3, "autograd.grad accumulated", f"{where}.accumulated")


def paths(facts: Facts, one: Pass) -> Violations:
    """Rule 4: paths lead from leaf to root, are all counted, and sum to what the leaf received."""
    entries: defaultdict[str, list[Paths]] = defaultdict(list)
    where = f"passes[{one.index}].paths"
    for item in one.paths:
        entries[item.leaf].append(item)
        yield from _listed(facts, one, item, where)
    received: defaultdict[str, list[Value]] = defaultdict(list)
    for entry in one.accumulated:
        received[entry.node].append(entry.added)
    for taken in one.captured:
        if taken.value is not None:
            received[taken.node].append(taken.value)
    for leaf, items in entries.items():
        values = received[leaf]
        if values and not any(_adds_up(facts, one, items, value) for value in values):
            yield Violation(4, f"the paths of {leaf} don't sum to what it received", where)


def _listed(facts: Facts, one: Pass, item: Paths, where: str) -> Violations:
    if item.root not in one.roots:
        yield Violation(4, f"{item.root} is no root", where)
    outputs = [output for node, output in one.inputs if node == item.leaf] or [0]
    if not any(count_json(facts.graph.count((item.leaf, k), item.root)) == item.count for k in outputs):
        yield Violation(4, f"{item.count} isn't the number of paths from {item.leaf}", where)
    chosen = [shown.edges for shown in item.shown if shown.edges is not None]
    if len(set(chosen)) != len(chosen) or len(chosen) > MOST_SHOWN or len(item.shown) - len(chosen) > 1:
        yield Violation(4, f"paths of {item.leaf} are listed twice, or too many", where)
    if len(chosen) != int(item.count) and len(item.shown) == len(chosen):
        yield Violation(4, f"paths of {item.leaf} are missing without an entry for the rest", where)
    for edges in chosen:
        walk = [facts.edges[id_] for id_ in edges]
        ends = [item.leaf, *(edge.target for edge in walk)]
        starts = [*(edge.source for edge in walk), item.root[0]]
        if ends != starts or not all(edge.differentiable for edge in walk):
            yield Violation(4, f"{'-'.join(edges[:9])} doesn't lead from {item.leaf} to {item.root[0]}", where)
    if item.exact:
        sizes = [_magnitude(shown.contribution) for shown in item.shown if shown.edges is not None]
        if any(a < b * (1 - 1e-2) and b > 1e-30 for a, b in pairwise(sizes)):
            yield Violation(4, f"the paths of {item.leaf} aren't listed largest first", where)


def _magnitude(value: Value) -> float:
    size = max((abs(x) for x in flat(value) or [0.0]), default=0.0)
    return size if math.isfinite(size) else 0.0


def _adds_up(facts: Facts, one: Pass, items: list[Paths], total: Value) -> bool:
    expected = flat(total)
    parts = [flat(shown.contribution) for item in items for shown in item.shown]
    if expected is None or any(part is None for part in parts):
        return True
    known = [part for part in parts if part is not None]
    if any(len(part) != len(expected) for part in known):
        return False
    running = [math.fsum(column) if _real(column) else sum(column) for column in zip(*known, strict=True)]
    running = running or [0.0] * len(expected)
    sizes = [sum(abs(x) for x in column) for column in zip(*known, strict=True)]
    passed = _on(facts, one, items)
    scale = max([*sizes, *(_magnitude(grad.value) for grad in passed)], default=0.0)
    longest = max((len(shown.edges or ()) for item in items for shown in item.shown), default=0)
    dtype = facts.dtype((items[0].leaf, 0))
    for grad in passed:
        dtype = _coarser(dtype, facts.dtype((grad.node, grad.output)))
    return close(running, expected, [scale] * len(expected), dtype, PATH_ULPS + 16 * longest)


def _on(facts: Facts, one: Pass, items: list[Paths]) -> list[Grad]:
    """The gradients on the listed paths, all where not all are listed: rounding is of their size and dtype."""
    listed = {facts.edges[id_].target for item in items for shown in item.shown for id_ in shown.edges or ()}
    whole = any(shown.edges is None for item in items for shown in item.shown)
    return [grad for grad in one.grads if whole or grad.node in listed]


def _real(column: Sequence[Number]) -> bool:
    return all(not isinstance(x, complex) and math.isfinite(x) for x in column)


def _equal(a: Value, b: Value) -> bool:
    numbers, others = flat(a), flat(b)
    return numbers is None or others is None or same(numbers, others)
