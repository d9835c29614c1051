"""Storages, and values read from them as they were at one time."""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import Any

import torch

from app.core.fresh import maker
from app.core.trace import FULL_LIMIT, Full, Storage, Value
from app.record.held import Held
from app.record.observe.autograd import reduced
from app.record.observe.writes import Writes
from app.record.replay.nodes import TensorRef, ValueRef
from app.record.values import AT_ONCE, HELD_LIMIT, SAMPLE, is_plain, padded, value_at, value_of

_new_storage, _new_full = maker(Storage), maker(Full)


class Memory:
    """Reads values once each; equal questions get the same object."""

    def __init__(self, writes: Writes, limit: int = FULL_LIMIT, side: int = SAMPLE) -> None:
        self._writes = writes
        self._limit = limit
        self._side = side
        self._written = writes.any()
        self._values: dict[int, Value] = {}
        self._places: dict[Any, Value] = {}
        self._copies: dict[tuple[int, Any], Any] = {}
        """Private copies of whole storages, by storage and dtype."""
        self._storages: dict[int, Storage] = {}
        self._keep: list[Any] = []

    def value(self, tensor: Any, time: int) -> Value:
        """The numbers of `tensor` at `time`."""
        if self._written:
            then = self._writes.at(tensor, time)
            if then is not tensor:
                return value_of(then, self._limit, self._side)
        key = id(tensor)
        found = self._values.get(key)
        if found is None:
            found = self._values[key] = self._read(tensor)
        return found

    def _read(self, tensor: Any) -> Value:
        """The value of a tensor object that nobody has asked for; large ones that lie in the same place share it."""
        numel = tensor.numel()
        if not AT_ONCE < numel <= HELD_LIMIT or not is_plain(tensor):
            return value_of(tensor, self._limit, self._side)
        storage, dtype = tensor.untyped_storage(), tensor.dtype
        shape, stride, offset = tensor.shape, tensor.stride(), tensor.storage_offset()
        place = (storage._cdata, dtype, shape, stride, offset)
        found = self._places.get(place)
        if found is None:
            size = storage.nbytes() // dtype.itemsize
            if size > 4 * numel:
                found = value_of(tensor, self._limit, self._side)
            else:
                found = value_at(
                    (self._copied(storage, dtype, size), shape, stride, offset), numel, self._limit, self._side
                )
            self._places[place] = found
        return found

    def _copied(self, storage: Any, dtype: Any, size: int) -> Any:
        """A private copy of a storage of `size` elements, which all values that lie there share."""
        copy = self._copies.get((storage._cdata, dtype))
        if copy is None:
            copy = torch.empty(0, dtype=dtype).set_(storage, 0, (size,), (1,)).clone()
            self._copies[storage._cdata, dtype] = copy
        return copy

    def gradient(self, ref: ValueRef) -> Value:
        """The numbers of a gradient, reduced as the engine does."""
        if ref.made is not None:
            return ref.made  # type: ignore[no-any-return]
        tensor = ref.tensor
        meta, like = ref.meta, ref.like
        nested = tensor.is_nested or (meta is not None and meta.is_nested_tensor)
        if (
            nested
            or (like is not None and tensor.dtype is like.dtype and tensor.shape == like.shape)
            or (meta is None or (tensor.dtype == meta.dtype and list(tensor.shape) == list(meta.shape)))
        ):
            ref.made = self.value(tensor, ref.time)
        else:
            then = self._writes.at(tensor, ref.time)
            ref.made = value_of(reduced(then, tuple(meta.shape), meta.dtype), self._limit, self._side)
        return ref.made  # type: ignore[no-any-return]

    def place(self, ref: TensorRef) -> tuple[tuple[int, ...], tuple[int, ...], int, str | None, int, str]:
        """(shape, stride, offset, storage id, version, dtype) of a tensor at its time."""
        tensor = ref.tensor
        if tensor.is_nested:
            return tuple(padded(tensor).shape), (), 0, None, 0, _dtype_name(tensor.dtype)
        if tensor.layout is not torch.strided:
            return tuple(tensor.shape), (), 0, None, 0, _dtype_name(tensor.dtype)
        shape, stride, offset, storage, dtype = self._writes.geometry(tensor, ref.time)
        if storage.device.type == "meta":
            return shape, stride, offset, None, 0, _dtype_name(dtype)
        key = storage._cdata
        found = self._storages.get(key)
        if found is None:
            found = self._storages[key] = self._storage(tensor, storage, dtype, ref.time)
        return shape, stride, offset, found.id, self._writes.version(key, ref.time), _dtype_name(dtype)

    def _storage(self, tensor: Any, storage: Any, dtype: Any, time: int) -> Storage:
        itemsize = dtype.itemsize
        size = storage.nbytes() // itemsize
        numel = tensor.numel()
        now = tensor.untyped_storage()._cdata == storage._cdata and tensor.dtype == dtype
        if now and numel == size and tensor.is_contiguous() and not self._writes.touches(storage._cdata):
            cells = _flat(self.value(tensor, time))
            if cells is not None:
                return _new_storage(f"s{len(self._storages)}", itemsize, size, cells)
            flat = tensor.detach().reshape(-1)
        else:
            content = self._writes.content(storage._cdata, time)
            old = storage if content is None else content.untyped_storage()
            seen = min(size, old.nbytes() // itemsize)
            if now and numel < seen and not tensor._is_view() and self._writes.is_as_made(tensor):
                seen = numel  # beyond what an op returned lies what its kernel left there, another thing in every run
            flat = torch.empty(0, dtype=dtype).set_(old, 0, (seen,), (1,))
            if seen < size:
                flat = torch.cat([flat, torch.zeros(size - seen, dtype=dtype)])
        return Storage(f"s{len(self._storages)}", itemsize, size, value_of(flat, self._limit, self._side))

    def storages(self) -> tuple[Storage, ...]:
        """Every storage asked for, in order."""
        return tuple(self._storages.values())


def _flat(value: Value) -> Value | None:
    """The cells of a tensor that fills its storage, from its value; None for a summary of several dimensions."""
    if isinstance(value, Held) and value.unread:
        return Held(value, _cells)
    if isinstance(value, Full):
        data = _cells(value)
        return value if data is value.data else _new_full(data)
    return None


def _cells(value: Full) -> list[Any]:
    data = value.data
    if not isinstance(data, list):
        return [data]
    while data and isinstance(data[0], list):
        data = list(chain.from_iterable(data))
    return data


@cache
def _dtype_name(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")
