"""The editor's completions: what they offer exists and may be used, and the file is what the script makes."""

from __future__ import annotations

import importlib
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
import torch

ROOT = Path(__file__).resolve().parents[2]
NAMES: dict[str, Any] = json.loads((ROOT / "static" / "data" / "names.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def script() -> Any:
    spec = importlib.util.spec_from_file_location("extract_names", ROOT / "scripts" / "extract_names.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_file_is_what_the_script_makes(script: Any) -> None:
    assert json.loads(json.dumps(script.names())) == NAMES


def test_every_name_exists_and_may_be_used(script: Any) -> None:
    for module, entries in NAMES["modules"].items():
        for name, _signature in entries:
            assert hasattr(importlib.import_module(module), name)
            assert script.allowed(f"{module}.{name}"), f"{module}.{name}"
    assert all(hasattr(torch.Tensor, name) for name, _signature in NAMES["tensor"])
    assert not script.allowed("torch.load"), "the check that is asked refuses something"


def test_what_lectures_use_is_there_and_what_cannot_run_is_not() -> None:
    torches = dict(NAMES["modules"]["torch"])
    assert {"tensor", "relu", "matmul", "sigmoid", "no_grad", "float64"} <= set(torches)
    assert torches["matmul"] == "(input, other)"
    assert not {"load", "save", "compile", "from_file", "seed"} & set(torches)
    assert {"backward", "requires_grad_", "detach", "T", "grad"} <= {name for name, _signature in NAMES["tensor"]}
    assert not {"cuda", "xpu"} & {name for name, _signature in NAMES["tensor"]}
    assert "open" in NAMES["refused"]
    assert "os" not in NAMES["imports"]
