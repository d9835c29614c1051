"""The backward pass that is made for a snippet that made none itself, or whose view asks for another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from app.core.trace import Note
from app.record.observe.facts import tensors_in
from app.record.observe.log import Bound
from app.record.observe.observation import Observation
from app.record.roots import Root, Start, chosen, differentiable, seed

Found = list[tuple[Any, tuple[int, ...] | None]]
"""Tensors to start from, with the element where it is one."""


def implicit_pass(
    seen: Observation,
    namespace: dict[str, Any] | None,
    start: Start,
    statements: Sequence[Any],
) -> list[Note]:
    """Run backward from the root of `start`, else from the last expression, else from the variable assigned last.

    For a callable (`namespace` None) it starts from every returned tensor that requires grad.
    """
    own = seen.passes.count or seen.passes.unseen
    roots, name = _roots(seen, namespace, start.root, statements)
    if not roots:
        return []
    seen.passes.implicit = True
    seeds = [seed(tensor, index, start.cotangent, name) for tensor, index in roots]
    tensors = [tensor for tensor, _ in roots]
    torch.autograd.backward(tensors, seeds)
    if seen.passes.cut or own:
        return []
    whole = any(tensor.numel() != 1 for tensor, index in roots if index is None)
    ones = " with a gradient of ones" if whole and start.cotangent is None else ""
    message = f"The snippet starts no backward pass, so Gradwalk starts one from {name}{ones}."
    return [Note("implicit_backward", message, None, None)]


def _roots(
    seen: Observation, namespace: dict[str, Any] | None, root: Root | None, statements: Sequence[Any]
) -> tuple[Found, str]:
    if namespace is None:
        return [(t, None) for t in tensors_in(seen.result) if differentiable(t)], "what it returns"
    if root is not None:
        return [(chosen(root.tensor(namespace, seen.watch.log), root), root.index)], root.text
    if differentiable(seen.result):
        return [(seen.result, None)], "its last expression"
    for entry in reversed(seen.watch.log):
        if not isinstance(entry, Bound) or not statements[entry.statement].module_level:
            continue
        value = entry.value
        if differentiable(value) and namespace.get(entry.name) is value:
            return [(value, None)], entry.name
    return [], ""
