"""The real app over HTTP, in a thread of this process, with the real sandbox and layout process behind it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
import uvicorn

from app.web.app import create_app
from app.web.settings import Settings

Serve = Callable[[Settings], contextlib.AbstractContextManager[httpx.Client]]


@contextlib.contextmanager
def served(settings: Settings) -> Iterator[httpx.Client]:
    """A client of an app with these settings, which ends with the block."""
    config = uvicorn.Config(
        create_app(settings),
        port=0,
        loop="asyncio",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="server")
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """One app for all tests that leave its state as they find it; without rate limit."""
    links = tmp_path_factory.mktemp("links") / "links.sqlite3"
    with served(Settings(rate_limit="off", access_log=False, links_file=str(links))) as client:
        yield client


@pytest.fixture(scope="session")
def serve() -> Serve:
    """Starts an app with settings of the test's own."""
    return served
