"""PDF read back by readers of PDF: pages, boxes, fonts, text, and the picture of each page."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader

from app.core.trace import Trace
from app.examples import load
from app.export.outlines import SVG
from app.record import record

Make = Callable[..., bytes]


def opened(data: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(data), strict=True)


def raster(data: bytes, page: int, width: int) -> Image.Image:
    """A page as pixels, by another program than the one that draws the PNG."""
    document = pypdfium2.PdfDocument(data)
    sheet = document[page]
    picture = sheet.render(scale=width / sheet.get_width()).to_pil().convert("RGB")
    document.close()
    return picture


def unlike(one: Image.Image, other: Image.Image) -> float:
    """The share of pixels that differ by more than the edges of letters and lines do from program to program."""
    small = [picture.resize((picture.width // 2, picture.height // 2)) for picture in (one, other.resize(one.size))]
    first, second = (np.asarray(picture, dtype=int) for picture in small)
    return float((abs(first - second).max(axis=2) > 60).mean())


def fonts_of(reader: PdfReader) -> Iterator[Any]:
    for font in reader.pages[0]["/Resources"]["/Font"].values():
        yield font.get_object()["/DescendantFonts"][0].get_object()


def test_a_page_a_step_in_one_box(make: Make, trace: Trace) -> None:
    reader = opened(make("pdf"))
    assert len(reader.pages) == len(trace.steps)
    assert len({tuple(page.mediabox) for page in reader.pages}) == 1
    svg = ET.fromstring(make("svg"))
    assert float(reader.pages[0].mediabox.width) == pytest.approx(float(svg.get("width", 0)) * 0.75, abs=0.1)
    assert float(reader.pages[0].mediabox.height) == pytest.approx(float(svg.get("height", 0)) * 0.75, abs=0.1)
    assert [entry["/Title"] for entry in reader.outline] == [step.text for step in trace.steps]  # type: ignore[call-overload]


def test_range_phase_and_scale_are_those_of_the_view(make: Make) -> None:
    assert len(opened(make("pdf", "range=3-5")).pages) == 3
    both, there, back = (len(opened(make("pdf", query)).pages) for query in ("", "phase=forward", "phase=backward"))
    assert there + back == both
    one, two = (opened(make("pdf", f"range=0-0&scale={scale}")).pages[0].mediabox.width for scale in (1, 2))
    assert float(two) == pytest.approx(2 * float(one), abs=0.1)


def test_all_fonts_are_inside(make: Make) -> None:
    fonts = list(fonts_of(opened(make("pdf"))))
    assert len(fonts) >= 3
    for font in fonts:
        assert len(font["/FontDescriptor"]["/FontFile2"].get_data()) > 500
        assert font["/BaseFont"][7:8] == "+"
        assert "Helvetica" not in font["/BaseFont"]


def test_the_words_of_a_page_are_those_of_its_step(make: Make) -> None:
    reader = opened(make("pdf"))
    for step in (0, 3, 5, 10):
        svg = ET.fromstring(make("svg", f"step={step}"))
        expected = "".join("".join(text.itertext()) for text in svg.iter(f"{{{SVG}}}text"))
        found = "".join(reader.pages[step].extract_text().split())
        assert sorted(found) == sorted("".join(expected.split())), step


@pytest.mark.parametrize("query", ["", "theme=dark&dir=TB", "theme=contrast&bg=f8f4e3&scale=1.5"])
def test_each_page_looks_like_the_png_of_its_step(make: Make, query: str) -> None:
    data = make("pdf", query)
    pictures = {k: Image.open(io.BytesIO(make("png", f"{query}&step={k}"))).convert("RGB") for k in (0, 4, 6, 10)}
    for step, picture in pictures.items():
        shares = {other: unlike(picture, raster(data, other, picture.width)) for other in pictures}
        assert shares.pop(step) < 0.0015, (step, shares)
        assert min(shares.values()) > 0.004, (step, shares)  # a wrong page is told from the right one


def test_heat_maps_and_veils_look_alike(make: Make) -> None:
    other = record(load("attention").source)
    data = make("pdf", "range=0-9", other=other)
    for step in (0, 9):
        picture = Image.open(io.BytesIO(make("png", f"step={step}", other=other))).convert("RGB")
        assert unlike(picture, raster(data, step, picture.width)) < 0.0015


def test_the_same_view_gives_the_same_bytes(make: Make) -> None:
    assert make("pdf", "range=0-4") == make("pdf", "range=0-4")


def test_a_transparent_page_has_no_ground(make: Make) -> None:
    document = pypdfium2.PdfDocument(make("pdf", "range=0-0&bg=transparent"))
    assert document[0].render(fill_color=(1, 2, 3, 255)).to_pil().convert("RGB").getpixel((0, 0)) == (1, 2, 3)
