"""Snippets through the real sandbox: what the routes give, what is kept, who is charged."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from app.core.check import check
from app.core.codec import encode
from app.core.trace import Trace
from app.web.settings import Settings

LECTURE = """\
x = torch.tensor(3.)
w = torch.tensor(2., requires_grad=True)
b = torch.tensor(1., requires_grad=True)
u = w * x
v = u + b
a = torch.relu(v)
a.backward()
"""


def runs(client: httpx.Client) -> float:
    """How many runs the server counts so far."""
    text = client.get("/metrics").text
    return sum(float(number) for number in re.findall(r"^gradwalk_runs_total\{.*\} (\S+)$", text, re.MULTILINE))


def fresh(n: list[int] = [0]) -> str:  # noqa: B006 - one counter for the whole run is what is wanted
    """A program that nobody asked for before."""
    n[0] += 1
    return f"w = torch.tensor({n[0]}.5, requires_grad=True)\ny = w * w\ny.backward()\n"


def test_the_lecture_example_as_a_trace(client: httpx.Client) -> None:
    answer = client.post("/api/trace", json={"source": LECTURE})
    assert answer.status_code == 200
    trace = Trace.from_dict(answer.json())
    assert check(trace) == []
    assert len(trace.steps) == 11
    names = {node.id: node.name for node in trace.nodes}
    only = trace.passes[0]
    assert {names[grad.node]: grad.value.data for grad in only.grads if names[grad.node] in "wb"} == {
        "w": 3.0,
        "b": 1.0,
    }
    assert [names[step.node] for step in trace.steps if step.kind == "backward"] == ["a", "v", "u"]


def test_the_same_walk_for_the_page_and_for_json(client: httpx.Client) -> None:
    walk = client.post("/api/walk", json={"ex": "lecture"}).json()
    assert set(walk) == {"trace", "explain", "query", "example", "svg"}
    assert walk["query"] == "ex=lecture"
    assert walk["example"]["name"] == "lecture"
    page = client.get("/", headers={"Accept": "text/html"}).text
    data = json.loads(re.search(r"<script[^>]*data-walk[^>]*>(.*?)</script>", page, re.DOTALL)[1])  # type: ignore[index]
    assert data["walk"] == {name: part for name, part in walk.items() if name != "svg"}
    assert walk["svg"] in page


def test_an_address_without_a_step_comes_back_canonical(client: httpx.Client) -> None:
    source = "y = relu(w * 2)"
    body = {"source": source, "seed": 0, "dir": "TB", "digits": 6}
    query = client.post("/api/walk", json=body).json()["query"]
    assert query == f"c={encode(source)}&dir=TB&digits=6"
    assert client.get(f"/svg?{query}").status_code == 200


def test_names_cannot_leave_their_script(client: httpx.Client) -> None:
    source = "w = torch.tensor(1., requires_grad=True)  # </script><script>alert(1)</script>\ny = w * 2\ny.backward()\n"
    page = client.get("/", params={"c": encode(source)}, headers={"Accept": "text/html"}).text
    assert "<script>alert" not in page
    assert "\\u003c/script\\u003e" in page


def test_a_snippet_that_raises_is_no_error_of_the_request(client: httpx.Client) -> None:
    source = "w = torch.ones(2, requires_grad=True)\ny = w * 2\nz = y @ torch.ones(3)\n"
    answer = client.post("/api/trace", json={"source": source})
    assert answer.status_code == 200
    failure = answer.json()["error"]
    assert (failure["code"], failure["type"], failure["line"]) == ("raised", "RuntimeError", 3)
    picture = client.get("/svg", params={"c": encode(source)})
    assert picture.status_code == 200
    assert 'data-node="n' in picture.text


def test_pictures_differ_by_step_and_clamp(client: httpx.Client) -> None:
    pictures = [client.get(f"/svg?ex=lecture&step={step}").text for step in (0, 5, 10, 10**6, "end")]
    assert len(set(pictures)) == 3
    assert pictures[2] == pictures[3] == pictures[4] == client.get("/svg?ex=lecture").text


def test_etags(client: httpx.Client) -> None:
    source = fresh()
    first = client.get("/svg", params={"c": encode(source)})
    tag = first.headers["etag"]
    assert re.fullmatch(r'"[0-9a-f]{32}(-gzip)?"', tag)
    before = runs(client)
    again = client.get("/svg", params={"c": encode(source), "step": "end"}, headers={"If-None-Match": f'"x", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert again.headers["access-control-allow-origin"] == "*"
    others = [client.get("/svg", params={"c": encode(source), **more}) for more in ({"step": "1"}, {"theme": "dark"})]
    others.append(client.get("/trace.json", params={"c": encode(source)}))
    assert len({tag, *(other.headers["etag"] for other in others)}) == 4
    assert runs(client) == before


def test_all_who_open_one_link_cost_one_run(client: httpx.Client) -> None:
    source = fresh()
    before = runs(client)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: client.post("/api/walk", json={"source": source}).content, range(24)))
    assert len(set(answers)) == 1
    assert runs(client) == before + 1
    assert client.get("/svg", params={"c": encode(source)}).status_code == 200
    assert client.post("/api/trace", json={"source": source}).status_code == 200
    assert runs(client) == before + 1


def test_errors_of_the_snippet_are_kept_too(client: httpx.Client) -> None:
    source = fresh() + "import os\n"
    before = runs(client)
    answers = [client.post("/api/trace", json={"source": source}) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {422}
    assert len({answer.content for answer in answers}) == 1
    assert runs(client) == before + 1


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("while True: pass", "time_limit"),
        ("x = [torch.ones(10**7) for _ in range(10**4)]", "memory_limit"),
        ("while True: print('x' * 1000)", "output_limit"),
        ("w = torch.ones(1, requires_grad=True)\nfor i in range(10**6): w = w + 1", "too_many_ops"),
    ],
)
def test_limits_have_their_errors_and_disturb_nobody(client: httpx.Client, source: str, code: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        hostile = pool.submit(client.post, "/api/trace", json={"source": source})
        normal = [client.post("/api/trace", json={"source": fresh()}).status_code for _ in range(5)]
    answer = hostile.result()
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
    assert normal == [200] * 5


def test_the_run_too_many_is_told_when_to_come_back(serve: object) -> None:
    with serve(Settings(rate_limit="2/minute", access_log=False)) as client:  # type: ignore[operator]
        sources = [fresh() for _ in range(3)]
        answers = [client.post("/api/trace", json={"source": source}) for source in sources]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2].json()["error"]["code"] == "rate_limited"
        assert 1 <= int(answers[2].headers["retry-after"]) <= 61
        assert client.post("/api/trace", json={"source": sources[0]}).status_code == 200, "what is kept costs nothing"
        forged = {"X-Forwarded-For": "198.51.100.7"}
        assert client.post("/api/trace", json={"source": sources[2]}, headers=forged).status_code == 429


def test_a_full_queue_says_busy(serve: object) -> None:
    settings = Settings(rate_limit="off", running=1, queue=0, wall_seconds=2, access_log=False)
    with serve(settings) as client, ThreadPoolExecutor(4) as pool:  # type: ignore[operator]
        sources = [f"while True: pass  # {n}" for n in range(4)]
        answers = list(pool.map(lambda source: client.post("/api/trace", json={"source": source}), sources))
    codes = sorted(answer.json()["error"]["code"] for answer in answers)
    assert codes[:3] == ["busy"] * 3
    assert codes[3] == "time_limit"
    assert all(answer.headers["retry-after"] for answer in answers if answer.status_code == 503)


def test_health(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["status"], ready.json()["wall"]) == (200, "ready", True)
    assert "gradwalk_request_seconds_bucket" in client.get("/metrics").text


def test_the_gallery_as_page_and_as_json(client: httpx.Client) -> None:
    entries = client.get("/examples").json()["examples"]
    assert len(entries) >= 12
    assert {"name", "title", "idea", "source"} <= set(entries[0])
    page = client.get("/examples", headers={"Accept": "text/html"})
    assert all(f"ex={entry['name']}" in page.text for entry in entries)


def test_the_docs_list_every_route_and_parameter(client: httpx.Client) -> None:
    page = client.get("/docs", headers={"Accept": "text/html"}).text
    for path in ("/svg", "/trace.json", "/api/trace", "/api/walk", "/embed", "/examples", "/readyz", "/metrics"):
        assert f"{path}</code>" in page
    assert "predict" in page
    assert client.get("/openapi.json").json()["info"]["title"] == "Gradwalk"
