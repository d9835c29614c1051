"""Builds the app: its services, its routes, and what it refuses to do without the operating system's wall."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import __version__
from app.draw.layout import Layouter
from app.sandbox import Sandbox
from app.web import (
    answers,
    api,
    comparing,
    delivery,
    docs,
    editing,
    explaining,
    exports,
    health,
    pages,
    sharing,
    unfurl,
)
from app.web.cache import Cache
from app.web.limiting import RateLimit
from app.web.links import Links
from app.web.metrics import Metrics
from app.web.middleware import Front
from app.web.programs import Programs
from app.web.rendered import Rendered
from app.web.services import Services
from app.web.settings import Settings
from app.web.static import Static, build_id
from app.web.walk import Walks
from app.web.wall import UnwalledError, check_wall

_log = logging.getLogger("gradwalk")


def create_app(
    settings: Settings | None = None, *, sandbox: Sandbox | None = None, started: Awaitable[object] | None = None
) -> FastAPI:
    """The app with these settings (by default from the environment); its services start with its lifespan.

    `sandbox` and `started`: a sandbox that is starting already, and what to wait for until it has; the app closes it.
    """
    settings = settings or Settings()
    metrics, build = Metrics(), build_id()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            runner, layouter = sandbox or Sandbox(settings.limits, trust_local=settings.trust_local), Layouter()
            stack.push_async_callback(runner.close)
            stack.push_async_callback(layouter.close)
            await asyncio.gather(started or runner.start(), layouter.start())
            check_wall(runner, settings)
            limit = RateLimit(settings.rate_limit)
            links = Links(settings.links_path, settings.links_bytes, settings.source_characters)
            programs = Programs(settings, links)
            walks = Walks(settings, runner, layouter, programs, limit=limit, metrics=metrics)
            stack.push_async_callback(walks.close)
            pages_kept: Cache[Rendered] = Cache(settings.cache_bytes // 6)
            stack.push_async_callback(pages_kept.close)
            app.state.services = Services(
                settings, runner, layouter, walks, programs, links, limit, pages_kept, metrics, build
            )
            _log.info("Gradwalk %s is ready on http://%s:%d", __version__, settings.host, settings.port)
            yield

    app = FastAPI(
        title="Gradwalk",
        version=__version__,
        summary="Step through the computational graph of a small PyTorch snippet, forward and backward.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    answers.install(app)
    app.state.trust_local = settings.trust_local
    app.state.build = build
    for part in (pages, api, comparing, editing, explaining, exports, delivery, sharing, unfurl, health, docs):
        app.include_router(part.router)
    app.mount("/static", Static(build), name="static")
    app.add_middleware(
        Front,
        metrics=metrics,
        body_bytes=settings.body_bytes,
        access_log=settings.access_log,
        trust_local=settings.trust_local,
    )
    app.add_middleware(PlainRefusal)
    return app


class PlainRefusal:
    """ASGI middleware: a refused start is one line for the operator, not a traceback."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return

        async def send_plain(message: Message) -> None:
            text: str = message.get("message", "")
            if message["type"] == "lifespan.startup.failed" and UnwalledError.__name__ in text:
                message = {**message, "message": text.rsplit(f"{UnwalledError.__name__}: ", 1)[-1].strip()}
            await send(message)

        await self._app(scope, receive, send_plain)
