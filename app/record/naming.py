"""The library call and the module that an op belongs to."""

from __future__ import annotations

from functools import cache
from types import CodeType
from typing import Any

import torch
from torch.nn import functional

from app.core.trace import Span
from app.record.log import OpRun
from app.record.spans import Source
from app.record.watch import FUNCTIONAL

_MODULES = torch.nn.Linear.forward.__code__.co_filename.rpartition("/")[0]


def call_of(run: OpRun, span: Span | None, source: Source) -> str | None:
    """`F.linear`, `torch.relu`, `Tensor.sum`: the library function that the op was called through, None for `+`."""
    if run.function is not None:
        return f"{run.function.__name__}.apply"
    code = run.call
    if code is None:
        return source.callee(span)
    if code.co_filename == FUNCTIONAL:
        return f"F.{code.co_name.lstrip('_')}"
    if code.co_filename.startswith(_MODULES):
        return _in_module(code)
    return source.callee(span) if run.module is None else None


@cache
def _in_module(code: CodeType) -> str | None:
    """The one built-in function of `F` that a module's forward calls."""
    if "F" not in code.co_names:
        return None
    found = [name for name in code.co_names if callable(getattr(functional, name, None)) and name != "F"]
    return f"F.{found[0]}" if len(found) == 1 else None


def module_of(run: OpRun, paths: dict[int, str]) -> str | None:
    """`net.0`, or the class of a module that no variable leads to."""
    module: Any = run.module
    if module is None:
        return None
    return paths.get(id(module)) or type(module).__name__
