"""Passes that start elsewhere than the snippet says: from a variable, a node, an element, with a cotangent.

The oracle is `torch.autograd.grad` of the same value with the same seed.
"""

import pytest
import torch

from app.core.check import check
from app.core.errors import GradwalkError
from app.core.trace import Trace
from app.examples import gallery
from app.record import record
from app.record.verify import verify

LECTURE = gallery()["lecture"].source
VECTOR = """
W = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
x = torch.tensor([1., -1.])
y = W @ x
z = torch.sin(y) * 2
"""


def grads(trace: Trace) -> dict[str | None, object]:
    """What the last pass added, by name."""
    assert check(trace) == []
    names = {node.id: node.name for node in trace.nodes}
    return {names[one.node]: one.added.data for one in trace.passes[-1].accumulated}


def expected(seed: list[float], of: str) -> list[list[float]]:
    W = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = W @ torch.tensor([1.0, -1.0])
    value = {"y": y, "z": torch.sin(y) * 2}[of]
    return torch.autograd.grad(value, W, torch.tensor(seed))[0].tolist()


@pytest.mark.parametrize(
    ("root", "cotangent", "seed", "of"),
    [
        (None, None, [1, 1], "z"),
        (None, "[1,0]", [1, 0], "z"),
        (None, " [0.5, -2] ", [0.5, -2], "z"),
        (None, "3", [3, 3], "z"),
        ("y", None, [1, 1], "y"),
        ("y", "[2,1e-1]", [2, 0.1], "y"),
        ("y[1]", None, [0, 1], "y"),
        ("y[-1]", "4", [0, 4], "y"),
        ("@n2", None, [1, 1], "y"),
        ("@n2[0]", "2", [2, 0], "y"),
    ],
)
def test_from_any_value_with_any_cotangent(root, cotangent, seed, of):
    trace = record(VECTOR, root=root, cotangent=cotangent)
    assert grads(trace) == {"W": expected(seed, of)}
    assert trace.passes[-1].implicit
    assert trace.passes[-1].seeds[0].data == pytest.approx(seed)


@pytest.mark.parametrize(
    ("root", "added"), [("u", {"w": 3.0}), ("v", {"w": 3.0, "b": 1.0}), ("@n4", {"w": 3.0, "b": 1.0})]
)
def test_a_program_with_its_own_backward_is_cut_there(root, added):
    trace = record(LECTURE, root=root)
    assert grads(trace) == added
    assert len(trace.passes) == 1
    note = next(note for note in trace.notes if note.code == "root_elsewhere")
    assert note.line == 7
    assert "left out" in note.message
    assert trace.error is None


def test_ids_are_those_of_the_program_without_a_root():
    plain, other = record(LECTURE), record(LECTURE, root="@n2")
    assert [(n.id, n.label) for n in plain.nodes if n.id != "n6"] == [(n.id, n.label) for n in other.nodes]
    assert other.passes[0].roots == (("n2", 0),)


def test_the_first_pass_at_which_the_root_exists_is_the_one():
    source = """
w = torch.tensor(1., requires_grad=True)
for k in range(3):
    loss = (w - 3) ** 2
    loss.backward()
    with torch.no_grad():
        w -= 0.25 * w.grad
        w.grad = None
extra = w * 5
"""
    assert grads(record(source, root="loss")) == {"w": -4.0}
    later = record(source, root="extra")
    assert len(later.passes) == 4
    assert grads(later) == {"w": 5.0}


def test_a_snippet_cannot_go_on_after_the_cut():
    source = (
        "w = torch.tensor(2., requires_grad=True)\nu = w * w\ntry:\n    u.backward()\nexcept Exception:\n    u = None\n"
    )
    assert grads(record(source, root="u")) == {"w": 4.0}


@pytest.mark.parametrize("name", sorted(gallery()))
def test_every_forward_operation_of_the_gallery_can_be_a_root(name):
    source = gallery()[name].source
    trace = record(source, explain=False)
    computed = {step.node for step in trace.steps if step.kind == "compute" and step.phase == "forward"}
    for node in trace.nodes:
        if node.grad_fn and node.id in computed:
            other = record(source, root=f"@{node.id}", explain=False)
            assert other.passes[-1].roots == ((node.id, 0),)
            assert check(other) == []


@pytest.mark.parametrize(
    ("root", "cotangent", "says"),
    [
        ("nothing", None, "no tensor"),
        ("x", None, "does not require grad"),
        ("@n0", None, "a leaf"),
        ("@n77", None, "no operation n77"),
        ("y[5]", None, "no element"),
        ("y", "[1,2,3]", "shape (3,)"),
        ("y[0]", "[1,2]", "shape ()"),
        ("y", "[1,", "cotangent"),
        ("y", "[[1],[2,3]]", "equally long"),
    ],
)
def test_what_cannot_be_is_said(root, cotangent, says):
    with pytest.raises(GradwalkError) as caught:
        record(VECTOR, root=root, cotangent=cotangent)
    assert caught.value.code == "bad_view"
    assert says in caught.value.message


def test_a_value_that_is_overwritten_cannot_be_a_root():
    source = "w = torch.ones(2, requires_grad=True)\nu = w * 2\nu.add_(1)\nz = u.sum()\n"
    with pytest.raises(GradwalkError, match="overwritten"):
        record(source, root="@n1")
    assert grads(record(source, root="@n2")) == {"w": [2.0, 2.0]}


def test_a_cotangent_without_an_implicit_pass_is_told():
    trace = record(LECTURE, cotangent="2")
    assert grads(trace) == {"w": 3.0, "b": 1.0}
    assert any(note.code == "cotangent_unused" for note in trace.notes)


def test_the_check_holds_elsewhere_too():
    report = verify(VECTOR, root="y", cotangent="[2,-1]")
    assert [leaf.status for leaf in report.leaves] == ["ok"]
    assert [cell.autograd for cell in report.leaves[0].cells] == [2.0, -2.0, -1.0, 1.0]


def test_no_pass_starts_from_a_view_that_pytorch_refuses():
    trace = record("w = torch.ones(3, requires_grad=True)\nu = w * 2\nv = u.split(1)[0]\nu.clamp_(-1, 1)\n")
    assert trace.error is None
    assert [trace.passes[0].implicit, len(trace.passes)] == [True, 1]
