"""What each page template is given: one frozen dataclass a template, whose fields say what they hold.

`tests/web/test_contexts.py` fails when a template uses a name that its dataclass lacks. Besides these fields every
template has the functions `modules(entry)`, the scripts that an entry needs, and `static(path)`, the address of a file
under `static/` that a browser may cache for ever; so
relative imports of modules and `url(…)` in CSS need no version of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from markupsafe import Markup

from app.examples import Example
from app.export import Export
from app.web.unfurl import Card


@dataclass(frozen=True, slots=True)
class BaseContext:
    """What every page knows."""

    version: Annotated[str, "Gradwalk's version, e.g. 0.1.0"]
    nonce: Annotated[
        str,
        "the nonce that this response's Content-Security-Policy allows for <style>; put it on <meta name=csp-nonce>",
    ]
    trust_local: Annotated[bool, "true: snippets run without the operating system's wall; the page shows a banner"]


@dataclass(frozen=True, slots=True)
class PageContext(BaseContext):
    """`page.html` (GET /) and `embed.html` (GET /embed)."""

    svg: Annotated[
        Markup, "the SVG of the whole walk, to stand inline in the player; empty where nothing could be drawn"
    ]
    walk: Annotated[
        str | None,
        "the Walk without its svg (trace, explain, query, example), to be written by |tojson; None on failure",
    ]
    error: Annotated[
        dict[str, Any] | None, "the error object (code, message, line, column, hint) when there is no walk"
    ]
    source: Annotated[str, "what the editor starts with: the program or bare expression as the user wrote it"]
    options: Annotated[
        dict[str, Any], "the view's parameters as parsed (step, select, theme, controls, predict …), for |tojson"
    ]
    step: Annotated[int, "the absolute step to start at, already clamped"]
    steps: Annotated[int, "the number of steps, 0 when there is no walk"]
    sentence: Annotated[str, "the text of that step, so that the first paint is complete"]
    example: Annotated[Example | None, "the gallery example that is shown (name, title, idea, source), if it is one"]
    examples: Annotated[tuple[Example, ...], "the gallery in its order, for the menu"]
    longest: Annotated[int, "the most characters a snippet may have"]
    card: Annotated[Card | None, "what other programs show of the link to this very step, if its address suits them"]
    exports: Annotated[tuple[Export, ...], "the formats of the Share panel, in their order"]


@dataclass(frozen=True, slots=True)
class CompareContext(BaseContext):
    """`compare.html` (GET / with `vs`)."""

    data: Annotated[str | None, "the JSON of POST /api/compare, to be written by |tojson; None on failure"]
    error: Annotated[dict[str, Any] | None, "the error object (code, message, line, column, hint) of either program"]
    sources: Annotated[tuple[str, str], "both programs, as their authors wrote them"]
    options: Annotated[dict[str, Any], "the view's parameters as parsed, for |tojson"]
    step: Annotated[int, "the row of the comparison to start at, already clamped"]
    steps: Annotated[int, "the number of rows, 0 when there is no comparison"]
    leave: Annotated[str, "the query string of the first program alone"]
    longest: Annotated[int, "the most characters a snippet may have"]


@dataclass(frozen=True, slots=True)
class ExamplesContext(BaseContext):
    """`examples.html` (GET /examples)."""

    examples: Annotated[tuple[Example, ...], "the gallery in its order; /svg?ex=NAME is the picture of each"]


@dataclass(frozen=True, slots=True)
class ErrorContext(BaseContext):
    """`error.html`: any failed request of a browser."""

    status: Annotated[int, "the HTTP status"]
    error: Annotated[dict[str, Any], "the error object: code, message, line, column, hint"]


@dataclass(frozen=True, slots=True)
class DocsContext(BaseContext):
    """`docs.html` (GET /docs)."""

    groups: Annotated[tuple[Any, ...], "the routes by tag, each with its operations, parameters, bodies and answers"]
