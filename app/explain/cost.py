"""What the gradient costs by reverse mode, as PyTorch computes it, and what it would cost by forward mode.

The model, counted on this graph alone. A sweep through an edge multiplies once per pair of an output and an input cell,
unless all derivatives there are 0, 1 or −1: per element of an elementwise op, rows·k·columns of a product, never for
a sum, a view or a choice. Reverse mode takes one sweep over all edges per pass, forward mode one per element of the
leaves, over the edges that the leaf leads to. Bytes: reverse mode keeps what the nodes save, each block of memory once;
forward mode carries one tangent beside each value that is still needed, at the most at one time.
"""

from __future__ import annotations

from math import prod
from typing import Any

from app.core.trace import Edge
from app.explain.cells import LEFT, RIGHT
from app.explain.context import Context
from app.explain.graph import Flow, flat
from app.explain.operation import Operation

FREE = ("identity", "selection", "zero", "one-hot")
"""Sparsities of formulas whose Jacobians hold nothing but 0 and 1."""
CONSTANT = ("1", "-1", "0")
ITEMSIZE = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "complex64": 8, "complex128": 16, "int64": 8}


def cost(ctx: Context) -> list[dict[str, Any]]:
    """One entry per pass that reaches a leaf. Linear in leaves times edges."""
    return [entry for flow in ctx.graph.flows if (entry := _of(ctx, flow)) is not None]


def _of(ctx: Context, flow: Flow) -> dict[str, Any] | None:
    leaves = [id_ for id_ in (*flow.accumulated, *(node for node, _ in flow.captured)) if id_ in ctx.graph.nodes]
    edges = [ctx.graph.edges[id_] for id_ in flow.contributions if id_ in ctx.graph.edges]
    if not leaves or not edges:
        return None
    counted = {edge.id: multiplications(ctx, edge) for edge in edges}
    elements = {leaf: prod(ctx.shape((leaf, 0)) or ()) for leaf in dict.fromkeys(leaves)}
    forward, peak = 0, 0
    for leaf, size in elements.items():
        after = _after(ctx, leaf, edges)
        forward += size * sum(counted[edge.id][0] for edge in after)
        peak = max(peak, _peak(ctx, after))
    return {
        "pass": flow.pass_.index,
        "inputs": sum(elements.values()),
        "reverse": {
            "sweeps": 1,
            "multiplications": sum(count for count, _ in counted.values()),
            "bytes": _kept(ctx, edges),
        },
        "forward": {"sweeps": sum(elements.values()), "multiplications": forward, "bytes": peak},
        "estimated": any(guess for _, guess in counted.values()),
    }


def multiplications(ctx: Context, edge: Edge) -> tuple[int, bool]:
    """How many multiplications a sweep makes at an edge, and whether that is a guess."""
    op = ctx.operations.get(edge.target)
    output = ctx.graph.outputs_of(edge)[0]
    out, into = ctx.shape((edge.target, output)), ctx.shape((edge.source, edge.output))
    if op is None or out is None or into is None:
        return 0, True
    rows, columns = prod(out), prod(into)
    rule = op.rule(edge)
    if rule is not None and (rule.local.strip() in CONSTANT or rule.sparsity in FREE):
        return 0, False
    if rule is not None and rule.pointwise:
        return rows, False
    inner = _inner(ctx, op, edge)
    if inner is not None:
        return rows * inner, False
    found = ctx.graph.jacobian(edge.id, output)
    cells = flat(found.value) if found else None
    if cells:
        return sum(cell not in (0, 1, -1) for cell in cells), False
    return max(rows, columns), True


def _inner(ctx: Context, op: Operation, edge: Edge) -> int | None:
    """How many products make one element of a matrix product or a convolution."""
    name, role = op.node.op.removesuffix("_"), op.roles.get(edge.id)
    if role is None:
        return None
    if role.name in (LEFT.get(name), RIGHT.get(name)):
        first = op.edges_of(LEFT[name])
        shape = ctx.graph.operands[first[0]].shape if first and first[0] in ctx.graph.operands else None
        return shape[-1] if shape else None
    if "convolution" in name and role.name in ("input", "weight"):
        weights = op.edges_of("weight")
        shape = ctx.graph.operands[weights[0]].shape if weights and weights[0] in ctx.graph.operands else None
        return prod(shape[1:]) if shape else None
    return None


def _after(ctx: Context, leaf: str, edges: list[Edge]) -> list[Edge]:
    """The edges of a pass that a leaf leads to, in the order in which they ran forward."""
    lit, found = {leaf}, []
    order = {node: k for k, node in enumerate(ctx.graph.compute)}
    for edge in sorted(edges, key=lambda edge: order.get(edge.target, 0)):
        if edge.source in lit:
            lit.add(edge.target)
            found.append(edge)
    return found


def _bytes(ctx: Context, node: str, output: int) -> int:
    tensor = ctx.graph.result(node, output)
    return prod(tensor.shape) * ITEMSIZE.get(tensor.dtype, 4) if tensor is not None else 0


def _peak(ctx: Context, edges: list[Edge]) -> int:
    """Bytes of tangents alive at one time: each from where it is made to where it is last used."""
    last = {(edge.source, edge.output): k for k, edge in enumerate(edges)}
    alive: dict[tuple[str, int], int] = {}
    most = 0
    for k, edge in enumerate(edges):
        for end in ((edge.source, edge.output), (edge.target, 0)):
            alive.setdefault(end, _bytes(ctx, *end))
        most = max(most, sum(alive.values()))
        ended = [end for end in alive if last.get(end, len(edges)) <= k]
        following = edges[k + 1].target if k + 1 < len(edges) else None
        if following != edge.target:
            for end in ended:
                del alive[end]
    return most


def _kept(ctx: Context, edges: list[Edge]) -> int:
    """Bytes that the nodes of a pass keep for it."""
    blocks: dict[str, int] = {}
    sizes = {storage.id: storage.itemsize * storage.size for storage in ctx.graph.trace.storages}
    for node in dict.fromkeys(edge.target for edge in edges):
        for kept in ctx.graph.nodes[node].saved:
            tensor = ctx.graph.tensors.get(kept.tensor)
            if tensor is None:
                continue
            key = tensor.storage or kept.tensor
            own = prod(tensor.shape) * ITEMSIZE.get(tensor.dtype, 4)
            blocks[key] = min(sizes.get(key, own), own) if key not in blocks else max(blocks[key], own)
    return sum(blocks.values())
