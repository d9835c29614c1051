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
    "complex_backward": ("z = torch.tensor(1 + 2j, requires_grad=True)\n(z * z).backward()", 2),
    "view_inplace": ("w = torch.ones(2, requires_grad=True)\na, b = w.exp().unbind()\na.add_(1)", 3),
    "inference_tensor": (
        "w = torch.ones(2, requires_grad=True)\nwith torch.inference_mode():\n    c = w * 2\n(c * w).sum()",
        4,
    ),
    "gradient_count": (
        "class Mul(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x, y):\n        return x * y\n"
        "    @staticmethod\n    def backward(ctx, g):\n        return g\nw = torch.tensor(1., requires_grad=True)\n"
        "Mul.apply(w, w).backward()",
        9,
    ),
    "index_out_of_range": ("w = torch.ones(2, 2, requires_grad=True)\nF.cross_entropy(w, torch.tensor([0, 2]))", 2),
    "grad_is_none": ("w = torch.ones(2, requires_grad=True)\nprint(w.grad * 2)", 2),
    "dtype_mismatch": ("w = torch.ones(2, 2, requires_grad=True)\nw @ torch.ones(2, 2, dtype=torch.float64)", 2),
    "undefined_name": ("w = torch.ones(2, requires_grad=True)\ny = relu(w)", 2),
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
    "function_transform": ("g = torch.func.grad(torch.sin)(torch.tensor(1.))", 1),
}
SHAPES = (
    "torch.ones(2, 3) @ torch.ones(2)",
    "torch.ones(2) + torch.ones(3)",
    "nn.Linear(3, 2)(torch.ones(4, 2))",
    "F.mse_loss(torch.ones(2, 3), torch.ones(2, 4))",
    "torch.ones(2, 3).view(4, 2)",
    "F.cross_entropy(torch.ones(3, 2), torch.tensor([0, 1]))",
    "torch.cat([torch.ones(2, 3), torch.ones(3, 2)])",
    "torch.ones(2, requires_grad=True).backward(torch.ones(3))",
    "nn.Conv2d(3, 4, 3)(torch.ones(1, 1, 8, 8))",
    "torch.ones(2, 3).expand(4, 3)",
)
OTHER_LINES = {
    "w = torch.ones(2, requires_grad=True)\nu = w.exp()\nv = u * 2\nu.add_(1)\nu.mul_(2)\nv.sum().backward()": (
        "u was saved for u in line 2, and line 4 changed it."
    ),
    "w = torch.ones(2, requires_grad=True)\nh = w * 1\n"
    "for i in range(2):\n    y = (h * h).sum()\n    h += 1\ny.backward()": (
        "h was saved for h * h in line 4, and line 5 changed it."
    ),
    "net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))\nopt = torch.optim.SGD(net.parameters(), lr=0.1)\n"
    "loss = net(torch.ones(1, 2)).sum()\nloss.backward(retain_graph=True)\nopt.step()\nloss.backward()": (
        "net.1.weight was saved for net(torch.ones(1, 2)) in line 3, and line 5 changed it."
    ),
    "w = torch.ones(2, requires_grad=True)\ny = (w * w).sum()\ny.backward()\ny.backward()": "That was in line 3.",
    "w = torch.ones(2, requires_grad=True)\nu = w.detach()\n(u * 2).sum().backward()": (
        "The graph was cut in line 2, at w.detach()."
    ),
    "w = torch.ones(3, requires_grad=True)\nx = torch.tensor((w * 2).sum().item())\nx.backward()": (
        "The graph was cut in line 2, by .item()."
    ),
}
FUNCTION = (
    "class S(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n        ctx.save_for_backward(x)\n"
    "        return x * x\n    @staticmethod\n    def backward(ctx, g):\n        return 2 * g * ctx.saved_tensors[0]\n"
    "w = torch.ones(2, requires_grad=True)\n"
)
OTHER_LINES[f"{FUNCTION}u = w * 1\ny = S.apply(u)\nu.add_(1)\ny.sum().backward()"] = (
    "u was saved for y in line 11, and line 12 changed it."
)
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


def test_a_leaf_that_a_function_writes_is_changed_in_place():
    source = FUNCTION.replace("return x * x", "x.add_(1)\n        ctx.mark_dirty(x)\n        return x") + "S.apply(w)"
    assert [note.code for note in record(source).notes] == ["leaf_inplace"]


def test_grad_fn_is_not_grad():
    notes = record("w = torch.ones(2, requires_grad=True)\nprint(w.grad_fn.name())").notes
    assert "grad_is_none" not in {note.code for note in notes}


def test_a_leaf_to_which_a_path_leads_but_no_gradient_comes():
    source = "w = torch.ones(2, requires_grad=True)\nu = w * 3\nu.grad_fn.register_prehook(lambda g: (None,))\n"
    messages = [note.message for note in record(f"{source}u.sum().backward()").notes if note.code == "unreached_leaf"]
    assert messages == ["No operation sends a gradient to w along any path, so its .grad stays None."]


def test_the_view_that_autograd_makes_anew_after_a_write_has_its_value():
    source = (
        "w = torch.tensor([1., 2.], requires_grad=True)\nx = torch.zeros(2, 2)\nrow = x[0]\nrow.add_(w)\nrow.mul_(w)\n"
    )
    trace = record(f"{source}x.sum().backward()")
    assert trace.notes == ()
    values = {tensor.id: tensor.value.data for tensor in trace.tensors}
    assert [values[node.outputs[0]] for node in trace.nodes if node.op == "as_strided"] == [[1.0, 2.0]]


def test_an_ordinary_program_has_none():
    source = "x = torch.tensor(3.)\nw = torch.tensor(2., requires_grad=True)\ny = torch.relu(w * x)\ny.backward()"
    assert record(source).notes == ()


@pytest.mark.filterwarnings("ignore:Using a target size")
@pytest.mark.parametrize("call", SHAPES)
def test_every_way_of_not_fitting_has_the_note(call):
    trace = record(f"x = torch.ones(1)\n{call}")
    assert [(note.code, note.line) for note in trace.notes] == [("shape_mismatch", 2)]


@pytest.mark.parametrize("source", OTHER_LINES)
def test_the_other_line_is_named(source):
    assert any(note.message.endswith(OTHER_LINES[source]) for note in record(source).notes)


def test_a_number_taken_out_by_item_is_told_where_it_goes_on():
    source = "w = torch.tensor([1., 2.], requires_grad=True)\nc = (w * w).sum().item()\n(w * c).sum().backward()"
    (note,) = [note for note in record(source).notes if note.code == "graph_cut"]
    assert note.line == 2
    assert "takes 5 out" in note.message
    assert "line 3" in note.message


@pytest.mark.parametrize("use", ["print(loss.item())", "losses.append(loss.item())", "c = 3 * loss.item()"])
def test_a_number_taken_out_to_look_at_it_is_none_of_our_business(use):
    source = (
        f"losses = []\nw = torch.tensor([1., 2.], requires_grad=True)\nloss = (w * w).sum()\n{use}\nloss.backward()"
    )
    assert record(source).notes == ()


@pytest.mark.filterwarnings("always")
def test_the_grad_of_a_non_leaf_is_none():
    source = "w = torch.ones(2, requires_grad=True)\nu = w * 2\nu.sum().backward()\nprint(u.grad)"
    with pytest.warns(UserWarning, match="not a leaf"):
        notes = record(source).notes
    assert [(note.code, note.line) for note in notes] == [("nonleaf_grad", 4)]


def test_units_that_are_zero_for_a_whole_batch_are_dead():
    source = (
        "net = nn.Linear(2, 3)\nwith torch.no_grad():\n    net.bias[1] = -100.\n    net.bias[2] = 100.\n"
        "h = torch.relu(net(torch.rand(16, 2)))\nh.sum().backward()"
    )
    (note,) = [note for note in record(source).notes if note.code == "dead_relu"]
    assert note.line == 5
    assert note.message.startswith("1 of 3 units of h is zero for all 16 rows")


@pytest.mark.parametrize("call", ["x.tanh()", "x.exp()", "x.softmax(0)", "x.prod()", "torch.linalg.norm(x.sigmoid())"])
def test_what_a_node_keeps_for_itself_is_no_cut(call):
    source = "x = torch.tensor([1., 2.], requires_grad=True)\n"
    trace = record(f"{source}g, = torch.autograd.grad({call}.sum(), x, create_graph=True)\ng.sum().backward()")
    assert trace.notes == ()
    assert "detach" not in {node.op for node in trace.nodes}


def test_what_the_snippet_detaches_is_a_cut():
    source = "x = torch.tensor([1., 2.], requires_grad=True)\nv = x.exp().detach()\n(v * x).sum().backward()"
    assert [(note.code, note.line) for note in record(source).notes] == [("graph_cut", 2)]
