"""The routes that rewrite a program for the page."""

from __future__ import annotations

import httpx
import pytest

LECTURE = "x = torch.tensor(3.)\nw = torch.tensor(2., requires_grad=True)  # weight\na = w * x\na.backward()\n"


def test_other_numbers(client: httpx.Client) -> None:
    nodes = client.post("/api/trace", json={"source": LECTURE}).json()["nodes"]
    w = next(node["id"] for node in nodes if node["name"] == "w")
    answer = client.post("/api/edit/value", json={"source": LECTURE, "node": w, "numbers": ["-1.5"]})
    assert answer.json() == {"source": LECTURE.replace("2.", "-1.5"), "numbers": ["2."]}


def test_one_more_step(client: httpx.Client) -> None:
    answer = client.post("/api/edit/step", json={"ex": "training_loop"})
    assert "range(4)" in answer.json()["source"]


@pytest.mark.parametrize(
    ("route", "body", "status", "said"),
    [
        ("value", {"source": "w = torch.randn(1)\nw * 2", "node": "n0", "numbers": ["1"]}, 400, "torch.randn"),
        ("value", {"source": "w*w", "node": "n99", "numbers": ["1"]}, 400, "leaves"),
        ("value", {"source": "w*w", "node": "n0", "numbers": ["1"] * 65}, 400, "numbers"),
        ("value", {"source": "w*w", "node": "n0", "numbers": ["1" * 65]}, 400, "numbers"),
        ("step", {"source": "torch.ones(2) * 2"}, 400, "no backward pass"),
        ("step", {"source": "import os"}, 422, "os"),
    ],
)
def test_refusals_say_why(client: httpx.Client, route: str, body: dict[str, object], status: int, said: str) -> None:
    answer = client.post(f"/api/edit/{route}", json=body)
    assert answer.status_code == status
    assert said in answer.json()["error"]["message"]
