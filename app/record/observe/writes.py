"""An undo log of memory: what each storage held before every write to it.

Values are read only after the run; a tensor's value at a time is its storage as it was before the next write.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

import torch

BUDGET = 192 * 2**20
"""Bytes of old contents that are kept. Beyond it, older values of large tensors show what was written last."""
SMALL = 4 * 4096
"""Bytes of a storage that is kept even beyond the budget."""


class Writes:
    """Old contents by storage, in order of time."""

    def __init__(self) -> None:
        self._times: dict[int, list[int]] = {}
        self._contents: dict[int, list[Any]] = {}
        self._geometries: dict[int, list[tuple[int, tuple[Any, ...]]]] = {}
        self._held = 0
        self.count = 0
        """Writes so far."""
        self._storages: list[Any] = []
        self._sparse: dict[int, list[tuple[int, Any, Any]]] = {}
        """(time, content, the tensor itself) before each write of a sparse tensor, by `id()`."""

    def __bool__(self) -> bool:
        return bool(self._times)

    def any(self) -> bool:
        """Whether anything was written, or changed its shape."""
        return bool(self._times or self._geometries)

    def keep(self, tensor: Any, time: int) -> None:
        """Remember what the storage of `tensor` holds at `time`, as it is about to be written."""
        if tensor.layout is torch.strided and not torch._C._has_storage(tensor):
            return  # wrapped by a function transform, which writes to what is inside
        self.count += 1
        if tensor.layout is not torch.strided:
            with torch.no_grad():
                self._sparse.setdefault(id(tensor), []).append((time, tensor.detach().clone(), tensor))
            return
        storage = tensor.untyped_storage()
        if storage.device.type == "meta":
            return
        key = storage._cdata
        times = self._times.get(key)
        if times is None:
            times = self._times[key] = []
            self._contents[key] = []
            self._storages.append(storage)
        elif times[-1] == time:
            return
        size = storage.nbytes()
        self._held += size
        if self._held > BUDGET and size > SMALL:
            return
        with torch.no_grad():
            content = torch.empty(0, dtype=torch.uint8).set_(storage).clone()
        times.append(time)
        self._contents[key].append(content)

    def keep_content(self, tensor: Any, time: int, content: Any) -> None:
        """Remember that the storage held `content` (bytes) at `time`, and has been written since."""
        self.count += 1
        storage = tensor.untyped_storage()
        self._storages.append(storage)
        self._times.setdefault(storage._cdata, []).append(time)
        self._contents.setdefault(storage._cdata, []).append(content)

    def keep_geometry(self, tensor: Any, time: int) -> None:
        """Remember shape, stride and offset, as an op that changes them is about to run."""
        if tensor.layout is torch.strided and torch._C._has_storage(tensor):
            self._geometries.setdefault(id(tensor), []).append((time, _geometry(tensor)))

    def is_as_made(self, tensor: Any) -> bool:
        """Whether a tensor lies contiguously at the start of its storage and has always done so."""
        return not tensor.storage_offset() and tensor.is_contiguous() and id(tensor) not in self._geometries

    def geometry(self, tensor: Any, time: int) -> tuple[Any, ...]:
        """(shape, stride, offset, storage, dtype) of a strided tensor as they were at `time`."""
        for when, geometry in self._geometries.get(id(tensor), ()):
            if when >= time:
                return geometry
        return _geometry(tensor)

    def storages(self, tensor: Any) -> list[int]:
        """Every storage that a strided tensor lies in, now or before it was given another."""
        now = [tensor.untyped_storage()._cdata]
        return now + [geometry[3]._cdata for _, geometry in self._geometries.get(id(tensor), ())]

    def touches(self, key: int) -> bool:
        """Whether the storage is ever written."""
        return key in self._times

    def version(self, key: int, time: int) -> int:
        """How many writes to the storage came before `time`."""
        times = self._times.get(key)
        return 0 if times is None else bisect_left(times, time)

    def content(self, key: int, time: int) -> Any:
        """The bytes (uint8, 1-D) that the storage held at `time`, or None where it hasn't been written since."""
        times = self._times.get(key)
        if times is None:
            return None
        place = bisect_left(times, time)
        return self._contents[key][place] if place < len(times) else None

    def at(self, tensor: Any, time: int) -> Any:
        """A tensor with the value that `tensor` had at `time`; `tensor` itself where nothing has changed since."""
        if tensor.layout is not torch.strided:
            return next((old for when, old, _ in self._sparse.get(id(tensor), ()) if when >= time), tensor)
        if not self._times and not self._geometries:
            return tensor
        changed = id(tensor) in self._geometries
        if not changed and tensor.untyped_storage()._cdata not in self._times:
            return tensor
        shape, stride, offset, storage, dtype = self.geometry(tensor, time)
        content = self.content(storage._cdata, time)
        if content is None and not changed:
            return tensor
        old = storage if content is None else content.untyped_storage()
        if storage.device.type == "meta":
            return torch.empty_strided(shape, stride, dtype=dtype, device="meta")
        with torch.no_grad():
            out = torch.empty(0, dtype=dtype).set_(old, offset, shape, stride)
            if tensor.is_conj():
                out = out.conj()
            return out._neg_view() if tensor.is_neg() else out


def _geometry(tensor: Any) -> tuple[Any, ...]:
    return tuple(tensor.shape), tensor.stride(), tensor.storage_offset(), tensor.untyped_storage(), tensor.dtype
