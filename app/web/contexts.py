"""What each page template is given: one frozen dataclass a template, whose fields say what they hold.

`tests/web/test_contexts.py` fails when a template uses a name that its dataclass lacks. Besides these fields every template has the
function `static(path)`, the address of a file under `static/` that a browser may cache for ever; so relative imports of modules and
`url(…)` in CSS need no version of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from app.gallery import Example


def _help(text: str) -> Any:
    return field(metadata={"help": text})


@dataclass(frozen=True, slots=True)
class BaseContext:
    """What every page knows."""

    version: str = _help("Gradwalk's version, e.g. 0.1.0")
    nonce: str = _help("the nonce that this response's Content-Security-Policy allows for <style>; put it on <meta name=csp-nonce>")
    trust_local: bool = _help("true: snippets run without the operating system's wall; the page shows a banner")


@dataclass(frozen=True, slots=True)
class PageContext(BaseContext):
    """`page.html` (GET /) and `embed.html` (GET /embed)."""

    svg: Markup = _help("the SVG of the whole walk, to stand inline in the player; empty where nothing could be drawn")
    walk: dict[str, Any] | None = _help("the Walk without its svg: trace, explain, query, example; for |tojson; None when the run failed")
    error: dict[str, Any] | None = _help("the error object (code, message, line, column, hint) when there is no walk")
    source: str = _help("what the editor starts with: the program or bare expression as the user wrote it")
    options: dict[str, Any] = _help("the view's parameters as parsed (step, select, theme, controls, predict …), for |tojson")
    step: int = _help("the absolute step to start at, already clamped")
    steps: int = _help("the number of steps, 0 when there is no walk")
    sentence: str = _help("the text of that step, so that the first paint is complete")
    example: Example | None = _help("the gallery example that is shown (name, title, idea, source), if it is one")
    examples: tuple[Example, ...] = _help("the gallery in its order, for the menu")
    longest: int = _help("the most characters a snippet may have")


@dataclass(frozen=True, slots=True)
class ExamplesContext(BaseContext):
    """`examples.html` (GET /examples)."""

    examples: tuple[Example, ...] = _help("the gallery in its order; /svg?ex=NAME is the picture of each")


@dataclass(frozen=True, slots=True)
class ErrorContext(BaseContext):
    """`error.html`: any failed request of a browser."""

    status: int = _help("the HTTP status")
    error: dict[str, Any] = _help("the error object: code, message, line, column, hint")


@dataclass(frozen=True, slots=True)
class DocsContext(BaseContext):
    """`docs.html` (GET /docs)."""

    groups: tuple[Any, ...] = _help("the routes by tag, each with its operations, parameters, bodies and answers")
