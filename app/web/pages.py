"""The pages for people: the app, the player for frames, the gallery, and the page of an error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, Response

from app import __version__
from app.core.errors import GradwalkError
from app.core.sentence import with_totals
from app.core.view import View, shown_step
from app.examples import Example, gallery, load
from app.export import EXPORTS
from app.web import security
from app.web.cache import Made
from app.web.contexts import BaseContext, CompareContext, ErrorContext, ExamplesContext, PageContext
from app.web.errors import error_body, retry_headers, status_of, wants_page
from app.web.freshness import ASK_AGAIN, etag, unchanged
from app.web.modules import needed
from app.web.origin import base_or_none
from app.web.queries import view_of, view_parameters
from app.web.rendered import NONCE, Rendered, gzip_tag, not_modified, respond
from app.web.runs import apart
from app.web.services import Services, client_of, services
from app.web.static import ROOT, addresses
from app.web.unfurl import card_of
from app.web.walk import Walk

router = APIRouter(tags=["Pages"], default_response_class=HTMLResponse)

Held = Annotated[Services, Depends(services)]


class Json(str):
    """JSON text that `|tojson` writes as it is, made safe for a `<script>`."""

    __slots__ = ()


def _dump(value: Any, **options: Any) -> str:
    return str(value) if isinstance(value, Json) else json.dumps(value, ensure_ascii=False, **options)


@cache
def environment() -> Environment:
    """Jinja2 over `templates/`: escaping on, an unknown name is an error."""
    made = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.policies["json.dumps_function"] = _dump
    made.policies["json.dumps_kwargs"] = {}
    return made


def render(name: str, context: BaseContext, build: str) -> str:
    """A template's text with the fields of its context, and the functions `static(path)` and `modules(entry)`."""
    values = {field.name: getattr(context, field.name) for field in fields(context)}
    return environment().get_template(name).render(values, static=addresses(build), modules=needed)


@router.get("/", summary="The app", openapi_extra=view_parameters())
async def page(request: Request, held: Held) -> Response:
    """The page of a view, complete without another request. A program at fault gets its page too, with the error's
    status.
    """
    nonce = security.new_nonce()
    asked = view_of(request)
    if asked.vs is not None:
        return await _comparison(request, held, nonce)
    try:
        rendered = await _player(request, held, asked, "page.html", NONCE)
    except GradwalkError as error:
        return await _faulty(request, held, "page.html", error, nonce=nonce, headers=security.page(nonce))
    return respond(request, rendered, security.page(nonce), media_type="text/html", nonce=nonce)


@router.get("/embed", summary="The player alone, for frames", openapi_extra=view_parameters())
async def embed(request: Request, held: Held) -> Response:
    """The player of a view, to be framed by any page or deck."""
    asked = view_of(request)
    source = (await held.programs.snippet(asked)).source
    tag = etag("embed", held.build, asked.query(), source, base_or_none(request))
    headers = {**security.embed(), "ETag": tag, "Cache-Control": ASK_AGAIN, "Vary": "Accept-Encoding"}
    if unchanged(request, tag, gzip_tag(tag)):
        return not_modified(request, headers)
    try:
        rendered = await _player(request, held, asked, "embed.html", "")
    except GradwalkError as error:
        headers = {**security.embed(), "Cache-Control": "no-store"}
        return await _faulty(request, held, "embed.html", error, nonce="", headers=headers)
    return respond(request, rendered, headers, media_type="text/html")


async def _player(request: Request, held: Services, asked: View, template: str, nonce: str) -> Rendered:
    """The page of a walk, rendered once for all who ask.

    Raises:
        GradwalkError: there is no walk.
    """
    key = (template, asked.query(), (await held.programs.snippet(asked)).source, base_or_none(request))

    async def make() -> Made[Rendered]:
        walk = await held.walks.walk(asked, client_of(request))
        context = await player_context(request, held, asked, nonce=nonce, outcome=walk)
        size = len(walk.trace_json) + len(walk.svg)
        made = await apart(lambda: Rendered.of(render(template, context, held.build), nonce=bool(nonce)), size)
        return Made(made, made.weight, held.settings.cache_seconds)

    return await held.kept(key, make)


async def _faulty(
    request: Request, held: Services, template: str, error: GradwalkError, *, nonce: str, headers: dict[str, str]
) -> Response:
    """The page of a program that could not be walked: the program and why."""
    if error.code in ("not_found", "bad_view", "links_unavailable"):
        raise error
    context = await player_context(request, held, view_of(request), nonce=nonce, outcome=error)
    headers = {**headers, **retry_headers(error)}
    return HTMLResponse(render(template, context, held.build), status_of(error), headers)


async def _comparison(request: Request, held: Services, nonce: str) -> Response:
    """The page of two programs side by side; where one is at fault it has both to edit, and the error."""
    asked = view_of(request)
    view = asked.placed("page")
    sources = tuple([(await held.programs.snippet(one)).source for one in (asked, asked.variant())])
    made, failure = None, None
    try:
        made = await held.walks.comparison(asked, client_of(request))
    except GradwalkError as error:
        failure = error
    step = made.row(view.step) if made else 0
    context = CompareContext(
        version=__version__,
        nonce=nonce,
        trust_local=held.settings.trust_local,
        data=Json(made.data) if made else None,
        error=error_body(failure)["error"] if failure else None,
        sources=(sources[0], sources[1]),
        options=options(view),
        step=step,
        steps=len(made.alignment.rows) if made else 0,
        leave=replace(asked, vs=None, step=None).query(),
        longest=held.settings.source_characters,
    )
    headers = {**security.page(nonce), **(retry_headers(failure) if failure else {})}
    text = await run_in_threadpool(render, "compare.html", context, held.build)
    return HTMLResponse(text, status_of(failure) if failure else 200, headers)


async def player_context(
    request: Request, held: Services, asked: View, *, nonce: str, outcome: Walk | GradwalkError
) -> PageContext:
    """What `page.html` and `embed.html` show of a walk, or of the error that stands in its place.

    `asked` is the view of the address, without the defaults of the place.
    """
    view = asked.placed("embed" if request.url.path == "/embed" else "page")
    shown = load(view.program.text) if view.program.kind == "ex" else None
    walk, failure = (None, outcome) if isinstance(outcome, GradwalkError) else (outcome, None)
    step = shown_step(walk.trace, view) if walk else 0
    source = (await held.programs.snippet(asked)).source if asked.program.kind == "id" else asked.program.text
    sentence = with_totals(walk.trace.steps[step].text) if walk and walk.trace.steps and not view.predict else ""
    return PageContext(
        version=__version__,
        nonce=nonce,
        trust_local=held.settings.trust_local,
        svg=Markup(walk.svg if walk else ""),  # noqa: S704 - our own template escaped it
        walk=Json(walk.data(asked.query(step=False), shown)) if walk else None,
        error=error_body(failure)["error"] if failure else None,
        source=shown.source if shown else source,
        options=options(view),
        step=step,
        steps=len(walk.trace.steps) if walk else 0,
        sentence=sentence,
        example=shown,
        examples=tuple(gallery().values()),
        longest=held.settings.source_characters,
        card=card_of(request, asked, sentence, held.build) if walk else None,
        exports=tuple(EXPORTS.values()),
    )


def options(view: View) -> dict[str, Any]:
    """A view's parameters as the browser reads them, without the program."""
    return {field.name: getattr(view, field.name) for field in fields(view) if field.name != "program"}


@router.get("/examples", summary="The gallery: a page, or JSON by Accept")
async def examples(request: Request, held: Held) -> Response:
    """Every example with its title, the idea it teaches and its source."""
    entries = tuple(gallery().values())
    vary = {"Vary": "Accept"}
    if not wants_page(request):
        return JSONResponse(
            {"examples": [_plain(entry) for entry in entries]}, headers={**vary, "Cache-Control": "no-cache"}
        )
    nonce = security.new_nonce()
    context = ExamplesContext(__version__, nonce, held.settings.trust_local, entries)
    return HTMLResponse(render("examples.html", context, held.build), headers={**security.page(nonce), **vary})


def _plain(entry: Example) -> dict[str, str]:
    return asdict(entry)


def error_page(request: Request, error: GradwalkError, status: int, headers: Mapping[str, str]) -> Response:
    """The page of a failed request."""
    nonce = security.new_nonce()
    state = request.app.state
    context = ErrorContext(__version__, nonce, state.trust_local, status, error_body(error)["error"])
    return HTMLResponse(render("error.html", context, state.build), status, {**security.page(nonce), **headers})
