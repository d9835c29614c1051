"""The JSON that the page and programs ask for: a snippet's Trace, or its whole walk."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.core.view import View
from app.examples import load
from app.web import security
from app.web.cache import Made
from app.web.departure import while_there
from app.web.freshness import etag, kept, unchanged
from app.web.queries import Snippet, view_of, view_parameters
from app.web.rendered import Rendered, gzip_tag, not_modified, respond
from app.web.runs import apart
from app.web.services import Services, client_of, services
from app.web.trust import check_own_page

router = APIRouter(prefix="/api", tags=["Programs"])

Held = Annotated[Services, Depends(services)]
_JSON = "application/json"
_NO_STORE = {"Cache-Control": "no-store"}


@router.post("/trace", summary="Run a snippet; its Trace")
async def trace(request: Request, held: Held, snippet: Snippet) -> Response:
    """200 and the Trace, also where the snippet raised: its `error` says so. `docs/trace.md` explains the fields."""
    view = await own_view(request, held, snippet)
    made = await while_there(request, held.walks.trace_json(view, client_of(request)))
    return Response(made, media_type=_JSON, headers=_NO_STORE)


@router.post("/walk", summary="Run a snippet; its Trace, explanation and picture")
async def walk(request: Request, held: Held, snippet: Snippet) -> Response:
    """`{"trace", "explain", "query", "example", "svg"}`: all that the page needs to play it; `query` is the address
    without the step.
    """
    view = await own_view(request, held, snippet)
    made = await while_there(request, held.walks.walk(view, client_of(request)))
    shown = load(view.program.text) if view.program.kind == "ex" else None
    return Response(made.answer(view.query(step=False), shown), media_type=_JSON, headers=_NO_STORE)


@router.get("/walk", summary="The walk of a view, for any page", openapi_extra=view_parameters())
async def walk_of_view(request: Request, held: Held) -> Response:
    """The same for the query string of a view. An embed asks for it when its host wants other digits."""
    view = view_of(request)
    source = (await held.programs.snippet(view)).source
    tag = etag("walk", held.build, view.query(step=False), source)
    headers = {
        **security.export(),
        "ETag": tag,
        "Cache-Control": kept(request, held.build),
        "Vary": "Accept-Encoding",
    }
    if unchanged(request, tag, gzip_tag(tag)):
        return not_modified(request, headers)

    async def make() -> Made[Rendered]:
        made = await held.walks.walk(view, client_of(request))
        shown = load(view.program.text) if view.program.kind == "ex" else None
        packed = await apart(lambda: Rendered.of(made.answer(view.query(step=False), shown)), len(made.svg))
        return Made(packed, packed.weight, held.settings.cache_seconds)

    return respond(request, await held.kept(tag, make), headers, media_type=_JSON)


async def own_view(request: Request, held: Services, snippet: Snippet) -> View:
    """The view of a body; where only own code may run, what came from our own page becomes own code."""
    view = snippet.view()
    if held.settings.trust_local:
        check_own_page(request)
        await held.programs.admit(view)
    return view
