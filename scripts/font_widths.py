"""Write app/draw/font_widths.json: the advance of each character in the vendored fonts, so that text is measured
without a browser.

Run it after the fonts have changed: `python scripts/font_widths.py`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
FACES = {
    "text": ["inter-400.woff2"],
    "strong": ["inter-600.woff2"],
    "math": ["stix-two-text-italic-400.woff2", "stix-two-text-italic-400-greek.woff2"],
    "code": ["jetbrains-mono-400.woff2", "jetbrains-mono-400-greek.woff2"],
}
"""Our name of a face, and the files that hold it."""
FALLBACK = {"math": "text", "code": "text"}
"""Where a face lacks a character, the browser takes it from the next font; ours are drawn with Inter there."""


def widths(files: list[str]) -> dict[str, int]:
    """Advance of each character in thousandths of the font size."""
    table: dict[str, int] = {}
    for name in files:
        font: Any = TTFont(ROOT / "static" / "vendor" / "fonts" / name)
        scale = 1000 / font["head"].unitsPerEm
        for code, glyph in font.getBestCmap().items():
            table.setdefault(chr(code), round(font["hmtx"][glyph][0] * scale))
    return table


def main() -> None:
    """Write the table, most characters first, one face a line."""
    faces = {face: widths(files) for face, files in FACES.items()}
    for face, other in FALLBACK.items():
        faces[face] = {**faces[other], **faces[face]}
    path = ROOT / "app" / "draw" / "font_widths.json"
    tables = {face: json.dumps(table, ensure_ascii=False, sort_keys=True) for face, table in faces.items()}
    lines = [f"{json.dumps(face)}: {table}" for face, table in tables.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
