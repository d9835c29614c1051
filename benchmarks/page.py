"""What a visitor waits for, in a real Chromium: the first picture on a cold cache, and the script that a step runs.

`python -m benchmarks.page`. The first picture is the browser's own first contentful paint, each time in a new profile.
A step's script is what Chromium counts as script (`ScriptDuration`) from the key to the second frame after it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from app.core.codec import encode
from benchmarks.http import serving

SIZES = (300, 1000)
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
FIRST_PAINT = """() => new Promise((done) => {
    const told = new PerformanceObserver((list) => {
        const found = list.getEntriesByName("first-contentful-paint")[0];
        if (found) done(found.startTime);
    });
    told.observe({ type: "paint", buffered: true });
})"""


def program(nodes: int) -> str:
    """A program of so many operations: a recurrence of multiply, add and tanh."""
    return (
        "w = torch.tensor(0.9, requires_grad=True)\nb = torch.tensor(0.1, requires_grad=True)\nh = torch.tensor(0.5)\n"
        f"for i in range({nodes // 3}):\n    h = torch.tanh(w * h + b)\nh.backward()\n"
    )


def first_picture(browser: Browser, base: str, rounds: int) -> float:
    """Milliseconds to the first contentful paint, nothing cached in the browser; the median."""
    times = []
    for _ in range(rounds):
        context = browser.new_context(viewport={"width": 1280, "height": 720})
        page = context.new_page()
        page.goto(base + "/")
        times.append(float(page.evaluate(FIRST_PAINT)))
        context.close()
    return statistics.median(times)


def script_seconds(session: CDPSession) -> float:
    """What the page's scripts have run for, in seconds."""
    metrics: dict[str, Any] = session.send("Performance.getMetrics")
    return next(float(one["value"]) for one in metrics["metrics"] if one["name"] == "ScriptDuration")


def step_script(page: Page, base: str, nodes: int, steps: int) -> list[float]:
    """Milliseconds of script for each of `steps` steps, half of them forward and half backward."""
    page.goto(f"{base}/?c={encode(program(nodes))}")
    page.wait_for_selector("[data-inspector][data-mounted]", state="attached")
    page.wait_for_selector(".cm-content", state="attached")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    times = []
    for at in ("start", "middle"):
        if at == "middle":
            page.locator("[data-timeline]").fill(str(nodes + 20))
        for _ in range(steps // 2):
            page.evaluate(TWO_FRAMES)
            before = script_seconds(session)
            page.keyboard.press("ArrowRight")
            page.evaluate(TWO_FRAMES)
            times.append(1000 * (script_seconds(session) - before))
    return times


def measure(base: str, rounds: int, steps: int) -> dict[str, float]:
    """The figures, in milliseconds."""
    arguments = ["--disable-gpu", "--no-first-run", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    executable = os.environ.get("GRADWALK_CHROMIUM") or shutil.which("chromium")
    figures: dict[str, float] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        figures["first_picture_ms"] = first_picture(browser, base, rounds)
        for nodes in SIZES:
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            times = step_script(page, base, nodes, steps)
            figures[f"step_ms_{nodes}"] = statistics.median(times)
            figures[f"step_ms_{nodes}_95"] = statistics.quantiles(times, n=20)[-1]
            page.close()
        browser.close()
    return figures


def main() -> None:
    """Prints the figures, and as JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="first visits (7)")
    parser.add_argument("--steps", type=int, default=40, help="steps of each graph (40)")
    parser.add_argument("--address", help="of a server that runs already, such as http://127.0.0.1:8000")
    parser.add_argument("--json", action="store_true", help="print JSON instead of words")
    chosen = parser.parse_args()
    with serving(chosen.address) as address:
        figures = measure(address, chosen.rounds, chosen.steps)
    if chosen.json:
        print(json.dumps(figures))
        return
    print(f"{figures['first_picture_ms']:.0f} ms to the first picture on a cold cache (budget 1,000)")
    for nodes, budget in zip(SIZES, (16, 50), strict=True):
        median, most = figures[f"step_ms_{nodes}"], figures[f"step_ms_{nodes}_95"]
        print(f"{median:.1f} ms of script for a step at {nodes} nodes (95 %: {most:.1f}; budget {budget})")


if __name__ == "__main__":
    main()
