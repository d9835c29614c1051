"""The 255 colours that all pictures of a walk share, so that they are small and no colour flickers from step to step.

First the colours that the drawing names, exactly; then the tints most seen at the edges of lines and letters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from PIL import Image

CLEAR = 255
"""The number that stands for no colour."""
_NAMED = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
_NEAR = 12
"""Tints closer than this to one that is taken already, in all three parts together, are left out."""

Rgb = tuple[int, int, int]


def palette(texts: Iterable[str], samples: Iterable[Image.Image]) -> Image.Image:
    """A picture in mode P that holds the colours: those named in `texts`, and the tints of `samples`."""
    named = {name.lower() for text in texts for name in _NAMED.findall(text)}
    chosen: list[Rgb] = [_rgb(name) for name in sorted(named)][:CLEAR]
    seen: Counter[Rgb] = Counter()
    for sample in samples:
        flat = sample.convert("RGB")
        for count, colour in flat.getcolors(flat.width * flat.height) or []:
            assert isinstance(colour, tuple)
            seen[colour[0], colour[1], colour[2]] += count
    for colour, _count in seen.most_common(4096):
        if len(chosen) == CLEAR:
            break
        if all(sum(abs(a - b) for a, b in zip(colour, other, strict=True)) >= _NEAR for other in chosen):
            chosen.append(colour)
    out = Image.new("P", (1, 1))
    rest = [chosen[0] if chosen else (0, 0, 0)] * (256 - len(chosen))
    out.putpalette([part for colour in [*chosen, *rest] for part in colour])
    return out


def numbered(picture: Image.Image, colours: Image.Image) -> Image.Image:
    """The picture in mode P, each pixel as the nearest of the colours."""
    return picture.convert("RGB").quantize(palette=colours, dither=Image.Dither.NONE)


def _rgb(name: str) -> Rgb:
    return int(name[1:3], 16), int(name[3:5], 16), int(name[5:7], 16)
