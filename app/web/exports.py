"""The exports of a view, one route each, all from the registry in `app.export`: a new format there is a new route here.

An export is a pure function of (program, options, build), so its ETag is known before anything is run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.export import EXPORTS
from app.web import security
from app.web.queries import view_of, view_parameters
from app.web.services import Services, client_of, services

router = APIRouter(tags=["Exports"])

Held = Annotated[Services, Depends(services)]

_KEEP = "public, max-age=300, stale-while-revalidate=86400"


def etag(source: str, query: str, suffix: str, build: str) -> str:
    """The strong ETag of an export; `query` is the view's canonical one."""
    digest = hashlib.sha256("\0".join((suffix, build, query, source)).encode("utf-8", "surrogatepass"))
    return f'"{digest.hexdigest()[:32]}"'


def _matches(request: Request, tag: str) -> bool:
    known = request.headers.get("if-none-match", "")
    return any(one.strip().removeprefix("W/") == tag for one in known.split(","))


def _route(suffix: str) -> Callable[[Request, Services], Awaitable[Response]]:
    async def answer(request: Request, held: Held) -> Response:
        view = EXPORTS[suffix].placed(view_of(request))
        tag = etag(held.walks.snippet(view).source, view.query(), suffix, held.build)
        headers = {**security.export(), "ETag": tag, "Cache-Control": _KEEP}
        if EXPORTS[suffix].download:
            headers["Content-Disposition"] = f'attachment; filename="gradwalk.{suffix}"'
        if _matches(request, tag):
            return Response(None, 304, headers)
        data = await held.walks.export(view, suffix, client_of(request))
        return Response(data, media_type=EXPORTS[suffix].media_type, headers=headers)

    return answer


for _suffix, _export in EXPORTS.items():
    router.add_api_route(
        f"/{_export.route}",
        _route(_suffix),
        methods=["GET"],
        name=_suffix,
        summary=_export.summary,
        description="A pure function of the address. Without `step` a single picture shows the end.",
        response_class=Response,
        openapi_extra=view_parameters(),
    )
