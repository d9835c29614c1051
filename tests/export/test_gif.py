"""The animation read back frame by frame."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from app.core.trace import Trace
from app.examples import load
from app.export.colours import Colours
from app.export.film import joined
from app.export.gif import MOST_PIXELS
from app.record import record

Make = Callable[..., bytes]


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def frame(picture: Image.Image, at: int) -> Image.Image:
    picture.seek(at)
    return picture.convert("RGB")


def unlike(one: Image.Image, other: Image.Image) -> float:
    first, second = (np.asarray(picture, dtype=int) for picture in (one, other))
    return float((abs(first - second).max(axis=2) > 60).mean())


def test_a_frame_a_step_at_the_interval(make: Make, trace: Trace) -> None:
    picture = opened(make("gif", "interval=700"))
    assert getattr(picture, "n_frames", 0) == len(trace.steps)
    assert picture.info["loop"] == 0
    times = []
    for at in range(len(trace.steps)):
        picture.seek(at)
        times.append(picture.info["duration"])
    assert times == [700] * (len(trace.steps) - 1) + [2100]
    assert getattr(opened(make("gif", "range=3-5")), "n_frames", 0) == 3


@pytest.mark.parametrize("query", ["", "theme=dark&dir=TB", "theme=contrast&bg=f8f4e3"])
def test_each_frame_is_the_png_of_its_step(make: Make, query: str) -> None:
    animation = opened(make("gif", query))
    pictures = [opened(make("png", f"{query}&step={step}")).convert("RGB") for step in range(11)]
    for step, picture in enumerate(pictures):
        shown = frame(animation, step).resize(picture.size)
        assert unlike(picture, shown) < 0.002, step
        assert unlike(pictures[(step + 1) % 11], shown) > 0.002, step  # the next step's would be told from it


def test_the_ground_is_the_themes_own(make: Make) -> None:
    for query, colour in (
        ("", (0xFB, 0xFB, 0xF9)),
        ("theme=dark", (0x12, 0x17, 0x1D)),
        ("bg=abcdef", (0xAB, 0xCD, 0xEF)),
    ):
        assert frame(opened(make("gif", f"{query}&range=0-1")), 1).getpixel((0, 0)) == colour
    assert make("gif", "range=0-1&bg=transparent") == make("gif", "range=0-1")


def test_large_drawings_are_drawn_smaller(make: Make) -> None:
    data = make("gif", "scale=3&range=0-36", other=record(load("two_layer").source))
    picture = opened(data)
    assert 0.9 * MOST_PIXELS < picture.width * picture.height <= 1.01 * MOST_PIXELS
    assert len(data) < 400_000


def test_steps_that_change_nothing_are_frames_too(make: Make, trace: Trace) -> None:
    still = replace(trace, steps=tuple(replace(trace.steps[0], index=at) for at in range(3)), passes=())
    assert getattr(opened(make("gif", other=still)), "n_frames", 0) == 3


def test_named_colours_stay_exact() -> None:
    sample = Image.radial_gradient("L").convert("RGB")
    colours = Colours(["<rect fill='#0072b2' stroke='#D55E00'/>", "#fbfbf9 #fafafa"], [sample])
    for named in ((0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00), (0xFB, 0xFB, 0xF9), (0xFA, 0xFA, 0xFA)):
        number = int(colours.numbered(Image.new("RGB", (2, 1), named))[0, 1])
        assert tuple(colours.palette[3 * number : 3 * number + 3]) == named
    number = int(colours.numbered(Image.new("RGB", (1, 1), (2, 0x70, 0xB2)))[0, 0])
    assert tuple(colours.palette[3 * number : 3 * number + 3]) == (0x00, 0x72, 0xB2)
    assert len(colours.palette) == 768


def test_windows_are_joined_where_they_meet() -> None:
    assert joined([(0, 0, 4, 4), (10, 10, 12, 12), (3, 3, 6, 6)]) == [(10, 10, 12, 12), (0, 0, 6, 6)]
    # One that bridges two others takes both.
    assert joined([(0, 0, 2, 2), (6, 0, 8, 2), (1, 0, 7, 2)]) == [(0, 0, 8, 2)]
    assert joined([(2 * k, 2 * k, 2 * k + 1, 2 * k + 1) for k in range(30)]) == [(0, 0, 59, 59)]
