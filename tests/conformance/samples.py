"""PyTorch's own samples: every op of `op_db` and `autograd_function_db`, on the CPU, in three dtypes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

import torch

from tests.conformance.compare import FAILED, RANDOM, Outcome, outcome
from tests.conformance.exceptions import cause

DTYPES = (torch.float32, torch.float64, torch.complex128)
SEED = 0


@dataclass(frozen=True)
class Case:
    """One op in one dtype, with all its samples."""

    op: Any
    dtype: torch.dtype

    @property
    def title(self) -> str:
        return str(self.op.formatted_name)

    @property
    def variant(self) -> str:
        return str(self.dtype).removeprefix("torch.")

    @property
    def name(self) -> str:
        return f"{self.title}-{self.variant}"

    def outcomes(self, explain: bool = False, most: int | None = None) -> Iterator[Outcome]:
        """What becomes of each sample, of the first `most` where given."""
        for sample in islice(self.samples(), most):
            found = outcome(lambda sample=sample: self.run(sample), explain)
            known = cause(self.op.formatted_name, sample)
            unsteady = found.kind == RANDOM or (found.kind == FAILED and known)
            yield Outcome(RANDOM, known) if unsteady else found

    def samples(self) -> Iterator[Any]:
        """The samples in which something requires grad; the same ones each time."""
        torch.manual_seed(SEED)
        for sample in self.op.sample_inputs("cpu", self.dtype, requires_grad=True):
            if any(tensor.requires_grad for tensor in tensors(sample)):
                yield sample

    def run(self, sample: Any) -> Any:
        """The op on the sample."""
        return self.op(sample.input, *sample.args, **sample.kwargs)


def tensors(sample: Any) -> list[torch.Tensor]:
    """The tensors of a sample's arguments."""
    leaves = torch.utils._pytree.tree_leaves((sample.input, sample.args, sample.kwargs))
    return [leaf for leaf in leaves if isinstance(leaf, torch.Tensor)]


@cache
def cases() -> tuple[Case, ...]:
    """Every op and dtype that autograd supports on the CPU."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.testing._internal.autograd_function_db import autograd_function_db
        from torch.testing._internal.common_methods_invocations import op_db
    return tuple(
        Case(op, dtype)
        for op in (*op_db, *autograd_function_db)
        if op.supports_autograd
        for dtype in DTYPES
        if dtype in op.supported_backward_dtypes("cpu")
    )
