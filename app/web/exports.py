"""The exports of a view, one route each, all from the registry in `app.export`: a new format there is a new route here.

An export is a pure function of (program, options, build), so its ETag is known before anything is run.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.export import CARD, EXPORTS, Export
from app.web import security
from app.web.cache import Made
from app.web.freshness import etag, kept, unchanged
from app.web.queries import view_of, view_parameters
from app.web.rendered import Rendered, gzip_tag, not_modified, respond
from app.web.runs import apart
from app.web.services import Services, client_of, services

router = APIRouter(tags=["Exports"])

_COMPRESSIBLE = re.compile(r"^text/|svg|json|tex")

Held = Annotated[Services, Depends(services)]


def _route(export: Export) -> Callable[[Request, Services], Awaitable[Response]]:
    async def answer(request: Request, held: Held) -> Response:
        view = export.placed(view_of(request))
        tag = etag(export.suffix, held.build, view.query(), (await held.programs.snippet(view)).source)
        headers = {**security.export(), "ETag": tag, "Cache-Control": kept(request, held.build)}
        if _COMPRESSIBLE.search(export.media_type):
            headers["Vary"] = "Accept-Encoding"
        if export.download:
            headers["Content-Disposition"] = f'attachment; filename="gradwalk.{export.suffix}"'
        if unchanged(request, tag, gzip_tag(tag)):
            return not_modified(request, headers)
        data = await held.walks.export(view, export, client_of(request))
        if not _COMPRESSIBLE.search(export.media_type):
            return Response(data, media_type=export.media_type, headers=headers)

        async def pack() -> Made[Rendered]:
            packed = await apart(lambda: Rendered.of(data), len(data))
            return Made(packed, packed.weight, held.settings.cache_seconds)

        return respond(request, await held.kept(tag, pack), headers, media_type=export.media_type)

    return answer


for _export in (*EXPORTS.values(), CARD):
    router.add_api_route(
        f"/{_export.route}",
        _route(_export),
        methods=["GET"],
        name=_export.suffix,
        summary=_export.summary,
        description="A pure function of the address. Without `step` a single picture shows the end.",
        response_class=Response,
        openapi_extra=view_parameters(),
    )
