"""Takes the pictures of the README and of docs/gallery.md from the real page of a real server: `make screenshots`.

Ten examples, each wide and narrow, light and dark; `--only NAME` takes those of one. Their colours are reduced, so that
all of them together stay under 4 MB.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "images"
VIEW = "/?ex=lecture&step=8"
"""The backward step of `u = w * x`: a gradient arrives and is sent on."""
GALLERY = {
    "lecture": 8,
    "transpose": 6,
    "diamond": 10,
    "two_paths": 7,
    "zoom": 9,
    "by_paths": 21,
    "shared_encoder": 12,
    "residual": 8,
    "conv": 7,
    "train": 13,
}
"""Examples and the step that each is shown at."""
SIZES = {"wide": (1280, 720), "narrow": (390, 844)}
THEMES = ("light", "dark")
SHADES = 128


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
    """Writes docs/images/*.png and docs/images/gallery/*.png."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=GALLERY, help="one example of the gallery, and not the README's pictures")
    only = parser.parse_args().only
    (PICTURES / "gallery").mkdir(parents=True, exist_ok=True)
    sandbox = [] if os.getuid() else ["--no-sandbox"]
    with server() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("GRADWALK_CHROMIUM") or None,
            args=[*sandbox, "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        for name, theme in (("page", "light"), ("page-dark", "dark")):
            if only is None:
                picture(browser, f"{address}{VIEW}&theme={theme}", SIZES["wide"], PICTURES / f"{name}.png", scale=1.5)
        for name, step in GALLERY.items():
            for (size, pixels), theme in product(SIZES.items(), THEMES):
                if only in (None, name):
                    path = PICTURES / "gallery" / f"{name}-{size}-{theme}.png"
                    picture(browser, f"{address}/?ex={name}&step={step}&theme={theme}", pixels, path)
                    reduce(path)
        browser.close()


def picture(browser: Browser, address: str, size: tuple[int, int], path: Path, *, scale: float = 1) -> None:
    """Takes one, after fonts, editor and formulas have come."""
    page = browser.new_page(
        viewport={"width": size[0], "height": size[1]}, device_scale_factor=scale, reduced_motion="reduce"
    )
    page.add_init_script("localStorage.setItem('gradwalk.tour', 'seen')")
    page.goto(address)
    page.wait_for_selector("[data-inspector][data-mounted]", state="attached")
    page.wait_for_selector(".cm-content", state="attached")
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    page.screenshot(path=path)
    page.close()


def reduce(path: Path) -> None:
    """Fewer colours, and so fewer bytes."""
    with Image.open(path) as full:
        full.convert("RGB").quantize(SHADES, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
