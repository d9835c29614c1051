"""Liveness, readiness, and the numbers of this server process."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse, Response

from app.core.errors import GradwalkError
from app.web.services import Services, services

router = APIRouter(tags=["Operation"])

_NO_STORE = {"Cache-Control": "no-store"}


@router.get("/healthz", summary="Whether the process answers")
async def healthz() -> JSONResponse:
    """Always 200 while the server process answers at all."""
    return JSONResponse({"status": "ok"}, headers=_NO_STORE)


@router.get("/readyz", summary="Whether snippets can be run and drawn")
async def readyz(held: Annotated[Services, Depends(services)]) -> JSONResponse:
    """200 once the wall is proven and the layout process is alive; else 503 `sandbox_unavailable`, saying what is
    missing.
    """
    wall, layout = held.sandbox.wall, await _layout_alive(held)
    state: dict[str, Any] = {"wall": wall.ok, "layout": layout, "warnings": list(wall.warnings)}
    if wall.ok and layout:
        return JSONResponse({"status": "ready", **state}, headers=_NO_STORE)
    reason = wall.reason or "The layout process is not running."
    error = GradwalkError("sandbox_unavailable", reason)
    return JSONResponse({"error": error.to_dict(), **state}, 503, headers={**_NO_STORE, "Retry-After": "5"})


@router.get("/metrics", summary="Counters in Prometheus' text format")
async def metrics(held: Annotated[Services, Depends(services)]) -> Response:
    """Requests, runs, times and caches of this server process."""
    return Response(held.metrics.text(), media_type=held.metrics.content_type, headers=_NO_STORE)


async def _layout_alive(held: Services) -> bool:
    """A layout that took too long has ended its process; the next one, or this question, starts another."""
    if held.layouter.pid is not None:
        return True
    try:
        await held.layouter.start()
    except GradwalkError:
        return False
    return True
