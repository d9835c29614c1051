"""The arguments of an op that aren't tensors, as plain data."""

from __future__ import annotations

import math
from typing import Any

import torch

from app.record.observe.log import OpRun
from app.record.observe.ops import argument

LONGEST_LIST = 32
PLAIN_TENSORS = frozenset({torch.Tensor, torch.nn.Parameter})


def plain_arguments(run: OpRun) -> dict[str, Any]:
    """By schema name, defaults filled in; tensors and what says nothing are left out."""
    info = run.info
    if not run.kwargs and len(run.args) == len(info.arguments) and all(type(arg) in PLAIN_TENSORS for arg in run.args):
        return {}
    out: dict[str, Any] = {}
    values = run.args
    if run.function is None:
        rest = range(len(values), len(info.arguments))
        values = (*values, *[argument(info, values, run.kwargs, position) for position in rest])
    for name, value in zip(info.arguments, values, strict=False):
        kind = type(value)
        if kind is int or kind is bool:
            out[name] = value
        elif not (value is None or kind in PLAIN_TENSORS or _has_tensor(value)):
            out[name] = _plain(value)
    return out


def _has_tensor(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(isinstance(item, torch.Tensor) for item in value)
    return isinstance(value, (torch.Tensor, torch.Generator))


def _plain(value: Any) -> Any:
    if isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, complex):
        return {"re": _plain(value.real), "im": _plain(value.imag)}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value[:LONGEST_LIST]]
    named = isinstance(value, (torch.dtype, torch.layout, torch.memory_format, torch.device, str))
    return str(value).removeprefix("torch.")[:200] if named else type(value).__name__
