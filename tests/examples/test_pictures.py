"""The pictures of docs/gallery.md: all there, of the sizes they claim, and small."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image

from app.examples import names

DOCS = Path(__file__).parents[2] / "docs"
SIZES = {"wide": (1280, 720), "narrow": (390, 844)}
MOST_BYTES = 4 * 2**20
LINK = re.compile(r"\]\((images/gallery/(\w+)-(wide|narrow)-(light|dark)\.png)\)")


def test_ten_examples_wide_and_narrow_light_and_dark() -> None:
    links = LINK.findall((DOCS / "gallery.md").read_text("utf-8"))
    shown = {name for _path, name, _size, _theme in links}
    assert len(shown) == 10
    assert shown <= set(names())
    assert len({link[0] for link in links}) == len(links) == 40
    for path, _name, size, _theme in links:
        with Image.open(DOCS / path) as picture:
            assert picture.size == SIZES[size], path
            assert len(picture.getcolors(2**16) or ()) > 16, path
    assert sum((DOCS / link[0]).stat().st_size for link in links) <= MOST_BYTES


def test_no_picture_is_left_over() -> None:
    links = {link[0] for link in LINK.findall((DOCS / "gallery.md").read_text("utf-8"))}
    assert {f"images/gallery/{path.name}" for path in (DOCS / "images" / "gallery").iterdir()} == links
