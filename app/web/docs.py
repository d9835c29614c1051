"""`/docs`: the routes as a page, rendered by our own template from the same OpenAPI document that `/openapi.json`
gives.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

from app import __version__
from app.web import security
from app.web.contexts import DocsContext
from app.web.pages import render
from app.web.services import Services, services

router = APIRouter(tags=["Operation"])


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter or a field of a body."""

    name: str
    about: Markup


@dataclass(frozen=True, slots=True)
class Operation:
    """One route."""

    method: str
    path: str
    summary: Markup
    description: Markup
    parameters: tuple[Row, ...]
    body: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The routes of one tag."""

    name: str
    operations: tuple[Operation, ...]


def groups(openapi: dict[str, Any]) -> tuple[Group, ...]:
    """The operations of an OpenAPI document by tag, both in document order."""
    by_tag: dict[str, list[Operation]] = {}
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            made = Operation(
                method.upper(),
                path,
                _marked(operation.get("summary", "")),
                _marked(operation.get("description", "")),
                _rows({p["name"]: p for p in operation.get("parameters", ())}),
                _body(operation, openapi),
            )
            by_tag.setdefault((operation.get("tags") or ["Other"])[0], []).append(made)
    return tuple(Group(name, tuple(operations)) for name, operations in by_tag.items())


def _body(operation: dict[str, Any], openapi: dict[str, Any]) -> tuple[Row, ...]:
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        schema = openapi["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return _rows(schema.get("properties", {}))


def _rows(described: dict[str, Any]) -> tuple[Row, ...]:
    return tuple(Row(name, _marked(about.get("description", ""))) for name, about in described.items())


def _marked(text: str) -> Markup:
    """A description with what stands in backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text)))  # noqa: S704 - escaped before


@router.get("/docs", summary="This page", response_class=HTMLResponse)
async def docs(request: Request, held: Annotated[Services, Depends(services)]) -> Response:
    """Every route with its parameters."""
    nonce = security.new_nonce()
    context = DocsContext(__version__, nonce, held.settings.trust_local, groups(request.app.openapi()))
    return HTMLResponse(render("docs.html", context, held.build), headers=security.page(nonce))
