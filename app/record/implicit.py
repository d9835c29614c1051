"""The backward pass that is made for a snippet that made none itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import torch

from app.core.errors import GradwalkError
from app.core.trace import Note
from app.record.log import Bound
from app.record.match import tensors_in
from app.record.observe import Observation

ROOT = re.compile(r"\s*([^\W\d]\w*)\s*((?:\[[-\d,\s]+\]\s*)*)")


def implicit_pass(
    seen: Observation, namespace: dict[str, Any] | None, root: str | None, statements: Sequence[Any]
) -> list[Note]:
    """Run backward from `root`, else from the last expression, else from the variable assigned last.

    For a callable (`namespace` None) it starts from every returned tensor that requires grad.
    """
    roots, name = _roots(seen, namespace, root, statements)
    if not roots:
        return []
    seen.passes.implicit = True
    seeds = [_ones(tensor) if index is None else _one(tensor, index) for tensor, index in roots]
    tensors = [tensor for tensor, _ in roots]
    torch.autograd.backward(tensors, seeds)
    ones = " with a gradient of ones" if any(tensor.numel() != 1 for tensor, index in roots if index is None) else ""
    message = f"The snippet starts no backward pass, so Gradwalk starts one from {name}{ones}."
    return [Note("implicit_backward", message, None, None)]


def _roots(
    seen: Observation, namespace: dict[str, Any] | None, root: str | None, statements: Sequence[Any]
) -> tuple[list[tuple[Any, tuple[int, ...] | None]], str]:
    if namespace is None:
        return [(t, None) for t in tensors_in(seen.result) if differentiable(t)], "what it returns"
    if root:
        tensor, index = _named(namespace, root)
        return [(tensor, index)], root.strip()
    if differentiable(seen.result):
        return [(seen.result, None)], "its last expression"
    for entry in reversed(seen.watch.log):
        if not isinstance(entry, Bound) or not statements[entry.statement].module_level:
            continue
        value = entry.value
        if differentiable(value) and namespace.get(entry.name) is value:
            return [(value, None)], entry.name
    return [], ""


def differentiable(value: Any) -> bool:
    """Whether a backward pass can start from it."""
    return isinstance(value, torch.Tensor) and value.requires_grad


def _named(namespace: dict[str, Any], root: str) -> tuple[Any, tuple[int, ...] | None]:
    match = ROOT.fullmatch(root)
    value = namespace.get(match[1]) if match else None
    if match is None or not isinstance(value, torch.Tensor):
        raise GradwalkError("bad_view", f"The snippet has no tensor {root!r} to start from.")
    if not differentiable(value):
        raise GradwalkError("bad_view", f"{match[1]} does not require grad, so no backward pass can start from it.")
    if not match[2]:
        return value, None
    index = tuple(int(number) for number in re.findall(r"-?\d+", match[2]))
    try:
        fits = value[index].numel() == 1 and len(index) <= value.dim()
    except IndexError:
        fits = False
    if not fits:
        raise GradwalkError("bad_view", f"{root.strip()} is no element of a tensor of shape {tuple(value.shape)}.")
    return value, index


def _ones(tensor: Any) -> Any:
    return torch.ones_like(tensor)


def _one(tensor: Any, index: tuple[int, ...]) -> Any:
    seed = torch.zeros_like(tensor)
    seed[index] = 1
    return seed
