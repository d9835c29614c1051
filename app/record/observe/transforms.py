"""What is said of function transforms, whose inner backward passes aren't recorded: where, which, and what to write.

Forward mode is refused, as it has no backward pass; the refusal names what computes the same thing backward.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

from app.core.errors import GradwalkError
from app.core.trace import Note
from app.record.observe.log import Place
from app.record.spans import Source

_INSTEAD = {
    "grad": ("torch.func.grad", "torch.autograd.grad(f(x), x)"),
    "grad_and_value": ("torch.func.grad_and_value", "torch.autograd.grad(f(x), x)"),
    "vjp": ("torch.func.vjp", "torch.autograd.grad(f(x), x, v)"),
    "_vjp_with_argnums": ("torch.func.vjp", "torch.autograd.grad(f(x), x, v)"),
    "jacrev": ("torch.func.jacrev", "torch.autograd.functional.jacobian(f, x)"),
    "hessian": ("torch.func.hessian", "torch.autograd.functional.hessian(f, x)"),
    "vmap": ("torch.func.vmap", "a loop with torch.autograd.grad for each row"),
    "autograd.grad": ("is_grads_batched=True", "one torch.autograd.grad for each row"),
    "autograd.jacobian": ("vectorize=True", "torch.autograd.functional.jacobian(f, x) without it"),
    "autograd.hessian": ("vectorize=True", "torch.autograd.functional.hessian(f, x) without it"),
}
"""By the name of PyTorch's function, as `library_names` has it: how users call it, and what is recorded in full."""
_BACKWARD = {
    "jvp": "torch.autograd.functional.jvp(f, x, v)",
    "jacfwd": "torch.autograd.functional.jacobian(f, x), or hessian(f, x) of there",
    "linearize": "torch.autograd.functional.jvp(f, x, v)",
    "autograd._jacfwd": "jacobian(f, x), or hessian(f, x), without strategy='forward-mode'",
}


@dataclass(frozen=True, slots=True)
class Unseen:
    """A backward pass inside a transform."""

    place: Place
    name: str
    """As `library_names` has it, empty where it isn't known."""


def library_names(files: frozenset[str], frame: FrameType | None) -> Iterator[str]:
    """First parts of the qualified names of the library's frames, innermost first, up to the user's.

    `autograd.grad` is `torch.autograd.grad`, to tell it from `torch.func.grad`.
    """
    while frame is not None and frame.f_code.co_filename not in files:
        name = frame.f_code.co_qualname.partition(".")[0]
        yield f"autograd.{name}" if frame.f_globals.get("__name__", "").startswith("torch.autograd") else name
        frame = frame.f_back


def unseen(watch: Any) -> Unseen:
    """The transform that is running."""
    names = [name for name in library_names(watch.user_files, sys._getframe(1)) if name in _INSTEAD]
    return Unseen(watch.place(3), names[-1] if names else "")


def transform_notes(found: list[Unseen], text: Source) -> Iterator[Note]:
    """One note for each transform of each line."""
    for one in dict.fromkeys(found):
        name, instead = _INSTEAD.get(one.name, ("A function transform", "torch.autograd.grad(f(x), x)"))
        span = text.span(*one.place)
        message = (
            f"{name} takes gradients inside itself, so that what it computes is shown as plain operations, without a "
            f"backward pass. To walk that, write {instead}."
        )
        yield Note("function_transform", message, span[0] if span is not None else None, None)


def forward_mode(watch: Any, line: int | None) -> GradwalkError:
    """The refusal of forward mode."""
    names = [name for name in library_names(watch.user_files, sys._getframe(2)) if name in _BACKWARD]
    instead = _BACKWARD[names[-1]] if names else "torch.autograd.functional.jvp(f, x, v)"
    return GradwalkError(
        "forbidden",
        "Forward-mode differentiation (jvp, jacfwd, hessian, dual numbers) has no backward pass to walk.",
        line=line,
        hint=f"Write {instead}, which gets the same by backward passes.",
    )
