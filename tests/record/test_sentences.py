"""What sentences say of real runs: writes into views, results of lists."""

from app.record import record
from tests.record.programs import PROGRAMS


def test_what_is_written_into_a_view_is_told() -> None:
    trace = record(PROGRAMS["element_updates"])
    assert [step.text for step in trace.steps if "in place" in step.text] == [
        "4 is written into y[0], in place: y = [4, 0, 0].",
        "5 is written into z[0], in place: z = [5, 4, 6].",
        "z[1] + 1 = 4 + 1 is written, in place: z = [5, 5, 6].",
        "5 is written into z[1], in place: z = [5, 5, 6].",
        "z[2] × w[0] = 6 × 1 is written, in place: z = [5, 5, 6].",
        "6 is written into z[2], in place: z = [5, 5, 6].",
    ]
    assert all(step.line is not None for step in trace.steps if step.kind == "compute")
    assert [note.code for note in trace.notes] == []


def test_every_result_of_a_list_is_told() -> None:
    norms = "w = torch.tensor([3., 4.])\nv = torch.tensor([2.])\nn = torch._foreach_norm([w, v])\nm = n[0] + n[1]\n"
    texts = [step.text for step in record(norms).steps if step.kind == "compute"]
    assert texts[0] == "foreach_norm(w, v) gives 2 results: 5 and 2."


def test_each_result_has_its_own_name() -> None:
    source = (
        "x = torch.tensor([1., 2.], requires_grad=True)\na, b = x.split(1)\n(a * 2 + b * 3).sum().backward()\n"
        "v, _ = x.max(0)\n"
    )
    texts = [step.text for step in record(source).steps]
    assert texts[1:4] == [
        "a, b = split(x, dim=0) gives 2 results: [1] and [2].",
        "a × 2 = [1] × 2 = [2].",
        "b × 3 = [2] × 3 = [6].",
    ]
    assert any(text.startswith("a, b = split(x, dim=0) receives 2 gradients") for text in texts)


def test_a_step_of_many_parameters_stays_readable() -> None:
    source = """
net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
net(torch.ones(1, 2)).sum().backward()
optimizer.step()
optimizer.zero_grad()
"""
    assert [step.text for step in record(source).steps if step.kind == "update"] == [
        "net.0.weight, net.0.bias, net.1.weight and 1 more change.",
        "net.0.weight.grad, net.0.bias.grad, net.1.weight.grad and 1 more are reset to None.",
    ]
