"""The notebook read by nbformat, its cell run by Python, and its output shown as notebooks do."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import nbformat
import pytest
from playwright.sync_api import expect, sync_playwright

from app.core.trace import Trace
from app.record import record

Make = Callable[..., bytes]


def cells_of(data: bytes) -> Any:
    notebook = nbformat.reads(data.decode(), as_version=4)
    nbformat.validate(notebook)
    assert json.loads(data)["nbformat_minor"] == 5
    return notebook.cells


def test_it_is_a_valid_notebook_of_two_cells(make: Make, trace: Trace) -> None:
    about, program = cells_of(make("ipynb"))
    assert (about.cell_type, program.cell_type) == ("markdown", "code")
    assert program.source.endswith(trace.program.source.rstrip())
    (output,) = program.outputs
    assert set(output.data) == {"text/html", "image/svg+xml", "text/plain"}
    assert ET.canonicalize(output.data["image/svg+xml"]) == ET.canonicalize(make("svg").decode())
    assert trace.steps[3].text in cells_of(make("ipynb", "step=3"))[1].outputs[0].data["text/plain"]


def test_a_broken_notebook_is_told(make: Make) -> None:
    broken = json.loads(make("ipynb"))
    del broken["cells"][1]["outputs"]
    with pytest.raises(nbformat.ValidationError):
        nbformat.validate(broken)


def test_the_cell_runs_as_it_is(make: Make) -> None:
    other = record("relu(w*x + b)")
    namespace: dict[str, Any] = {}
    exec(cells_of(make("ipynb", other=other))[1].source, namespace)
    assert namespace["w"].requires_grad


def test_a_stranger_cannot_leave_the_frame(make: Make, trace: Trace) -> None:
    hostile = '"></iframe><script>alert(1)</script>'
    data = (
        cells_of(make("ipynb", other=replace(trace, program=replace(trace.program, source=hostile))))[1].outputs[0].data
    )
    assert data["text/html"].count("<iframe") == data["text/html"].count("</iframe>") == 1
    assert "<script" not in data["text/html"]
    assert 'sandbox="allow-scripts"' in data["text/html"]


@pytest.mark.browser
def test_the_output_plays_without_network(make: Make, trace: Trace, tmp_path: Path) -> None:
    output = cells_of(make("ipynb"))[1].outputs[0].data["text/html"]
    (tmp_path / "notebook.html").write_text(f'<!doctype html><meta charset="utf-8"><div>{output}</div>', "utf-8")
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("GRADWALK_CHROMIUM") or next((found for name in names if (found := shutil.which(name))), None)

    def work() -> list[str]:
        faults: list[str] = []
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=path, args=["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
            )
            page = browser.new_context(offline=True).new_page()
            page.on("console", lambda message: faults.append(message.text))
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.goto((tmp_path / "notebook.html").as_uri())
            player = page.frame_locator("iframe")
            player.locator("[data-player][data-ready]").wait_for(state="attached")
            player.locator("[data-player]").first.focus()
            page.keyboard.press("End")
            last = len(trace.steps)
            expect(player.locator("[data-count]").first).to_have_text(f"step {last} of {last}")
            browser.close()
        return faults

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(work).result() == []
