"""Takes the pictures of the README from the real page of a real server: `make screenshots`."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "images"
VIEW = "/?ex=lecture&step=8"
"""The backward step of `u = w * x`: a gradient arrives and is sent on."""


@contextlib.contextmanager
def server() -> Iterator[str]:
    """A server's address, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [str(Path(sys.executable).with_name("gradwalk")), "serve", "--port", str(port)]
    process = subprocess.Popen(command, env={**os.environ, "GRADWALK_ACCESS_LOG": "false"})  # noqa: S603 - our own
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/readyz"):  # noqa: S310 - our own address
                break
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def main() -> None:
    """Writes docs/images/*.png."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    sandbox = [] if os.getuid() else ["--no-sandbox"]
    with server() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("GRADWALK_CHROMIUM") or None,
            args=[*sandbox, "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        for name, theme in (("page", "light"), ("page-dark", "dark")):
            page = browser.new_page(viewport={"width": 1280, "height": 720}, device_scale_factor=1.5)
            page.goto(f"{address}{VIEW}&theme={theme}")
            page.wait_for_load_state("networkidle")
            page.evaluate("document.fonts.ready")
            page.wait_for_timeout(600)  # the step's transition
            page.screenshot(path=PICTURES / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
