"""A real server and a real Chromium; any console message, page error or request to another origin fails the test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = Path(__file__).parent / "artifacts"
READY_SECONDS = 60


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.fspath).is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


def chromium_path() -> str | None:
    """An installed Chromium; None for Playwright's own."""
    given = os.environ.get("GRADWALK_CHROMIUM")
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return given or next((found for name in names if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `gradwalk serve` on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("server") / "log.txt"
    command = [sys.executable, "-c", "from app.cli import main; raise SystemExit(main())", "serve", "--port", str(port)]
    environment = {
        **os.environ,
        "GRADWALK_RATE_LIMIT": "off",
        "GRADWALK_LINKS_FILE": str(log.with_name("links.sqlite3")),
    }
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=environment)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_until_ready(address, process, log)
            yield address
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"the server did not become ready:\n{log.read_text()[-4000:]}")


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """One a file: while it lives its event loop runs in this thread, and no other test could run one."""
    with sync_playwright() as made:
        yield made


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    arguments = ["--disable-gpu", "--no-first-run", "--disable-background-networking"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium's own sandbox refuses root, as in containers
    made = playwright.chromium.launch(executable_path=chromium_path(), args=arguments)
    yield made
    made.close()


class Visitor:
    """Opens pages of the server and remembers everything that a page should not do."""

    def __init__(self, browser: Browser, server: str) -> None:
        self.server = server
        self.faults: list[str] = []
        self.expected: list[str] = []
        """Parts of console messages that a test provokes on purpose."""
        self._browser = browser
        self._contexts: list[Any] = []
        self.pages: list[Page] = []

    def new_page(self, *, first_visit: bool = False, **options: Any) -> Page:
        """A blank page in a context of its own; 1280×720, light, unless said otherwise."""
        chosen = {"viewport": {"width": 1280, "height": 720}, "color_scheme": "light", **options}
        context = self._browser.new_context(**chosen)
        context.set_default_timeout(15_000)
        if not first_visit:  # the tour has been seen
            context.add_init_script("try { localStorage.setItem('gradwalk.tour', 'seen'); } catch {}")
        self._contexts.append(context)
        page = context.new_page()
        self.pages.append(page)
        page.on("console", lambda message: self.faults.append(f"console {message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.faults.append(f"error: {error.stack or error}"))
        page.on("request", lambda request: self._requested(request.url))
        return page

    def open(self, path: str = "/", **options: Any) -> Page:
        """A page of the app, its scripts running."""
        page = self.new_page(**options)
        page.goto(self.server + path)
        page.wait_for_selector("[data-player][data-ready]", state="attached")
        self.until(page, "!document.querySelector('[data-inspector]:not([data-mounted])')")
        return page

    def edit(self, path: str = "/", **options: Any) -> Page:
        """As `open`, and the editor has loaded."""
        page = self.open(path, **options)
        page.wait_for_selector(".cm-content", state="attached")
        return page

    @staticmethod
    def until(page: Page, expression: str, seconds: float = 15) -> None:
        """Waits until an expression is true. (Playwright's own way needs `eval`, which the page forbids.)"""
        deadline = time.monotonic() + seconds
        while not page.evaluate(expression):
            if time.monotonic() > deadline:
                pytest.fail(f"never true: {expression}")
            page.wait_for_timeout(25)

    def _requested(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("data", "blob", "about"):
            return
        if f"{parts.scheme}://{parts.netloc}" != self.server:
            self.faults.append(f"request to another origin: {url}")

    def unexpected(self) -> list[str]:
        return [fault for fault in self.faults if not any(part in fault for part in self.expected)]

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@contextmanager
def _visiting(browser: Browser, server: str, name: str) -> Iterator[Visitor]:
    made = Visitor(browser, server)
    try:
        yield made
    except BaseException:
        ARTIFACTS.mkdir(exist_ok=True)
        for number, page in enumerate(made.pages):
            page.screenshot(path=ARTIFACTS / f"{name}-{number}.png")
        raise
    finally:
        made.close()
    assert made.unexpected() == []


@pytest.fixture
def visitor(browser: Browser, server: str, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    with _visiting(browser, server, request.node.name) as made:
        yield made


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Leaves the tests' output alone."""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the origin, another than the app's, at which a server of its own serves it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield tmp_path, f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
