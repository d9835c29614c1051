"""An export with its progress, and that work which nobody waits for ends."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from app.core.codec import encode
from app.web.tally import Tally

LONG = """\
w = torch.tensor(1., requires_grad=True)
y = w  # %s
for i in range(40):
    y = torch.sin(y * w)
y.backward()
"""


def parts(content: bytes) -> tuple[list[dict[str, Any]], bytes]:
    """The lines and the file of a stream."""
    lines = []
    while True:
        line, _, content = content.partition(b"\n")
        lines.append(json.loads(line))
        if "size" in lines[-1] or "error" in lines[-1]:
            return lines, content


def test_progress_then_the_file(client: httpx.Client) -> None:
    lines, file = parts(client.get("/api/export/zip?expr=sin(w*x)*x&let=w:1.25").content)
    told = [(line["done"], line["total"]) for line in lines[:-1]]
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] > 1
    assert lines[-1] == {"name": "gradwalk.zip", "type": "application/zip", "size": len(file)}
    assert file == client.get("/zip?expr=sin(w*x)*x&let=w:1.25").content


def test_what_is_kept_comes_at_once(client: httpx.Client) -> None:
    expected = client.get("/svg?ex=lecture&step=2").content
    lines, file = parts(client.get("/api/export/svg?ex=lecture&step=2").content)
    assert [set(line) for line in lines] == [{"name", "type", "size"}]
    assert file == expected


@pytest.mark.parametrize(
    ("path", "code"),
    [("png?expr=relu(", "syntax_error"), ("zip?expr=w*x&root=nothing", None), ("png?ex=rnn&scale=3", None)],
)
def test_a_fault_is_told_in_the_stream(client: httpx.Client, path: str, code: str | None) -> None:
    lines, file = parts(client.get(f"/api/export/{path}").content)
    if code:
        assert (lines[-1]["error"]["code"], file) == (code, b"")
    assert ("error" in lines[-1]) or len(file) == lines[-1]["size"]


def test_what_is_no_export(client: httpx.Client) -> None:
    answer = client.get("/api/export/docx?ex=lecture")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert client.get("/api/export/svg?ex=nothing").status_code == 404


def test_who_leaves_ends_the_work(client: httpx.Client) -> None:
    """Work that went on would be found further on, or done; work that was ended begins anew."""
    address = f"/api/export/pptx?c={encode(LONG % time.monotonic_ns())}"
    with client.stream("GET", address) as answer:
        lines = answer.iter_lines()
        while json.loads(next(lines))["done"] < 2:
            pass
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with client.stream("GET", address) as answer:
            told = json.loads(next(answer.iter_lines()))
        assert "size" not in told, "it was made although nobody waited"
        if told["done"] == 0:
            return
    pytest.fail("the work went on")


def test_a_later_listener_hears_how_far_it_is() -> None:
    tally, early, late = Tally(), [], []
    with tally.telling(lambda *told: early.append(told)):
        tally(1, 3)
        with tally.telling(lambda *told: late.append(told)):
            tally(2, 3)
        tally(3, 3)
    tally(4, 4)
    assert early == [(1, 3), (2, 3), (3, 3)]
    assert late == [(1, 3), (2, 3)]
