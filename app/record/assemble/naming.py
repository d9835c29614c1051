"""The library call and the module that an op belongs to."""

from __future__ import annotations

import dis
from functools import cache
from types import CodeType
from typing import Any

import torch

from app.core.trace import Span
from app.record.observe.log import OpRun
from app.record.observe.watch import FUNCTIONAL
from app.record.spans import Source

_MODULES = torch.nn.Linear.forward.__code__.co_filename.rpartition("/")[0]
_NN = _MODULES.rpartition("/")[0]
_LIBRARIES = {"F": "F", "torch": "torch", "_VF": "torch"}
"""What modules of `torch.nn` call functions by; `torch._VF` holds functions of `torch`."""
_LOADS = frozenset({"LOAD_ATTR", "LOAD_METHOD"})


def call_of(run: OpRun, span: Span | None, source: Source) -> str | None:
    """`F.linear`, `torch.relu`, `Tensor.sum`: the library function that the op was called through, None for `+`."""
    if run.function is not None:
        return f"{run.function.__name__}.apply"
    code = run.call
    if code is None:
        return source.callee(span)
    if code.co_filename == FUNCTIONAL:
        return f"F.{code.co_name.lstrip('_')}"
    if code.co_filename.startswith(_NN if run.built_in else _MODULES):
        return _called(code, run.call_lasti)
    return None if run.built_in else source.callee(span)


@cache
def _called(code: CodeType, lasti: int) -> str | None:
    """What a built-in module's method calls at an instruction: `F.conv2d`, `torch.lstm`, `Tensor.flatten`."""
    instructions = list(dis.get_instructions(code))
    number = next((k for k, one in enumerate(instructions) if one.offset == lasti), None)
    if number is None or not instructions[number].opname.startswith("CALL"):
        return None
    begin = _begin(instructions[number])
    # The callee is written where the call begins; its last name is loaded last.
    chain = [one for one in instructions[:number] if _begin(one) == begin]
    names = [one.argval for one in chain if one.opname in _LOADS]
    if not names:
        return None
    library = _LIBRARIES.get(next((one.argval for one in chain if one.opname == "LOAD_GLOBAL"), ""))
    return f"{library or 'Tensor'}.{names[-1]}"


def _begin(instruction: dis.Instruction) -> tuple[int | None, int | None]:
    where = instruction.positions
    return (where.lineno, where.col_offset) if where is not None else (None, None)


def module_of(run: OpRun, paths: dict[int, str]) -> str | None:
    """`net.0`, or the class of a module that no variable leads to."""
    module: Any = run.module
    if module is None:
        return None
    return paths.get(id(module)) or type(module).__name__
