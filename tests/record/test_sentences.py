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
