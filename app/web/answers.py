"""The answer to every request that fails, in one place: JSON, or the error page for a browser."""

from __future__ import annotations

import http
import logging
import traceback
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.core.errors import GradwalkError
from app.web.departure import GoneError
from app.web.errors import error_body, retry_headers, status_of, wants_page
from app.web.pages import error_page

_GONE = 499
"""For the access log alone: the client went away before its answer."""

_log = logging.getLogger("gradwalk")


def error_answer(request: Request, error: GradwalkError) -> Response:
    """The answer to a request that failed with `error`."""
    status, headers = status_of(error), {"Cache-Control": "no-store", "Vary": "Accept", **retry_headers(error)}
    if wants_page(request):
        return error_page(request, error, status, headers)
    return JSONResponse(error_body(error), status, headers)


def _from_http(error: HTTPException) -> GradwalkError:
    if error.status_code == http.HTTPStatus.NOT_FOUND:
        return GradwalkError(
            "not_found", "There is nothing at this address.", hint="The app is at /, the routes at /docs."
        )
    if error.status_code == http.HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow") or (error.headers or {}).get("allow")
        return GradwalkError(
            "method_not_allowed", "This address takes another method.", hint=f"Use {allowed}." if allowed else None
        )
    return GradwalkError("bad_view", str(error.detail))


def _from_validation(error: RequestValidationError) -> GradwalkError:
    first: dict[str, Any] = dict(error.errors()[0])
    if first.get("type") == "json_invalid":
        return GradwalkError("bad_view", "The body is not JSON.", hint="What is expected is at /docs.")
    place = ".".join(str(part) for part in first.get("loc", ()) if part != "body")
    message = str(first.get("msg", "is not valid"))
    return GradwalkError("bad_view", f"{place}: {message}" if place else message, hint="What is expected is at /docs.")


def unexpected(request: Request, error: Exception) -> Response:
    """The answer to a request that met a defect of ours, and its record in the log."""
    # The exception's own text may quote a program, so the log gets its type and where it was raised.
    where = "".join(traceback.format_tb(error.__traceback__)[-8:])
    _log.error("%s %s met a defect: %s\n%s", request.method, request.url.path, type(error).__name__, where)
    return error_answer(
        request, GradwalkError("internal", "Gradwalk made a mistake here; it is not your snippet's fault.")
    )


def install(app: FastAPI) -> None:
    """Registers the one handler for every kind of expected failure; the rest is for `unexpected`."""

    async def known(request: Request, error: Exception) -> Response:
        return error_answer(request, cast(GradwalkError, error))

    async def from_http(request: Request, error: Exception) -> Response:
        answer = error_answer(request, _from_http(cast(HTTPException, error)))
        allowed = (cast(HTTPException, error).headers or {}).get("Allow")
        if allowed:
            answer.headers["Allow"] = allowed
        return answer

    async def from_validation(request: Request, error: Exception) -> Response:
        return error_answer(request, _from_validation(cast(RequestValidationError, error)))

    async def gone(_request: Request, _error: Exception) -> Response:
        return Response(status_code=_GONE)

    app.add_exception_handler(GradwalkError, known)
    app.add_exception_handler(GoneError, gone)
    app.add_exception_handler(HTTPException, from_http)
    app.add_exception_handler(RequestValidationError, from_validation)
