"""Why a `.grad` is None: of no leaf, of a constant, of a leaf that no pass has reached, or that an update replaced."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import torch

from app.core.trace import Note, Trace
from app.record.notes.origins import Origins
from app.record.observe.log import Bound
from app.record.spans import Source, syntax_of

Words = tuple[str, str]
"""What is so, and what to do."""
NONLEAF = (
    "Only leaves keep their .grad; that of an intermediate tensor is None.",
    "Call retain_grad() on it before backward(), or register_hook(print).",
)


def missing(name: str, tensor: Any, trace: Trace, log: list[Any], text: Source) -> Words | None:
    """Of the tensor that `name` stands for; None where its `.grad` is as expected."""
    rebound = rebindings(trace.program.source).get(name)
    if rebound is not None and not (tensor.is_leaf and tensor.requires_grad):
        return (
            f"Line {rebound} binds {name} to a new tensor, which is no leaf any more: later passes leave it no .grad.",
            in_place(name),
        )
    if tensor.requires_grad and not tensor.is_leaf:
        return of_nonleaf(name, tensor, log, text)
    if not tensor.requires_grad:
        return (
            f"{name} doesn't require grad, so no pass computes a gradient for it.",
            f"Make it with requires_grad=True, or call {name}.requires_grad_() before the forward pass.",
        )
    if not trace.passes:
        return f"No backward pass has run yet that could have given {name} one.", "Call backward() first."
    return None


def in_place(name: str) -> str:
    """How to update a leaf so that it stays one."""
    return f"Change the leaf in place: with torch.no_grad(): {name} -= lr * {name}.grad"


def of_nonleaf(name: str | None, tensor: Any, log: list[Any], text: Source) -> Words:
    """Of a tensor that was computed from one that requires grad."""
    run = Origins(log).of(tensor)
    span = text.span(run.code, run.lasti) if run is not None else None
    who = name or "This tensor"
    made = f"{who} is no leaf: line {span[0]} computed it." if span else f"{who} is no leaf."
    words = f"{made} {NONLEAF[0]}"
    sources = [one for one in run.args if isinstance(one, torch.Tensor) and one.requires_grad] if run else []
    here = text.lines[span[0] - 1] if span else ""
    if sources and all(one.is_leaf for one in sources) and ("requires_grad" in here or "Parameter(" in here):
        return words, (
            f"Let requires_grad_() come last, so that {name or 'it'} itself is the leaf: "
            "w = (torch.randn(2) * 0.1).requires_grad_()."
        )
    return words, NONLEAF[1]


def rebindings(source: str) -> dict[str, int]:
    """The lines of updates such as `w = w - lr * w.grad`, which make a new tensor instead of changing the leaf `w`."""
    found: dict[str, int] = {}
    for node in ast.walk(syntax_of(source)):
        if isinstance(node, ast.Assign):
            parts = list(ast.walk(node.value))
            reads = {one.id for one in parts if isinstance(one, ast.Name)}
            grads = {ast.unparse(one.value) for one in parts if isinstance(one, ast.Attribute) and one.attr == "grad"}
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id in reads & grads:
                    found[target.id] = node.lineno
    return found


def nonleaf_notes(reads: list[tuple[str, int, Any]], log: list[Any], text: Source) -> Iterator[Note]:
    """A note for each line in which the `.grad` of a tensor that is no leaf was read, `reads` = file, line, tensor."""
    tensors: dict[int | None, Any] = {}
    updates = rebindings(text.text) if reads else {}
    for file, line, tensor in reads:
        place = line - text.first + 1 if file == text.filename else None
        if tensors.get(place) is None:
            tensors[place] = tensor
    for place, tensor in tensors.items():
        names = [entry.name for entry in log if isinstance(entry, Bound) and entry.value is tensor]
        name = names[0] if names else None
        if tensor is None:
            words = NONLEAF
        elif name is not None and name in updates:
            made = (
                f"Line {updates[name]} binds {name} to a new tensor, which is no leaf any more, so its .grad is None."
            )
            words = made, in_place(name)
        else:
            words = of_nonleaf(name, tensor, log, text)
        yield Note("nonleaf_grad", " ".join(words), place, None)
