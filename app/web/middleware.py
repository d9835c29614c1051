"""The outermost layer of each request: size cap, security headers, metrics, the access log, and the answer to a defect.

Owns nothing that depends on a route.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from typing import cast

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import GradwalkError
from app.web import security
from app.web.answers import error_answer, unexpected
from app.web.metrics import Metrics
from app.web.wall import is_loopback

LONGEST_QUERY = 60_000
"""Bytes; the HTTP parser itself refuses addresses above 65,535."""

_access = logging.getLogger("gradwalk.access")


class Front:
    """ASGI middleware; `body_bytes` caps the body."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, body_bytes: int, access_log: bool, trust_local: bool) -> None:
        self._app = app
        self._metrics = metrics
        self._body_bytes = body_bytes
        self._access_log = access_log
        self._trust_local = trust_local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0
        asked = scope["method"]
        if asked == "HEAD":  # the same answer without its body
            scope = {**scope, "method": "GET"}

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                if "content-security-policy" not in headers:
                    _add(headers, security.data())
                _add(headers, security.COMMON)
            elif asked == "HEAD" and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        try:
            await self._answer(scope, receive, send_with_headers)
        except Exception as error:
            if status:  # too late for another answer
                raise
            await unexpected(Request(scope), error)(scope, receive, send_with_headers)
        finally:
            seconds = time.perf_counter() - started
            route = "/static" if scope["path"].startswith("/static/") else getattr(scope.get("route"), "path", "other")
            self._metrics.answered(route, asked, status, seconds)
            if self._access_log:
                _access.info("%s %s %d %.1f ms", asked, json.dumps(scope["path"]), status, 1000 * seconds)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if self._trust_local and not is_loopback(request.url.hostname or ""):
            # A stranger's name that points here (DNS rebinding) would make this page same-origin with theirs.
            refusal = GradwalkError("forbidden", "Without the wall, Gradwalk answers to the name localhost only.")
            await error_answer(request, refusal)(scope, receive, send)
            return
        length = request.headers.get("content-length", "0")
        if len(scope["query_string"]) > LONGEST_QUERY or not length.isdigit() or int(length) > self._body_bytes:
            await self._too_long(request)(scope, receive, send)
            return
        body = await self._body(receive)
        if body is None:
            await self._too_long(request)(scope, receive, send)
            return
        parts: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive_again() -> Message:
            return parts.pop() if parts else await receive()

        await self._app(scope, receive_again, send)

    async def _body(self, receive: Receive) -> bytes | None:
        """The whole body, None where it is too long; small by its cap, so that it may wait in memory."""
        body, more = b"", True
        while more and len(body) <= self._body_bytes:
            message = await receive()
            body += cast(bytes, message.get("body", b""))
            more = message.get("more_body", False)
        return body if len(body) <= self._body_bytes else None

    def _too_long(self, request: Request) -> ASGIApp:
        message = f"A request may have {self._body_bytes:,} bytes, and {LONGEST_QUERY:,} in its address."
        return error_answer(request, GradwalkError("too_long", message, hint="A snippet is a small program."))


def _add(headers: MutableHeaders, more: Mapping[str, str]) -> None:
    for name, value in more.items():
        headers.setdefault(name, value)
