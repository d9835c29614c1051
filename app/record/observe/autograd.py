"""Reads autograd's graph: a table of nodes by sequence number, walked with a stack, never by recursion."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import torch

Key = int
"""A node's sequence number, or for a leaf minus one minus the `id()` of the tensor."""
LEAF_SEQ = 2**63
"""AccumulateGrad nodes have the largest sequence number there is."""


class AutoNode:
    """What stays of one autograd node after its buffers are freed."""

    __slots__ = ("custom", "geometry", "key", "leaf", "metas", "name", "next", "op", "packed", "saved")

    def __init__(self, key: Key, name: str) -> None:
        self.key = key
        self.name = name
        self.op = name
        """The name to draw where no logged op made the node."""
        self.leaf: Any = None
        self.next: tuple[tuple[Key, int] | None, ...] = ()
        self.metas: tuple[Any, ...] = ()
        """Shape and dtype of each differentiable output."""
        self.saved: list[tuple[str, Any]] = []
        self.geometry: tuple[Any, ...] | None = None
        """Size, stride and offset of the view that an `AsStridedBackward0` stands for."""
        self.custom = False
        """A user-written Function, so that calling it may do anything."""
        self.packed = False
        """Saved-tensor hooks may be on what it saved."""

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Of the differentiable outputs."""
        return tuple(tuple(meta.shape) for meta in self.metas)

    @property
    def dtypes(self) -> tuple[Any, ...]:
        """Of the differentiable outputs."""
        return tuple(meta.dtype for meta in self.metas)


@cache
def op_of(name: str) -> str:
    """`as_strided` for `AsStridedBackward0`."""
    bare = re.sub(r"Backwards?\d*$", "", name.rpartition("::")[2])
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", bare).lower()


@cache
def saved_names(cls: type) -> tuple[str, ...]:
    """The names under which nodes of a class save tensors."""
    prefix = "_raw_saved_"
    return tuple(name[len(prefix) :] for name in dir(cls) if name.startswith(prefix))


def key_of(fn: Any) -> Key:
    """The key of a live autograd node."""
    seq = fn._sequence_nr()
    return -1 - id(fn.variable) if seq > LEAF_SEQ and hasattr(fn, "variable") else int(seq)


class Autograd:
    """The table of all nodes seen so far; `packed` holds keys whose saved tensors must not be read."""

    def __init__(self, packed: set[Key], first_seq: int, hooks: bool) -> None:
        self.hooks = hooks
        """The snippet may put hooks on what single nodes saved."""
        self.early = False
        """Nodes made before the run are among them, where hooks may be that nobody has seen."""
        self.nodes: dict[Key, AutoNode] = {}
        self.packed = packed
        self.first_seq = first_seq
        self.outputs: dict[tuple[Key, int], tuple[Any, int]] = {}
        """(tensor, time) of outputs of nodes that no logged op made."""

    def tensor_of(self, auto: AutoNode, number: int, time: int, base: tuple[Any, int] | None) -> tuple[Any, int]:
        """(tensor, time) that shows the value of an output whose op wasn't seen; `base` is that of its only source."""
        found = self.outputs.get((auto.key, number))
        if found is not None:
            return found
        if auto.geometry is not None and base is not None:
            return base[0].detach().as_strided(*auto.geometry), base[1]
        kept = (f"result{number}", "result", "output")[1 if len(auto.metas) == 1 else 0 :]
        result = next((tensor for name, tensor in auto.saved if name in kept and tensor is not None), None)
        if result is not None:
            return result, time
        shape, dtype = auto.shapes[number], auto.dtypes[number]
        if auto.metas[number].is_nested_tensor:
            shape = ()
        return torch.full(shape, float("nan"), dtype=dtype), time

    def walk(self, starts: Iterable[Any]) -> dict[Key, Any]:
        """Enter everything reachable from the live nodes `starts` into the table.

        Returns the live nodes by key, each after all that it can be reached from being irrelevant: order is discovery.
        """
        live: dict[Key, Any] = {}
        stack: list[tuple[Key, Any]] = []
        for fn in starts:
            if fn is not None:
                key = key_of(fn)
                if key not in live:
                    live[key] = fn
                    stack.append((key, fn))
        while stack:
            key, fn = stack.pop()
            pairs = fn.next_functions
            keys: list[tuple[Key, int] | None] = []
            for source, output in pairs:
                if source is None:
                    keys.append(None)
                    continue
                source_key = key_of(source)
                keys.append((source_key, output))
                if source_key not in live:
                    live[source_key] = source
                    stack.append((source_key, source))
            if key not in self.nodes:
                self._enter(key, fn, tuple(keys))
        return live

    def _enter(self, key: Key, fn: Any, following: tuple[tuple[Key, int] | None, ...]) -> None:
        node = AutoNode(key, fn.name())
        node.next = following
        node.metas = tuple(fn._input_metadata)
        if key < 0:
            node.leaf = fn.variable
        else:
            node.custom = isinstance(fn, torch.autograd.function.BackwardCFunction)
            node.op = fn._forward_cls.__name__ if node.custom else op_of(node.name)
            if node.op == "as_strided":
                node.geometry = fn._saved_size, fn._saved_stride, fn._saved_storage_offset
            early = key < self.first_seq
            self.early = self.early or early
            node.packed = key in self.packed or ((self.hooks or early) and _unpacks(fn, node.custom))
            if not node.packed:
                node.saved = _saved(fn, node.custom)
        self.nodes[key] = node


def _unpacks(fn: Any, custom: bool) -> bool:
    """Whether the snippet's own code runs when one of its saved tensors is read (`register_hooks`)."""
    names = ("tensors",) if custom else saved_names(type(fn))  # type: ignore[arg-type]
    for name in names:
        try:
            raw = getattr(fn, "_raw_saved_" + name)
        except RuntimeError:
            return False  # freed
        for one in raw if isinstance(raw, (tuple, list)) else (raw,):
            if getattr(one, "unpack_hook", None) is not None:
                return True
    return False


def _saved(fn: Any, custom: bool) -> list[tuple[str, Any]]:
    """(name, tensor) of what a node saved; nothing for what has been freed or overwritten since."""
    out: list[tuple[str, Any]] = []
    if custom:
        try:
            tensors = fn.saved_tensors
        except RuntimeError:
            try:  # one of them was overwritten, or all are freed
                tensors = [raw.data for raw in fn._raw_saved_tensors]
            except RuntimeError:
                return out
        return [(f"saved_tensors[{i}]", t) for i, t in enumerate(tensors) if isinstance(t, torch.Tensor)]
    for name in saved_names(type(fn)):  # type: ignore[arg-type]
        try:
            value = getattr(fn, "_saved_" + name)
        except RuntimeError:
            out.append((name, None))
            continue
        if isinstance(value, torch.Tensor):
            out.append((name, value))
        elif isinstance(value, (tuple, list)):
            out.extend((f"{name}[{i}]", t) for i, t in enumerate(value) if isinstance(t, torch.Tensor))
    return out


def reduced(tensor: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """What the engine makes of a gradient before it goes on: summed to the input's shape, cast to its dtype."""
    tensor = tensor.detach()
    if tuple(tensor.shape) != tuple(shape):
        tensor = tensor.sum_to_size(shape)
    if tensor.dtype != dtype:
        if tensor.is_complex() and not dtype.is_complex:
            tensor = tensor.real
        tensor = tensor.to(dtype)
    return tensor
