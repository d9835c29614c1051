"""An export whose maker may take long, told how far it is while it is made.

The answer is one stream: lines of JSON, `{"done", "total"}` as often as there is news, then `{"name", "type", "size"}`
and at once the bytes of the file; or a line `{"error"}` in their place. Who ends the request ends the work, unless
others wait for the same file.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import StreamingResponse

from app.core.errors import GradwalkError
from app.core.view import View
from app.export import EXPORTS, Export
from app.web.errors import error_body
from app.web.queries import view_of, view_parameters
from app.web.services import Services, client_of, services

router = APIRouter(prefix="/api", tags=["Exports"])

_PIECE = 2**18
_QUIET_SECONDS = 10.0
"""How long a proxy may see nothing."""


@router.get("/export/{suffix}", summary="An export with its progress, as one stream", openapi_extra=view_parameters())
async def deliver(request: Request, held: Annotated[Services, Depends(services)], suffix: str) -> StreamingResponse:
    """Lines of JSON, then the file; `docs/api.md` says how. To end the request is to cancel it."""
    export = EXPORTS.get(suffix)
    if export is None:
        raise GradwalkError("not_found", f"There is no export {suffix[:20]}.", hint=f"Known are {', '.join(EXPORTS)}.")
    view = export.placed(view_of(request))
    await held.programs.snippet(view)
    parts = _parts(held, view, export, client_of(request))
    return StreamingResponse(parts, media_type="application/octet-stream", headers={"Cache-Control": "no-store"})


async def _parts(held: Services, view: View, export: Export, client: str) -> AsyncIterator[bytes]:
    news: asyncio.Queue[tuple[int, int] | None] = asyncio.Queue()
    work = asyncio.ensure_future(
        held.walks.export(view, export, client, progress=lambda done, total: news.put_nowait((done, total)))
    )
    work.add_done_callback(lambda _work: news.put_nowait(None))
    try:
        told = (0, 0)
        while not work.done():
            try:
                latest = await asyncio.wait_for(news.get(), _QUIET_SECONDS)
            except TimeoutError:
                latest = told
            if latest is not None:
                told = latest
                yield _line({"done": told[0], "total": told[1]})
        try:
            data = work.result()
        except GradwalkError as error:
            yield _line(error_body(error))
            return
        yield _line({"name": f"gradwalk.{export.suffix}", "type": export.media_type, "size": len(data)})
        for start in range(0, len(data), _PIECE):
            yield data[start : start + _PIECE]
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


def _line(content: dict[str, Any]) -> bytes:
    return json.dumps(content).encode() + b"\n"
