"""What tensors say of themselves, also where PyTorch may refuse to tell, and where they lie in memory."""

from __future__ import annotations

from typing import Any

import torch


def is_leaf(tensor: Any) -> bool:
    """Whether it is a leaf that requires grad.

    False where PyTorch refuses to tell: of a view made under `no_grad` whose base has been written since.
    """
    try:
        return bool(tensor.requires_grad and tensor.is_leaf)
    except RuntimeError:
        return False


def grad_fn_of(tensor: Any) -> Any:
    """Its `grad_fn`; None where PyTorch refuses to tell."""
    try:
        return tensor.grad_fn
    except RuntimeError:
        return None


def memory_of(tensor: Any) -> Any:
    """Where a tensor lies; None where that says nothing."""
    if not isinstance(tensor, torch.Tensor) or tensor.layout is not torch.strided or not tensor.numel():
        return None
    try:
        return tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype
    except RuntimeError:
        return None


def let_go(value: Any, others: dict[int, Any] | None = None) -> Any:
    """Tensors, also in tuples and lists, as other objects on the same memory; the same one for the same.

    The engine takes a gradient that nobody else holds as a leaf's `.grad` without copying it. What else lies in that
    memory then changes with `.grad`, so whether we hold it shows.
    """
    others = {} if others is None else others
    if type(value) is torch.Tensor:
        if value.layout is not torch.strided or value.requires_grad or value.is_nested or not has_storage(value):
            return value
        if id(value) not in others:
            others[id(value)] = value.data
        return others[id(value)]
    return type(value)(let_go(item, others) for item in value) if type(value) in {tuple, list} else value


def has_storage(tensor: Any) -> bool:
    """False for sparse tensors and for what function transforms wrap."""
    return tensor.layout is torch.strided and torch._C._has_storage(tensor)


def overlap(a: Any, b: Any) -> bool:
    """Whether two tensors of one storage may share an element: their extents meet."""
    first, last = _extent(a)
    other_first, other_last = _extent(b)
    return first <= other_last and other_first <= last


def _extent(tensor: Any) -> tuple[int, int]:
    start = tensor.storage_offset() * tensor.element_size()
    reach = sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.stride(), strict=True))
    return start, start + reach * tensor.element_size()


def tensors_in(value: Any) -> list[Any]:
    """The tensors in nested lists and tuples, in order."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, (list, tuple)):
        return [tensor for item in value for tensor in tensors_in(item)]
    return []
