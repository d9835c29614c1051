"""The frequent mistakes and findings: each has its note, at its line; ordinary programs have none of them."""

import pytest

from app.record import record

MISTAKES = {
    "nonscalar_backward": ("w = torch.ones(2, requires_grad=True)\n(w * w).backward()", 2),
    "backward_twice": ("w = torch.ones(2, requires_grad=True)\ny = (w * w).sum()\ny.backward()\ny.backward()", 4),
    "leaf_inplace": ("w = torch.ones(2, requires_grad=True)\nw += 1", 2),
    "integer_gradient": ("w = torch.tensor(2, requires_grad=True)", 1),
    "nothing_requires_grad": ("w = torch.ones(2)\n(w * w).sum().backward()", 2),
    "inplace_saved": ("w = torch.ones(2, requires_grad=True)\nu = w.exp()\nu += 1\nu.sum().backward()", 4),
    "shape_mismatch": ("w = torch.ones(2, 3, requires_grad=True)\nw @ torch.ones(2)", 2),
    "unused_input": (
        "w = torch.ones(2, requires_grad=True)\nv = torch.ones(2, requires_grad=True)\ntorch.autograd.grad(w.sum(), v)",
        3,
    ),
}
FINDINGS = {
    "graph_cut": ("w = torch.ones(2, requires_grad=True)\nu = w * 2\nc = u.detach()\n(c * w).sum().backward()", 3),
    "unreached_leaf": (
        "w = torch.ones(2, requires_grad=True)\nv = torch.ones(2, requires_grad=True)\nw.sum().backward()",
        2,
    ),
    "nan": ("w = torch.tensor(-1., requires_grad=True)\ny = w.sqrt() + 1\ny.backward()", 2),
    "infinity": ("w = torch.tensor(0., requires_grad=True)\ny = w.log()\ny.backward()", 2),
    "nan_gradient": ("w = torch.tensor(0., requires_grad=True)\ny = w.sqrt() * 0\ny.backward()", 2),
    "dead_relu": ("w = torch.tensor([-1., -2.], requires_grad=True)\ny = torch.relu(w).sum()\ny.backward()", 2),
    "vanishing_gradient": ("w = torch.tensor(40., requires_grad=True)\ny = torch.sigmoid(-w)\ny.backward()", 3),
    "exploding_gradient": ("w = torch.tensor(40., requires_grad=True)\ny = w.exp()\ny.backward()", 3),
    "implicit_backward": ("w = torch.tensor(40., requires_grad=True)\ny = w * 2", None),
    "function_transform": ("g = torch.func.grad(torch.sin)(torch.tensor(1.))", None),
}
TRANSFORMS = {"implicit_backward", "function_transform"}


@pytest.mark.parametrize("code", MISTAKES)
def test_a_mistake_has_its_note_and_hint(code):
    source, line = MISTAKES[code]
    trace = record(source)
    assert [(note.code, note.line) for note in trace.notes if note.code not in {"paths_left_out"}] == [(code, line)]
    assert trace.error.line == line
    assert trace.error.hint


@pytest.mark.parametrize("code", FINDINGS)
def test_a_finding_has_its_note(code):
    source, line = FINDINGS[code]
    assert (code, line) in [(note.code, note.line) for note in record(source).notes]


def test_both_lines_of_an_overwritten_tensor_are_named():
    (note,) = [note for note in record(MISTAKES["inplace_saved"][0]).notes if note.code == "inplace_saved"]
    assert "line 2" in note.message
    assert "line 3" in note.message


def test_an_ordinary_program_has_none():
    source = "x = torch.tensor(3.)\nw = torch.tensor(2., requires_grad=True)\ny = torch.relu(w * x)\ny.backward()"
    assert record(source).notes == ()
