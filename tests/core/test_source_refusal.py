"""The source check: what is refused, where, and what the message says to write; and that ordinary PyTorch passes."""

import importlib.util

import pytest

from app.core import allowed
from app.core.errors import GradwalkError
from app.core.source import prepare

REFUSED = [
    ("import os", 1, 0, "os cannot be imported", "no files"),
    ("x = 1\nimport os.path as p, math", 2, 0, "os.path cannot be imported", "torch"),
    ("import torchvision", 1, 0, "torchvision", "torch.rand"),
    ("import matplotlib.pyplot as plt", 1, 0, "matplotlib.pyplot", "the graph and its values are the picture"),
    ("from somewhere import thing", 1, 0, "somewhere cannot be imported", "Allowed are torch"),
    ("import troch", 1, 0, "troch cannot be imported", "Did you mean torch?"),
    ("import cv2", 1, 0, "cv2", "torch.rand"),
    ("from einops import rearrange", 1, 0, "einops", "reshape"),
    ("from . import thing", 1, 0, "no package", "Allowed are"),
    ("from torch.utils.data import DataLoader", 1, 0, "torch.utils.data", "slicing"),
    ("from torch.utils import data", 1, 0, "torch.utils.data", "slicing"),
    ("import torch.distributed", 1, 0, "torch.distributed", "Allowed"),
    ("from torch import save", 1, 18, "torch.save", "torch.tensor"),
    ("import torch as th\nth.load('x')", 2, 0, "th.load", "no files|torch.tensor"),
    ("from torch import hub\n", 1, 18, "torch.hub", "of your own"),
    ("from torch.autograd import profiler", 1, 27, "torch.autograd.profiler", "Leave it out"),
    ("open('x')", 1, 0, "open cannot be used", "Write the numbers"),
    ("é = 1; eval('1')", 1, 7, "eval cannot be used", "Write the code"),
    ("exec('x = 1')", 1, 0, "exec", "Write the code"),
    ("__import__('os')", 1, 0, "__import__", "import statement"),
    ("compile('1', '', 'eval')", 1, 0, "compile", "Write the code"),
    ("x = float(input())", 1, 10, "input", "Write the value"),
    ("breakpoint()", 1, 0, "breakpoint", "Leave it out"),
    ("exit()", 1, 0, "exit", "Leave it out"),
    ("g = globals()", 1, 4, "globals", "by its name"),
    ("__builtins__", 1, 0, "__builtins__", "by its name"),
    ("__cached__", 1, 0, "__cached__", "without double underscores"),
    ("().__class__.__mro__[1].__subclasses__()", 1, 0, ".__", "without double underscores"),
    ("def f():\n    return f.__globals__", 2, 11, ".__globals__", "without double underscores"),
    ("x = 1\nx.__dict__", 2, 0, ".__dict__", "vars(x)"),
    ("getattr(1, '__subclasses__')", 1, 11, "__subclasses__", "without double underscores"),
    ("torch.load('x')", 1, 0, "torch.load", "torch.tensor"),
    ("torch.save(1, 'x')", 1, 0, "torch.save", "torch.tensor"),
    ("torch.hub.load('a', 'b')", 1, 0, "torch.hub", "nn.Linear"),
    ("torch.seed()", 1, 0, "torch.seed", "manual_seed"),
    ("torch.random.seed()", 1, 0, "torch.random.seed", "manual_seed"),
    ("with torch.profiler.profile() as p:\n    pass", 1, 5, "torch.profiler", "Leave it out"),
    ("f = torch.compile(abs)", 1, 4, "torch.compile", "runs the same"),
    ("@torch.compile\ndef f(x):\n    return x", 1, 1, "torch.compile", "runs the same"),
    ("torch.jit.script(abs)", 1, 0, "torch.jit", "runs the same"),
    ("nn.DataParallel(abs)", 1, 0, "nn.DataParallel", "Leave it out"),
    ("torch.utils.data.DataLoader([1], num_workers=2)", 1, 45, "workers", "num_workers=0"),
    ("x = torch.ones(2, device='cuda')", 1, 25, "only the CPU", "Leave the device out"),
    ("x = torch.ones(2).cuda()", 1, 4, "only the CPU", "Leave the device out"),
    ("x = torch.ones(2).to('cuda:0')", 1, 21, "only the CPU", "Leave the device out"),
    ("import random\nrandom.seed()", 2, 0, "random.seed()", "random.seed(0)"),
    ("import numpy as np\nr = np.random.default_rng()", 2, 4, "numpy.random.default_rng()", "default_rng(0)"),
    ("from numpy import loadtxt\n", 1, 18, "numpy.loadtxt", "torch.tensor"),
    ("eval('1')\nimport os", 1, 0, "eval", "Write the code"),
]


@pytest.mark.parametrize(("source", "line", "column", "message", "hint"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refused(source: str, line: int, column: int, message: str, hint: str) -> None:
    with pytest.raises(GradwalkError) as caught:
        prepare(source)
    error = caught.value
    assert error.code == "forbidden"
    assert (error.line, error.column) == (line, column)
    assert message in error.message
    assert any(part in (error.hint or "") for part in hint.split("|")), error.hint


@pytest.mark.parametrize("source", [row[0] for row in REFUSED])
def test_the_check_is_what_refuses(source: str) -> None:
    """Without the check each of these is ordinary Python."""
    assert prepare(source, checked=False)


PASS = [
    "import torch, math, random, itertools, functools, collections, dataclasses, typing",
    "import torch.nn as nn\nimport torch.nn.functional as F\nimport torch.optim as optim\nimport numpy as np",
    "from torch import nn, optim, Tensor\nfrom torch.autograd import Function",
    "from torch.autograd.functional import jacobian",
    "from torch.utils.checkpoint import checkpoint as ck\nimport torch.utils.checkpoint",
    "from torch.utils import checkpoint",
    "from torch.func import grad, vmap",
    "from torch.distributions import Normal\nfrom torch.nn.utils import clip_grad_norm_",
    "from __future__ import annotations\nfrom collections.abc import Iterator\nfrom math import *",
    "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()",
    "def name(x):\n    return x.__class__.__name__",
    "if __name__ == '__main__':\n    x = torch.ones(2)",
    "input = torch.ones(2)\nopen = 3\nx = input * open",
    "def compile(x):\n    return x\ncompile(2)",
    "device = 'cuda' if torch.cuda.is_available() else 'cpu'\nx = torch.ones(2, device=device).to(device)",
    "x = torch.ones(2).to('cpu')",
    "getattr(F, 'relu')(torch.ones(2))",
    "import random\nrandom.seed(1)\nimport numpy as np\nr = np.random.default_rng(0)\nnp.random.seed(3)",
    "torch.manual_seed(0)\nx = torch.randn(2)",
    "class C:\n    def __add__(self, other):\n        return other.__radd__(1)",
    "from functools import partial, reduce\nfrom typing import NamedTuple",
    "torch = torch\nx = 1",
    "hub = nn.Linear(2, 1)\nhub.load = 3\nhub.load",
]


@pytest.mark.parametrize("source", PASS)
def test_ordinary_code_passes(source: str) -> None:
    assert prepare(source).source == source


def test_every_allowed_module_can_be_imported() -> None:
    for name in [*allowed.MODULES, *allowed.PACKAGES]:
        assert prepare(f"import {name}").source
        exec(f"import {name}", {})


def test_every_refused_path_is_real() -> None:
    """A table of what is refused must not outlive what it names."""
    for path in [*allowed.PATHS, *allowed.NEED_ARGUMENT]:
        module, _dot, name = path.rpartition(".")
        assert hasattr(importlib.import_module(module), name) or importlib.util.find_spec(path), path
