"""Runs a program with stock PyTorch alone: what it prints, binds and raises."""

import contextlib
import io
import math
import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch


@dataclass
class Stock:
    stdout: str
    namespace: dict[str, Any]
    error: BaseException | None


def run_stock(source: str, seed: int = 0) -> Stock:
    """The same start as the recorder's: namespace, seeds."""
    torch.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed)
    namespace: dict[str, Any] = {
        "torch": torch,
        "nn": torch.nn,
        "F": torch.nn.functional,
        "math": math,
        "__name__": "__main__",
    }
    out = io.StringIO()
    error = None
    with contextlib.redirect_stdout(out):
        try:
            exec(compile(source, "<stock>", "exec", dont_inherit=True), namespace)
        except Exception as problem:
            error = problem
    return Stock(out.getvalue(), namespace, error)


def leaves(namespace: dict[str, Any]) -> dict[str, torch.Tensor]:
    """Leaves by the name or parameter path that they have in the end."""
    found: dict[int, tuple[str, torch.Tensor]] = {}
    for name, value in namespace.items():
        if isinstance(value, torch.Tensor):
            found.setdefault(id(value), (name, value))
        elif isinstance(value, torch.nn.Module):
            for path, parameter in value.named_parameters(prefix=name):
                found.setdefault(id(parameter), (path, parameter))
    return {name: tensor for name, tensor in found.values() if tensor.is_leaf and tensor.requires_grad}
