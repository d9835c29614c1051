"""Sees numbers that are read in a way no op shows, by `.tolist()` and by NumPy, which may write them too."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from app.record.observe.log import Read
from app.record.observe.shared import Shared
from app.record.observe.watch import Watch

Tensor: Any = torch.Tensor
MOST_READS = 200
"""Tensors that are kept for it."""


@contextmanager
def readings(watch: Watch, reads: list[Read], shared: Shared) -> Iterator[None]:
    """Note each reading in `reads`, and in `shared` what NumPy has, while what is inside runs."""
    from_numpy = torch.from_numpy

    def taken(array: Any) -> Any:
        tensor = from_numpy(array)
        shared.share(tensor)
        return tensor

    def observed(name: str) -> Any:
        original = getattr(Tensor, name)

        def read(tensor: Any, *args: Any, **kwargs: Any) -> Any:
            value = original(tensor, *args, **kwargs)
            if len(reads) < MOST_READS:
                reads.append(Read(len(watch.log), tensor, watch.place(2)))
            if name == "numpy":
                with watch.paused():
                    shared.share(tensor)
            return value

        return functools.update_wrapper(read, original)

    names = ("tolist", "numpy")
    replaced = [observed(name) for name in names]
    for name, value in zip(names, replaced, strict=True):
        setattr(Tensor, name, value)
    torch.from_numpy = functools.update_wrapper(taken, from_numpy)
    try:
        yield
    finally:
        torch.from_numpy = from_numpy
        for name in names:
            delattr(Tensor, name)
