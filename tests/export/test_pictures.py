"""Pictures without fonts: text as paths, and pixels."""

from __future__ import annotations

import io
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from app.core.errors import GradwalkError
from app.draw.measure import text_width
from app.export.outlines import SVG, outlined
from app.export.png import pixels

Make = Callable[..., bytes]
HEAD = f'<svg xmlns="{SVG}" width="40" height="40" viewBox="0 0 40 40" font-family="Inter">'


def drawn(text: str, attributes: str = "") -> Image.Image:
    """The ink of a text: what is opaque."""
    svg = outlined(f'{HEAD}<text x="8" y="30" font-size="20"{attributes}>{text}</text></svg>')
    return Image.open(io.BytesIO(pixels(svg))).convert("RGBA").getchannel("A")


@pytest.mark.parametrize("char", "∂×ᵀ−⊙√∑αβ→⁻²₁′≤∞ĝ")
def test_every_sign_of_a_drawing_has_a_glyph(char: str) -> None:
    box = drawn("\U0001f600")
    for style in ("", ' font-weight="600"', ' font-family="STIX Two Text" font-style="italic"'):
        ink = drawn(char, style)
        assert ink.getbbox() is not None, f"nothing is drawn for {char}"
        assert ink.tobytes() != box.tobytes(), f"{char} is drawn as a missing glyph"


def test_words_keep_their_place() -> None:
    text, size = "loss", 20.0
    for anchor, left in (
        ("start", 100.0),
        ("middle", 100 - text_width(text, size) / 2),
        ("end", 100 - text_width(text, size)),
    ):
        text_ = f'<text x="100" y="30" font-size="20" text-anchor="{anchor}">{text}</text>'
        svg = f'<svg xmlns="{SVG}" width="200" height="40">{text_}</svg>'
        ink = Image.open(io.BytesIO(pixels(outlined(svg)))).getchannel("A").getbbox()
        assert ink is not None
        assert ink[0] == pytest.approx(left + 1, abs=2)
        assert ink[2] == pytest.approx(left + text_width(text, size) - 1, abs=2)


def test_paths_hold_the_words_and_no_text(make: Make) -> None:
    plain, paths = (ET.fromstring(make("svg", query)) for query in ("", "text=paths"))
    texts = ["".join(text.itertext()) for text in plain.iter(f"{{{SVG}}}text")]
    assert not list(paths.iter(f"{{{SVG}}}text"))
    assert [group.get("aria-label") for group in paths.iter(f"{{{SVG}}}g") if group.get("aria-label") in texts] == texts
    assert not [name for element in paths.iter() for name in element.attrib if name.startswith("font")]
    for name in ("data-node", "data-edge"):
        assert [e.get(name) for e in paths.iter() if e.get(name)] == [e.get(name) for e in plain.iter() if e.get(name)]


def test_png_is_the_svg_at_its_scale(make: Make) -> None:
    svg = ET.fromstring(make("svg"))
    size = [float(svg.get(name, 0)) for name in ("width", "height")]
    for scale in (1, 2):
        picture = Image.open(io.BytesIO(make("png", f"scale={scale}")))
        assert picture.format == "PNG"
        assert picture.size == pytest.approx([scale * side for side in size], abs=1)
    colours = {colour for _count, colour in picture.convert("RGB").getcolors(1 << 20) or []}
    assert {(0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)} <= colours  # both lanes


def test_png_shows_its_step_and_its_ground(make: Make) -> None:
    assert make("png", "step=3") != make("png", "step=4")
    assert make("png", "step=99") == make("png")
    clear = Image.open(io.BytesIO(make("png", "bg=transparent")))
    assert clear.convert("RGBA").getpixel((0, 0)) == (0, 0, 0, 0)
    assert Image.open(io.BytesIO(make("png", "bg=abcdef"))).convert("RGB").getpixel((0, 0)) == (0xAB, 0xCD, 0xEF)


def test_a_picture_that_is_too_large_is_refused() -> None:
    with pytest.raises(GradwalkError, match="million pixels") as refused:
        pixels(f'<svg xmlns="{SVG}" width="9000" height="9000"></svg>')
    assert refused.value.code == "bad_view"
