"""The process around the app: logging, sockets, workers, and the refusal to serve strangers without the wall."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import signal
import sys
from typing import Any

import uvicorn

from app.sandbox import Sandbox
from app.web.settings import Settings, settings_of
from app.web.wall import UnwalledError, check_wall, is_loopback

_FAULT = 3
"""Exit code: Gradwalk or its sandbox is at fault."""
_USAGE = 2
"""Exit code: the command line is."""


def serve(
    host: str | None = None, port: int | None = None, workers: int | None = None, trust_local: bool | None = None
) -> int:
    """Serve until SIGINT or SIGTERM; what is None is taken from the environment. Returns the exit code.

    Raises:
        GradwalkError: `bad_view`, where a setting cannot be read.
    """
    settings = settings_of(host=host, port=port, workers=workers, trust_local=trust_local)
    _log_to_stderr()
    # After its graceful shutdown uvicorn sends the signal on; without this a SIGTERM would end as a failure.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if settings.trust_local and not is_loopback(settings.host):
        return _say(
            _USAGE,
            f"--trust-local serves this machine alone, not {settings.host}. Use --host 127.0.0.1.",
        )
    if settings.workers > 1:
        return _serve_workers(settings)
    try:
        with asyncio.Runner(loop_factory=uvicorn.Config("", log_config=None).get_loop_factory()) as runner:
            return runner.run(_serve_alone(settings))
    except KeyboardInterrupt:
        return 0
    except SystemExit as end:  # uvicorn's, when the port is taken
        return _FAULT if end.code else 0


async def _serve_alone(settings: Settings) -> int:
    # To warm the sandbox takes seconds, mostly of another process; the web framework is imported meanwhile.
    sandbox = Sandbox(settings.limits, trust_local=settings.trust_local)
    started = asyncio.create_task(sandbox.start())
    web = await asyncio.to_thread(importlib.import_module, "app.web.app")
    app = web.create_app(settings, sandbox=sandbox, started=started)
    server = uvicorn.Server(uvicorn.Config(app, **_options(settings)))
    await server.serve()
    return 0 if server.started else _FAULT


def _serve_workers(settings: Settings) -> int:
    # Workers inherit a socket that listens already, so what strangers can reach is proven before there is one.
    try:
        if not is_loopback(settings.host):
            asyncio.run(_prove(settings))
    except UnwalledError as why:
        return _say(_FAULT, str(why))
    for name in ("host", "port", "trust_local"):
        os.environ[f"GRADWALK_{name.upper()}"] = str(getattr(settings, name))
    try:
        uvicorn.run("app.web.server:app_from_environment", factory=True, workers=settings.workers, **_options(settings))
    except KeyboardInterrupt:
        return 0
    except SystemExit as end:
        return _FAULT if end.code else 0
    return 0


def app_from_environment() -> Any:
    """The app of one worker process."""
    _log_to_stderr()
    return importlib.import_module("app.web.app").create_app(Settings())


async def _prove(settings: Settings) -> None:
    async with Sandbox(settings.limits, trust_local=settings.trust_local) as sandbox:
        check_wall(sandbox, settings)


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "host": settings.host,
        "port": settings.port,
        "lifespan": "on",
        "log_config": None,
        "access_log": False,  # ours leaves out the query, which holds the program
        "server_header": False,
        "proxy_headers": bool(settings.trusted_proxies),
        "forwarded_allow_ips": settings.trusted_proxies or None,
        "timeout_graceful_shutdown": round(settings.shutdown_seconds),
        "h11_max_incomplete_event_size": settings.body_bytes + 2**16,
        "ws": "none",
    }


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)


def _say(code: int, text: str) -> int:
    print(f"gradwalk: {text}", file=sys.stderr)
    return code
