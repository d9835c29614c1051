"""What is kept as it is sent: both encodings say the same, ETags are strong, a nonce is each answer's own."""

from __future__ import annotations

import gzip
import re

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.rendered import NONCE, Rendered

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=2000)
PLAIN, PACKED = {"Accept-Encoding": "identity"}, {"Accept-Encoding": "br, gzip;q=0.5"}


@given(texts, texts, st.text("abc-_", min_size=22, max_size=22))
def test_the_nonce_goes_between_the_compressed_parts(before: str, after: str, nonce: str) -> None:
    made = Rendered.of(before + NONCE + after, nonce=True)
    assert made.plain(nonce) == (before + nonce + after).encode()
    assert gzip.decompress(made.gzipped(nonce)) == made.plain(nonce)


@given(texts)
def test_without_a_nonce(text: str) -> None:
    made = Rendered.of(text)
    assert made.plain() == text.encode()
    assert gzip.decompress(made.gzipped()) == text.encode()
    assert made.weight >= len(text.encode())


def test_a_page_that_names_no_nonce_is_a_defect() -> None:
    with pytest.raises(AssertionError, match="nonce"):
        Rendered.of("<html>", nonce=True)


def test_a_program_that_holds_the_slot_s_text_gets_no_nonce(client: httpx.Client) -> None:
    page = client.get("/", params={"expr": f"w*x  # {NONCE}"}, headers={"Accept": "text/html"})
    nonce = re.search(r"'nonce-([\w-]+)'", page.headers["content-security-policy"])[1]  # type: ignore[index]
    assert page.text.count(nonce) == 1
    assert f'<meta name="csp-nonce" content="{nonce}">' in page.text


def raw(client: httpx.Client, path: str, headers: dict[str, str]) -> tuple[httpx.Response, bytes]:
    with client.stream("GET", path, headers=headers) as answer:
        return answer, b"".join(answer.iter_raw())


@pytest.mark.parametrize("path", ["/embed", "/svg", "/trace.json", "/api/walk", "/html"])
def test_both_encodings_say_the_same_and_have_their_own_tags(client: httpx.Client, path: str) -> None:
    plain, body = raw(client, f"{path}?ex=lecture&step=2", PLAIN)
    packed, squeezed = raw(client, f"{path}?ex=lecture&step=2", PACKED)
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(squeezed) == body
    assert len(squeezed) < len(body) * 0.8
    assert {one.headers["vary"] for one in (plain, packed)} == {"Accept-Encoding"}
    assert plain.headers["etag"] != packed.headers["etag"]
    for one in (plain, packed):
        again = client.get(f"{path}?ex=lecture&step=2", headers={"If-None-Match": one.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        for name in ("content-security-policy", "cache-control", "vary"):
            assert again.headers[name] == one.headers[name]
    assert client.get(f"{path}?ex=lecture&step=2&digits=3", headers={"If-None-Match": plain.headers["etag"]}).content


def test_the_page_is_compressed_with_its_nonce(client: httpx.Client) -> None:
    answer, squeezed = raw(client, "/?ex=lecture", {**PACKED, "Accept": "text/html"})
    nonce = re.search(r"'nonce-([\w-]+)'", answer.headers["content-security-policy"])[1]  # type: ignore[index]
    assert f'content="{nonce}"' in gzip.decompress(squeezed).decode()
    assert "etag" not in answer.headers


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [("gzip", True), ("GZIP", True), ("gzip;q=0", False), ("gzip; q=0.0", False), ("br", False), ("*", False)],
)
def test_gzip_is_for_who_takes_it(client: httpx.Client, accepted: str, packed: bool) -> None:
    answer, _body = raw(client, "/svg?ex=lecture", {"Accept-Encoding": accepted})
    assert ("content-encoding" in answer.headers) is packed


def test_an_address_with_the_build_never_changes(client: httpx.Client) -> None:
    build = re.search(r"/static/(\w{12})/", client.get("/embed").text)[1]  # type: ignore[index]
    for path in ("/svg", "/png", "/card.png"):
        kept = client.get(f"{path}?ex=lecture&step=1&v={build}")
        assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert kept.content == client.get(f"{path}?ex=lecture&step=1&v=older").content
        other = client.get(f"{path}?ex=lecture&step=1&v=older").headers["cache-control"]
        assert other == "public, max-age=300, stale-while-revalidate=86400"
