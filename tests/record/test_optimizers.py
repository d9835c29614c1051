"""What optimizers hold, step by step, against the same optimizer run without Gradwalk."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from app.core.check import check
from app.core.check_structure import check_structure
from app.core.trace import Full, Trace
from app.record import record

LOOP = """
w = torch.tensor([1., -2.], requires_grad=True)
optimizer = torch.optim.{call}
for _ in range(3):
    optimizer.zero_grad()
    loss = (w ** 2).sum()
    loss.backward()
    optimizer.step()
"""


def stock(call: str) -> list[dict[str, object]]:
    """The state after each step."""
    w = torch.tensor([1.0, -2.0], requires_grad=True)
    optimizer = eval(f"torch.optim.{call}")
    states = []
    for _ in range(3):
        optimizer.zero_grad()
        (w**2).sum().backward()
        optimizer.step()
        states.append({k: v.tolist() for k, v in optimizer.state[w].items() if isinstance(v, torch.Tensor)})
    return states


@pytest.mark.parametrize(
    "call",
    [
        "SGD([w], lr=0.1, momentum=0.9)",
        "Adam([w], lr=0.1)",
        "AdamW([w], lr=0.1, amsgrad=True)",
        "RMSprop([w], lr=0.1, momentum=0.5)",
        "Adagrad([w], lr=0.1)",
    ],
)
def test_state_over_time(call: str) -> None:
    trace = record(LOOP.format(call=call))
    assert check(trace) == []
    leaf = next(node.id for node in trace.nodes if node.kind == "leaf")
    held: dict[str, object] = {}
    seen = []
    for step in trace.steps:
        for slot in step.state or ():
            assert slot.node == leaf
            assert slot.optimizer == call.partition("(")[0]
            held[slot.key] = slot.value.data
        if step.state and any(getattr(item, "tensor", None) for item in step.sets):
            seen.append(dict(held))
    assert seen == stock(call)


def test_it_is_said_only_where_it_changes() -> None:
    trace = record(LOOP.format(call="SGD([w], lr=0.1, momentum=0.9)"))
    assert sum(step.state is not None for step in trace.steps) == 3
    plain = trace.to_dict()
    assert Trace.from_dict(plain).to_dict() == plain
    assert all("state" not in step for step in plain["steps"] if step["kind"] != "update")


def test_an_optimizer_without_state_adds_nothing() -> None:
    trace = record(LOOP.format(call="SGD([w], lr=0.1)"))
    assert all(step.state is None for step in trace.steps)


def test_a_state_of_a_node_that_is_none_is_noticed() -> None:
    trace = record(LOOP.format(call="SGD([w], lr=0.1, momentum=0.9)"))
    steps = list(trace.steps)
    place = next(k for k, step in enumerate(steps) if step.state)
    slot = steps[place].state[0]
    for wrong in (replace(slot, node="n99"), replace(slot, value=Full([1.0, "high"]))):
        steps[place] = replace(steps[place], state=(wrong,))
        broken = Trace(*(getattr(trace, name) for name in Trace.__dataclass_fields__))
        assert check_structure(replace(broken, steps=tuple(steps)))
