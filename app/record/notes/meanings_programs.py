"""What messages about modules, optimizers, names and plain Python mean: a note and a hint for each."""

from __future__ import annotations

from app.record.notes.meaning import Meaning

MODULES = (
    Meaning(
        "optimizer_parameters",
        r"optimizer got an empty parameter list",
        "The optimizer was given no parameters.",
        "Layers in a plain list or dict are not found: keep them in nn.ModuleList or nn.ModuleDict, single tensors in "
        "nn.Parameter. A generator such as net.parameters() can be used only once.",
    ),
    Meaning(
        "optimizer_parameters",
        r"params argument given to the optimizer should be an iterable|'method' object is not iterable|"
        r"optimizer can only optimize Tensors",
        "An optimizer takes a list of tensors.",
        "Write torch.optim.SGD([w], lr=0.1), or net.parameters() with its brackets ().",
    ),
    Meaning(
        "optimizer_parameters",
        r"Invalid (?:learning rate|momentum|weight_decay|beta|epsilon)",
        "This value is outside of what the optimizer takes.",
        "A learning rate is above 0, as in lr=0.1; the optimizer subtracts by itself.",
    ),
    Meaning(
        "optimizer_parameters",
        r"can't optimize a non-leaf Tensor",
        "An optimizer changes leaves, and this tensor was computed from another one.",
        "Give it the leaf itself, or make this one a leaf: w = (…).detach().requires_grad_().",
    ),
    Meaning(
        "module_init",
        r"before Module\.__init__\(\) call|object has no attribute '_(?:modules|parameters|buffers|forward_hooks)'",
        "A module must be set up by nn.Module before it can hold layers and parameters.",
        "Begin its __init__ with super().__init__().",
    ),
    Meaning(
        "module_forward",
        r'missing the required "forward" function',
        "The module has no forward(), which a call such as net(x) runs.",
        "Define def forward(self, x): in the class, at the indentation of __init__.",
    ),
    Meaning(
        "module_forward",
        r"__init__\(\) takes \d+ positional arguments? but \d+ (?:were|was) given",
        "The class itself is called here with more than its __init__ takes.",
        "Make the module first, then call it: net = Net(), y = net(x).",
    ),
    Meaning(
        "module_forward",
        r"forward\(\) (?:takes|missing)|_forward_unimplemented|\w+\.forward\(\) ",
        "The module's forward() takes other arguments than it is called with.",
        "Compare the call with def forward(self, …); self is passed by itself.",
    ),
    Meaning(
        "module_forward",
        r"cannot assign '.*' as (?:parameter|child module)",
        "This attribute of the module is a parameter or a layer, and can't become something else.",
        "Write nn.Parameter(…) around the tensor, change it under torch.no_grad() with copy_(), or use another name.",
    ),
    Meaning(
        "not_divisible",
        r"(?:must|to) be divisible by",
        "These two sizes don't divide evenly.",
        "Choose sizes where the first is a multiple of the second.",
    ),
    Meaning(
        "batch_of_one",
        r"Expected more than 1 value per channel when training",
        "Batch norm in training needs at least two values for each channel to take a variance of.",
        "Use a batch of two or more rows, or net.eval() for a single one.",
    ),
)
"""About modules and optimizers."""

NAMES = (
    Meaning(
        "missing_import",
        r"No module named|cannot import name",
        "There is nothing of that name to import.",
        "Look at its spelling; torch, nn, F and math need no import.",
    ),
    Meaning(
        "not_a_function",
        r"'(?:int|float|Tensor|Parameter|list|tuple|str|NoneType|dict)' object is not callable",
        "Something is called here that is no function.",
        "For a product write *, as in 2 * (w + x); an element is x[0], with square brackets.",
    ),
    Meaning(
        "not_a_function",
        r"'(?:function|type|builtin_function_or_method|method)' object is not subscriptable",
        "A function has no elements.",
        "Call it with ( ) instead of [ ].",
    ),
    Meaning(
        "undefined_name",
        r"name '\w+' is not defined|cannot access (?:local|free) variable",
        "A name is used before it has a value.",
        "Give it one first, as in w = torch.tensor(2., requires_grad=True). In a program torch's functions need their "
        "prefix: torch.relu(x); only a lone expression such as relu(w*x + b) does without both.",
    ),
    Meaning(
        "not_a_tensor",
        r"'(?:float|int|bool|complex)' object has no attribute '(?:backward|grad|sum|mean|item|detach|requires_grad)'",
        "This is a plain Python number, no tensor: item(), float(), math functions and NumPy give numbers without a "
        "graph.",
        "Stay with tensors on the way from the leaves to here: torch.exp(w) instead of math.exp(w), and no .item().",
    ),
    Meaning(
        "not_a_tensor",
        r"'(?:list|tuple|dict|numpy\.ndarray|torch\.return_types\.\w+)' object has no attribute "
        r"'(?:backward|grad|sum|mean|item|detach)'",
        "This holds tensors, or numbers, and is no tensor itself.",
        "Take one of them by its index (x.max(1).values), or make one tensor: sum(losses), torch.stack(losses).sum().",
    ),
    Meaning(
        "not_a_tensor",
        r"'(?:ReLU|Sigmoid|Tanh|Softmax|GELU|\w*Loss|Linear|Conv\dd|Dropout)' object has no attribute",
        "This is the layer itself, not what it computes: calling the class only makes the layer.",
        "Call the layer, as in nn.ReLU()(x), or the function: torch.relu(x), F.mse_loss(a, b).",
    ),
    Meaning(
        "not_a_tensor",
        r"'NoneType' object (?:has no attribute|is not)|unsupported operand type\(s\) for .*NoneType",
        "Something is None here: a function without return gives None, and so do backward(), print() and step().",
        "Look where the value comes from; does its function (or forward()) end with return?",
    ),
    Meaning(
        "text_and_tensor",
        r'can only concatenate str \(not "(?:Tensor|float|int|Parameter)"\)|new\(\): invalid data type \'str\'',
        "Text and numbers can't be put together here.",
        "Print with a comma, print('loss:', loss), or write f\"loss: {loss}\"; numbers stand without quotes.",
    ),
    Meaning(
        "missing_key",
        r"^'\w+'$|^\d+$",
        "The dict has no such key.",
        "Look at its spelling, or print(d.keys()).",
    ),
    Meaning(
        "division_by_zero",
        r"(?:division|modulo) by zero|float floor division by zero",
        "A plain Python number is divided by 0, which is an error; a tensor would give inf.",
        "Look where the divisor comes from: is a length or a count 0?",
    ),
    Meaning(
        "unpacking",
        r"(?:too many|not enough) values to unpack|cannot unpack non-iterable|iteration over a 0-d tensor",
        "There are not as many values to the right of = as names to the left.",
        "Count both: a tensor gives its rows one by one, an LSTM (output, (h, c)), max(dim) (values, indices).",
    ),
    Meaning(
        "not_called",
        r"'(?:builtin_function_or_method|method|function)' object has no attribute|"
        r"unsupported operand type\(s\) for .*'(?:builtin_function_or_method|method|function)'",
        "A method or function stands here that isn't called, so there is no value yet.",
        "Add (), as in w.sum().",
    ),
    Meaning(
        "missing_attribute",
        r"has no attribute '\w+'",
        "There is nothing of that name here.",
        "Look at its spelling.",
    ),
    Meaning(
        "call_arguments",
        r"unexpected keyword argument 'requ\w*'|unexpected keyword argument 'grad'",
        "The function has no argument of that name.",
        "Write requires_grad=True.",
    ),
    Meaning(
        "call_arguments",
        r"tensor\(\) takes 1 positional argument",
        "torch.tensor takes one number or one list of numbers.",
        "Write a decimal number with a point (1.5), and several numbers in one list: torch.tensor([1., 5.]).",
    ),
    Meaning(
        "call_arguments",
        r"missing 1 required positional argument: 'closure'",
        "This optimizer computes the loss several times in a step, and needs a function for it.",
        "Write def closure(): with zero_grad(), the loss, backward() and return loss, then opt.step(closure).",
    ),
    Meaning(
        "call_arguments",
        r"invalid combination of arguments|missing \d+ required (?:positional|keyword)|unexpected keyword argument|"
        r"takes (?:from )?\d+ (?:to \d+ )?positional arguments?|got multiple values for argument|"
        r"must be Tensor, not|must be tuple of ints, but found",
        "The function is called with arguments that it doesn't take.",
        "Compare them with the message: their number, names and types. torch.tensor(…, requires_grad=True) takes "
        "requires_grad, torch.Tensor(…) doesn't.",
    ),
)
"""About names and plain Python."""
