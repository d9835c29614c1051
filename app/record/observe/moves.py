"""Logs where a tensor is given memory without an op: by `w.data = …`, and by a lazy module when it first runs."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.nn import parameter as nn_parameter

from app.record.observe.facts import memory_of
from app.record.observe.log import Moved, OpRun
from app.record.observe.ops import op_info
from app.record.observe.watch import Watch

Tensor = torch.Tensor
Lazy: Any = nn_parameter.UninitializedTensorMixin  # type: ignore[attr-defined]
"""The class of parameters and buffers that have no memory yet."""
_EMPTY = op_info(torch.ops.aten.empty.memory_format)


@contextmanager
def observed_moves(watch: Watch) -> Iterator[None]:
    """Log them while the context lasts."""
    stock, materialize = Tensor.data, Lazy.materialize

    def replace(tensor: Any, value: Any) -> None:
        if not watch.on or isinstance(tensor, Lazy):
            stock.__set__(tensor, value)
            return
        watch.writes.keep_geometry(tensor, len(watch.log))
        watch.writes.count += 1
        stock.__set__(tensor, value)
        watch.log.append(Moved(tensor, watch.place(2)))

    def observed(lazy: Any, *args: Any, **kwargs: Any) -> None:
        with watch.paused():
            materialize(lazy, *args, **kwargs)
        run = OpRun(_EMPTY, (), None, -1, *watch.place(2))
        run.out = memory_of(lazy)
        watch.log.append(run)

    Tensor.data = property(stock.__get__, replace, stock.__delete__, stock.__doc__)
    Lazy.materialize = functools.update_wrapper(observed, materialize)
    try:
        yield
    finally:
        del Tensor.data
        Lazy.materialize = materialize
