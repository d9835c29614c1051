"""Failed requests: one shape, the right status, a page for browsers."""

from __future__ import annotations

import httpx
import pytest

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SHAPE = {"code", "message", "line", "column", "hint"}


def error_of(answer: httpx.Response) -> dict[str, object]:
    body = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == SHAPE
    return body["error"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/static/nothing.js", 404, "not_found"),
        ("GET", "/static/../app/web/app.py", 404, "not_found"),
        ("GET", "/static/%2e%2e/pyproject.toml", 404, "not_found"),
        ("GET", "/svg?ex=nobody", 404, "not_found"),
        ("GET", "/?ex=nobody", 404, "not_found"),
        ("GET", "/svg?c=d1.!!!", 400, "bad_view"),
        ("GET", "/svg?c=d9.abc", 400, "bad_view"),
        ("GET", "/svg?expr=x&ex=lecture", 400, "bad_view"),
        ("GET", "/svg?theme=pink", 400, "bad_view"),
        ("GET", "/svg?seed=1e9", 400, "bad_view"),
        ("POST", "/svg", 405, "method_not_allowed"),
        ("GET", "/api/trace", 405, "method_not_allowed"),
        ("DELETE", "/", 405, "method_not_allowed"),
    ],
)
def test_a_wrong_address(client: httpx.Client, method: str, path: str, status: int, code: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert error_of(answer)["code"] == code
    page = client.request(method, path, headers=BROWSER)
    assert page.status_code == status
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["vary"] == "Accept"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


def test_method_not_allowed_names_the_method(client: httpx.Client) -> None:
    answer = client.post("/svg")
    assert answer.headers["allow"] == "GET"
    assert error_of(answer)["hint"] == "Use GET."


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"source"',
        b"{}",
        b'{"source": 1}',
        b'{"source": "x", "expr": "y"}',
        b'{"source": "x", "seed": [1]}',
        b'{"source": "x", "seed": "one"}',
        b'{"source": "x", "let": "w"}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_body_that_cannot_be_meant(client: httpx.Client, body: bytes) -> None:
    answer = client.post("/api/trace", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert error_of(answer)["code"] == "bad_view"


def test_what_a_form_sends_is_not_taken(client: httpx.Client) -> None:
    """A form on another site's page can post text/plain without asking first; it must not start a run."""
    answer = client.post(
        "/api/trace", content=b'{"source": "x = torch.ones(1)"}', headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 400


def test_too_long(client: httpx.Client) -> None:
    body = client.post("/api/trace", content=b" " * 300_000, headers={"Content-Type": "application/json"})
    assert (body.status_code, error_of(body)["code"]) == (413, "too_long")
    streamed = client.post(
        "/api/trace", content=iter([b" " * 1000] * 300), headers={"Content-Type": "application/json"}
    )
    assert (streamed.status_code, error_of(streamed)["code"]) == (413, "too_long")
    query = client.get("/svg?expr=" + "x" * 60_000)
    assert (query.status_code, error_of(query)["code"]) == (413, "too_long")
    program = client.post("/api/trace", json={"source": "x = 1\n" * 4000})
    assert (program.status_code, error_of(program)["code"]) == (413, "too_long")


def test_a_syntax_error_has_its_place_and_the_page_keeps_the_program(client: httpx.Client) -> None:
    source = "x = torch.ones(2)\ny = = 3\n"
    answer = client.post("/api/trace", json={"source": source})
    assert answer.status_code == 422
    error = error_of(answer)
    assert (error["code"], error["line"], error["column"]) == ("syntax_error", 2, 4)
    page = client.get("/", params={"expr": "relu(w * "}, headers=BROWSER)
    assert page.status_code == 422
    assert "relu(w * " in page.text
    assert page.headers["content-type"] == "text/html; charset=utf-8"


def test_a_forbidden_import_names_its_line(client: httpx.Client) -> None:
    answer = client.post("/api/trace", json={"source": "x = 1\nimport os\n"})
    assert answer.status_code == 422
    error = error_of(answer)
    assert (error["code"], error["line"]) == ("forbidden", 2)
