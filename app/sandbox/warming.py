"""What the fork server imports and exercises before it forks: a locked-down child can open no file, so load no module.

Also closes, with a message in the user's words, the three doors of torch that can't work behind the wall.
"""

from __future__ import annotations

import importlib
import re
from typing import Any, NoReturn

import torch

from app.core.allowed import MODULES, PACKAGES
from app.record import warm as record

BESIDES = """
    # parts of packages that may be imported, which the packages don't load themselves
    torch.nn.attention.bias torch.nn.utils.parametrizations torch.nn.utils.prune torch.autograd.forward_ad
    # what torch loads on first use
    torch._decomp.decompositions_for_jvp torch.utils.serialization
    # what is reached without an import statement: named characters, codecs, warnings, tracebacks
    unicodedata encodings.idna encodings.latin_1 encodings.ascii encodings.utf_16 encodings.unicode_escape
    traceback linecache warnings
    # what a snippet without the source check would try first
    abc bisect contextlib copy datetime decimal enum fractions heapq inspect json operator pprint re statistics string
    textwrap time torch.profiler
"""
"""Modules to load besides those that snippets may import."""

RESEEDING = "torch.seed() asks the system for a new seed; use torch.manual_seed(…), so that every run is the same"
CLOSED = {
    "torch.seed": RESEEDING,
    "torch.random.seed": RESEEDING,
    "torch.compile": "torch.compile needs a compiler, which the sandbox has none of; without it the graph is the same",
    "torch.profiler.profile": "torch.profiler can't run in the sandbox",
}
"""What can't work in a locked-down child, and what to tell who calls it."""


def warm() -> None:
    """Import, exercise and stub. Call once, in the process that will fork, before any child."""
    torch.set_num_threads(1)
    for module in (*MODULES, *PACKAGES, *re.sub(r"#.*", "", BESIDES).split()):
        importlib.import_module(module)
    _exercise()
    record.warm()
    _close()


def _exercise() -> None:
    """Reach what torch and numpy load or build on first use: optimizers' imports, the engine, oneDNN, printing."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    for optimizer in (torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9), torch.optim.Adam(model.parameters())):
        loss = torch.nn.functional.cross_entropy(model(torch.randn(5, 3)), torch.tensor([0, 1, 0, 1, 0]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    image = torch.randn(1, 1, 6, 6, requires_grad=True)
    torch.nn.functional.conv2d(image, torch.randn(2, 1, 3, 3)).relu().sum().backward()
    matrix = torch.randn(3, 3, dtype=torch.float64, requires_grad=True)
    torch.linalg.svdvals(matrix @ matrix.T + torch.eye(3)).sum().backward()
    torch.fft.fft(matrix).abs().sum().backward()
    torch.func.grad(lambda x: (x**2).sum())(torch.ones(2))
    str(model), repr(matrix)
    torch.utils.checkpoint.checkpoint(torch.sin, image, use_reentrant=False).sum().backward()
    torch.einsum("ij,jk->ik", matrix, matrix).sum().backward()


def _close() -> None:
    for name, message in CLOSED.items():
        owner, _, attribute = name.rpartition(".")
        setattr(_named(owner), attribute, _refusal(message))
    # with more than one thread the next parallel loop would try to start some and end the process
    for name in ("set_num_threads", "set_num_interop_threads"):
        setattr(torch, name, _ignored)


def _named(dotted: str) -> Any:
    owner: Any = importlib.import_module(dotted.partition(".")[0])
    for part in dotted.split(".")[1:]:
        owner = getattr(owner, part)
    return owner


def _refusal(message: str) -> Any:
    def refused(*_: object, **__: object) -> NoReturn:
        raise RuntimeError(message)

    return refused


def _ignored(_threads: int) -> None:
    """A run has one thread, whatever is asked for."""
