"""Whatever a request holds, the answer is one of ours: never a 500, always well formed."""

from __future__ import annotations

import json

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.parameters import PARAMETERS

NAMES = [*PARAMETERS, "expr", "c", "ex", "id", "", "nothing"]
PATHS = ["/", "/embed", "/svg", "/trace.json", "/examples", "/docs"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "query",
    [
        "&".join(f"a{n}=1" for n in range(300)),
        "seed=" + "9" * 5000,
        "step=" + "9" * 5000,
        "digits=٣",
        "theme=%ED%A0%80",
        "ex=%00",
        "ex=../../app/cli",
        "c=d1." + "A" * 5000,
        "c=d1.%FF",
        "let=w:1e999",
        "let=" + "[" * 3000,
        "root=y" + "[0]" * 60,
        "scale=nan",
        "scale=inf",
        "scale=-1",
        "bg=%22%3E%3Cscript%3E",
        "range=9-3",
        "range=" + "9" * 400 + "-1",
        "select=path:n0:99999999999",
        "interval=-5",
        "=&=&&;",
        "%",
        "ex=lecture&step=%2B%2B3",
    ],
)
def test_odd_queries(client: httpx.Client, path: str, query: str) -> None:
    answer = client.get(f"{path}?{query}")
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert set(answer.json()["error"]) == {"code", "message", "line", "column", "hint"}


@settings(max_examples=120, deadline=None)
@given(pairs=st.lists(st.tuples(st.sampled_from(NAMES), st.text(max_size=12)), max_size=4), path=st.sampled_from(PATHS))
def test_random_queries(client: httpx.Client, pairs: list[tuple[str, str]], path: str) -> None:
    # Runs of random expressions are another test's matter: here they would only wait for the sandbox.
    kept = [(name, value.encode(errors="replace").decode()) for name, value in pairs if name not in {"expr", "c"}]
    answer = client.get(path, params=kept)
    assert answer.status_code < 500, answer.text


TEXT = st.text(max_size=8) | st.sampled_from(["\ud800", "\x00", "</script>", "LR", "1"])
VALUE = st.none() | st.booleans() | st.integers() | TEXT | st.lists(st.integers(), max_size=2)


@settings(max_examples=120, deadline=None)
@given(body=st.dictionaries(st.sampled_from(["seed", "let", "root", "dir", "detail", "digits", "num", "ex"]), VALUE))
def test_random_bodies(client: httpx.Client, body: dict[str, object]) -> None:
    data = json.dumps({"ex": "lecture", **body}).encode()
    answer = client.post("/api/walk", content=data, headers={"Content-Type": "application/json"})
    assert answer.status_code < 500, answer.text


@pytest.mark.parametrize(
    "source", ["\ud800", "x = '\ud83d'", "\x00", "\ufeffx = 1", "x = 1\r\ny = 2", "\u202ex = 1", ""]
)
def test_odd_sources(client: httpx.Client, source: str) -> None:
    data = json.dumps({"source": source}).encode()
    for path in ("/api/trace", "/api/walk"):
        answer = client.post(path, content=data, headers={"Content-Type": "application/json"})
        assert answer.status_code < 500, answer.text
        answer.json()
