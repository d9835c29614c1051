"""Short links over HTTP: `POST /s` keeps a program, `GET /s/{id}` leads to its page."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Annotated
from urllib.parse import parse_qsl

import segno
from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import JSONResponse, RedirectResponse, Response

from app.core.errors import GradwalkError
from app.core.view import MOST_FIELDS, Program, View
from app.web import security
from app.web.origin import base_of
from app.web.queries import Snippet, view_of, view_parameters
from app.web.services import Services, client_of, services

router = APIRouter(tags=["Sharing"])

Held = Annotated[Services, Depends(services)]


_READABLE = 400
"""Characters of an address that make a code of about 70 modules a side, the most for a projector."""


class Shared(Snippet):
    """The body of `POST /s`: a snippet as for `POST /api/walk`, or `query`."""

    query: str | None = Field(default=None, description="instead: the query string of any view")

    def view(self) -> View:
        """The view that the body names.

        Raises:
            GradwalkError: `bad_view`.
        """
        return super().view() if self.query is None else View.parse(self.query)


@router.post("/s", summary="Keep a program; its short link", status_code=201)
async def keep(request: Request, held: Held, shared: Shared) -> Response:
    """`{"id", "path", "url", "query"}`. The id is a digest of the program, so the same program always has the same one
    and none can be overwritten. The options of the view stay in the query.
    """
    view = shared.view()
    snippet = await held.programs.snippet(view)
    held.limit.charge(client_of(request), "links")
    id_ = await held.links.put(snippet.source)
    query = replace(view, program=Program("id", id_)).query()
    options = query.partition("&")[2]
    path = f"/s/{id_}" + (f"?{options}" if options else "")
    answer = {"id": id_, "path": path, "url": base_of(request) + path, "query": query}
    return JSONResponse(answer, 201, {"Location": path, "Cache-Control": "no-store"})


@router.get("/qr", summary="The link of a view as a QR code, SVG", openapi_extra=view_parameters())
async def qr(request: Request, held: Held) -> Response:
    """What the back row points a phone at. 413 where the address is too long for a code that a phone can read: make a
    short link first, and ask with its `id`.
    """
    view = view_of(request)
    await held.programs.snippet(view)
    query = view.query()
    options = query.partition("&")[2]
    short = f"/s/{view.program.text}" + (f"?{options}" if options else "")
    url = base_of(request) + (short if view.program.kind == "id" else f"/?{query}")
    if len(url) > _READABLE:
        raise GradwalkError("too_long", "The link is too long for a QR code.", hint="Make a short link of it first.")
    out = io.BytesIO()
    segno.make(url, error="m", micro=False).save(out, kind="svg", xmldecl=False, omitsize=True, border=3, light="#fff")
    headers = {**security.export(), "Cache-Control": "public, max-age=300"}
    return Response(out.getvalue(), media_type="image/svg+xml", headers=headers)


@router.get("/s/{id}", summary="Follow a short link", response_class=RedirectResponse, status_code=307)
async def follow(request: Request, held: Held, id: str) -> Response:
    """The page of that program, with the options that stand in the query. 404 where nothing is kept."""
    try:
        pairs = parse_qsl(request.url.query, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise GradwalkError("bad_view", f"The address has more than {MOST_FIELDS} parameters.") from None
    view = View.parse([("id", id), *pairs])
    await held.programs.snippet(view)
    return RedirectResponse(f"/?{view.query()}", 307, {"Cache-Control": "public, max-age=3600"})
