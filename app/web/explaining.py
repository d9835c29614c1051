"""What the page asks for beyond a walk: the check of a program's gradients, and which cells depend on one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from app.core.errors import GradwalkError
from app.explain import explain_cells
from app.explain.at_cell import elements_at
from app.web.api import own_view
from app.web.queries import Snippet
from app.web.services import Services, client_of, services

router = APIRouter(prefix="/api", tags=["Programs"])

Held = Annotated[Services, Depends(services)]
_NO_STORE = {"Cache-Control": "no-store"}


class CellOf(Snippet):
    """The body of `POST /api/cells`: a snippet, and one cell of it."""

    node: str = Field(description="the node's id, `n2`")
    index: list[int] = Field(max_length=64, description="the cell in the node's output, `[0, 1]`")
    output: int = Field(default=0, ge=0, le=1_000, description="which of the node's outputs (0)")


@router.post("/check", summary="Check a snippet's gradients by finite differences")
async def check(request: Request, held: Held, snippet: Snippet) -> Response:
    """Every operation and every gradient of every pass against central differences in float64; `docs/explain.md` says
    how, and explains the fields. Runs the snippet once, under the same limits as any run.
    """
    view = await own_view(request, held, snippet)
    data = await held.walks.verdict_json(view, client_of(request))
    return Response(data, media_type="application/json", headers=_NO_STORE)


@router.post("/cells", summary="Which cells one cell depends on, and which depend on it")
async def cells(request: Request, held: Held, cell: CellOf) -> Response:
    """`{"backward", "forward", "omitted"}`, over the whole graph, and `elements`, its rules where the operation is
    elementwise; `docs/explain.md` explains the fields.
    """
    view = await own_view(request, held, cell)
    trace = await held.walks.trace(view, client_of(request))
    found = explain_cells(trace, cell.node, cell.index, cell.output)
    if found is None:
        message = f"There is no cell {cell.index} in output {cell.output} of a node {cell.node[:20]}."
        raise GradwalkError("bad_view", message)
    rules = {}
    if cell.output == 0:
        numbered = view.names == "numbered"
        rules = elements_at(trace, cell.node, cell.index, digits=view.digits, num=view.num, numbered=numbered)
    return JSONResponse({**found, "elements": rules}, headers=_NO_STORE)
