"""Write `static/data/names.json`: what the editor completes, the names of torch and its like that a snippet may use.

Each name is tried against the source check itself. Run it again after torch was upgraded or the allowed names changed:
`python scripts/extract_names.py`.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import re
import types
from pathlib import Path
from typing import Any

import torch

from app.core.allowed import AT_HAND, DEVICE_METHODS, MODULES, NAMES, PACKAGES
from app.core.errors import GradwalkError
from app.core.refusal import refuse

TARGET = Path(__file__).resolve().parents[1] / "static" / "data" / "names.json"
COMPLETED = (
    "torch", "torch.nn", "torch.nn.functional", "torch.nn.init", "torch.optim", "torch.linalg", "torch.fft",
    "torch.special", "torch.autograd", "torch.func", "math",
)  # fmt: skip
"""Modules whose names are completed after a dot."""
LONGEST = 44
"""Characters of a signature."""
_BESIDE = {
    "out",
    "inplace",
    "layout",
    "device",
    "pin_memory",
    "memory_format",
    "generator",
    "size_average",
    "reduce",
    "self",
}
"""Arguments that a small example never needs."""


def allowed(path: str) -> bool:
    """Whether a snippet may name this."""
    source = f"import {path.partition('.')[0]}\n{path}"
    try:
        refuse(ast.parse(source), source)
    except GradwalkError:
        return False
    return True


def signature(name: str, made: Any) -> str:
    """The arguments by their names, `(input, dim, keepdim)`; empty where there are none to tell."""
    text = ""
    target = made.__init__ if inspect.isclass(made) else made
    try:
        text = ", ".join(inspect.signature(target).parameters)
    except (ValueError, TypeError):
        if not made.__doc__ and hasattr(torch.nn.functional, name):
            return signature(name, getattr(torch.nn.functional, name))
        match = re.search(rf"\b{re.escape(name)}\((.*?)\)\s*->", (made.__doc__ or "").replace("\n", " "))
        text = match[1] if match else ""
    names = [re.split(r"[:=]", part)[0].strip(" *\\") for part in re.split(r",(?![^\[(]*[\])])", text)]
    kept = [one for one in names if re.fullmatch(r"[A-Za-z_]\w*", one) and one not in _BESIDE]
    while kept and len(", ".join(kept)) > LONGEST - 2:
        kept = [*kept[:-2], "…"] if kept[-1] == "…" else [*kept[:-1], "…"]
    return "(…)" if kept == ["args", "kwargs"] else f"({', '.join(kept)})"


def entries(prefix: str, owner: Any) -> list[list[str]]:
    """Name and signature of what may be used of a module or class; no signature for what isn't called."""
    found = []
    for name in sorted(dir(owner), key=lambda name: (name.lower(), name)):
        made = getattr(owner, name, None)
        hidden = name.startswith("_") or made is None or isinstance(made, types.ModuleType) or "typing" in repr(made)
        foreign = getattr(made, "__module__", None) in ("typing", "enum", "collections", "warnings", "functools")
        if hidden or foreign or (isinstance(made, type) and issubclass(made, BaseException)):
            continue
        plain = isinstance(made, float | torch.dtype)
        # Undocumented builtins are PyTorch's inside, but for those that torch.nn.functional explains.
        known = made.__doc__ or prefix == "torch.nn" or hasattr(torch.nn.functional, name)
        if not (plain or (callable(made) and known)):
            continue
        if allowed(f"{prefix}.{name}"):
            found.append([name, ""] if plain else [name, signature(name, made)])
    return found


def names() -> dict[str, Any]:
    """What the file holds: `at` hand (name → module), `modules` (module → entries), what follows a `tensor`, `imports`,
    and the builtins that are `refused`.
    """
    methods = [one for one in entries("torch.Tensor", torch.Tensor) if one[0] not in {*DEVICE_METHODS, "H", "T", "mT"}]
    attributes = [[name, ""] for name in ("T", "mT", "grad", "data", "shape", "dtype", "grad_fn", "is_leaf", "ndim")]
    attributes += [["requires_grad", ""]]
    return {
        "at": AT_HAND,
        "modules": {module: entries(module, importlib.import_module(module)) for module in COMPLETED},
        "tensor": sorted([*attributes, *methods], key=lambda one: one[0].lower()),
        "refused": sorted(NAMES),
        "imports": sorted(MODULES | set(PACKAGES)),
    }


def main() -> None:
    """Rewrite the data file."""
    TARGET.parent.mkdir(exist_ok=True)
    lines = json.dumps(names(), ensure_ascii=False, separators=(",", ":")).replace("]],", "]],\n")
    TARGET.write_text(lines + "\n", "utf-8")


if __name__ == "__main__":
    main()
