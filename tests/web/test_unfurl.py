"""What other programs make of a link: cards, oEmbed, QR codes."""

from __future__ import annotations

import html
import io
import re
from xml.etree import ElementTree as ET

import httpx
import pytest
from PIL import Image

from app.core.codec import encode

BROWSER = {"Accept": "text/html"}


def head(client: httpx.Client, path: str) -> dict[str, str]:
    page = client.get(path, headers=BROWSER).text
    found = re.findall(r'<meta (?:property|name)="([\w:]+)" content="([^"]*)">', page)
    link = re.search(r'<link rel="alternate" type="application/json\+oembed" href="([^"]*)"', page)
    return {name: html.unescape(text) for name, text in found} | ({"oembed": html.unescape(link[1])} if link else {})


@pytest.mark.parametrize("path", ["/", "/embed"])
def test_the_card_of_a_link_shows_that_very_step(client: httpx.Client, path: str) -> None:
    base = str(client.base_url).rstrip("/")
    card = head(client, f"{path}?ex=lecture&step=6&theme=dark")
    assert card["og:url"] == f"{base}/?ex=lecture&step=6&theme=dark"
    assert card["og:title"] == "One neuron, step by step"
    assert card["og:description"].startswith("v = u + b receives")
    assert card["twitter:card"] == "summary_large_image"
    assert (card["og:image:width"], card["og:image:height"]) == ("1200", "630")
    assert card["og:image"].startswith(f"{base}/card.png?ex=lecture&step=6&theme=dark&v=")
    answer = client.get(card["og:image"])
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    image = Image.open(io.BytesIO(answer.content))
    assert image.size == (1200, 630)
    assert image.convert("RGB").getpixel((2, 2)) == (0x12, 0x17, 0x1D)
    other = client.get(card["og:image"].replace("step=6", "step=2"))
    assert other.content != answer.content


def test_a_link_that_is_too_long_has_no_card(client: httpx.Client) -> None:
    long = "x = 1\n" + "\n".join(f"# {hash(n)} {n * 7919 % 1009}" for n in range(1500))
    assert "og:image" not in head(client, f"/?c={encode(long)}")


def test_a_forged_host_comes_into_no_page(client: httpx.Client) -> None:
    for host in ('evil"><script>', "a b", "x/../y", "a@b"):
        page = client.get("/?ex=lecture", headers={**BROWSER, "Host": host})
        assert page.status_code in (200, 400)
        assert "og:image" not in page.text
        assert "evil" not in page.text


def test_oembed_is_the_player(client: httpx.Client) -> None:
    base = str(client.base_url).rstrip("/")
    answer = client.get("/oembed", params={"url": f"{base}/?ex=lecture&step=3", "format": "json"})
    assert answer.headers["access-control-allow-origin"] == "*"
    told = answer.json()
    assert {told[name] for name in ("version", "type", "provider_name")} == {"1.0", "rich", "Gradwalk"}
    assert (told["title"], told["width"], told["height"]) == ("One neuron, step by step", 960, 540)
    frame = ET.fromstring(told["html"])
    assert (frame.tag, frame.get("src")) == ("iframe", f"{base}/embed?ex=lecture&step=3")
    assert client.get(frame.get("src") or "").status_code == 200


@pytest.mark.parametrize(
    ("limits", "size", "thumbnail"),
    [
        ({"maxwidth": 500}, (500, 540), False),
        ({"maxheight": 300}, (960, 300), False),
        ({"maxwidth": 5000, "maxheight": 5000}, (960, 540), True),
    ],
)
def test_oembed_keeps_to_the_room(
    client: httpx.Client, limits: dict[str, int], size: tuple[int, int], thumbnail: bool
) -> None:
    told = client.get("/oembed", params={"url": f"{client.base_url}?ex=lecture", **limits}).json()
    assert (told["width"], told["height"]) == size
    assert f'width="{size[0]}" height="{size[1]}"' in told["html"]
    assert ("thumbnail_url" in told) is thumbnail


def test_the_page_s_own_discovery_leads_to_it(client: httpx.Client) -> None:
    told = client.get(head(client, "/?expr=relu(w*x)&let=w:2")["oembed"]).json()
    assert told["title"] == "Graph of relu(w*x)"
    assert "embed?expr=relu(w*x)&amp;let=w:2" in told["html"]
    id_ = client.post("/s", json={"source": "x = torch.ones(2)"}).json()["id"]
    told = client.get("/oembed", params={"url": f"{str(client.base_url).rstrip('/')}/s/{id_}?step=1"}).json()
    assert f"/embed?id={id_}&amp;step=1" in told["html"]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("url={base}/&format=xml", 501, "not_implemented"),
        ("url=https://example.org/?ex=lecture", 404, "not_found"),
        ("url={base}/svg?ex=lecture", 404, "not_found"),
        ("url={base}.evil.org/", 404, "not_found"),
        ("url=javascript:alert(1)", 404, "not_found"),
        ("url={base}/?ex=nothing_of_that_name", 404, "not_found"),
        ("url={base}/s/abc", 404, "not_found"),
        ("url={base}/?dir=up", 400, "bad_view"),
        ("", 400, "bad_view"),
        ("url={base}/&maxwidth=wide", 400, "bad_view"),
    ],
)
def test_oembed_refuses(client: httpx.Client, query: str, status: int, code: str) -> None:
    answer = client.get("/oembed?" + query.format(base=str(client.base_url).rstrip("/")))
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_a_qr_code_holds_the_link(client: httpx.Client) -> None:
    import segno

    base = str(client.base_url).rstrip("/")
    answer = client.get("/qr?ex=lecture&step=3")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    expected = io.BytesIO()
    code = segno.make(f"{base}/?ex=lecture&step=3", error="m", micro=False)
    code.save(expected, kind="svg", xmldecl=False, omitsize=True, border=3, light="#fff")
    assert answer.content == expected.getvalue()
    ET.fromstring(answer.content)
    id_ = client.post("/s", json={"source": "x = torch.ones(3)"}).json()["id"]
    assert client.get(f"/qr?id={id_}").status_code == 200
    long = client.get("/qr?expr=" + "w*" * 300 + "x")
    assert (long.status_code, long.json()["error"]["code"]) == (413, "too_long")
