"""Marks as TikZ: paths and text in named colours, one unit of the drawing being one of the picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from app.draw.theme import Palette
from app.export.marks import Letters, Mark, Shape, Veil
from app.export.outlines import Run
from app.export.segments import Point, Segment
from app.export.tex_text import escaped

UNIT = 0.25
"""Points for each unit: TeX's dimensions end at 16,384 points."""
FACES = {"text": "gwtext", "strong": "gwstrong", "math": "gwmath", "code": "gwcode"}
_CORNER = "MLCLCLCLCZ"
"""The commands of a rectangle with round corners."""

Name = Callable[[str], str]
"""From `#rrggbb` to the colour's name."""


def named(palette: Palette) -> dict[str, str]:
    """`gwForwardInk` and the like, by `#rrggbb`."""
    names: dict[str, str] = {}
    for field in palette.__slots__:
        shades = getattr(palette, field)
        word = "gw" + "".join(part.capitalize() for part in field.split("_"))
        for at, shade in enumerate([shades] if isinstance(shades, str) else shades):
            names.setdefault(shade, word if isinstance(shades, str) else f"{word}{'abcde'[at]}")
    return names


def tikz(found: Iterable[Mark], name: Name) -> list[str]:
    """A line of TikZ for each mark."""
    lines: list[str] = []
    for mark in found:
        if isinstance(mark, Veil):
            lines += [f"\\begin{{scope}}[opacity={mark.alpha:g}]", *tikz(mark.marks, name), "\\end{scope}"]
        elif isinstance(mark, Letters):
            lines.append(_text(mark, name))
        else:
            lines.append(_path(mark, name))
    return lines


def _text(letters: Letters, name: Name) -> str:
    """A text in the width that it was measured for: the fonts are others here."""
    room = Run(letters.text, letters.style, 0, {}).width * UNIT
    size = letters.style.size * UNIT / 10
    face = FACES[letters.style.face]
    place = f"{_number(letters.x)},{_number(letters.y)}"
    fade = "" if letters.alpha == 1 else f",opacity={letters.alpha:g}"
    return (
        f"\\node[gwletters,text={name(letters.fill)}{fade}] at ({place}) "
        f"{{\\gwfit{{{_number(room)}pt}}{{{size:.3f}}}{{\\{face}{{}}{escaped(letters.text)}}}}};"
    )


def _path(shape: Shape, name: Name) -> str:
    options = []
    if shape.fill:
        options.append(f"fill={name(shape.fill)}")
        if shape.fill_alpha < 1:
            options.append(f"fill opacity={shape.fill_alpha:g}")
    if shape.stroke:
        options += [f"draw={name(shape.stroke)}", f"line width={_number(shape.width * UNIT)}pt"]
        if shape.stroke_alpha < 1:
            options.append(f"draw opacity={shape.stroke_alpha:g}")
        if shape.dash:
            lengths = shape.dash if len(shape.dash) % 2 == 0 else shape.dash * 2
            pattern = " ".join(
                f"{'off' if at % 2 else 'on'} {_number(length * UNIT)}pt" for at, length in enumerate(lengths)
            )
            options.append(f"dash pattern={pattern}")
        if shape.caps != "butt":
            options.append(f"line cap={'round' if shape.caps == 'round' else 'rect'},line join=round")
    return f"\\path[{','.join(options)}]{_outline(shape.segments)};"


def _outline(segments: Sequence[Segment]) -> str:
    if "".join(command for command, _ends in segments) == _CORNER:
        left_top, right = segments[0][1][0], segments[2][1][-1][0]
        bottom, left = segments[4][1][-1][1], segments[6][1][-1][0]
        radius = _number((left_top[0] - left) * UNIT)
        return f"[rounded corners={radius}pt]{_point((left, left_top[1]))} rectangle {_point((right, bottom))}"
    out = []
    for command, ends in segments:
        if command == "M":
            out.append(f" {_point(ends[0])}")
        elif command == "L":
            out.append(f" -- {_point(ends[0])}")
        elif command == "C":
            first, second, end = map(_point, ends)
            out.append(f" .. controls {first} and {second} .. {end}")
        else:
            out.append(" -- cycle")
    return "".join(out)


def _point(point: Point) -> str:
    return f"({_number(point[0])},{_number(point[1])})"


def _number(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".") if round(number, 2) else "0"
