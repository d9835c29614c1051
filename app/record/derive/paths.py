"""What each path from a root to a leaf contributes: products of numbers where all is scalar, else chains of VJPs.

VJPs are linear, so the contributions of all paths sum to the leaf's gradient. Owns the choice of the paths that are
listed; counting and searching are in `app.core.paths`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from math import prod

import torch
from torch import Tensor

from app.core.paths import MOST_SHOWN, PathGraph, count_json
from app.core.trace import Endpoint, Note, Paths, ShownPath
from app.record.derive.calls import Calls, NodeCallError, OutOfWorkError
from app.record.observe.live import LiveEdge, LiveGraph
from app.record.values import value_of

MOST_EDGES = 20_000
"""Edges that all listed paths of a pass may have together; long chains list fewer paths."""
EDGES_PER_UNIT = 500
"""Edges that a walk over the graph may visit for one unit of work."""
NOT_SAFE = (
    "on them lies a hook, a checkpoint or a custom Function, so that computing them could change what the snippet does"
)
NOT_CALLED = (
    "on them lies an operation that can't run backward by itself: its buffers are freed, or its tensors unusual"
)
TOO_LONG = "computing them would take too long"

Listed = tuple[tuple[LiveEdge, ...], Tensor]
"""A path from leaf to root, and what it contributes."""


class _Branch:
    """A partial path from the root: what arrives at the source of its last edge."""

    __slots__ = ("children", "cotangent", "edge", "parent")

    def __init__(self, cotangent: Tensor, edge: LiveEdge | None, parent: _Branch | None) -> None:
        self.cotangent = cotangent
        self.edge = edge
        self.parent = parent
        self.children: list[_Branch] | None = None

    def path(self) -> tuple[LiveEdge, ...]:
        """The edges, from leaf to root."""
        edges = []
        branch: _Branch | None = self
        while branch is not None and branch.edge is not None:
            edges.append(branch.edge)
            branch = branch.parent
        return tuple(edges)


def left_out(reasons: Mapping[str, Sequence[str]]) -> Iterator[Note]:
    """Notes on leaves without paths, by reason."""
    for reason, leaves in reasons.items():
        whose = "one leaf" if len(leaves) == 1 else f"{len(leaves)} leaves"
        yield Note("paths_left_out", f"The paths of {whose} are left out: {reason}.", None, leaves[0])


class UnsafeError(NodeCallError):
    """Calling a node could show."""


class LeafPaths:
    """The paths of one pass; partial results are shared between leaves."""

    def __init__(
        self, graph: LiveGraph, calls: Calls, roots: Sequence[Endpoint], seeds: Sequence[Tensor | None]
    ) -> None:
        self._calls = calls
        self._graph: PathGraph[LiveEdge] = PathGraph(graph.edges)
        self._outputs = {(node.id, k): output for node in graph.nodes for k, output in enumerate(node.outputs)}
        self._unsafe = {node.id for node in graph.nodes if not node.safe}
        self._seeds: dict[Endpoint, Tensor] = {}
        for root, seed in zip(roots, seeds, strict=True):
            if seed is not None and root in self._outputs:
                dense = seed if seed.layout is torch.strided else seed.to_dense()
                self._seeds[root] = self._seeds[root] + dense if root in self._seeds else dense
        self._trunks = {root: _Branch(seed, None, None) for root, seed in self._seeds.items()}
        self._totals: dict[Endpoint, dict[Endpoint, Tensor]] = {}
        self._factors: dict[str, float | None] = {}
        self._edges_left = MOST_EDGES
        self._left_out: dict[str, list[str]] = {}

    def of(self, target: Endpoint) -> list[Paths]:
        """One entry for each root that leads to `target`; none where one of them can't be computed."""
        if target not in self._outputs:
            return []
        try:
            return [paths for root in self._seeds if (paths := self._between(target, root)) is not None]
        except OutOfWorkError:
            self._left_out.setdefault(TOO_LONG, []).append(target[0])
        except UnsafeError:
            self._left_out.setdefault(NOT_SAFE, []).append(target[0])
        except (NodeCallError, RuntimeError):
            self._left_out.setdefault(NOT_CALLED, []).append(target[0])
        return []

    def notes(self) -> Iterator[Note]:
        """Why leaves have no paths, if some have none."""
        return left_out(self._left_out)

    def _between(self, target: Endpoint, root: Endpoint) -> Paths | None:
        count = self._graph.count(target, root)
        if not count:
            return None
        if self._unsafe and not self._unsafe.isdisjoint(self._nodes_between(target, root)):
            raise UnsafeError(target[0])
        listed = self._numbers(target, root)
        exact = listed is not None
        if listed is None:
            listed = self._tensors(target, root)
        shown = [ShownPath(tuple(edge.id for edge in edges), value_of(value)) for edges, value in listed]
        if len(listed) < count:
            shown.append(ShownPath(None, value_of(self._rest(target, root, [value for _, value in listed]))))
        return Paths(target[0], root, count_json(count), exact, tuple(shown))

    def _nodes_between(self, target: Endpoint, root: Endpoint) -> set[str]:
        self._calls.spend(1 + len(self._graph.ways_to(root[0])) // EDGES_PER_UNIT)
        return self._graph.between(target, root)

    def _room(self, edges: int) -> bool:
        """Whether a path of this many edges may still be listed; the first always may."""
        self._edges_left -= edges
        return self._edges_left >= 0

    def _numbers(self, target: Endpoint, root: Endpoint) -> list[Listed] | None:
        """The largest paths, where every value on them is one real number; None where not."""
        if prod(self._outputs[target].shape) != 1 or prod(self._outputs[root].shape) != 1:
            return None
        factors: dict[str, float] = {}
        between = self._nodes_between(target, root)
        for node in between:
            if node == target[0]:
                continue
            for edge in self._graph.entering.get(node, ()):
                if edge.source in between:
                    factor = self._factor(edge)
                    if factor is None:
                        return None
                    factors[edge.id] = factor
        seed = self._seeds[root]
        output = self._outputs[target]
        if seed.is_complex() or output.dtype.is_complex:
            return None
        start = float(seed)
        listed: list[Listed] = []
        for edges in islice(self._graph.largest(target, root, factors), MOST_SHOWN):
            if not self._room(len(edges)) and listed:
                break
            number = start * math.prod(factors[edge.id] for edge in edges)
            listed.append((edges, torch.tensor(number, dtype=output.dtype).reshape(output.shape)))
        return listed

    def _factor(self, edge: LiveEdge) -> float | None:
        """The local derivative along an edge, where that is one finite real number."""
        if edge.id not in self._factors:
            for other in self._calls.entering[edge.target]:
                self._factors[other.id] = None
            outputs = self._calls.nodes[edge.target].outputs
            if len(outputs) == 1 and prod(outputs[0].shape) == 1 and not outputs[0].dtype.is_complex:
                one = torch.ones(outputs[0].shape, dtype=outputs[0].dtype)
                for other, derivative in self._calls.vjp(edge.target, [one]):
                    if prod(other.source_shape) == 1 and not other.source_dtype.is_complex:
                        number = 0.0 if derivative is None else float(derivative)
                        self._factors[other.id] = number if math.isfinite(number) else None
        return self._factors[edge.id]

    def _tensors(self, target: Endpoint, root: Endpoint) -> list[Listed]:
        """Up to 64 paths, always going on where the gradient that arrives is largest."""
        behind = self._descendants(target)
        listed: list[Listed] = []
        stack = [self._trunks[root]]
        try:
            while stack and len(listed) < MOST_SHOWN:
                branch = stack.pop()
                place = (branch.edge.source, branch.edge.output) if branch.edge is not None else root
                if place == target:
                    path = branch.path()
                    if not self._room(len(path)) and listed:
                        break
                    listed.append((path, branch.cotangent))
                    continue
                stack += [child for child in reversed(self._grown(branch, place)) if self._leads(child, target, behind)]
        except OutOfWorkError:
            if not listed:
                raise
        return sorted(listed, key=lambda item: -_size(item[1]))

    def _leads(self, branch: _Branch, target: Endpoint, behind: set[str]) -> bool:
        edge = branch.edge
        return edge is not None and ((edge.source, edge.output) == target or edge.source in behind)

    def _descendants(self, target: Endpoint) -> set[str]:
        """The nodes that can be reached from the output."""
        seen: set[str] = set()
        stack = [edge.target for edge in self._graph.first_edges(target)]
        while stack:
            node = stack.pop()
            if node not in seen:
                seen.add(node)
                stack.extend(edge.target for edge in self._graph.leaving.get(node, ()))
        self._calls.spend(len(seen) // EDGES_PER_UNIT)
        return seen

    def _grown(self, branch: _Branch, place: Endpoint) -> list[_Branch]:
        """The branches one edge further, largest first; what is undefined contributes nothing and is left out."""
        if branch.children is None:
            node, output = place
            cotangents: list[Tensor | None] = [None] * len(self._calls.nodes[node].outputs)
            cotangents[output] = branch.cotangent
            sent = self._calls.vjp(node, cotangents)
            children = [_Branch(value, edge, branch) for edge, value in sent if value is not None]
            branch.children = sorted(children, key=lambda child: -_size(child.cotangent))
        return branch.children

    def _rest(self, target: Endpoint, root: Endpoint, listed: list[Tensor]) -> Tensor:
        """The gradient through `root` that the listed paths leave over."""
        output = self._outputs[target]
        wide = torch.complex128 if output.dtype.is_complex else torch.float64
        total = self._total(root).get(target)
        if self._unsafe and not self._unsafe.isdisjoint(self._nodes_between(target, root)):
            raise UnsafeError(target[0])
        rest = torch.zeros(output.shape, dtype=wide) if total is None else total.to(wide)
        for value in listed:
            rest = rest - value.to(wide)
        return rest.to(output.dtype)

    def _total(self, root: Endpoint) -> dict[Endpoint, Tensor]:
        """What one root alone gives to every output: the engine's pass, by hand."""
        if root not in self._totals:
            sums: dict[Endpoint, Tensor] = {root: self._seeds[root]}
            for node in self._graph.ancestors(root[0]):
                outputs = self._calls.nodes[node].outputs
                cotangents = [sums.get((node, k)) for k in range(len(outputs))]
                if not self._calls.entering[node] or all(value is None for value in cotangents):
                    continue
                if node in self._unsafe:
                    continue
                try:
                    sent = self._calls.vjp(node, cotangents)
                except NodeCallError:
                    self._unsafe.add(node)
                    continue
                for edge, value in sent:
                    place = (edge.source, edge.output)
                    if value is not None:
                        sums[place] = sums[place] + value if place in sums else value
            self._totals[root] = sums
        return self._totals[root]


def _size(value: Tensor) -> float:
    """The largest magnitude of an element; nan counts as largest of all, so that it's shown."""
    if not value.numel():
        return 0.0
    if value.dtype.itemsize == 1:
        value = value.float()  # those of 8 bits can't be compared
    size = float(value.abs().max())
    return math.inf if math.isnan(size) else size
