"""Where an implicit pass starts and what it is seeded with: a variable, a node of the Trace, an element, a cotangent.

Owns how a view's `root` and `cotangent` are read; `app.record.implicit` runs the pass.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import torch

from app.core.errors import GradwalkError
from app.core.let import numbers, parse_value
from app.record.observe.autograd import op_of
from app.record.observe.facts import tensors_in
from app.record.observe.log import OpRun
from app.record.replay.nodes import Rec

ROOT = re.compile(r"\s*(@n\d+|[^\W\d]\w*)\s*((?:\[[-\d,\s]+\]\s*)*)")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a run a node's tensor is: the number of its op among those that ran, and its number among the op's
    tensors. The same in every run of the snippet.
    """

    op: int
    tensor: int


@dataclass(frozen=True, slots=True)
class Root:
    """What a view says: `name` is a variable's, or `@n5`, which `place` then finds; `index` an element."""

    name: str
    index: tuple[int, ...] | None
    place: Place | None = None
    called: str = ""
    """What the node is called, where it is one."""

    @property
    def text(self) -> str:
        """What to call it: `u`, `y[0]`, `w * x`."""
        return (self.called or self.name) + ("" if self.index is None else f"[{','.join(map(str, self.index))}]")

    def tensor(self, namespace: dict[str, Any], log: list[Any]) -> Any:
        """The tensor, or None where it isn't there yet. Not necessarily differentiable."""
        if self.place is None:
            return namespace.get(self.name)
        runs = [entry for entry in log if type(entry) is OpRun]
        if self.place.op >= len(runs):
            return None
        run = runs[self.place.op]
        tensor = _tensors(run)[self.place.tensor]
        fn = tensor.grad_fn
        if fn is not None and -1 < run.seq < fn._sequence_nr() and not tensor._is_view() and not _made_by(fn, run):
            raise GradwalkError(
                "bad_view", f"The value of {self.text} is overwritten in place later, so no pass can start from it."
            )
        return tensor


@dataclass(frozen=True, slots=True)
class Start:
    """Where an implicit pass starts, where a view says so, and what arrives there."""

    root: Root | None = None
    cotangent: str | None = None


def read_root(text: str) -> Root:
    """The root of a view.

    Raises:
        GradwalkError: `bad_view`.
    """
    match = ROOT.fullmatch(text)
    if match is None:
        raise GradwalkError("bad_view", f"The snippet has no tensor {text!r} to start from.")
    index = tuple(int(number) for number in re.findall(r"-?\d+", match[2]))
    return Root(match[1], index if match[2] else None)


def place_of(rec: Rec, log: list[Any]) -> Place:
    """Where the first output of a node is.

    Raises:
        GradwalkError: `bad_view`, where a pass can't start from it.
    """
    run = rec.run
    if run is None or not rec.outs:
        what = "a leaf" if rec.kind == "leaf" else "an input" if rec.kind == "input" else "a view made by autograd"
        raise GradwalkError("bad_view", f"{rec.id} is {what}: start from an operation.")
    number = sum(type(entry) is OpRun for entry in log[: log.index(run)])
    found = next((k for k, tensor in enumerate(_tensors(run)) if tensor is rec.outs[0].tensor), None)
    if found is None:
        raise GradwalkError("bad_view", f"No pass can start from {rec.id}.")
    return Place(number, found)


def _tensors(run: OpRun) -> list[Any]:
    """What the op returned, what it was given, and the whole tensors that these are views of."""
    every = [*tensors_in(run.out), *tensors_in(list(run.args))]
    return [*every, *(tensor._base for tensor in every if tensor._base is not None)]


def _made_by(fn: Any, run: OpRun) -> bool:
    """By name, as the number of a node that an op makes after copying an argument isn't the op's own."""
    made: str = op_of(fn.name()).replace("_", "")
    name: str = run.info.name
    return made == name.replace("_", "")


def chosen(tensor: Any, root: Root) -> Any:
    """The root's tensor, once it is sure that a pass can start from it.

    Raises:
        GradwalkError: `bad_view`.
    """
    if not isinstance(tensor, torch.Tensor):
        raise GradwalkError("bad_view", f"The snippet has no tensor {root.text!r} to start from.")
    if not differentiable(tensor):
        raise GradwalkError(
            "bad_view", f"{root.called or root.name} does not require grad, so no backward pass can start from it."
        )
    if root.index is not None:
        try:
            fits = tensor[root.index].numel() == 1 and len(root.index) <= tensor.dim()
        except IndexError:
            fits = False
        if not fits:
            raise GradwalkError("bad_view", f"{root.text} is no element of a tensor of shape {tuple(tensor.shape)}.")
    return tensor


def differentiable(value: Any) -> bool:
    """Whether a backward pass can start from it; not from one of several views whose base was written since."""
    if not isinstance(value, torch.Tensor) or not value.requires_grad or value.is_inference():
        return False
    try:
        return value.is_leaf or value.grad_fn is not None
    except RuntimeError:
        return False


def seed(tensor: Any, index: tuple[int, ...] | None, cotangent: str | None, name: str) -> Any:
    """The cotangent that a pass starts with: ones, or 1 at the element; times or as `cotangent` says.

    Raises:
        GradwalkError: `bad_view`, where `cotangent` has another shape.
    """
    given = None if cotangent is None else torch.tensor(numbers(parse_value(cotangent)), dtype=torch.float64)
    if given is not None and given.dim() and (index is not None or given.shape != tensor.shape):
        wanted = () if index is not None else tuple(tensor.shape)
        raise GradwalkError(
            "bad_view",
            f"The cotangent has shape {tuple(given.shape)}; {name} has shape {wanted}.",
            hint="One number for each element of what the pass starts from, such as cotangent=[1,0].",
        )
    if index is not None:
        made = torch.zeros_like(tensor)
        made[index] = 1.0 if given is None else given.item()
        return made
    return torch.ones_like(tensor) if given is None else given.to(tensor.dtype).expand(tensor.shape).clone()
