"""What other programs make of a link to a view: a card with the picture of that step, or the player (oEmbed 1.0)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote, urlsplit

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import JSONResponse, Response

from app.core.errors import GradwalkError
from app.core.view import MOST_FIELDS, View
from app.examples import load
from app.export.card import HEIGHT, WIDTH
from app.web import security
from app.web.origin import base_of
from app.web.services import Services, services

router = APIRouter(tags=["Sharing"])

Held = Annotated[Services, Depends(services)]

LONGEST = 4_000
"""Characters of a query beyond which no program asks for a card."""
_FRAME = (960, 540)


@dataclass(frozen=True, slots=True)
class Card:
    """What stands in the head of a page for programs that show its link; addresses are absolute."""

    title: str
    description: str
    url: str
    image: str
    width: int
    height: int
    oembed: str


def card_of(request: Request, view: View, sentence: str, build: str) -> Card | None:
    """The card of a page; None where its address is too long for one, or the request names no host."""
    query = view.query()
    if len(query) > LONGEST:
        return None
    try:
        base = base_of(request)
    except GradwalkError:
        return None
    url = f"{base}/?{query}"
    return Card(
        title_of(view),
        sentence,
        url,
        f"{base}/card.png?{query}&v={build}",
        WIDTH,
        HEIGHT,
        f"{base}/oembed?url={quote(url, safe='')}&format=json",
    )


def title_of(view: View) -> str:
    """What a view is of, in a few words, without running it."""
    if view.program.kind == "ex":
        return load(view.program.text).title
    return f"Graph of {view.program.text}" if view.program.kind == "expr" else "Graph of a program"


@router.get("/oembed", summary="The player of a page's or embed's address, as oEmbed 1.0")
async def oembed(
    request: Request,
    held: Held,
    *,
    url: Annotated[str, Query(description="the address of a page, an embed or a short link of this server")],
    maxwidth: Annotated[int, Query(ge=1, description="pixels that the frame may be wide")] = _FRAME[0],
    maxheight: Annotated[int, Query(ge=1, description="pixels that the frame may be high")] = _FRAME[1],
    format: Annotated[str, Query(description="json; xml is answered 501")] = "json",
) -> Response:
    """A `rich` answer whose `html` is the frame. 404 for an address that is not this server's."""
    if format != "json":
        raise GradwalkError("not_implemented", "oEmbed is answered in JSON alone.", hint="Ask with format=json.")
    base = base_of(request)
    view = _linked(url, base)
    await held.programs.snippet(view)
    width, height = min(maxwidth, _FRAME[0]), min(maxheight, _FRAME[1])
    title = title_of(view)
    source = f"{base}/embed?{view.query()}"
    answer: dict[str, Any] = {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": "Gradwalk",
        "provider_url": base,
        "cache_age": 86400,
        "width": width,
        "height": height,
        "html": f'<iframe src="{escape(source)}" width="{width}" height="{height}" title="{escape(title)}" '
        'frameborder="0" sandbox="allow-scripts allow-popups"></iframe>',
    }
    if maxwidth >= WIDTH and maxheight >= HEIGHT:
        answer |= {
            "thumbnail_url": f"{base}/card.png?{view.query()}&v={held.build}",
            "thumbnail_width": WIDTH,
            "thumbnail_height": HEIGHT,
        }
    return JSONResponse(answer, headers={**security.export(), "Cache-Control": "public, max-age=300"})


def _linked(url: str, base: str) -> View:
    """The view that an address of this server shows.

    Raises:
        GradwalkError: `not_found`, where it is no page, embed or short link of ours; `bad_view`.
    """
    foreign = GradwalkError("not_found", "This is no address of a page or an embed of this server.")
    try:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise foreign from None
    if parts.scheme not in ("http", "https") or parts.netloc != urlsplit(base).netloc:
        raise foreign
    if parts.path.startswith("/s/"):
        return View.parse([("id", parts.path.removeprefix("/s/")), *pairs])
    if parts.path not in ("", "/", "/embed"):
        raise foreign
    view = View.parse(pairs)
    # How the page looks to who shares it is not how the frame should: the frame has its own place and theme.
    return view if parts.path == "/embed" else replace(view, controls=None, show=None)
