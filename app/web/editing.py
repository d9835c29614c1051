"""Changes that the page makes to a program for its user: another value of a tensor, one more step of gradient descent.

The answer is the program's new text; what it does is seen by running it.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from app.core.edit_step import edit_step
from app.core.edit_value import MOST, edit_value, value_texts
from app.web.api import own_view
from app.web.queries import Snippet
from app.web.services import Services, client_of, services

router = APIRouter(prefix="/api/edit", tags=["Programs"])

Held = Annotated[Services, Depends(services)]


class ValueOf(Snippet):
    """The body of `POST /api/edit/value`: a snippet, and new numbers for one of its tensors."""

    node: str = Field(description="the id of the leaf or input, `n0`")
    numbers: list[Annotated[str, Field(max_length=64)]] | None = Field(
        default=None,
        max_length=MOST,
        description='the numbers in logical order, as they are typed: `["2", "-0.5"]`; by default those that it has',
    )


class Edited(BaseModel):
    """The program's new text; of a tensor its numbers, as the text spelt them before."""

    source: str
    numbers: tuple[str, ...] | None = None


@router.post("/value", summary="Give a tensor other numbers, in the program's text")
async def value(request: Request, held: Held, change: ValueOf) -> Edited:
    """Changes the numbers where the program writes them and nothing else; of a bare expression the program that it is
    expanded to. 400 `bad_view` says why where there are none, as in `torch.randn(2)`.
    """
    trace = await held.walks.trace(await own_view(request, held, change), client_of(request))
    texts = value_texts(trace, change.node)
    source = trace.program.source if change.numbers is None else edit_value(trace, change.node, change.numbers)
    return Edited(source=source, numbers=texts)


@router.post("/step", summary="Append one more step of gradient descent to a program")
async def step(request: Request, held: Held, snippet: Snippet) -> Edited:
    """A training loop turns once more; a program without one gets one, of its own forward and backward part."""
    trace = await held.walks.trace(await own_view(request, held, snippet), client_of(request))
    return Edited(source=edit_step(trace))
