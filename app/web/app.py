"""Builds the app: its services, its routes, and what it refuses to do without the operating system's wall."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import __version__
from app.draw.layout import Layouter
from app.sandbox import Sandbox
from app.sandbox.selftest import platform_note
from app.web import api, docs, errors, exports, health, pages
from app.web.limiting import RateLimit
from app.web.metrics import Metrics
from app.web.middleware import Front
from app.web.services import Services
from app.web.settings import Settings
from app.web.static import Static, build_id
from app.web.trust import is_loopback
from app.web.walk import Walks

_log = logging.getLogger("gradwalk")


class UnwalledError(Exception):
    """The wall around strangers' code does not stand, so the server must not listen to strangers."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """The app with these settings (by default from the environment); its services start with its lifespan."""
    settings = settings or Settings()
    metrics, build = Metrics(), build_id()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            sandbox, layouter = Sandbox(settings.limits, trust_local=settings.trust_local), Layouter()
            stack.push_async_callback(sandbox.close)
            stack.push_async_callback(layouter.close)
            await asyncio.gather(sandbox.start(), layouter.start())
            check_wall(sandbox, settings)
            walks = Walks(settings, sandbox, layouter, RateLimit(settings.rate_limit), metrics)
            stack.push_async_callback(walks.close)
            app.state.services = Services(settings, sandbox, layouter, walks, metrics, build)
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
    errors.install(app)
    app.state.trust_local = settings.trust_local
    app.state.build = build
    for part in (pages, api, exports, health, docs):
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


def check_wall(sandbox: Sandbox, settings: Settings) -> None:
    """Says what is missing in the wall, and refuses an address that strangers can reach without it.

    Raises:
        UnwalledError: the wall does not stand, and the server was asked to listen to more than this machine.
    """
    for warning in sandbox.wall.warnings:
        _log.warning("%s", warning)
    if sandbox.wall.ok:
        return
    if not is_loopback(settings.host):
        raise UnwalledError(
            f"{sandbox.wall.reason} So Gradwalk does not listen on {settings.host}, where strangers come. "
            f"{platform_note()}"
        )
    if settings.trust_local:
        _log.warning("%s Programs can reach your files: run your own only.", sandbox.wall.reason)
    else:
        _log.warning("%s No program is run. %s", sandbox.wall.reason, platform_note())


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
