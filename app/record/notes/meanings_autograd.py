"""What autograd's messages mean: a note and a hint for each, in the user's words."""

from __future__ import annotations

from app.record.notes.meaning import Meaning

BACKWARD = (
    Meaning(
        "complex_backward",
        r"grad can be implicitly created only for real scalar outputs",
        "backward() starts from one real number, and this one is complex.",
        "Start from its real part or magnitude, as in y.abs().backward(), or pass gradient=.",
    ),
    Meaning(
        "nonscalar_backward",
        r"grad can be implicitly created only for scalar outputs",
        "backward() starts from one number, and this tensor has several elements.",
        "Reduce it first, as in y.sum().backward(), or pass gradient= a tensor of its shape.",
    ),
    Meaning(
        "backward_twice",
        r"Trying to backward through the graph a second time",
        "This graph has been walked backward before, and PyTorch freed what it had saved for that.",
        "Pass retain_graph=True to the first backward(), or compute the forward pass again.",
    ),
    Meaning(
        "leaf_inplace",
        r"a (?:view of a )?leaf Variable that requires grad (?:is being|has been) used in an in-place operation",
        "A leaf that requires grad can't be changed in place while gradients are recorded.",
        "Update it under torch.no_grad(), or write w = w + 1 to make a new tensor.",
    ),
    Meaning(
        "integer_gradient",
        r"[Oo]nly Tensors of floating point (?:and complex )?dtype can require gradients",
        "Only real and complex numbers have gradients; this tensor holds integers or booleans.",
        "Write 2. instead of 2, or dtype=torch.float32.",
    ),
    Meaning(
        "nothing_requires_grad",
        r"does not require grad and does not have a grad_fn",
        "No tensor that led to this one requires grad, so there is nothing to walk back to.",
        "Make a leaf with requires_grad=True, and look for detach(), .item(), .data or no_grad() on the way.",
    ),
    Meaning(
        "unused_input",
        r"differentiated Tensors?(?: at index \d+)? (?:appears to not have been used|does not require grad)",
        "No path leads from the output to this input, so it has no gradient.",
        "Use the input to compute the output, or pass allow_unused=True to get None.",
    ),
    Meaning(
        "inplace_saved",
        r"modified by an inplace operation",
        "A tensor that backward still needs was changed in place after it had been saved.",
        "Make a new tensor instead (y = y + 1), or clone() before the change.",
    ),
    Meaning(
        "view_inplace",
        r"is a view and is being modified inplace|A view was created in|"
        r"more than one element of the written-to tensor refers to a single memory location",
        "A view is changed in place in a way that autograd can't follow.",
        "clone() it before the change, or make a new tensor, as in v = v * 2.",
    ),
    Meaning(
        "inference_tensor",
        r"[Ii]nference tensors? ",
        "A tensor made under torch.inference_mode() can't take part in a graph.",
        "Use torch.no_grad() there, or clone() the tensor outside.",
    ),
    Meaning(
        "no_derivative",
        r"derivative for \S+ is not implemented|not differentiable with respect to",
        "PyTorch has no derivative for this operation, so no gradient can pass it.",
        "Use a differentiable one: for x // 2 that is x / 2; or detach() what needs no gradient.",
    ),
    Meaning(
        "requires_grad_of_nonleaf",
        r"you can only change requires_grad flags of leaf variables",
        "This tensor was computed from one that requires grad, so that it does, too; only a leaf can be switched.",
        "Write y = y.detach() to go on without gradients, or choose requires_grad where the leaf is made.",
    ),
    Meaning(
        "gradient_assigned",
        r"attempting to assign a gradient|assigned grad (?:expected|has data)|"
        r"can't assign (?:a .* to|Variable as its own) ",
        "A .grad takes only None, or a tensor of its leaf's shape and dtype.",
        "Write w.grad = None to reset it.",
    ),
    Meaning(
        "gradient_count",
        r"returned an incorrect number of gradients",
        "The backward() of a custom Function must return one gradient for each input of its forward().",
        "Return None for inputs that need no gradient.",
    ),
    Meaning(
        "gradient_form",
        r"returned an invalid gradient at index",
        "The backward() of a custom Function must return gradients of its inputs' shapes.",
        "Sum over what forward() broadcast, and expand where it summed; print the shapes in both.",
    ),
    Meaning(
        "legacy_function",
        r"Legacy autograd function|'\w*Function\w*' object is not callable|has no attribute 'save_for_backward'",
        "A custom Function is never made into an object: its forward() and backward() are static, PyTorch calls them.",
        "Write @staticmethod before both, and call it as Name.apply(x).",
    ),
    Meaning(
        "zero_tensor",
        r"aten::expand\(\) Expected a value of type 'Tensor' for argument 'self' but instead found type '(?:int|float)",
        "This gradient is one of PyTorch's constant zero tensors: alone it takes a number added to it, observed it "
        "doesn't.",
        "Write g.clone() + 1 instead of g + 1.",
    ),
)
"""Autograd's own."""

GRAD_IS_NONE = Meaning(
    "grad_is_none",
    "",
    "A .grad is None here: no backward pass has reached that tensor, or it has just been reset.",
    "Call backward() first; only leaves that require grad and lead to where it starts get a .grad.",
)
