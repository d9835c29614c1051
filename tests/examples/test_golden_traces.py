"""Every example of the gallery, recorded: its Trace keeps the rules, agrees with stock PyTorch, and is a golden."""

import json
import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from app.core.check import check
from app.core.trace import Trace
from app.examples import load, names
from app.record import record

pytestmark = pytest.mark.filterwarnings("default")  # a snippet's own warnings are the snippet's


@cache
def recorded(name: str) -> Trace:
    """The example's Trace, as the sandbox's child makes it."""
    return record(load(name).source)


def normalised(data: Any) -> Any:
    """Floats to six significant digits, so that another CPU's last bits make no difference."""
    if isinstance(data, float):
        return float(f"{data:.6g}") if math.isfinite(data) else str(data)
    if isinstance(data, dict):
        return {key: normalised(value) for key, value in data.items() if key != "torch"}
    if isinstance(data, list):
        return [normalised(item) for item in data]
    return data


def lines(data: dict[str, Any]) -> Iterator[str]:
    """JSON text with one entry of each list on a line, so that a diff shows what changed."""
    yield "{"
    for i, (key, value) in enumerate(data.items()):
        end = "," if i + 1 < len(data) else ""
        if isinstance(value, list) and value:
            yield f' "{key}": ['
            for j, item in enumerate(value):
                yield f"  {json.dumps(item, ensure_ascii=False)}{',' if j + 1 < len(value) else ''}"
            yield f" ]{end}"
        else:
            yield f' "{key}": {json.dumps(value, ensure_ascii=False)}{end}'
    yield "}"


@pytest.mark.parametrize("name", names())
def test_golden(name: str, golden: Any) -> None:
    golden(f"{name}.json", "\n".join(lines(normalised(recorded(name).to_dict()))) + "\n")


@pytest.mark.parametrize("name", names())
def test_rules_hold(name: str) -> None:
    trace = recorded(name)
    assert trace.error is None
    assert check(trace) == []


@pytest.mark.parametrize("name", names())
def test_the_same_snippet_gives_the_same_trace(name: str) -> None:
    assert record(load(name).source) == recorded(name)


@pytest.mark.parametrize("name", names())
def test_every_step_says_something(name: str) -> None:
    steps = recorded(name).steps
    assert [step.index for step in steps] == list(range(len(steps)))
    assert all(step.text.strip() for step in steps)


@pytest.mark.parametrize("name", names())
def test_the_graph_is_presentable(name: str) -> None:
    trace = recorded(name)
    assert len(trace.nodes) <= 40
    assert len(trace.steps) <= 80


@pytest.mark.parametrize("name", names())
def test_gradients_are_stock_pytorchs(name: str) -> None:
    torch.manual_seed(0)
    variables: dict[str, Any] = {"torch": torch, "nn": nn, "F": F, "math": math, "__name__": "__main__"}
    exec(load(name).source, variables)
    after: dict[str, Any] = {}
    trace = recorded(name)
    nodes = {node.id: node for node in trace.nodes}
    for run in trace.passes:
        for write in run.accumulated:
            after[nodes[write.node].name or ""] = write.after
    stock = {
        key: value.grad
        for key, value in variables.items()
        if isinstance(value, torch.Tensor) and value.is_leaf and value.grad is not None and key in after
    }
    if name in {"clipping", "momentum"}:  # the snippet writes .grad itself after the pass
        return
    for key, grad in stock.items():
        mine = torch.tensor(plain(after[key].data), dtype=grad.dtype)
        assert torch.equal(mine.nan_to_num(7e9), grad.nan_to_num(7e9)), key


def plain(data: Any) -> Any:
    """JSON numbers, with the names of what JSON lacks as floats."""
    if isinstance(data, list):
        return [plain(item) for item in data]
    return float(data)


def test_a_change_is_caught(golden: Any, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        pytest.skip("goldens are being written")
    kept = tmp_path / "kept.json"
    kept.write_text('{"a": 1}\n', "utf-8")
    golden(str(kept), '{"a": 1}\n')
    with pytest.raises(pytest.fail.Exception, match=r"kept\.json has changed"):
        golden(str(kept), '{"a": 2}\n')
    assert (tmp_path / "kept-changed.json").read_text("utf-8") == '{"a": 2}\n'
    with pytest.raises(pytest.fail.Exception, match=r"never\.json has changed"):
        golden(str(tmp_path / "never.json"), "{}")
