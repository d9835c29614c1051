"""What a snippet may use, as tables: modules, names, and what to write instead of what cannot run here.

The operating system keeps strangers' code in; these tables only let a snippet fail early, in plain words.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something cannot be used, and what to write instead."""

    why: str
    instead: str


AT_HAND = {"torch": "torch", "nn": "torch.nn", "F": "torch.nn.functional", "math": "math"}
"""Names that every snippet has without import, and the module that each is."""

MODULES = frozenset(
    (
        "torch",
        "torch.utils",
        "math",
        "random",
        "itertools",
        "functools",
        "collections",
        "collections.abc",
        "dataclasses",
        "typing",
        "numpy",
        "__future__",
    )
)
PACKAGES = (
    "torch.nn",
    "torch.optim",
    "torch.autograd",
    "torch.func",
    "torch.linalg",
    "torch.fft",
    "torch.special",
    "torch.distributions",
    "torch.utils.checkpoint",
    "numpy.linalg",
    "numpy.random",
    "numpy.fft",
    "numpy.typing",
)
"""Allowed with everything below them."""

ALLOWED_IN_WORDS = (
    "Allowed are torch (nn, optim, autograd, func, linalg, fft, special, distributions, utils.checkpoint), math, "
    "random, itertools, functools, collections, dataclasses, typing and numpy; torch, nn, F and math need no import."
)

IMPORTS_INSTEAD = {
    "matplotlib": "Leave plots out: the graph and its values are the picture.",
    "seaborn": "Leave plots out: the graph and its values are the picture.",
    "torchviz": "Leave it out: the graph is drawn for you.",
    "torchview": "Leave it out: the graph is drawn for you.",
    "graphviz": "Leave it out: the graph is drawn for you.",
    "IPython": "Leave it out.",
    "torchvision": "Make a small input yourself, such as torch.rand(1, 1, 8, 8).",
    "pandas": "Write the few numbers as a torch.tensor.",
    "sklearn": "Make a few samples yourself, such as torch.randn(4, 2).",
    "scipy": "Look in torch.special and torch.linalg.",
    "tensorflow": "Write it with torch.",
    "jax": "Write it with torch; torch.func has grad and vmap.",
    "tqdm": "Loop over range(…) without it.",
    "cv2": "Make a small input yourself, such as torch.rand(1, 1, 8, 8).",
    "PIL": "Make a small input yourself, such as torch.rand(1, 1, 8, 8).",
    "torchaudio": "Make a small input yourself, such as torch.rand(1, 16).",
    "torchtext": "Make a small input yourself, such as torch.tensor([[3, 1, 4]]).",
    "transformers": "Write the layers out that matter, as with nn.MultiheadAttention and nn.Linear.",
    "timm": "Write the layers out that matter, as with nn.Conv2d and nn.Linear.",
    "pytorch_lightning": "Write the training loop out: zero_grad(), backward(), step().",
    "lightning": "Write the training loop out: zero_grad(), backward(), step().",
    "accelerate": "Leave it out: a snippet is one process on the CPU.",
    "einops": "Write x.reshape(…), x.permute(…) or torch.einsum(…).",
    "torchmetrics": "Compute it yourself, as in (logits.argmax(1) == target).float().mean().",
    "torchinfo": "Leave it out: shapes and parameters are shown in the graph.",
    "torchsummary": "Leave it out: shapes and parameters are shown in the graph.",
    "wandb": "Leave it out: values and gradients are shown at every step.",
    "tensorboard": "Leave it out: values and gradients are shown at every step.",
    "pdb": "Leave it out: every step can be looked at.",
    "warnings": "Leave it out: warnings aren't shown here.",
    "logging": "Write print(…).",
    "argparse": "Write the values themselves.",
    "string": "Write the text itself.",
    "re": "Write the text itself.",
    "datetime": "Leave dates and timing out.",
    "csv": "Write the numbers into the snippet: it has no files.",
    "glob": "Write the numbers into the snippet: it has no files.",
    "shutil": "Write the numbers into the snippet: it has no files.",
    "gzip": "Write the numbers into the snippet: it has no files.",
    "h5py": "Write the numbers into the snippet: it has no files.",
    "gc": "Leave it out.",
    "inspect": "Leave it out.",
    "enum": "Write plain numbers or texts.",
    "abc": "Leave it out: an ordinary class does.",
    "contextlib": "Write the with statement out.",
    "operator": "Write the operator itself, as in lambda a, b: a * b.",
    "statistics": "Write x.mean(), x.std() or x.median().",
    "fractions": "Write the number with a point.",
    "decimal": "Write the number with a point; torch.float64 has 16 digits.",
    "sympy": "Leave it out: formulas are shown for every operation.",
    "autograd": "Write it with torch; its autograd is what is shown.",
    "keras": "Write it with torch.",
    "copy": "Write x.detach().clone() for a copy of a tensor.",
    "time": "Leave timing out.",
    "os": "Write the numbers into the snippet: it has no files and no system.",
    "sys": "Write the numbers into the snippet: it has no files and no system.",
    "pathlib": "Write the numbers into the snippet: it has no files.",
    "io": "Write the numbers into the snippet: it has no files.",
    "json": "Write the numbers into the snippet: it has no files.",
    "pickle": "Write the numbers into the snippet: it has no files.",
    "subprocess": "A snippet cannot start processes.",
    "threading": "A snippet runs in one thread; leave it out.",
    "multiprocessing": "A snippet runs in one process; leave it out.",
    "socket": "A snippet has no network.",
    "requests": "A snippet has no network; write the numbers into it.",
    "urllib": "A snippet has no network; write the numbers into it.",
    "torch.utils.data": "Take batches by slicing, such as X[0:2].",
    "torch.utils.tensorboard": "Leave it out: values and gradients are shown at every step.",
}
"""By the module's name or its first part."""

_NO_FILES = Refusal("a snippet has no files", "Write the numbers into the snippet, as torch.tensor([…]).")
_NO_CODE_FROM_TEXT = Refusal("code made from text cannot be followed line by line", "Write the code itself.")
_NO_QUESTION = Refusal("nobody can answer while a snippet runs", "Write the value itself.")
_NO_EXIT = Refusal("a snippet ends with its last line", "Leave it out.")

NAMES = {
    "open": _NO_FILES,
    "eval": _NO_CODE_FROM_TEXT,
    "exec": _NO_CODE_FROM_TEXT,
    "compile": _NO_CODE_FROM_TEXT,
    "__import__": Refusal("it hides what is imported", "Write an import statement."),
    "input": _NO_QUESTION,
    "breakpoint": Refusal("a debugger cannot stop here", "Leave it out: every step can be looked at."),
    "help": Refusal("the pager cannot run here", "Leave it out."),
    "exit": _NO_EXIT,
    "quit": _NO_EXIT,
    "globals": Refusal("it reaches around the snippet", "Use the variable by its name."),
    "__builtins__": Refusal("it reaches around the snippet", "Use the function by its name."),
    "__loader__": Refusal("it reaches around the snippet", "Leave it out."),
    "__spec__": Refusal("it reaches around the snippet", "Leave it out."),
    "__file__": Refusal("a snippet is no file", "Leave it out."),
    "get_ipython": Refusal("this is no notebook", "Leave it out."),
    "display": Refusal("this is no notebook", "Write print(…)."),
}
"""Built-in names; a name that the snippet itself binds is free."""

_NO_COMPILER = Refusal(
    "nothing can be compiled here", "Leave it out: the snippet runs the same, and every step is seen."
)
_NO_PROFILER = Refusal("the profiler cannot run here", "Leave it out.")
_NO_DOWNLOAD = Refusal("a snippet has no network", "Make a small model of your own, such as nn.Linear(2, 1).")
_NO_PROCESS = Refusal("a snippet is one process", "Leave it out.")
_NO_SEED = Refusal(
    "it would make every run different", "Write torch.manual_seed(0), or choose the seed beside the snippet."
)
_NO_INTERNALS = Refusal("it is PyTorch's inside", "Use the public function of torch.")

PATHS = {
    "torch.load": _NO_FILES,
    "torch.save": _NO_FILES,
    "torch.from_file": _NO_FILES,
    "torch.hub": _NO_DOWNLOAD,
    "torch.seed": _NO_SEED,
    "torch.random.seed": _NO_SEED,
    "torch.compile": _NO_COMPILER,
    "torch.jit": _NO_COMPILER,
    "torch.export": _NO_COMPILER,
    "torch.compiler": _NO_COMPILER,
    "torch.onnx": Refusal("nothing can be exported from here", "Leave it out."),
    "torch.package": _NO_FILES,
    "torch.profiler": _NO_PROFILER,
    "torch.autograd.profiler": _NO_PROFILER,
    "torch.autograd.profiler_util": _NO_PROFILER,
    "torch.multiprocessing": _NO_PROCESS,
    "torch.distributed": _NO_PROCESS,
    "torch.nn.DataParallel": _NO_PROCESS,
    "torch.nn.parallel": _NO_PROCESS,
    "torch.utils.cpp_extension": _NO_COMPILER,
    "torch.utils.tensorboard": Refusal("a snippet has no files", "Leave it out: every value and gradient is shown."),
    "torch.utils.model_zoo": _NO_DOWNLOAD,
    "torch.ops.load_library": _NO_FILES,
    "torch.classes": _NO_INTERNALS,
    "torch._C": _NO_INTERNALS,
    "torch._dynamo": _NO_INTERNALS,
    "torch._inductor": _NO_INTERNALS,
    "numpy.load": _NO_FILES,
    "numpy.save": _NO_FILES,
    "numpy.savez": _NO_FILES,
    "numpy.savez_compressed": _NO_FILES,
    "numpy.savetxt": _NO_FILES,
    "numpy.loadtxt": _NO_FILES,
    "numpy.genfromtxt": _NO_FILES,
    "numpy.fromfile": _NO_FILES,
    "numpy.memmap": _NO_FILES,
    "numpy.ctypeslib": _NO_INTERNALS,
    "random.SystemRandom": Refusal("it would make every run different", "Write random.Random(0)."),
}
"""Functions and modules, by full path, that are allowed modules' but cannot run here."""

NEED_ARGUMENT = {
    "random.seed": Refusal("without a number it makes every run different", "Write random.seed(0)."),
    "numpy.random.seed": Refusal("without a number it makes every run different", "Write np.random.seed(0)."),
    "numpy.random.default_rng": Refusal(
        "without a number it makes every run different", "Write np.random.default_rng(0)."
    ),
}
"""Functions that cannot be called without an argument here."""

NO_DEVICE = Refusal("there is only the CPU here", "Leave the device out: small graphs are as quick on the CPU.")
DEVICE_METHODS = frozenset({"cuda", "xpu", "ipu", "hpu"})
DEVICES = ("cuda", "mps", "xpu")

_ATTRIBUTES = """
    __init__ __new__ __call__ __class__ __name__ __qualname__ __doc__ __version__ __post_init__ __init_subclass__
    __getattr__ __setattr__ __delattr__ __getitem__ __setitem__ __delitem__ __contains__ __iter__ __next__ __len__
    __bool__ __enter__ __exit__ __repr__ __str__ __format__ __hash__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__
    __add__ __radd__ __iadd__ __sub__ __rsub__ __isub__ __mul__ __rmul__ __imul__ __matmul__ __rmatmul__ __imatmul__
    __truediv__ __rtruediv__ __itruediv__ __floordiv__ __rfloordiv__ __mod__ __rmod__ __pow__ __rpow__ __ipow__
    __divmod__ __neg__ __pos__ __abs__ __invert__ __and__ __or__ __xor__ __lshift__ __rshift__ __int__ __float__
    __index__ __round__ __torch_function__ __annotations__ __match_args__ __slots__
"""
ATTRIBUTES = frozenset(_ATTRIBUTES.split())
"""Names between double underscores that may follow a dot."""

OWN_NAMES = frozenset({"__name__", "__debug__", "__class__", "__doc__"})
"""Names between double underscores that may stand alone."""
