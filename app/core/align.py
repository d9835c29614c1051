"""Which nodes and steps of two Traces are the same, so that two variants of a program can be shown side by side.

Nodes are matched by name, operation and order; what is left between two matches stands in the other's place where it
has the same inputs. Steps are the same where they do the same thing to the same node.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from app.core.trace import Node, Trace

MOST_EDITS = 400
"""Differences beyond which the middle of two sequences counts as different altogether: the work grows with them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One moment of the comparison: a step of each walk. What doesn't move stays at its last step."""

    first: int
    second: int
    moves: str
    """`both`, `first` or `second`."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """`nodes`: pairs of ids, None where there is no partner, in an order that both Traces share."""

    nodes: tuple[tuple[str | None, str | None], ...]
    rows: tuple[Row, ...]

    @property
    def partner(self) -> dict[str, str]:
        """The first's node for each of the second's that has one."""
        return {second: first for first, second in self.nodes if first is not None and second is not None}


def align(first: Trace, second: Trace) -> Alignment:
    """The alignment of two Traces. Never fails; two programs with nothing in common have no pairs."""
    nodes = _nodes(first, second)
    partner = {b: a for a, b in nodes if a is not None and b is not None}
    return Alignment(tuple(nodes), tuple(_rows(first, second, partner)))


def matched(first: Sequence[Hashable], second: Sequence[Hashable]) -> list[tuple[int | None, int | None]]:
    """The shortest way from one sequence to the other: what is equal in pairs, what is not alone (Myers 1986)."""
    start = 0
    while start < min(len(first), len(second)) and first[start] == second[start]:
        start += 1
    end = 0
    while end < min(len(first), len(second)) - start and first[-1 - end] == second[-1 - end]:
        end += 1
    middle = _edits(first[start : len(first) - end], second[start : len(second) - end])
    pairs: list[tuple[int | None, int | None]] = [(k, k) for k in range(start)]
    pairs += [(None if a is None else a + start, None if b is None else b + start) for a, b in middle]
    pairs += [(len(first) - end + k, len(second) - end + k) for k in range(end)]
    return pairs


def _edits(first: Sequence[Hashable], second: Sequence[Hashable]) -> list[tuple[int | None, int | None]]:
    """As `matched`; with more than `MOST_EDITS` differences everything differs."""
    n, m = len(first), len(second)
    reach = {1: 0}
    trail: list[dict[int, int]] = []
    for edits in range(min(n + m, MOST_EDITS) + 1):
        trail.append(dict(reach))
        for k in range(-edits, edits + 1, 2):
            down = k == -edits or (k != edits and reach[k - 1] < reach[k + 1])
            x = reach[k + 1] if down else reach[k - 1] + 1
            while x < n and x - k < m and first[x] == second[x - k]:
                x += 1
            reach[k] = x
            if x >= n and x - k >= m:
                return _backwards(trail, n, m)
    return [*((k, None) for k in range(n)), *((None, k) for k in range(m))]


def _backwards(trail: list[dict[int, int]], x: int, y: int) -> list[tuple[int | None, int | None]]:
    pairs: list[tuple[int | None, int | None]] = []
    for edits in range(len(trail) - 1, -1, -1):
        reach, k = trail[edits], x - y
        down = k == -edits or (k != edits and reach[k - 1] < reach[k + 1])
        came = k + 1 if down else k - 1
        x0 = reach[came] if edits else 0
        y0 = x0 - came if edits else 0
        while x > x0 and y > y0 and (edits == 0 or (x > (x0 if down else x0 + 1) or x - y != k)):
            x, y = x - 1, y - 1
            pairs.append((x, y))
        if edits == 0:
            break
        if down:
            y -= 1
            pairs.append((None, y))
        else:
            x -= 1
            pairs.append((x, None))
    return pairs[::-1]


def _nodes(first: Trace, second: Trace) -> list[tuple[str | None, str | None]]:
    pairs = matched([_key(node) for node in first.nodes], [_key(node) for node in second.nodes])
    found: list[tuple[str | None, str | None]] = []
    gap: tuple[list[Node], list[Node]] = ([], [])
    inputs = (_inputs(first), _inputs(second))
    partner: dict[str, str] = {}
    for a, b in [*pairs, (None, None)]:
        if (a is not None and b is not None) or a is b:
            found += _filled(*gap, inputs, partner)
            gap = ([], [])
            if a is not None and b is not None:
                found.append((first.nodes[a].id, second.nodes[b].id))
                partner[second.nodes[b].id] = first.nodes[a].id
        elif a is not None:
            gap[0].append(first.nodes[a])
        elif b is not None:
            gap[1].append(second.nodes[b])
    return found


def _key(node: Node) -> tuple[str, str]:
    """A name is the same whatever it is bound to: `a = relu(v)` and `a = tanh(v)`."""
    if node.kind != "op":
        return "leaf", node.name or node.label
    return ("name", node.name) if node.name else ("op", node.op)


def _inputs(trace: Trace) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for edge in trace.edges:
        found[edge.target].append(edge.source)
    return found


def _filled(
    ours: list[Node],
    theirs: list[Node],
    inputs: tuple[dict[str, list[str]], dict[str, list[str]]],
    partner: dict[str, str],
) -> list[tuple[str | None, str | None]]:
    """What lies between two matches: an operation on the same inputs takes the other's place."""
    found: list[tuple[str | None, str | None]] = []
    left = list(theirs)
    for node in ours:
        same = next((other for other in left if _replaces(node, other, inputs, partner)), None)
        if same is not None:
            left.remove(same)
            partner[same.id] = node.id
        found.append((node.id, same.id if same is not None else None))
    return found + [(None, other.id) for other in left]


def _replaces(
    node: Node, other: Node, inputs: tuple[dict[str, list[str]], dict[str, list[str]]], partner: dict[str, str]
) -> bool:
    if node.kind != "op" or other.kind != "op" or (node.name and other.name):
        return False
    ours = Counter(inputs[0].get(node.id, []))
    theirs = Counter(partner.get(source, source + "?") for source in inputs[1].get(other.id, []))
    return bool(ours) and ours == theirs


def _rows(first: Trace, second: Trace, partner: dict[str, str]) -> list[Row]:
    ours = [(step.kind, step.pass_, step.node, None) for step in first.steps]
    theirs = [
        (step.kind, step.pass_, partner.get(step.node) if step.node else None, None)
        if step.node is None or step.node in partner
        else (step.kind, step.pass_, None, step.node)
        for step in second.steps
    ]
    rows: list[Row] = []
    at = [0, 0]
    for a, b in matched(ours, theirs):
        at = [at[0] if a is None else a, at[1] if b is None else b]
        rows.append(Row(at[0], at[1], "second" if a is None else "first" if b is None else "both"))
    return rows
