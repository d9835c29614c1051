"""What the page of a comparison asks for when one of its programs was edited."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import Response

from app.core.codec import encode
from app.web.api import own_view
from app.web.departure import while_there
from app.web.queries import Snippet
from app.web.services import Services, client_of, services

router = APIRouter(prefix="/api", tags=["Programs"])

Held = Annotated[Services, Depends(services)]


class Pair(Snippet):
    """The body of `POST /api/compare`: a snippet, and the variant's source."""

    other: str = Field(description="the second program, or bare expression")


@router.post("/compare", summary="Run two snippets; both walks, their aligned steps and their differences")
async def compare(request: Request, held: Held, pair: Pair) -> Response:
    """`{"walks": [{"trace", "svg"}, …], "compare"}`; `docs/compare.md` explains the fields."""
    view = await own_view(request, held, pair)
    if held.settings.trust_local:
        await held.programs.admit(Snippet(source=pair.other).view())
    both = replace(view, vs=encode(pair.other))
    made = await while_there(request, held.walks.comparison(both, client_of(request)))
    return Response(made.data, media_type="application/json", headers={"Cache-Control": "no-store"})
