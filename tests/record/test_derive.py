"""Jacobians against torch.autograd.functional.jacobian, paths against torch.autograd.grad, and that nothing shows."""

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from app.record.derive import Budget, Derived, derive
from app.record.observe.live import LiveEdge, LiveGraph, LiveNode, LiveOutput

F = torch.nn.functional


class Seen:
    """A live graph made from the roots' grad_fn, with ids by discovery."""

    def __init__(self, roots: list[Tensor], unsafe: tuple[str, ...] = ()) -> None:
        self.ids: dict[object, str] = {}
        finished: list[object] = []
        stack = [(root.grad_fn, False) for root in reversed(roots)]
        while stack:
            fn, done = stack.pop()
            if done:
                finished.append(fn)
            elif fn not in self.ids:
                self.ids[fn] = f"n{len(self.ids)}"
                stack.append((fn, True))
                stack += [(source, False) for source, _ in fn.next_functions if source is not None]
        edges = []
        for fn in finished:
            for i, (source, output) in enumerate(fn.next_functions):
                if source is not None:
                    meta = source._input_metadata[output]
                    edges.append(
                        LiveEdge(
                            f"e{len(edges)}",
                            self.ids[source],
                            output,
                            self.ids[fn],
                            i,
                            tuple(meta.shape),
                            meta.dtype,
                        )
                    )
        nodes = [
            LiveNode(
                self.ids[fn],
                fn,
                tuple(LiveOutput(tuple(meta.shape), meta.dtype) for meta in fn._input_metadata),
                not any(name in fn.name() for name in unsafe),
            )
            for fn in finished
        ]
        self.graph = LiveGraph(tuple(nodes), tuple(edges))
        self.roots = [self.endpoint(root) for root in roots]
        self.leaves = {
            (self.ids[fn], 0): fn.variable for fn in finished if fn.name() == "torch::autograd::AccumulateGrad"
        }

    def endpoint(self, tensor: Tensor) -> tuple[str, int]:
        return (self.ids[tensor.grad_fn], tensor.output_nr)

    def derive(self, seeds: list[Tensor] | None = None, roots: list[Tensor] | None = None) -> Derived:
        if seeds is None:
            seeds = [torch.ones(root.shape, dtype=root.dtype) for root in roots or []]
        return derive(self.graph, self.roots, seeds, list(self.leaves))


def derived(*roots: Tensor, unsafe: tuple[str, ...] = ()) -> tuple[Seen, Derived]:
    seen = Seen(list(roots), unsafe)
    return seen, seen.derive([torch.ones_like(root) for root in roots])


def tensor_of(data: object, dtype: torch.dtype, shape: tuple[int, ...]) -> Tensor:
    if isinstance(data, dict):
        return torch.tensor(complex(data["re"], data["im"]), dtype=dtype)
    flat: list[object] = [data]
    for _ in shape:
        flat = [item for row in flat for item in row]  # type: ignore[attr-defined]
    values = [complex(x["re"], x["im"]) if isinstance(x, dict) else float(x) for x in flat]  # type: ignore[arg-type]
    return torch.tensor(values, dtype=dtype).reshape(shape)


def path_sums(seen: Seen, found: Derived) -> dict[tuple[str, int], Tensor]:
    sums = {}
    for leaf, variable in seen.leaves.items():
        entries = [entry for entry in found.paths if entry.leaf == leaf[0]]
        if entries:
            sums[leaf] = sum(
                tensor_of(shown.contribution.data, variable.dtype, tuple(variable.shape))
                for entry in entries
                for shown in entry.shown
            )
    return sums


def assert_paths_sum_to_the_gradient(*roots: Tensor) -> Derived:
    seen, found = derived(*roots)
    sums = path_sums(seen, found)
    leaves = list(seen.leaves)
    ones = [torch.ones_like(root) for root in roots]
    grads = torch.autograd.grad(
        roots, [seen.leaves[leaf] for leaf in leaves], ones, allow_unused=True, retain_graph=True
    )
    for leaf, grad in zip(leaves, grads, strict=True):
        torch.testing.assert_close(sums[leaf], torch.zeros(()) if grad is None else grad.to_dense())
    return found


def leaf(*shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(shape, dtype=dtype, requires_grad=True)


ELEMENTWISE_AND_MORE: list[tuple[Callable[..., Tensor], list[tuple[int, ...]]]] = [
    (torch.mul, [(3,), (3,)]),
    (torch.mul, [(2, 3), ()]),
    (torch.add, [(2, 3), (3,)]),
    (torch.div, [(3, 1), (1, 4)]),
    (torch.matmul, [(2, 3), (3, 4)]),
    (torch.matmul, [(3,), (3,)]),
    (torch.relu, [(5,)]),
    (torch.tanh, [(2, 2)]),
    (lambda x: x.sum(), [(4, 3)]),
    (lambda x: x.mean(0), [(4, 3)]),
    (lambda x: torch.softmax(x, -1), [(3, 4)]),
    (lambda x: x.t(), [(3, 4)]),
    (lambda x: x[1::2], [(3, 4)]),
    (lambda x: x.max(), [(6,)]),
    (lambda x: torch.logsumexp(x, 0), [(6,)]),
    (F.conv1d, [(1, 2, 6), (3, 2, 2)]),
    (lambda x: torch.cumsum(x, 0), [(5,)]),
    (lambda a, b: torch.cat([a, b]), [(2,), (3,)]),
    (torch.linalg.inv, [(3, 3)]),
    (lambda x: F.layer_norm(x, (4,)), [(2, 4)]),
]


@pytest.mark.parametrize(("function", "shapes"), ELEMENTWISE_AND_MORE)
def test_local_jacobians_are_those_of_stock_pytorch(function: Callable[..., Tensor], shapes: list) -> None:
    torch.manual_seed(0)
    inputs = [leaf(*shape) for shape in shapes]
    seen, found = derived(function(*inputs))
    assert len(seen.graph.nodes) == len(inputs) + 1
    expected = torch.autograd.functional.jacobian(function, tuple(inputs))
    assert len(found.jacobians) == len(inputs)
    for jacobian in found.jacobians:
        edge = next(edge for edge in seen.graph.edges if edge.id == jacobian.edge)
        place = next(i for i, x in enumerate(inputs) if seen.leaves[edge.source, 0] is x)
        assert jacobian.shape == tuple(expected[place].shape)
        torch.testing.assert_close(tensor_of(jacobian.value.data, torch.float64, jacobian.shape), expected[place])


def test_one_jacobian_per_output() -> None:
    x = leaf(4, 3)
    _, found = derived(*torch.linalg.qr(x))
    assert [(jacobian.of, jacobian.shape) for jacobian in found.jacobians] == [(0, (4, 3, 4, 3)), (1, (3, 3, 4, 3))]
    expected = torch.autograd.functional.jacobian(torch.linalg.qr, x)
    for jacobian, truth in zip(found.jacobians, expected, strict=True):
        torch.testing.assert_close(tensor_of(jacobian.value.data, torch.float64, jacobian.shape), truth)


def test_reduced_to_the_shape_and_dtype_of_the_source() -> None:
    x, s = leaf(3, 2, dtype=torch.float32), leaf(dtype=torch.float64)
    _, found = derived((x * s).sum())
    assert {jacobian.shape for jacobian in found.jacobians} == {(3, 2, 3, 2), (3, 2), (3, 2)} | {(3, 2)}
    assert_paths_sum_to_the_gradient((x * s).sum())


def test_large_and_complex_ones_are_absent() -> None:
    assert not derived(leaf(40) * 2)[1].jacobians
    assert len(derived(leaf(32) * 2)[1].jacobians) == 1
    z = leaf(2, dtype=torch.complex128)
    assert not derived(z * z)[1].jacobians
    x = leaf()
    for _ in range(199):
        x = x * 2
    assert len(derived(x * 2)[1].jacobians) == 200
    assert not derived(x * 2 * 2)[1].jacobians


def programs() -> list[Tensor]:
    torch.manual_seed(1)
    w, x, b = leaf(), leaf(), leaf()
    h = torch.tanh(w * x + b)
    v, m = leaf(3), leaf(3, 3)
    z = leaf(3, dtype=torch.complex128)
    embedding = torch.nn.Embedding(5, 2, sparse=True, dtype=torch.float64)
    lstm = torch.nn.LSTM(2, 3, batch_first=True).double()
    base = leaf(4) * 2
    base[1:3].mul_(3)
    return [
        torch.relu(w * x + b),
        h * h + h * w,
        (w * x) * (w + x) * w,
        ((m @ torch.tanh(m @ v)) ** 2).sum() + (m**2).sum(),
        torch.softmax(m @ v, 0),
        (z * z.conj() * z).abs().sum(),
        (z * v).real.sum() + v.sum(),
        embedding(torch.tensor([1, 1, 4])).pow(2).sum(),
        lstm(leaf(1, 3, 2))[0].sum(),
        base.pow(2).sum(),
        torch.stack(torch.unbind(m)).sum() * v.norm(),
        m.max(0).values.sum() * m.topk(2).values.sum(),
        (leaf(3, dtype=torch.float32) * v).sum(),
    ]


@pytest.mark.parametrize("index", range(13))
def test_paths_sum_to_the_gradient(index: int) -> None:
    assert_paths_sum_to_the_gradient(programs()[index])


def test_several_roots_and_seeds() -> None:
    w, v = leaf(), leaf(3)
    a = w * w
    b = (v * w).sum() * a
    assert_paths_sum_to_the_gradient(a, b)
    seen = Seen([a, a])
    found = seen.derive([torch.tensor(2.0, dtype=torch.float64), torch.tensor(3.0, dtype=torch.float64)])
    (total,) = path_sums(seen, found).values()
    torch.testing.assert_close(total, 10 * w.detach())


def test_a_root_that_is_a_target_has_a_path_without_edges() -> None:
    h = leaf() * 2
    seen = Seen([h])
    found = derive(seen.graph, seen.roots, [torch.tensor(5.0, dtype=torch.float64)], seen.roots)
    assert found.paths[0].shown[0].edges == ()
    assert found.paths[0].shown[0].contribution.data == 5.0


def test_scalar_paths_come_largest_first_and_are_exact() -> None:
    w = torch.tensor(2.0, requires_grad=True)
    y = w * 3 + w * w * w + 0.1 * w
    _, found = derived(y)
    (paths,) = found.paths
    assert (paths.count, paths.exact) == (5, True)
    assert [round(shown.contribution.data, 4) for shown in paths.shown] == [4, 4, 4, 3, 0.1]


def test_millions_of_paths_are_counted_and_the_largest_shown() -> None:
    torch.manual_seed(0)
    x = leaf(4, dtype=torch.float32)
    weights = [leaf(4, 4, dtype=torch.float32) for _ in range(22)]
    h = x
    for weight in weights:
        h = h + torch.tanh(weight @ h)
    y = h.sum()
    seen, found = derived(y)
    counts = {entry.leaf: entry for entry in found.paths}
    own = next(counts[leaf[0]] for leaf, variable in seen.leaves.items() if variable is x)
    assert own.count == 2**22
    assert not own.exact
    assert len(own.shown) == 65
    assert own.shown[-1].edges is None
    assert not found.notes
    assert_paths_sum_to_the_gradient(y)


def test_a_scalar_ladder_of_more_paths_than_a_double_holds() -> None:
    x = torch.tensor(1.001, requires_grad=True)
    h = x
    for _ in range(60):
        h = h * h * 0.9
    found = assert_paths_sum_to_the_gradient(h)
    assert found.paths[0].count == str(2**60)
    assert found.paths[0].exact


def test_long_chains_need_no_recursion_and_stay_small() -> None:
    w = leaf()
    h = w
    for _ in range(5000):
        h = h * w
    _, found = derived(h)
    assert sum(len(shown.edges or ()) for entry in found.paths for shown in entry.shown) <= 20_000 + 5001
    assert_paths_sum_to_the_gradient(h)


def test_too_much_work_leaves_paths_out_with_a_note() -> None:
    h = leaf(1_000_000, dtype=torch.float32)
    for _ in range(6):
        h = h * 2
    _, found = derived(h)
    assert not found.paths
    assert found.notes[0].code == "paths_left_out"
    assert "too long" in found.notes[0].message


def test_the_passes_of_a_run_share_a_budget() -> None:
    seen = Seen([(leaf(8) * 2).sum()])
    budget = Budget(jacobians=25, paths=10)
    seeds = [torch.ones((), dtype=torch.float64)]
    found = [derive(seen.graph, seen.roots, seeds, list(seen.leaves), budget) for _ in range(12)]
    assert len(found[0].jacobians) == 2
    assert len(found[0].paths) == 1
    assert not found[-1].jacobians
    assert not found[-1].paths
    assert {note.code for note in found[-1].notes} == {"jacobians_left_out", "paths_left_out"}


def test_unsafe_nodes_are_never_called() -> None:
    x, w = leaf(), leaf()
    called = []

    class Loud(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            called.append(grad)
            return grad * 2

    _, found = derived(Loud.apply(x) * w, unsafe=("Loud",))
    assert called == []
    assert len(found.paths) == 1
    assert [note.code for note in found.notes] == ["paths_left_out"]
    assert len(found.jacobians) == 2


def test_nothing_shows() -> None:
    """No hook runs, no buffer is freed, no random number drawn, no .grad written, no mode notices."""
    torch.manual_seed(3)
    x, w = leaf(3), leaf(3)
    h = F.dropout(torch.tanh(x * w), 0.5)
    y = (h * h).sum()
    ran = []
    x.register_hook(ran.append)
    h.register_hook(ran.append)
    h.grad_fn.register_prehook(ran.append)
    h.grad_fn.register_hook(lambda *grads: ran.append(grads))
    state = torch.get_rng_state()
    values = [tensor.detach().clone() for tensor in (x, w, h, y)]
    versions = [tensor._version for tensor in (x, w, h, y)]
    derived(y)
    assert ran == []
    assert torch.equal(state, torch.get_rng_state())
    assert x.grad is None
    assert all(torch.equal(old, new) for old, new in zip(values, (x, w, h, y), strict=True))
    assert versions == [tensor._version for tensor in (x, w, h, y)]
    y.backward()
    assert ran


def test_freed_buffers_are_no_error() -> None:
    x = leaf()
    y = torch.tanh(x) * x
    seen = Seen([y])
    y.backward()
    found = seen.derive([torch.ones_like(y)])
    assert found.jacobians == ()
    assert found.paths == ()


def test_not_finite_numbers_are_spelled() -> None:
    x = torch.tensor(0.0, requires_grad=True)
    _, found = derived(torch.log(x))
    assert found.jacobians[0].value.data == "inf"
    assert found.paths[0].shown[0].contribution.data == "inf"


def test_an_empty_tensor() -> None:
    _, found = derived((leaf(0, 3) * 2).sum())
    assert sorted(jacobian.shape for jacobian in found.jacobians) == [(0, 3), (0, 3, 0, 3)]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=12))
def test_random_scalar_and_vector_programs(steps: list[tuple[int, int, int]]) -> None:
    torch.manual_seed(0)
    values = [leaf(), leaf(), leaf(3), leaf(3)]
    for op, i, j in steps:
        a, b = values[i % len(values)], values[j % len(values)]
        values.append([a * b, a + b, torch.tanh(a), (a * b).sum(), torch.sin(a - b), a.mean() * b][op])
    root = values[-1]
    if math.prod(root.shape) > 1:
        root = root.sum()
    assert_paths_sum_to_the_gradient(root)
