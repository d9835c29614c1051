"""Write `app/explain/derivatives.json`: PyTorch's own backward rules, read from the torch wheel's `derivatives.yaml`.

Run it again after torch was upgraded: `pip install pyyaml && python scripts/extract_derivatives.py`.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import torch
import torchgen
from torchgen.packaged.autograd.load_derivatives import load_derivatives

PACKAGED = Path(torchgen.__file__).parent / "packaged"
NATIVE = PACKAGED / "ATen" / "native"
TARGET = Path(__file__).resolve().parent.parent / "app" / "explain" / "derivatives.json"


def default(text: str | None) -> Any:
    """A schema's default as JSON; `None` too where it is an enum's name."""
    try:
        return ast.literal_eval(str(text))
    except (ValueError, SyntaxError):
        return {"true": True, "false": False}.get(str(text).lower())


def entry(info: Any) -> dict[str, Any]:
    """One `grad_fn`: its op, the schema's arguments, the inputs it differentiates in the order of `next_functions`."""
    schema = info.func.func
    rules = {name: " ".join(d.original_formula.split()) for d in info.derivatives for name in d.var_names}
    inputs = [arg.name for arg in info.args_with_derivatives]
    return {
        "op": str(schema.name),
        "args": [arg.name for arg in schema.arguments.flat_all],
        "tensors": [arg.name for arg in schema.arguments.flat_all if arg.type.is_tensor_like()],
        "lists": [
            arg.name for arg in schema.arguments.flat_all if arg.type.is_tensor_like() and arg.type.is_list_like()
        ],
        "defaults": {arg.name: default(arg.default) for arg in schema.arguments.flat_all if arg.default is not None},
        "returns": [ret.name or "result" for ret in schema.returns],
        "inputs": inputs,
        "rules": {name: rules[name] for name in inputs},
    }


def main() -> None:
    """Rewrite the data file."""
    infos, _ = load_derivatives(
        str(PACKAGED / "autograd" / "derivatives.yaml"),
        str(NATIVE / "native_functions.yaml"),
        str(NATIVE / "tags.yaml"),
    )
    table: dict[str, dict[str, Any]] = {}
    for by_key in infos.values():
        for info in sorted(by_key.values(), key=lambda info: info is not by_key.get("Default")):
            if info.op:
                table.setdefault(info.op, entry(info))
    lines = [f" {json.dumps(name)}: {json.dumps(table[name])}" for name in sorted(table)]
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(f"torch {torch.__version__}: {len(table)} rules written to {TARGET}")


if __name__ == "__main__":
    main()
