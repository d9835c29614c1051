"""The exact headers of each kind of answer."""

from __future__ import annotations

import re

import httpx
import pytest

BROWSER = {"Accept": "text/html"}
SENSORS = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"
)
COMMON = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "permissions-policy": SENSORS}
SECURITY = (
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "access-control-allow-origin",
    "x-frame-options",
    "cache-control",
)

DATA = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
DOCUMENT = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-N'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'"
)
PAGE = {
    "content-security-policy": DOCUMENT + "; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
EMBED = {
    "content-security-policy": DOCUMENT.replace(" 'nonce-N'", ""),
    "cross-origin-resource-policy": "cross-origin",
    "cache-control": "no-cache",
}
EXPORT = {
    "content-security-policy": f"{DATA}; style-src 'unsafe-inline'; font-src data:; img-src data:; sandbox",
    "cross-origin-resource-policy": "cross-origin",
    "access-control-allow-origin": "*",
    "cache-control": "public, max-age=300, stale-while-revalidate=86400",
}
STATIC = {
    "content-security-policy": DATA,
    "cross-origin-resource-policy": "cross-origin",
    "access-control-allow-origin": "*",
    "cache-control": "public, no-cache",
}
JSON_NOW = {"content-security-policy": DATA, "cross-origin-resource-policy": "same-origin", "cache-control": "no-store"}


SHARED = {**EXPORT, "cache-control": "public, max-age=300"}
REDIRECT = {**JSON_NOW, "cache-control": "public, max-age=3600"}
OPENAPI = {name: JSON_NOW[name] for name in ("content-security-policy", "cross-origin-resource-policy")}
W = "expr=w*x&step=1"
SNIPPET = {"source": "w = torch.tensor(2., requires_grad=True)\ny = w * 3\ny.backward()\n"}

ROUTES: dict[str, list[tuple[str, dict[str, str] | None, dict[str, str]]]] = {
    "GET /": [
        ("/?" + W, BROWSER, PAGE),
        ("/?expr=relu(", BROWSER, PAGE),
        ("/?dir=up", BROWSER, PAGE),
        (f"/?{W}&vs=w*x*x", BROWSER, PAGE),
    ],
    "GET /embed": [
        ("/embed?" + W, BROWSER, EMBED),
        ("/embed?expr=relu(", BROWSER, {**EMBED, "cache-control": "no-store"}),
        ("/embed?dir=up", BROWSER, PAGE),
    ],
    "GET /examples": [("/examples", BROWSER, PAGE), ("/examples", {}, {**JSON_NOW, "cache-control": "no-cache"})],
    "GET /docs": [("/docs", BROWSER, PAGE)],
    "GET /openapi.json": [("/openapi.json", {}, OPENAPI)],
    "GET /healthz": [("/healthz", {}, JSON_NOW)],
    "GET /readyz": [("/readyz", {}, JSON_NOW)],
    "GET /metrics": [("/metrics", {}, JSON_NOW)],
    "GET /static": [("/static/css/tokens.css", {}, STATIC), ("/static/js/main.js", {}, STATIC)],
    **{
        f"GET /{name}": [(f"/{name}?{W}", {}, EXPORT)]
        for name in [
            "svg",
            "png",
            "pdf",
            "gif",
            "pptx",
            "tex",
            "html",
            "ipynb",
            "zip",
            "trace.json",
            "card.png",
            "api/walk",
        ]
    },
    "GET /api/export/{suffix}": [(f"/api/export/svg?{W}", {}, JSON_NOW), ("/api/export/no", {}, JSON_NOW)],
    "GET /qr": [("/qr?" + W, {}, SHARED), ("/qr?ex=nothing", {}, JSON_NOW)],
    "GET /oembed": [("/oembed?url={base}/?" + W, {}, SHARED), ("/oembed", {}, JSON_NOW)],
    "GET /s/{id}": [("/s/{id}", {}, REDIRECT), ("/s/abc", {}, JSON_NOW), ("/s/abc", BROWSER, PAGE)],
    **{
        f"POST {path}": [(path, None, JSON_NOW)]
        for path in [
            "/s",
            "/api/trace",
            "/api/walk",
            "/api/compare",
            "/api/check",
            "/api/cells",
            "/api/edit/value",
        ]
    },
    "POST /api/edit/step": [("/api/edit/step", None, OPENAPI)],
    "nothing there": [("/nowhere", BROWSER, PAGE), ("/nowhere", {}, JSON_NOW)],
}
"""Route → requests (address, headers or None for a POST, expected headers). A new route needs a row."""


def security_headers(answer: httpx.Response) -> dict[str, str]:
    headers = answer.headers
    found = {name: headers[name] for name in SECURITY if name in headers}
    found["content-security-policy"] = re.sub(r"'nonce-[\w-]{22}'", "'nonce-N'", found["content-security-policy"])
    return found


@pytest.mark.parametrize("route", ROUTES)
def test_headers_of_each_route(client: httpx.Client, route: str) -> None:
    id_ = client.post("/s", json=SNIPPET).json()["id"]
    for address, headers, expected in ROUTES[route]:
        path = address.format(base=str(client.base_url).rstrip("/"), id=id_)
        answer = client.post(path, json=SNIPPET) if headers is None else client.get(path, headers=headers)
        assert security_headers(answer) == {**COMMON, **expected}, path


def test_every_route_has_its_row(client: httpx.Client) -> None:
    served = {
        f"{method.upper()} {path}"
        for path, methods in client.get("/openapi.json").json()["paths"].items()
        for method in methods
    }
    assert served - set(ROUTES) == set(), "write down which headers a new route sends"
    assert set(ROUTES) - served == {"GET /openapi.json", "GET /static", "nothing there"}


def test_an_embed_can_be_framed_by_anyone(client: httpx.Client) -> None:
    headers = client.get("/embed").headers
    assert "frame-ancestors" not in headers["content-security-policy"]
    assert "x-frame-options" not in headers


def test_each_answer_has_a_nonce_of_its_own_and_the_page_knows_it(client: httpx.Client) -> None:
    pages = [client.get("/", headers=BROWSER) for _ in range(2)]
    nonces = [re.search(r"'nonce-([\w-]+)'", page.headers["content-security-policy"])[1] for page in pages]  # type: ignore[index]
    assert nonces[0] != nonces[1]
    assert all(f'content="{nonce}"' in page.text for nonce, page in zip(nonces, pages, strict=True))


def test_nothing_in_a_page_needs_what_its_policy_forbids(client: httpx.Client) -> None:
    """No inline script, no inline style, no handler attribute, nothing from elsewhere."""
    for path in ("/", "/embed", "/examples", "/docs", "/nowhere"):
        text = client.get(path, headers=BROWSER).text
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", text), path
        assert not re.search(r"<[^>]*\s(style|on\w+)=", text), path
        assert not re.search(r"<style", text), path
        own = re.escape(str(client.base_url).rstrip("/"))
        assert not re.search(rf"""(?:src|href)=["'](?!{own}/)(?:https?:)?//""", text), path


def test_versioned_static_files_are_kept_for_ever(client: httpx.Client) -> None:
    page = client.get("/", headers=BROWSER).text
    build = re.search(r"/static/(\w{12})/css/tokens.css", page)[1]  # type: ignore[index]
    answer = client.get(f"/static/{build}/css/tokens.css")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.text == client.get("/static/css/tokens.css").text
    assert not re.search(rf"/static/(?!{build}/)", page)


def test_static_files_answer_304(client: httpx.Client) -> None:
    first = client.get("/static/css/tokens.css")
    again = client.get("/static/css/tokens.css", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_head_is_get_without_a_body(client: httpx.Client) -> None:
    for path in ("/", "/svg", "/healthz", "/static/css/tokens.css"):
        head, full = client.head(path), client.get(path)
        assert (head.status_code, head.content) == (full.status_code, b"")
        assert head.headers["content-type"] == full.headers["content-type"]
