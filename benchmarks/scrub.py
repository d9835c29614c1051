"""How smoothly a dragged number repaints the page: updates a second in a real Chromium, against a bare loop of the
same requests.

Both take turns within one run, so that a busy machine slows them alike: a drag, the bare loop, a drag, the bare loop.
An update is a new text in the dragged leaf's value slot, seen in an animation frame. `python -m benchmarks.scrub`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from playwright.sync_api import Page, sync_playwright

from app.core.codec import encode
from benchmarks.http import LECTURE, serving

WATCH = """(name) => {
    const slot = [...document.querySelectorAll('.canvas [data-node]')]
        .find((node) => node.querySelector('.name')?.textContent.trim() === name).getAttribute('data-node');
    window.seen = [];
    let former = '';
    const look = (now) => {
        const text = document.querySelector(`.canvas [data-node="${slot}"] g.value`)?.textContent ?? '';
        if (text !== former) window.seen.push(now);
        former = text;
        window.watching = requestAnimationFrame(look);
    };
    window.watching = requestAnimationFrame(look);
}"""


@dataclass(frozen=True, slots=True)
class Drag:
    """Updates seen during one drag, and the milliseconds between them."""

    seconds: float
    gaps: tuple[float, ...]


def drag(page: Page, seconds: float, place: dict[str, float]) -> Drag:
    """Drags the literal for a while, to and fro without ever repeating a number of the last seconds."""
    page.evaluate(WATCH, "w")
    x, y = place["x"], place["y"]
    page.mouse.move(x, y)
    page.mouse.down()
    started = time.perf_counter()
    for move in itertools.count(1):
        if time.perf_counter() - started > seconds:
            break
        page.mouse.move(x + 3 + move * 6 % 700, y)
        time.sleep(0.008)
    lasted = time.perf_counter() - started
    seen: list[float] = page.evaluate("() => { cancelAnimationFrame(window.watching); return window.seen; }")
    page.mouse.up()
    within = [at for at in seen[1:] if at - seen[0] <= 1000 * lasted]
    return Drag(lasted, tuple(after - before for before, after in itertools.pairwise(within)))


def bare(client: httpx.Client, seconds: float, fresh: Iterator[int]) -> list[float]:
    """Milliseconds of each `POST /api/walk`, one after the other, each with another number."""
    times = []
    started = time.perf_counter()
    while time.perf_counter() - started < seconds:
        source = LECTURE.format(literal=f"{3 + next(fresh) / 1e4:.4f}")
        before = time.perf_counter()
        client.post("/api/walk", json={"source": source}).raise_for_status()
        times.append(1000 * (time.perf_counter() - before))
    return times


def opened(page: Page, base: str) -> dict[str, float]:
    """Opens the lecture's example with a number nobody had before; where that stands."""
    literal = f"{2 + time.time() % 1:.6f}"
    page.goto(f"{base}/?c={encode(LECTURE.format(literal=literal))}&step=end&digits=8")
    page.locator(".cm-line .tok-number", has_text=literal).wait_for()
    return place_of(page, literal)


def place_of(page: Page, literal: str) -> dict[str, float]:
    """Where the literal stands, in client pixels."""
    place: dict[str, float] = page.evaluate(
        """(literal) => {
            const { x, y, width, height } = [...document.querySelectorAll('.cm-line .tok-number')]
                .find((one) => one.textContent === literal).getBoundingClientRect();
            return { x: x + width / 2, y: y + height / 2 };
        }""",
        literal,
    )
    return place


def measure(base: str, rounds: int, seconds: float) -> dict[str, float]:
    """The figures over `rounds` turns, each of a drag and of the bare loop."""
    arguments = ["--disable-gpu", "--no-first-run", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    drags: list[Drag] = []
    times: list[float] = []
    fresh = itertools.count()
    with sync_playwright() as playwright, httpx.Client(base_url=base, timeout=30) as client:
        browser = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        page: Any = browser.new_page(viewport={"width": 1280, "height": 720})
        bare(client, seconds / 4, fresh)
        for _ in range(rounds):
            drags.append(drag(page, seconds, opened(page, base)))
            times += bare(client, seconds, fresh)
        browser.close()
    gaps = [gap for one in drags for gap in one.gaps]
    rate = sum(len(one.gaps) + 1 for one in drags) / sum(one.seconds for one in drags)
    return {
        "updates_per_second": rate,
        "ms_per_update": statistics.median(gaps),
        "ms_per_update_95": statistics.quantiles(gaps, n=20)[-1],
        "bare_ms": statistics.median(times),
        "ratio": statistics.median(gaps) / statistics.median(times),
    }


def chromium() -> str | None:
    """An installed Chromium; None for Playwright's own."""
    return os.environ.get("GRADWALK_CHROMIUM") or shutil.which("chromium")


def main() -> None:
    """Prints the figures, and as JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3, help="of each drag and of each bare loop (3)")
    parser.add_argument("--rounds", type=int, default=2, help="turns of both (2)")
    parser.add_argument("--address", help="of a server that runs already, such as http://127.0.0.1:8000")
    parser.add_argument("--json", action="store_true", help="print JSON instead of words")
    chosen = parser.parse_args()
    with serving(chosen.address) as address:
        figures = measure(address, chosen.rounds, chosen.seconds)
    if chosen.json:
        print(json.dumps(figures))
        return
    print(f"{figures['updates_per_second']:.1f} updates a second while dragging")
    print(f"{figures['ms_per_update']:.1f} ms between updates (95 %: {figures['ms_per_update_95']:.1f})")
    print(f"{figures['bare_ms']:.1f} ms for the bare request at the same time: ratio {figures['ratio']:.2f}")


if __name__ == "__main__":
    main()
