"""The 255 colours that all pictures of a walk share, so that they are small and no colour flickers from step to step.

First the colours that the drawing names, exactly; then the tints most seen at the edges of lines and letters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
from PIL import Image

CLEAR = 255
"""The number that stands for no colour."""
_NAMED = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
_NEAR = 12
"""Tints closer than this to one that is taken already, in all three parts together, are left out."""
_CANDIDATES = 4096

Numbers = np.ndarray[Any, Any]
"""Of colours, one byte a pixel."""
Rgb = tuple[int, int, int]


class Colours:
    """Chosen from what `texts` name and `samples` show."""

    def __init__(self, texts: Iterable[str], samples: Iterable[Image.Image]) -> None:
        named = {name.lower() for text in texts for name in _NAMED.findall(text)}
        chosen: list[Rgb] = [_rgb(name) for name in sorted(named)][:CLEAR]
        seen: Counter[Rgb] = Counter()
        for sample in samples:
            flat = sample.convert("RGB")
            for count, colour in flat.getcolors(flat.width * flat.height) or []:
                assert isinstance(colour, tuple)
                seen[colour[0], colour[1], colour[2]] += count
        for tint, _count in seen.most_common(_CANDIDATES):
            if len(chosen) == CLEAR:
                break
            if all(sum(abs(a - b) for a, b in zip(tint, other, strict=True)) >= _NEAR for other in chosen):
                chosen.append(tint)
        self._chosen = np.array(chosen or [(0, 0, 0)], dtype=np.int32)
        # By blue, green and red in one number; what was not asked for yet is CLEAR.
        self._numbers: Numbers = np.full(1 << 24, CLEAR, dtype=np.uint8)

    @property
    def palette(self) -> bytes:
        """Red, green and blue of all 256 numbers."""
        return bytes(self._chosen.astype(np.uint8).tobytes()).ljust(3 * 256, b"\0")

    def numbered(self, picture: Image.Image) -> Numbers:
        """The number of the nearest colour for each pixel, rows first; a colour of its own is exact."""
        packed = np.asarray(picture.convert("RGBA")).view("<u4")[..., 0] & 0xFFFFFF
        found: Numbers = self._numbers[packed]
        new = np.unique(packed[found == CLEAR])
        if new.size:
            wanted = np.stack([new & 255, new >> 8 & 255, new >> 16], axis=1).astype(np.int32)
            far = ((wanted[:, None, :] - self._chosen[None, :, :]) ** 2).sum(axis=2)
            self._numbers[new] = far.argmin(axis=1)
            found = self._numbers[packed]
        return found


def _rgb(name: str) -> Rgb:
    return int(name[1:3], 16), int(name[3:5], 16), int(name[5:7], 16)
