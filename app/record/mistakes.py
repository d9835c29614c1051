"""What PyTorch's frequent error messages mean, in the user's words: a note and a hint for each."""

from __future__ import annotations

import re
from dataclasses import replace

from app.core.trace import Failure, Note, Trace
from app.record.culprits import places

_MISTAKES: tuple[tuple[str, str, str, str], ...] = (
    (
        "complex_backward",
        r"grad can be implicitly created only for real scalar outputs",
        "backward() starts from one real number, and this one is complex.",
        "Start from its real part or magnitude, as in y.abs().backward(), or pass gradient=.",
    ),
    (
        "nonscalar_backward",
        r"grad can be implicitly created only for scalar outputs",
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
        "view_inplace",
        r"is a view and is being modified inplace|A view was created in|"
        r"more than one element of the written-to tensor refers to a single memory location",
        "A view is changed in place in a way that autograd can't follow.",
        "clone() it before the change, or make a new tensor, as in v = v * 2.",
    ),
    (
        "inference_tensor",
        r"[Ii]nference tensors? ",
        "A tensor made under torch.inference_mode() can't take part in a graph.",
        "Use torch.no_grad() there, or clone() the tensor outside.",
    ),
    (
        "gradient_count",
        r"returned an incorrect number of gradients",
        "The backward() of a custom Function must return one gradient for each input of its forward().",
        "Return None for inputs that need no gradient.",
    ),
    (
        "index_out_of_range",
        r"[Ii]ndex .*out of (?:range|bounds)|Target -?\d+ is out of bounds",
        "An index is larger than what it points into, which counts from 0.",
        "Compare the largest index or class with the size: n classes are numbered 0 to n − 1.",
    ),
    (
        "shape_mismatch",
        r"(?:shapes? cannot be multiplied|must match the size|size mismatch|inconsistent tensor size|"
        r"is not broadcastable|shape .* is invalid for input|Sizes of tensors must match|Expected .* (?:size|dim)|"
        r"Expected input batch_size|Mismatch in shape|expected input\[.* to have|has invalid size|"
        r"must match the existing size)",
        "The shapes of the operands don't fit each other.",
        "Print the shapes; a transpose, reshape or unsqueeze may be missing.",
    ),
    (
        "zero_tensor",
        r"aten::expand\(\) Expected a value of type 'Tensor' for argument 'self' but instead found type '(?:int|float)",
        "This gradient is one of PyTorch's constant zero tensors: alone it takes a number added to it, observed it "
        "doesn't.",
        "Write g.clone() + 1 instead of g + 1.",
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
GRAD_IS_NONE = (
    "grad_is_none",
    "A .grad is None here: no backward pass has reached that tensor, or it has just been reset.",
    "Call backward() first; only leaves that require grad and lead to where it starts get a .grad.",
)


def explained(trace: Trace) -> Trace:
    """`trace` with a hint in its error, and a note, where the message is a frequent one."""
    failure = trace.error
    if failure is None or failure.code != "raised":
        return trace
    if "NoneType" in failure.message and ".grad" in _source_line(trace, failure.line):
        return _with(trace, failure, *GRAD_IS_NONE)
    for code, pattern, words, hint in _MISTAKES:
        if re.search(pattern, failure.message):
            return _with(trace, failure, code, words + places(code, trace), hint)
    return trace


def _with(trace: Trace, failure: Failure, code: str, message: str, hint: str) -> Trace:
    note = Note(code, message, failure.line, None)
    return replace(trace, notes=(*trace.notes, note), error=replace(failure, hint=failure.hint or hint))


def _source_line(trace: Trace, line: int | None) -> str:
    lines = trace.program.source.split("\n")
    return lines[line - 1] if line is not None and line <= len(lines) else ""
