"""What an aten overload's schema says: its name, its arguments, what it writes, and the sign it is drawn with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import torch

SYMBOLS = {
    "add": "+",
    "sub": "−",
    "rsub": "−",
    "mul": "×",
    "div": "÷",
    "neg": "−",
    "pow": "^",
    "mm": "@",
    "bmm": "@",
    "mv": "@",
    "dot": "·",
    "vdot": "·",
    "sum": "Σ",
    "prod": "Π",
    "sigmoid": "σ",
    "sqrt": "√",
    "t": "ᵀ",
    "transpose": "ᵀ",
    "eq": "=",
    "ne": "≠",
    "lt": "<",
    "le": "≤",
    "gt": ">",
    "ge": "≥",
}
MAKERS = frozenset({"lift_fresh", "lift", "lift_fresh_copy"})
"""Ops that take a tensor and yet only make one: what `torch.tensor` calls."""
RENEWED = {"native_batch_norm": ("running_mean", "running_var")}
"""Arguments that an op writes though its schema doesn't say so."""
FILLERS = frozenset({"fill_", "zero_", "normal_", "uniform_"})
"""Ops that write all of a tensor whatever it held."""


@dataclass(frozen=True, slots=True)
class OpInfo:
    """One aten overload. Positions count the schema's arguments, keyword-only ones included."""

    name: str
    arguments: tuple[str, ...]
    defaults: tuple[Any, ...]
    """The schema's default of each argument, None where it has none."""
    writes: tuple[int, ...]
    reshapes: bool
    """It changes the shape, stride or storage of a tensor that it writes (`t_`, `resize_`, `set_`, `out=`)."""
    makes: bool
    """It only makes a tensor (`ones`, `randn_like`). Such an output must not be held: PyTorch would hand out a copy."""
    blank: bool = False
    """It leaves in the memory whatever lay there (`empty`)."""
    renews: tuple[int, ...] = ()
    """What it writes besides `writes`, which are its results: running statistics."""


@cache
def op_info(func: Any) -> OpInfo:
    """Read the schema of an `OpOverload` once."""
    schema = func._schema
    name = schema.name.partition("::")[2]
    arguments = schema.arguments
    writes = tuple(i for i, a in enumerate(arguments) if a.alias_info is not None and a.alias_info.is_write)
    resizes = any(arguments[i].kwarg_only for i in writes)
    return OpInfo(
        name=name,
        arguments=tuple(a.name for a in arguments),
        defaults=tuple(a.default_value if a.has_default_value() else None for a in arguments),
        writes=writes,
        reshapes=resizes
        or torch.Tag.inplace_view in func.tags
        or name in {"resize_", "set_", "resize_as_", "set_data"},
        makes=name in MAKERS or (name != "_to_copy" and _makes(arguments)),
        blank="empty" in name and _makes(arguments),
        renews=tuple(i for i, a in enumerate(arguments) if a.name in RENEWED.get(name, ())),
    )


def _makes(arguments: Any) -> bool:
    tensors = sum("Tensor" in str(a.type) for a in arguments)
    return tensors == 0 or (tensors == 1 and any(a.name == "pin_memory" for a in arguments))


@cache
def symbol(op: str) -> str:
    """The sign of an op, its name where it has none; in-place ops share that of the plain one."""
    return SYMBOLS.get(op.rstrip("_") if not op.startswith("_") else op, op)


def argument(info: OpInfo, args: tuple[Any, ...], kwargs: dict[str, Any] | None, position: int) -> Any:
    """The argument at a schema position as it was given, or its default."""
    if position < len(args):
        return args[position]
    if kwargs:
        return kwargs.get(info.arguments[position], info.defaults[position])
    return info.defaults[position]
