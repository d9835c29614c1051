"""Paths through a graph of edges: how many lead from a leaf to a root, and which carry the most.

Pure graph work on ids and numbers, without recursion; contributions of tensors are computed in `app.record.derive`.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import count as counter
from typing import Generic, Protocol, TypeVar

from app.core.trace import Endpoint

MOST_SHOWN = 64
"""Paths that are listed one by one."""
LARGEST_JSON_INTEGER = 2**53
"""Above it a reader in JavaScript would round."""


class PathEdge(Protocol):
    """What an edge must have: output `output` of `source` enters `target`."""

    @property
    def id(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def output(self) -> int: ...
    @property
    def target(self) -> str: ...


E = TypeVar("E", bound=PathEdge)


def count_json(count: int) -> int | str:
    """A count as the Trace writes it: a decimal string above 2⁵³."""
    return count if count <= LARGEST_JSON_INTEGER else str(count)


class PathGraph(Generic[E]):
    """An acyclic graph of differentiable edges; two edges between the same nodes are two ways."""

    def __init__(self, edges: Iterable[E]) -> None:
        self.leaving: dict[str, list[E]] = {}
        self.entering: dict[str, list[E]] = {}
        for edge in edges:
            self.leaving.setdefault(edge.source, []).append(edge)
            self.entering.setdefault(edge.target, []).append(edge)
        self._ways: dict[str, dict[str, int]] = {}

    @cached_property
    def rank(self) -> dict[str, int]:
        """Each node's place in one topological order, sources first."""
        waiting = Counter({target: len(edges) for target, edges in self.entering.items()})
        ready = deque(source for source in self.leaving if not waiting[source])
        rank: dict[str, int] = {}
        while ready:
            node = ready.popleft()
            rank[node] = len(rank)
            for edge in self.leaving.get(node, ()):
                waiting[edge.target] -= 1
                if not waiting[edge.target]:
                    ready.append(edge.target)
        return rank

    def ancestors(self, root: str) -> list[str]:
        """`root` and every node from which it can be reached, targets before sources."""
        seen = {root}
        stack = [root]
        while stack:
            for edge in self.entering.get(stack.pop(), ()):
                if edge.source not in seen:
                    seen.add(edge.source)
                    stack.append(edge.source)
        return sorted(seen, key=lambda node: -self.rank.get(node, 0))

    def ways_to(self, root: str) -> dict[str, int]:
        """For `root` and each of its ancestors: the exact number of paths to `root`."""
        if root not in self._ways:
            ways: dict[str, int] = {}
            for node in self.ancestors(root):
                ways[node] = sum(ways.get(edge.target, 0) for edge in self.leaving.get(node, ()))
                if node == root:
                    ways[node] = 1
            self._ways[root] = ways
        return self._ways[root]

    def first_edges(self, leaf: Endpoint) -> list[E]:
        """The edges that leave this output."""
        return [edge for edge in self.leaving.get(leaf[0], ()) if edge.output == leaf[1]]

    def count(self, leaf: Endpoint, root: Endpoint) -> int:
        """The number of paths from output `leaf` to output `root`; an output reaches itself by one of no edges."""
        if leaf[0] == root[0]:
            return int(leaf[1] == root[1])
        ways = self.ways_to(root[0])
        return sum(ways.get(edge.target, 0) for edge in self.first_edges(leaf))

    def between(self, leaf: Endpoint, root: Endpoint) -> set[str]:
        """Every node on some path from `leaf` to `root`, both ends included; empty where there is no path."""
        if not self.count(leaf, root):
            return set()
        ways = self.ways_to(root[0])
        seen = {leaf[0]}
        stack = [edge.target for edge in self.first_edges(leaf) if edge.target in ways]
        while stack:
            node = stack.pop()
            if node not in seen:
                seen.add(node)
                stack.extend(edge.target for edge in self.leaving.get(node, ()) if edge.target in ways)
        return seen

    def largest(self, leaf: Endpoint, root: Endpoint, factors: Mapping[str, float]) -> Iterator[tuple[E, ...]]:
        """Paths from `leaf` to `root`, by falling magnitude of the product of their edges' finite factors.

        Only edges that have a factor are walked; give one to each that lies between `leaf` and `root`.
        Best first, by what a partial path has lost against the best one (logarithms, so that long chains don't
        underflow). The best way onward loses exactly nothing and the longest of equals comes first, so each path
        costs at most its own length, however many equals there are.
        """
        if leaf == root:
            yield ()
            return
        best = self._best_to(root[0], factors)
        order = counter()
        heap: list[tuple[float, int, int, E, _Chain[E]]] = []

        def walked(edge: E) -> bool:
            return edge.id in factors and edge.target in best

        def push(edges: Iterable[E], lost: float, depth: int, chain: _Chain[E]) -> None:
            worth = [(_log(factors[edge.id]) + best[edge.target], edge) for edge in edges if walked(edge)]
            most = max((log for log, _ in worth), default=-math.inf)
            for log, edge in worth:
                loss = lost if log == most else lost + (most - log)
                heapq.heappush(heap, (loss, -depth, next(order), edge, (edge, chain)))

        if leaf[0] != root[0]:
            push(self.first_edges(leaf), 0.0, 0, None)
        while heap:
            loss, depth, _, edge, chain = heapq.heappop(heap)
            if edge.target == root[0]:
                yield _unchained(chain)
            else:
                push(self.leaving.get(edge.target, ()), loss, 1 - depth, chain)

    def _best_to(self, root: str, factors: Mapping[str, float]) -> dict[str, float]:
        """For each ancestor of `root`: the logarithm of the largest |product| of a path to it."""
        best: dict[str, float] = {}
        for node in self.ancestors(root):
            onward = (
                _log(factors[edge.id]) + best[edge.target]
                for edge in self.leaving.get(node, ())
                if edge.id in factors and edge.target in best
            )
            best[node] = 0.0 if node == root else max(onward, default=-math.inf)
        return best


_Chain = tuple[E, "_Chain[E]"] | None


def _unchained(chain: _Chain[E]) -> tuple[E, ...]:
    edges = []
    while chain is not None:
        edge, chain = chain
        edges.append(edge)
    return tuple(reversed(edges))


def _log(factor: float) -> float:
    return math.log(abs(factor)) if factor else -math.inf
