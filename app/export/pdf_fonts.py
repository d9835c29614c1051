"""The drawing's fonts inside a PDF: texts as glyph numbers, and each font with the glyphs that were used and no others.

Glyphs are chosen as for outlines, so a PDF looks as the PNG does; a table back to characters lets its text be
selected and searched.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from hashlib import md5

import pydyf
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from app.draw.measure import text_width
from app.export.outlines import FONTS, Style, font_of, glyph_of, units_of


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a text in one font, `name` among the resources: glyph numbers in hex, and how far right it starts."""

    name: str
    codes: str
    right: float


@dataclass(slots=True)
class Fonts:
    """What was written so far: by font, the glyphs and the character that each stands for."""

    used: dict[str, dict[int, str]] = field(default_factory=dict)

    def pieces(self, text: str, style: Style) -> Iterator[Piece]:
        """The text in its fonts, from left to right."""
        name, codes, start, right = "", "", 0.0, 0.0
        for char in text:
            font, glyph = glyph_of(style.face, char)
            if font != name and codes:
                yield Piece(name, codes, start)
                codes = ""
            if not codes:
                name, start = font, right
            number = font_of(font).getGlyphID(glyph)
            self.used.setdefault(font, {}).setdefault(number, char)
            codes += f"{number:04x}"
            right += text_width(char, style.size, style.face)
        if codes:
            yield Piece(name, codes, start)

    def added(self, pdf: pydyf.PDF) -> pydyf.Dictionary:
        """The font resources by name, their objects added to `pdf`."""
        return pydyf.Dictionary({name: _font(pdf, name, glyphs) for name, glyphs in sorted(self.used.items())})


def _font(pdf: pydyf.PDF, name: str, glyphs: dict[int, str]) -> bytes:
    """The reference of a composite font whose codes are the font's own glyph numbers."""
    numbers = sorted(glyphs)
    font = font_of(name)
    scale = 1000 / units_of(name)
    # A subset's name begins with six letters of its own.
    tag = "".join(chr(ord("A") + byte % 26) for byte in md5(repr(numbers).encode(), usedforsecurity=False).digest()[:6])
    base = f"/{tag}+{name}"
    head, line = font["head"], font["hhea"]
    program = pydyf.Stream([_subset(name, numbers)], compress=True)
    pdf.add_object(program)
    descriptor = pydyf.Dictionary(
        {
            "Type": "/FontDescriptor",
            "FontName": base,
            "Flags": 4,
            "FontBBox": pydyf.Array(round(side * scale) for side in (head.xMin, head.yMin, head.xMax, head.yMax)),
            "ItalicAngle": -12 if "italic" in name else 0,
            "Ascent": round(line.ascent * scale),
            "Descent": round(line.descent * scale),
            "CapHeight": round(line.ascent * scale * 0.75),
            "StemV": 120 if "600" in name else 80,
            "FontFile2": program.reference,
        }
    )
    pdf.add_object(descriptor)
    widths = pydyf.Array()
    for number in numbers:
        width = font["hmtx"][font.getGlyphName(number)][0] * scale
        widths += [number, pydyf.Array([round(width, 1)])]
    letters = pydyf.Dictionary(
        {
            "Type": "/Font",
            "Subtype": "/CIDFontType2",
            "BaseFont": base,
            "CIDSystemInfo": "<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>",
            "FontDescriptor": descriptor.reference,
            "CIDToGIDMap": "/Identity",
            "W": widths,
        }
    )
    pdf.add_object(letters)
    back = pydyf.Stream([_characters(glyphs)], compress=True)
    pdf.add_object(back)
    whole = pydyf.Dictionary(
        {
            "Type": "/Font",
            "Subtype": "/Type0",
            "BaseFont": base,
            "Encoding": "/Identity-H",
            "DescendantFonts": pydyf.Array([letters.reference]),
            "ToUnicode": back.reference,
        }
    )
    pdf.add_object(whole)
    reference: bytes = whole.reference
    return reference


def _characters(glyphs: dict[int, str]) -> str:
    """The CMap from glyph numbers to characters."""
    rows = [f"<{number:04x}> <{char.encode('utf-16-be', 'replace').hex()}>" for number, char in sorted(glyphs.items())]
    blocks = [rows[at : at + 100] for at in range(0, len(rows), 100)]
    tables = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n"
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{tables}\nendcmap CMapName currentdict /CMap defineresource pop end end"
    )


def _subset(name: str, numbers: list[int]) -> bytes:
    """The TrueType font with these glyphs alone, which keep their numbers."""
    options = Options(
        retain_gids=True, notdef_outline=True, hinting=False, layout_features=[], name_IDs=[], glyph_names=False
    )
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "STAT", "post", "name", "OS/2", "gasp", "meta"]
    font = TTFont(io.BytesIO(_unpacked(name)), lazy=True, recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(gids=numbers)
    subsetter.subset(font)
    out = io.BytesIO()
    font.save(out, reorderTables=False)
    return out.getvalue()


@cache
def _unpacked(name: str) -> bytes:
    """The vendored WOFF2 as TrueType."""
    font = TTFont(FONTS / f"{name}.woff2", recalcTimestamp=False)
    font.flavor = None
    out = io.BytesIO()
    font.save(out, reorderTables=False)
    return out.getvalue()
