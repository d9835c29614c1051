"""Tensors as plain data: exact numbers up to `FULL_LIMIT` elements, beyond that a summary."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import torch

from app.core.trace import FULL_LIMIT, Full, Scalar, Summary, Value
from app.record.fresh import maker
from app.record.held import Held, HeldSummary

SAMPLE = 32
"""Rows and columns of a summary's sample, at most."""
AT_ONCE = 32
"""Elements up to which reading the numbers is as fast as copying the tensor."""
HELD_LIMIT = 2**18
"""Elements beyond which no copy is kept for later."""
_PLAIN_FLOATS = frozenset({torch.float32, torch.float64})
_new_full = maker(Full)


def value_of(tensor: Any, limit: int = FULL_LIMIT, side: int = SAMPLE) -> Value:
    """The numbers of `tensor`, which must not be observed while this runs."""
    if tensor._is_zerotensor():
        tensor = torch.zeros(tensor.shape, dtype=tensor.dtype)
    if tensor.dtype in _PLAIN_FLOATS and tensor.layout is torch.strided and not tensor.is_nested and not tensor.dim():
        x = tensor.item()
        return _new_full(x if math.isfinite(x) else number(x))
    if tensor.is_nested:
        tensor = padded(tensor)
    numel = tensor.numel()
    if tensor.layout is not torch.strided:
        tensor = tensor.detach().to_dense()
        numel = tensor.numel()
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    if numel > limit:
        read = partial(summary, side=side)
        return read(tensor) if numel > HELD_LIMIT else HeldSummary(tensor.detach().clone(), read)
    if numel > AT_ONCE:
        return Held(tensor.detach().clone(), numbers)
    return _new_full(numbers(tensor))


def padded(tensor: Any) -> Any:
    """A nested tensor as a plain one, filled up with zeros."""
    return torch.nested.to_padded_tensor(tensor.detach(), 0.0)


def numbers(tensor: Any) -> Any:
    """The nested numbers of a strided tensor."""
    dtype = tensor.dtype
    if dtype.itemsize == 1 and dtype.is_floating_point:
        tensor = tensor.detach().to(torch.float32)
    data = tensor.tolist()
    if dtype.is_floating_point:
        if tensor.dim() == 0:
            return data if math.isfinite(data) else number(data)
        return _finite(data, tensor)
    if dtype.is_complex:
        return _mapped(data, number)
    return data


def number(x: Any) -> Scalar:
    """One element as JSON can hold it."""
    if isinstance(x, complex):
        return {"re": _real(x.real), "im": _real(x.imag)}
    return _real(x) if isinstance(x, float) else x


def _real(x: float) -> float | str:
    if math.isfinite(x):
        return x
    return "nan" if math.isnan(x) else "inf" if x > 0 else "-inf"


def _finite(data: Any, tensor: Any) -> Any:
    """`data` itself where all of it is finite, which is nearly always."""
    if tensor.dtype in _PLAIN_FLOATS and tensor.dim() == 1:
        return data if all(map(math.isfinite, data)) else _mapped(data, _real)
    finite = bool(torch.isfinite(tensor.detach()).all()) if tensor.numel() else True
    return data if finite else _mapped(data, _real)


def _mapped(data: Any, change: Any) -> Any:
    if not isinstance(data, list):
        return change(data)
    return [_mapped(item, change) for item in data]


def summary(tensor: Any, side: int = SAMPLE) -> Summary:
    """Statistics and a sample; of what is finite where numbers are averaged."""
    array = _array(tensor)
    real = not np.iscomplexobj(array)
    wide = array.astype(np.complex128 if not real else np.float64, copy=False)
    finite = np.isfinite(wide)
    nan = int(np.isnan(wide).sum())
    inf = int(wide.size - finite.sum()) - nan
    ordered = wide[~np.isnan(wide)] if nan else wide
    averaged = wide if finite.all() else wide[finite]
    kind: Any = bool if array.dtype == np.bool_ else (int if array.dtype.kind in "iu" else float)
    has_order = real and ordered.size > 0
    return Summary(
        numel=int(wide.size),
        min=number(kind(ordered.min())) if has_order else None,
        max=number(kind(ordered.max())) if has_order else None,
        mean=number(averaged.mean().item()) if averaged.size else None,
        std=number(float(averaged.std())) if averaged.size else None,
        zeros=int(wide.size - np.count_nonzero(wide)),
        nan=nan,
        inf=inf,
        sample=_sample(array, side),
    )


def _sample(array: Any, side: int) -> list[list[Scalar]]:
    table = array.reshape(-1, array.shape[-1]) if array.ndim else array.reshape(1, 1)
    rows = np.linspace(0, table.shape[0] - 1, min(side, table.shape[0])).round().astype(int)
    columns = np.linspace(0, table.shape[1] - 1, min(side, table.shape[1])).round().astype(int)
    return [[number(x) for x in row] for row in table[np.ix_(rows, columns)].tolist()]


def _array(tensor: Any) -> Any:
    tensor = tensor.detach().resolve_conj().resolve_neg()
    if tensor.dtype in {torch.bfloat16, torch.float16} or (
        tensor.dtype.itemsize == 1 and tensor.dtype.is_floating_point
    ):
        tensor = tensor.to(torch.float32)
    if tensor.dtype == torch.complex32:
        tensor = tensor.to(torch.complex64)
    return tensor.numpy()
