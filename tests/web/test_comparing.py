"""POST /api/compare and the page of two programs, over HTTP."""

from __future__ import annotations

import json
import re

import httpx

from app.core.codec import encode
from app.core.trace import Trace

FIRST = "w = torch.tensor(2., requires_grad=True)\ny = w * 3\ny.backward()\n"
SECOND = FIRST.replace("* 3", "* 4")


def test_both_walks_and_their_differences(client: httpx.Client) -> None:
    answer = client.post("/api/compare", json={"source": FIRST, "other": SECOND})
    assert answer.status_code == 200
    made = answer.json()
    sources = [Trace.from_dict(walk["trace"]).program.source for walk in made["walks"]]
    assert [source.strip() for source in sources] == [FIRST.strip(), SECOND.strip()]
    assert all(walk["svg"].startswith("<svg") for walk in made["walks"])
    about = made["compare"]
    assert "w.grad: 3 against 4" in [one["text"] for one in about["summary"]]
    assert [row["moves"] for row in about["rows"]] == ["both"] * len(made["walks"][0]["trace"]["steps"])


def test_an_error_says_which_program_it_is(client: httpx.Client) -> None:
    second = client.post("/api/compare", json={"source": FIRST, "other": "y = ("})
    assert second.status_code == 422
    assert second.json()["error"]["message"].startswith("In the second program: ")
    first = client.post("/api/compare", json={"source": "y = (", "other": SECOND}).json()["error"]
    assert first["code"] == "syntax_error"
    assert not first["message"].startswith("In the second")
    assert client.post("/api/compare", json={"source": FIRST}).status_code in (400, 422)


def test_the_page_carries_both_and_starts_at_the_row(client: httpx.Client) -> None:
    page = client.get("/", params={"c": encode(FIRST), "vs": encode(SECOND), "step": "end"})
    assert page.status_code == 200
    found = re.search(r"<script type=\"application/json\" data-comparison>(.*?)</script>", page.text, re.S)
    assert found is not None
    given = json.loads(found[1])
    assert given["step"] == len(given["data"]["compare"]["rows"]) - 1
    loss = client.get("/", params={"c": encode(FIRST), "vs": encode(SECOND), "step": "loss"}).text
    assert '"step":1,' in loss


def test_what_is_no_variant_is_refused(client: httpx.Client) -> None:
    for wrong, status in [("d1.!!!", 400), ("no such", 400), ("nothing", 404)]:
        answer = client.get("/", params={"ex": "lecture", "vs": wrong}, headers={"Accept": "application/json"})
        assert answer.status_code == status, wrong
    assert client.get("/svg", params={"ex": "lecture", "vs": "detach"}).status_code == 200
