"""What each node keeps for its backward step: which value, how many bytes, who else keeps it, when it is freed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from app.core.sentence_words import shape_words
from app.core.trace import Node, Saved, TensorEntry, Trace
from app.explain.context import Context
from app.explain.graph import single

UNSAVED_ITEMSIZE = {
    "float64": 8,
    "int64": 8,
    "complex64": 8,
    "float16": 2,
    "bfloat16": 2,
    "bool": 1,
    "uint8": 1,
    "int8": 1,
}


MOST_HOLDERS = 8
"""Other nodes that are named; a weight of a long loop is kept by hundreds."""


@dataclass(frozen=True, slots=True)
class _Memory:
    """Who keeps which block of memory, what it is called, and when its keepers let go."""

    itemsize: dict[str, int]
    holders: dict[str, list[str]]
    owner: dict[str, str]
    freed: dict[str, tuple[int | None, str]]


def saved(ctx: Context, nodes: Sequence[Node]) -> dict[str, list[dict[str, Any]]]:
    """By node of `nodes`, the tensors it keeps. Linear."""
    itemsize = {storage.id: storage.itemsize for storage in ctx.graph.trace.storages}
    holders: dict[str, list[str]] = {}
    owner: dict[str, str] = {}
    for node in ctx.graph.trace.nodes:
        for output, tensor in enumerate(node.outputs):
            owner.setdefault(tensor, ctx.names.plain.get((node.id, output), node.label))
        for kept in node.saved:
            tensor_ = ctx.graph.tensors.get(kept.tensor)
            holders.setdefault(_block(tensor_, kept.tensor), []).append(node.id)
    memory = _Memory(itemsize, holders, owner, freed(ctx.graph.trace))
    return {node.id: [_entry(ctx, node, kept, memory) for kept in node.saved] for node in nodes if node.saved}


def _block(tensor: TensorEntry | None, id_: str) -> str:
    return tensor.storage if tensor is not None and tensor.storage else id_


def _entry(ctx: Context, node: Node, kept: Saved, memory: _Memory) -> dict[str, Any]:
    tensor = ctx.graph.tensors.get(kept.tensor)
    step, when = memory.freed.get(node.id, (None, "kept until the graph is dropped; no pass has used it"))
    called = memory.owner.get(kept.tensor) or (tensor.name if tensor is not None and tensor.name else kept.name)
    made: dict[str, Any] = {
        "name": kept.name, "tensor": kept.tensor, "called": called, "bytes": None, "freed": step, "when": when
    }  # fmt: skip
    holders = memory.holders.get(_block(tensor, kept.tensor), [])[: MOST_HOLDERS + 2]
    others = [other for other in dict.fromkeys(holders) if other != node.id]
    made["others"] = others[:MOST_HOLDERS]
    shown = called
    if tensor is not None:
        size = memory.itemsize.get(tensor.storage or "") or UNSAVED_ITEMSIZE.get(tensor.dtype, 4)
        made["bytes"] = prod(tensor.shape) * size
        one = single(tensor.value)
        unnamed = called == kept.name
        value = ctx.text(one) if one is not None else shape_words(tensor.shape)
        shown = value if unnamed else f"{called} = {value}" if one is not None else f"{called}, {value}"
    also = ", ".join(ctx.names.plain[other, 0] for other in others[:3])
    made["text"] = f"{shown}{f' (also kept by {also})' if also else ''}, {when}"
    return made


def freed(trace: Trace) -> dict[str, tuple[int | None, str]]:
    """By node, the step whose pass freed what it kept, and that in words."""
    lines = trace.program.source.splitlines()
    made: dict[str, tuple[int | None, str]] = {}
    for step in trace.steps:
        if step.kind != "backward" or step.node is None or step.pass_ is None:
            continue
        pass_ = trace.passes[step.pass_] if step.pass_ < len(trace.passes) else None
        line = lines[pass_.line - 1] if pass_ and pass_.line and pass_.line <= len(lines) else ""
        if pass_ is not None and pass_.create_graph:
            made[step.node] = (None, "kept after the pass, because it was made with create_graph=True")
        elif "retain_graph=True" in line.replace(" ", ""):
            made[step.node] = (None, "kept after the pass, because of retain_graph=True")
        else:
            made[step.node] = (step.index, "freed after it")
    return made
