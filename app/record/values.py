"""Tensors as plain data: exact numbers up to `FULL_LIMIT` elements, beyond that a summary."""

from __future__ import annotations

import math
from functools import cache, partial
from itertools import chain
from typing import Any

import numpy as np
import torch

from app.core.fresh import maker
from app.core.trace import FULL_LIMIT, Full, Scalar, Summary, Value
from app.record.held import Held, HeldSummary

SAMPLE = 32
"""Rows and columns of a summary's sample, at most."""
AT_ONCE = 32
"""Elements up to which reading the numbers is as fast as copying the tensor."""
HELD_LIMIT = 2**18
"""Elements beyond which no copy is kept for later."""
_PLAIN_FLOATS = frozenset({torch.float32, torch.float64})
_new_full = maker(Full)


Lying = tuple[Any, Any, Any, Any]
"""A tensor to come: memory that nobody else can write to, and shape, stride and offset in it."""


def value_of(tensor: Any, limit: int = FULL_LIMIT, side: int = SAMPLE) -> Value:
    """The numbers of `tensor`, which must not be observed while this runs; a summary without any on the meta device."""
    if tensor.is_meta:
        return Summary(tensor.numel(), None, None, None, None, 0, 0, 0, [])
    if tensor.dtype in _PLAIN_FLOATS and tensor.layout is torch.strided and not tensor.is_nested:
        numel = tensor.numel()
        if numel <= AT_ONCE and not tensor._is_zerotensor():
            return _new_full(_floats(tensor))
    else:
        tensor = _plain_strided(tensor)
        numel = tensor.numel()
    if tensor._is_zerotensor():
        tensor = torch.zeros(tensor.shape, dtype=tensor.dtype)
    if numel > limit:
        read = partial(summary, side=side)
        return read(tensor) if numel > HELD_LIMIT else HeldSummary(_copy(tensor), read)
    if numel > AT_ONCE:
        return Held(_copy(tensor), numbers)
    return _new_full(numbers(tensor))


def is_plain(tensor: Any) -> bool:
    """Whether its numbers are floats that lie in memory as they are."""
    return (
        tensor.dtype in _PLAIN_FLOATS
        and tensor.layout is torch.strided
        and torch._C._has_storage(tensor)
        and not (tensor.is_nested or tensor.is_neg() or tensor._is_zerotensor())
    )


def value_at(lying: Lying, numel: int, limit: int, side: int) -> Value:
    """The numbers of a plain tensor of more than `AT_ONCE` elements, which is made when they are read."""
    if numel <= limit:
        return Held(lying, _numbers_at)
    return HeldSummary(lying, partial(_summary_at, side=side))


def _numbers_at(lying: Lying) -> Any:
    memory, *geometry = lying
    return _floats(memory.as_strided(*geometry))


def _summary_at(lying: Lying, side: int) -> Summary:
    memory, *geometry = lying
    return summary(memory.as_strided(*geometry), side)


def _copy(tensor: Any) -> Any:
    """The tensor's numbers in memory of their own, outside of every graph."""
    return tensor.detach().clone() if tensor.requires_grad and torch.is_grad_enabled() else tensor.clone()


def _plain_strided(tensor: Any) -> Any:
    """A nested tensor filled up, a sparse one dense, a quantized one in real numbers."""
    if tensor.is_nested:
        tensor = padded(tensor)
    if tensor.layout is not torch.strided:
        tensor = tensor.detach().to_dense()
    return tensor.dequantize() if tensor.is_quantized else tensor


def padded(tensor: Any) -> Any:
    """A nested tensor as a plain one, filled up with zeros."""
    return torch.nested.to_padded_tensor(tensor.detach(), 0.0)


def numbers(tensor: Any) -> Any:
    """The nested numbers of a strided tensor."""
    dtype = tensor.dtype
    if dtype in _PLAIN_FLOATS:
        return _floats(tensor)
    if dtype.itemsize == 1 and dtype.is_floating_point:
        tensor = tensor.detach().to(torch.float32)
    data = tensor.tolist()
    if dtype.is_floating_point:
        return data if _all_finite(data, tensor) else _mapped(data, _real)
    if dtype.is_complex:
        return _mapped(data, number)
    return data


def _floats(tensor: Any) -> Any:
    data = tensor.tolist()
    return data if _all_finite(data, tensor) else _mapped(data, _real)


def number(x: Any) -> Scalar:
    """One element as JSON can hold it."""
    if isinstance(x, complex):
        return {"re": _real(x.real), "im": _real(x.imag)}
    return _real(x) if isinstance(x, float) else x


def _real(x: float) -> float | str:
    if math.isfinite(x):
        return x
    return "nan" if math.isnan(x) else "inf" if x > 0 else "-inf"


def _all_finite(data: Any, tensor: Any) -> bool:
    """Whether all elements are finite, as nearly always; `data` are the nested numbers of `tensor`.

    A sum that is finite shows it at the least cost; one that isn't may have overflowed.
    """
    if not isinstance(data, list):
        return math.isfinite(data)
    total = _total(data) if tensor.numel() <= AT_ONCE else tensor.detach().sum().item()
    return math.isfinite(total) or bool(torch.isfinite(tensor.detach()).all())


def _total(data: list[Any]) -> float:
    while data and type(data[0]) is list:
        data = list(chain.from_iterable(data))
    total: float = sum(data)
    return total


def _mapped(data: Any, change: Any) -> Any:
    if not isinstance(data, list):
        return change(data)
    return [_mapped(item, change) for item in data]


def summary(tensor: Any, side: int = SAMPLE) -> Summary:
    """Statistics and a sample; of what is finite where numbers are averaged."""
    array = _array(tensor)
    kind = array.dtype.kind
    wide = array.astype(np.complex128 if kind == "c" else np.float64, copy=False)
    finite = wide
    nan = inf = 0
    with np.errstate(over="ignore", invalid="ignore"):
        all_finite = bool(np.isfinite(np.add.reduce(wide, None)))
    if not all_finite:
        is_finite = np.isfinite(wide)
        nan = int(np.isnan(wide).sum())
        inf = int(wide.size - is_finite.sum()) - nan
        finite = wide[is_finite]
    ordered = array[~np.isnan(wide)] if nan else array
    convert: Any = bool if kind == "b" else int if kind in "iu" else float
    has_order = kind != "c" and ordered.size > 0
    mean, std = _moments(finite)
    return Summary(
        numel=int(wide.size),
        min=number(convert(ordered.min())) if has_order else None,
        max=number(convert(ordered.max())) if has_order else None,
        mean=mean,
        std=std,
        zeros=int(wide.size - np.count_nonzero(wide)),
        nan=nan,
        inf=inf,
        sample=_sample(array, side, plain=all_finite and kind != "c"),
    )


def _moments(wide: Any) -> tuple[Scalar | None, Scalar | None]:
    """Mean and standard deviation as NumPy's own, without what these check first."""
    if not wide.size:
        return None, None
    with np.errstate(over="ignore", invalid="ignore"):
        mean = np.add.reduce(wide, None) / wide.size
        off = wide - mean
        square = off * off if wide.dtype.kind == "f" else off.real**2 + off.imag**2
        return number(mean.item()), number(math.sqrt(np.add.reduce(square, None) / wide.size))


def _sample(array: Any, side: int, *, plain: bool) -> list[list[Scalar]]:
    """`plain`: all elements are numbers that JSON has."""
    table = array.reshape(-1, array.shape[-1]) if array.ndim else array.reshape(1, 1)
    chosen: list[list[Scalar]] = table[_spread(*table.shape, side)].tolist()
    return chosen if plain else [[number(x) for x in row] for row in chosen]


@cache
def _spread(rows: int, columns: int, side: int) -> Any:
    """Evenly spread rows and columns of a table, at most `side` of each."""
    return np.ix_(*(np.linspace(0, n - 1, min(side, n)).round().astype(int) for n in (rows, columns)))


def _array(tensor: Any) -> Any:
    tensor = tensor.detach().resolve_conj().resolve_neg()
    if tensor.dtype in {torch.bfloat16, torch.float16} or (
        tensor.dtype.itemsize == 1 and tensor.dtype.is_floating_point
    ):
        tensor = tensor.to(torch.float32)
    if tensor.dtype == torch.complex32:
        tensor = tensor.to(torch.complex64)
    return tensor.numpy()
