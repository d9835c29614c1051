"""`POST /api/check` and `/api/cells` through the real sandbox."""

from __future__ import annotations

import httpx
import pytest

WRONG = """\
class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2
    @staticmethod
    def backward(ctx, g):
        return g * 3
x = torch.tensor([1., 2.], requires_grad=True)
y = Double.apply(x)
print("once")
z = torch.relu(y - 2).sum()
z.backward()
"""


def test_a_wrong_backward_and_a_kink(client: httpx.Client) -> None:
    answer = client.post("/api/check", json={"source": WRONG})
    assert answer.status_code == 200
    report = answer.json()
    assert report["version"] == 1
    trace = client.post("/api/trace", json={"source": WRONG}).json()
    names = {node["id"]: node["name"] or node["op"] for node in trace["nodes"]}
    assert {names[node["node"]]: node["status"] for node in report["nodes"]} == {
        "y": "mismatch",
        "sub": "ok",
        "relu": "nonsmooth",
        "z": "ok",
    }
    (leaf,) = report["leaves"]
    assert leaf["status"] == "mismatch"
    assert [cell["status"] for cell in leaf["cells"]] == ["nonsmooth", "mismatch"]


def test_the_gallery_and_bare_expressions(client: httpx.Client) -> None:
    assert client.post("/api/check", json={"ex": "lecture"}).json()["counts"] == {
        "mismatch": 0,
        "nonsmooth": 0,
        "ok": 3,
        "not_checked": 0,
    }
    answer = client.post("/api/check", json={"expr": "relu(w*x)", "let": "w:0,x:1"}).json()
    assert answer["counts"]["nonsmooth"] == 1


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("import os", "forbidden"),
        ("x = (", "syntax_error"),
        ("while True: pass", "time_limit"),
        (
            "class F2(torch.autograd.Function):\n"
            "    @staticmethod\n"
            "    def forward(ctx, x):\n"
            "        ctx.seen = getattr(F2, 'seen', 0)\n"
            "        while F2.seen: pass\n"
            "        return x * 1\n"
            "    @staticmethod\n"
            "    def backward(ctx, g): return g\n"
            "F2.seen = 0\n"
            "x = torch.ones(2, requires_grad=True)\n"
            "y = F2.apply(x)\n"
            "F2.seen = 1\n",
            "time_limit",
        ),
    ],
    ids=["forbidden", "syntax", "endless", "endless when it is run again"],
)
def test_the_limits_of_any_run_hold(client: httpx.Client, source: str, code: str) -> None:
    answer = client.post("/api/check", json={"source": source})
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == code


def test_a_snippet_that_raises_is_checked_up_to_there(client: httpx.Client) -> None:
    source = "w = torch.ones(2, requires_grad=True)\ny = (w * w).sum()\ny.backward()\n1 / 0"
    report = client.post("/api/check", json={"source": source}).json()
    assert report["counts"]["ok"] == 2
    assert report["leaves"][0]["status"] == "ok"


def test_cells(client: httpx.Client) -> None:
    trace = client.post("/api/trace", json={"ex": "broadcasting"}).json()
    total = next(node for node in trace["nodes"] if node["kind"] == "op")
    shape = next(t["shape"] for t in trace["tensors"] if t["id"] == total["outputs"][0])
    index = [0] * len(shape)
    found = client.post("/api/cells", json={"ex": "broadcasting", "node": total["id"], "index": index}).json()
    assert set(found) == {"backward", "forward", "omitted", "elements"}
    assert [rule["index"] for rule in found["elements"].values()] == [index]
    assert all(entry["cells"] for entry in found["backward"])
    for wrong in ({"index": [99] * len(shape)}, {"node": "n999"}, {"output": 7}):
        body = {"ex": "broadcasting", "node": total["id"], "index": index, **wrong}
        answer = client.post("/api/cells", json=body)
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "bad_view"
