"""The slides read back: one for each step, its picture, its words for the lecturer."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image
from pptx import Presentation

from app.core.trace import Note, Trace

Make = Callable[..., bytes]


def slides_of(data: bytes) -> list[Any]:
    return list(Presentation(io.BytesIO(data)).slides)


def picture_of(slide: Any) -> Any:
    (picture,) = (shape for shape in slide.shapes if shape.shape_type == 13)
    return picture


def test_a_slide_a_step_with_its_sentence(make: Make, trace: Trace) -> None:
    noted = replace(trace, notes=(Note("lecturer", "Watch the product.", trace.steps[1].line, None),))
    slides = slides_of(make("pptx", other=noted))
    assert len(slides) == len(trace.steps)
    for slide, step in zip(slides, trace.steps, strict=True):
        said = slide.notes_slide.notes_text_frame.text
        assert said.split("\n")[0] == slide.shapes.title.text == step.text
        assert said.endswith("Watch the product.") == (step.line == trace.steps[1].line)
        assert step.text in picture_of(slide)._element.nvPicPr.cNvPr.get("descr")
        assert slide.shapes.title.top + slide.shapes.title.height <= 0  # for outlines and screen readers alone


def test_pictures_are_those_of_the_steps(make: Make) -> None:
    pages = slides_of(make("pptx", "range=3-6"))
    pictures = [Image.open(io.BytesIO(picture_of(page).image.blob)).convert("RGB") for page in pages]
    expected = [Image.open(io.BytesIO(make("png", f"step={step}"))).convert("RGB") for step in range(3, 7)]
    assert {picture.size for picture in pictures} == {pictures[0].size}
    assert pictures[0].width >= 2400 or pictures[0].height >= 1300

    def unlike(one: Image.Image, other: Image.Image) -> float:
        first, second = (np.asarray(picture.resize((600, 300)), dtype=int) for picture in (one, other))
        return float((abs(first - second).max(axis=2) > 60).mean())

    for at, picture in enumerate(pictures):
        assert unlike(picture, expected[at]) < 0.002, at
        assert unlike(picture, expected[at - 1]) > 0.003, at


def test_pictures_fill_the_slide_and_share_its_ground(make: Make) -> None:
    for query, colour in (("", "FBFBF9"), ("theme=dark&dir=TB", "12171D"), ("bg=abcdef&scale=0.5", "ABCDEF")):
        data = make("pptx", f"range=2-2&{query}")
        (slide,) = slides_of(data)
        size = Presentation(io.BytesIO(data))
        picture = picture_of(slide)
        assert str(slide.background.fill.fore_color.rgb) == colour
        assert Image.open(io.BytesIO(picture.image.blob)).convert("RGB").getpixel((0, 0)) == tuple(
            bytes.fromhex(colour)
        )
        room = min(size.slide_width - picture.width, size.slide_height - picture.height)
        assert 0 <= room < size.slide_width * 0.05
        assert abs((size.slide_width - picture.width) - 2 * picture.left) < 3
    clear = picture_of(slides_of(make("pptx", "range=2-2&bg=transparent"))[0])
    assert Image.open(io.BytesIO(clear.image.blob)).convert("RGBA").getpixel((0, 0)) == (0, 0, 0, 0)


def test_the_same_view_gives_the_same_bytes(make: Make) -> None:
    one, two = (make("pptx", "range=0-1") for _ in range(2))
    assert one == two
    assert {entry.date_time[0] for entry in zipfile.ZipFile(io.BytesIO(one)).infolist()} == {1980}


def test_strangers_words_are_harmless(make: Make, trace: Trace) -> None:
    hostile = "a\x00b\x1b <a:t> & \ud800 ]]>"
    steps = tuple(replace(step, text=hostile) for step in trace.steps[:2])
    (first, _second) = slides_of(make("pptx", other=replace(trace, steps=steps)))
    assert first.notes_slide.notes_text_frame.text == "a\ufffdb\ufffd <a:t> & \ufffd ]]>"
