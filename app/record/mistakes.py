"""What PyTorch's frequent error messages mean, in the user's words: a note and a hint for each."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from app.core.trace import Failure, Note, Trace

_MISTAKES: tuple[tuple[str, str, str, str], ...] = (
    (
        "nonscalar_backward",
        r"grad can be implicitly created only for (?:scalar|real scalar) outputs",
        "backward() starts from one number, and this tensor has several elements.",
        "Reduce it first, as in y.sum().backward(), or pass gradient= a tensor of its shape.",
    ),
    (
        "backward_twice",
        r"Trying to backward through the graph a second time",
        "This graph has been walked backward before, and PyTorch freed what it had saved for that.",
        "Pass retain_graph=True to the first backward(), or compute the forward pass again.",
    ),
    (
        "leaf_inplace",
        r"a (?:view of a )?leaf Variable that requires grad is being used in an in-place operation",
        "A leaf that requires grad can't be changed in place while gradients are recorded.",
        "Update it under torch.no_grad(), or write w = w + 1 to make a new tensor.",
    ),
    (
        "integer_gradient",
        r"[Oo]nly Tensors of floating point (?:and complex )?dtype can require gradients",
        "Only real and complex numbers have gradients; this tensor holds integers or booleans.",
        "Write 2. instead of 2, or dtype=torch.float32.",
    ),
    (
        "nothing_requires_grad",
        r"does not require grad and does not have a grad_fn",
        "No tensor that led to this one requires grad, so there is nothing to walk back to.",
        "Make a leaf with requires_grad=True, and look for detach(), .item(), .data or no_grad() on the way.",
    ),
    (
        "unused_input",
        r"differentiated Tensors?(?: at index \d+)? (?:appears to not have been used|does not require grad)",
        "No path leads from the output to this input, so it has no gradient.",
        "Use the input to compute the output, or pass allow_unused=True to get None.",
    ),
    (
        "inplace_saved",
        r"modified by an inplace operation",
        "A tensor that backward still needs was changed in place after it had been saved.",
        "Make a new tensor instead (y = y + 1), or clone() before the change.",
    ),
    (
        "shape_mismatch",
        r"(?:shapes? cannot be multiplied|must match the size|size mismatch|inconsistent tensor size|"
        r"is not broadcastable|shape .* is invalid for input|Sizes of tensors must match|Expected .* (?:size|dim))",
        "The shapes of the operands don't fit each other.",
        "Print the shapes; a transpose, reshape or unsqueeze may be missing.",
    ),
    (
        "dtype_mismatch",
        r"(?:expected (?:m1 and m2|scalar type)|must have the same dtype|dtypes? .* do(?:es)? not match)",
        "The operands hold different types of numbers.",
        "Convert one of them, for example with x.float().",
    ),
    (
        "undefined_name",
        r"name '\w+' is not defined",
        "A name is used before it has a value.",
        "Give it one first, as in w = torch.tensor(2., requires_grad=True). In a program torch's functions need their "
        "prefix: torch.relu(x); only a lone expression such as relu(w*x + b) does without both.",
    ),
)


def explained(trace: Trace) -> Trace:
    """`trace` with a hint in its error, and a note, where the message is a frequent one."""
    failure = trace.error
    if failure is None or failure.code != "raised":
        return trace
    for code, pattern, words, hint in _MISTAKES:
        if re.search(pattern, failure.message):
            message = words + _places(code, trace)
            note = Note(code, message, failure.line, None)
            return replace(trace, notes=(*trace.notes, note), error=replace(failure, hint=failure.hint or hint))
    return trace


def _places(code: str, trace: Trace) -> str:
    if code == "backward_twice":
        lines = [one.line for one in trace.passes[:-1] if one.line is not None]
        return f" That was in line {lines[-1]}." if lines else ""
    if code == "inplace_saved":
        return _overwritten(trace, trace.error)
    return ""


def _overwritten(trace: Trace, _failure: Failure | None) -> str:
    """Which op saved the tensor, and which later one wrote it: the first such pair."""
    tensors = {tensor.id: tensor for tensor in trace.tensors}
    nodes = {node.id: node for node in trace.nodes}
    order = [step for step in trace.steps if step.kind in {"compute", "update"}]
    written: list[tuple[str, Any]] = []
    for place, step in enumerate(order):
        writer = nodes.get(step.node or "")
        changes = step.kind == "update" or (writer is not None and writer.op.endswith("_"))
        if not changes:
            continue
        storages = {
            tensors[item.tensor].storage for item in step.sets if hasattr(item, "tensor") and item.tensor in tensors
        }
        for earlier in order[:place]:
            saver = nodes.get(earlier.node or "")
            for saved in saver.saved if saver is not None else ():
                if tensors[saved.tensor].storage in storages:
                    written.append((f"{saver.label if saver else ''}", (earlier.line, step.line)))
    if not written:
        return ""
    label, (saved_line, written_line) = written[-1]
    return f" {label} saved it in line {saved_line}, and line {written_line} changed it."
