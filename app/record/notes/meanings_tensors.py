"""What messages about the shapes, types and values of tensors mean: a note and a hint for each."""

from __future__ import annotations

from app.record.notes.meaning import Meaning

VALUES = (
    Meaning(
        "loss_target",
        r"expected (?:target dtype|scalar type) .*Long or Byte|expected scalar type Long but found|"
        r"expected target dtype to be Long|nll_loss.*not implemented for '(?:Int|Short)'|"
        r'"nll_loss\w*" not implemented',
        "cross_entropy and nll_loss take the number of the class as target, as whole numbers (int64).",
        "Write target.long(), or torch.tensor([0, 2, 1]) without points.",
    ),
    Meaning(
        "loss_target",
        r"Expected floating point type for target with class probabilities",
        "A target of the same shape as the logits is read as probabilities, and these are whole numbers.",
        "Pass the numbers of the classes, as in target.argmax(1), or probabilities, as in target.float().",
    ),
    Meaning(
        "loss_target",
        r"0D or 1D target tensor expected|multi-target not supported",
        "The target needs one class number for each row, in one dimension.",
        "Write target.squeeze(1) for a column; for one-hot rows target.argmax(1).",
    ),
    Meaning(
        "loss_target",
        r"all elements of (?:input|target) should be between 0 and 1",
        "binary_cross_entropy takes probabilities, between 0 and 1.",
        "Pass logits to F.binary_cross_entropy_with_logits, or torch.sigmoid(logits) here.",
    ),
    Meaning(
        "loss_target",
        r"Found dtype (?:Long|Int|Bool) but expected",
        "Whole numbers stand where this operation needs real ones.",
        "Convert them: target.float(), or write 1. instead of 1.",
    ),
    Meaning(
        "index_type",
        r"Expected tensor for argument #1 'indices'|tensors used as indices must be|"
        r"[Ee]xpected (?:dtype )?int64 for index|only integers, slices|"
        r"only integer tensors of a single element|index(?:_select)?\(\).* (?:int|Long)",
        "What counts or points must be whole numbers (int64), and these are not.",
        "Write index.long(), torch.tensor([1, 2]) without points, or int(n) for one number.",
    ),
    Meaning(
        "index_out_of_range",
        r"Dimension out of range",
        "This tensor has no such dimension; dimensions are counted from 0, or from the end with -1.",
        "Print x.shape: a tensor of shape (3,) has the one dimension 0.",
    ),
    Meaning(
        "index_out_of_range",
        r"too many indices for tensor|invalid index of a 0-dim tensor",
        "There are more indices here than the tensor has dimensions.",
        "Print x.shape, and leave out an index; the one number of a scalar is x.item().",
    ),
    Meaning(
        "index_out_of_range",
        r"[Ii]ndex .*out of (?:range|bounds)|Target -?\d+ is out of bounds|index out of range in self",
        "An index is larger than what it points into, which counts from 0.",
        "Compare the largest index or class with the size: n classes are numbered 0 to n − 1.",
    ),
    Meaning(
        "dtype_mismatch",
        r"expected (?:m1 and m2|scalar type)|must have the same dtype|dtypes? .* do(?:es)? not match|"
        r"same dtype|Input type .* and (?:weight|bias) type",
        "The operands hold different types of numbers.",
        "Convert one of them, for example with x.float().",
    ),
    Meaning(
        "power_sign",
        r"bitwise_xor|unsupported operand type\(s\) for \^",
        "In Python ^ is no power: it compares the bits of whole numbers.",
        "Write x**2.",
    ),
    Meaning(
        "logic_sign",
        r"bitwise_(?:and|or|not)|unsupported operand type\(s\) for [&|]|bad operand type for unary ~",
        "&, | and ~ join true and false, or the bits of whole numbers, not real numbers.",
        "Put each comparison into brackets: (x > 0) & (x < 1).",
    ),
    Meaning(
        "integer_values",
        r"could not infer output dtype|not implemented for '(?:Long|Int|Bool)'|"
        r"Integers to negative integer powers|result type \w+ can't be cast to",
        "This operation gives real numbers, and the tensor holds whole ones, which have no room for them.",
        "Write x.float() first, or make it with points: torch.tensor([1., 2.]).",
    ),
    Meaning(
        "truth_of_tensor",
        r"Boolean value of Tensor with (?:more than one|no) value",
        "A condition needs one yes or no, and a tensor of several elements has one for each.",
        "Reduce it: (x > 0).all() or .any(); to choose element by element torch.where(x > 0, a, b). A loss such as "
        "nn.MSELoss() is made first, then called.",
    ),
    Meaning(
        "not_one_number",
        r"cannot be converted to Scalar|only length-1 arrays|"
        r"only (?:one element|0-dimensional|integer) (?:tensors?|arrays?) can be converted",
        "Only a tensor of one element is a plain number, and this one has another count.",
        "Reduce it first, as in x.mean().item(), or write x.tolist().",
    ),
    Meaning(
        "numpy_of_graph",
        r"unsupported operand type\(s\) for .*(?:numpy\.ndarray' and '(?:Ten|Para)|Tensor' and 'numpy\.ndarray)|"
        r"Can't call numpy\(\) on Tensor that requires grad",
        "NumPy knows nothing of gradients, so arrays and tensors that require grad don't mix by themselves.",
        "Make the array a tensor, torch.tensor(a), and use torch's functions, such as torch.exp(x); only to look at a "
        "tensor x.detach().numpy().",
    ),
    Meaning(
        "no_device",
        r"not compiled with (?:CUDA|XPU)|No CUDA|CUDA (?:error|driver)|Found no NVIDIA|(?:MPS|mps).*(?:not|only)|"
        r"PyTorch is not linked with support for",
        "There is only the CPU here.",
        "Leave the device out, or write device = 'cuda' if torch.cuda.is_available() else 'cpu'.",
    ),
    Meaning(
        "matrix_form",
        r"is not positive-definite|matrix is singular|factorization could not be completed|failed to converge",
        "This matrix hasn't the form that the operation needs: it is singular, or not positive definite.",
        "Add a small multiple of the identity: A + 1e-4 * torch.eye(n); A @ A.T is never negative.",
    ),
    Meaning(
        "distribution_parameter",
        r"to satisfy the constraint",
        "A parameter of this distribution is outside of what it may be; a scale must be above 0.",
        "Pass it through F.softplus(x) or x.exp(), and probabilities through a softmax or sigmoid.",
    ),
    Meaning(
        "too_deep",
        r"maximum recursion depth exceeded",
        "The function calls itself without end, or some thousand times.",
        "Give it a case in which it returns without calling itself; write long chains as a loop.",
    ),
)
"""About what the tensors hold."""

SHAPES = (
    Meaning(
        "shape_mismatch",
        r"view size is not compatible",
        "view() only reads the same memory in another shape, and after a transpose the elements lie in another order.",
        "Write reshape() instead of view().",
    ),
    Meaning(
        "shape_mismatch",
        r"(?:shapes? cannot be multiplied|must match the size|size mismatch|inconsistent tensor size|"
        r"is not broadcastable|shape .* is invalid for input|Sizes of tensors must match|Expected .* (?:size|dim)|"
        r"Expected input batch_size|Mismatch in shape|expected input\[.* to have|has invalid size|"
        r"must match the existing size|stack expects each tensor to be equal size|must be a (?:matrix|vector)|"
        r"Kernel size can't be greater|does not broadcast with|must be the same as input size|"
        r"that is different to the input size|expected input with shape|should contain \d+ elements|"
        r"must be equal to input_size|was expecting embedding dimension|1D tensors expected|"
        r"The expanded size of the tensor|doesn't match the broadcast shape|shape mismatch|"
        r"number of sizes provided|Target size|"
        r"vector and matrix|[Ee]xpected \d-D argument|must have the same number of dimensions|shape of the mask|"
        r"1D target must have size|must be 2D|2D tensors? expected|must be (?:a )?\dD|must be batches of)",
        "The shapes don't fit each other.",
        "Print the shapes; a transpose, reshape or unsqueeze may be missing.",
    ),
)
"""About shapes."""
