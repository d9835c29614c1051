"""PyTorch's own database of `nn` modules: each with its sample inputs, in training and in evaluation."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch

from tests.conformance.compare import Outcome, outcome

SEED = 0


@dataclass(frozen=True)
class ModuleCase:
    """One module class, in one mode."""

    info: Any
    training: bool

    @property
    def title(self) -> str:
        return str(self.info.name)

    @property
    def variant(self) -> str:
        return "training" if self.training else "evaluation"

    @property
    def name(self) -> str:
        return f"{self.title}-{self.variant}"

    def outcomes(self, explain: bool = False, most: int | None = None) -> Iterator[Outcome]:
        """What becomes of each sample; buffers, such as running means, are as new before each run."""
        torch.manual_seed(SEED)
        samples = self.info.module_inputs_func(
            self.info, device="cpu", dtype=torch.float32, requires_grad=True, training=self.training
        )
        for sample in [one for one in samples if one.forward_input is not None][:most]:
            given, inputs = sample.constructor_input, sample.forward_input
            module = self.info.module_cls(*given.args, **given.kwargs).to(torch.float32).train(self.training)
            buffers = {name: buffer.clone() for name, buffer in module.named_buffers()}

            def renew(module: Any = module, buffers: dict[str, Any] = buffers) -> None:
                with torch.no_grad():
                    for name, buffer in module.named_buffers():
                        buffer.copy_(buffers[name])

            def run(module: Any = module, inputs: Any = inputs) -> Any:
                return module(*inputs.args, **inputs.kwargs)

            yield outcome(run, explain, renew)


@cache
def module_cases() -> tuple[ModuleCase, ...]:
    """Every module that takes float32 on the CPU."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.testing._internal.common_modules import module_db
    return tuple(
        ModuleCase(info, training)
        for info in module_db
        if torch.float32 in info.supported_dtypes("cpu")
        for training in ((True, False) if info.train_and_eval_differ else (True,))
    )
