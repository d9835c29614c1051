"""A walk as PDF: a page for each step, all of one size, in vectors, with its fonts inside.

Each cel is a form drawn once in the file; a page only names the forms of its stack.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterable
from itertools import pairwise

import pydyf

from app.core.trace import Step, Trace
from app.core.view import View
from app.draw.layout import Layouter
from app.draw.scene import scene
from app.draw.svg import ILLEGAL
from app.export.cels import Cel, Cels
from app.export.marks import Letters, Mark, Shape, Veil, box, marks
from app.export.pdf_fonts import Fonts
from app.export.progress import Progress, silent
from app.export.steps import walked

POINTS = 0.75
"""Points for each unit of the drawing, which is a pixel of CSS, at `scale` 1."""
_CAPS = {"butt": 0, "round": 1, "square": 2}


async def make(trace: Trace, view: View, layouter: Layouter, progress: Progress = silent) -> bytes:
    """The PDF. With `bg=transparent` pages have no ground, so that they can lie on a slide's own.

    Raises:
        GradwalkError: `bad_view`, where there are too many steps.
    """
    steps = walked(trace, view)
    drawn = await scene(trace, view, layouter)
    pages = await asyncio.to_thread(Pages, Cels(drawn, view), POINTS * view.scale, drawn.title)
    progress(0, len(steps))
    for done, step in enumerate(steps, 1):
        await asyncio.to_thread(pages.add, step)
        progress(done, len(steps))
    return await asyncio.to_thread(pages.written)


class Pages:
    """The PDF that is being made; `size` is points for each unit."""

    def __init__(self, cels: Cels, size: float, title: str) -> None:
        self._cels = cels
        left, top, width, height = cels.box
        self._pdf = pydyf.PDF()
        self._pdf.info["Title"] = pydyf.String(ILLEGAL.sub("\ufffd", title))
        self._pdf.info["Producer"] = pydyf.String("Gradwalk")
        self._media = pydyf.Array([0, 0, _two(width * size), _two(height * size)])
        # PDF's y grows upwards.
        self._matrix = (size, 0, 0, -size, -left * size, (top + height) * size)
        self._bounds = (left, top, left + width, top + height)
        self._fonts = Fonts()
        self._forms, self._alphas = pydyf.Dictionary(), pydyf.Dictionary()
        self._resources = pydyf.Dictionary({"XObject": self._forms, "ExtGState": self._alphas})
        self._pdf.add_object(self._resources)
        self._contents: list[tuple[str, bytes]] = []
        self._ground = self._form(marks((cels.head,), cels.ground), "ground") if cels.ground else None
        self._names: dict[int, str | None] = {}

    def add(self, step: Step) -> None:
        """The page of a step."""
        stream = pydyf.Stream(compress=True)
        stream.set_matrix(*(round(number, 4) for number in self._matrix))
        for name in (self._ground, *map(self._cel, self._cels.stack(step.index))):
            if name is not None:
                stream.draw_x_object(name)
        self._pdf.add_object(stream)
        page = pydyf.Dictionary(
            {
                "Type": "/Page",
                "Parent": self._pdf.pages.reference,
                "MediaBox": self._media,
                "Resources": self._resources.reference,
                "Contents": stream.reference,
                "Group": "<</S/Transparency/CS/DeviceRGB>>",
            }
        )
        self._pdf.add_page(page)
        self._contents.append((ILLEGAL.sub("\ufffd", step.text), page.reference))

    def written(self) -> bytes:
        """The whole file; the same steps give the same bytes."""
        self._resources["Font"] = self._fonts.added(self._pdf)
        self._list_steps()
        out = io.BytesIO()
        self._pdf.write(out, compress=True)
        return out.getvalue()

    def _list_steps(self) -> None:
        """The steps' sentences as the file's table of contents."""
        root = pydyf.Dictionary({"Type": "/Outlines", "Count": len(self._contents)})
        self._pdf.add_object(root)
        entries = []
        for text, page in self._contents:
            place = pydyf.Array([page, "/Fit"])
            entry = pydyf.Dictionary({"Title": pydyf.String(text), "Parent": root.reference, "Dest": place})
            self._pdf.add_object(entry)
            entries.append(entry)
        for entry, following in pairwise(entries):
            entry["Next"], following["Prev"] = following.reference, entry.reference
        if entries:
            root["First"], root["Last"] = entries[0].reference, entries[-1].reference
            self._pdf.catalog["Outlines"] = root.reference

    def _cel(self, cel: Cel) -> str | None:
        """The name of a cel's form; None where nothing of it is to be seen."""
        if cel.number not in self._names:
            found = marks((self._cels.head, self._cels.layers[cel.layer]), cel.svg)
            self._names[cel.number] = self._form(found, f"c{cel.number}") if found else None
        return self._names[cel.number]

    def _form(self, found: tuple[Mark, ...], name: str, group: str = "") -> str:
        stream = pydyf.Stream(compress=True)
        self._draw(stream, found, name)
        bounds = box(found) or self._bounds
        stream.extra = {
            "Type": "/XObject",
            "Subtype": "/Form",
            "BBox": pydyf.Array(_two(side) for side in bounds),
            "Resources": self._resources.reference,
            **({"Group": group} if group else {}),
        }
        self._pdf.add_object(stream)
        self._forms[name] = stream.reference
        return name

    def _draw(self, stream: pydyf.Stream, found: Iterable[Mark], name: str) -> None:
        for at, mark in enumerate(found):
            if isinstance(mark, Veil):
                glass = self._form(mark.marks, f"{name}.{at}", "<</S/Transparency/CS/DeviceRGB>>")
                stream.push_state()
                self._see_through(stream, mark.alpha, mark.alpha)
                stream.draw_x_object(glass)
                stream.pop_state()
            elif isinstance(mark, Letters):
                self._write(stream, mark)
            else:
                self._paint(stream, mark)

    def _write(self, stream: pydyf.Stream, letters: Letters) -> None:
        stream.push_state()
        stream.set_color_rgb(*_rgb(letters.fill))
        self._see_through(stream, letters.alpha, letters.alpha)
        stream.begin_text()
        for piece in self._fonts.pieces(letters.text, letters.style):
            stream.set_font_size(piece.name, _two(letters.style.size))
            stream.set_text_matrix(1, 0, 0, -1, _two(letters.x + piece.right), _two(letters.y))
            stream.stream.append(f"<{piece.codes}> Tj")
        stream.end_text()
        stream.pop_state()

    def _paint(self, stream: pydyf.Stream, shape: Shape) -> None:
        stream.push_state()
        self._see_through(stream, shape.fill_alpha, shape.stroke_alpha)
        if shape.fill:
            stream.set_color_rgb(*_rgb(shape.fill))
        if shape.stroke:
            stream.set_color_rgb(*_rgb(shape.stroke), stroke=True)
            stream.set_line_width(_two(shape.width))
            if shape.dash:
                stream.set_dash([_two(length) for length in shape.dash], 0)
            if shape.caps != "butt":
                stream.set_line_cap(_CAPS[shape.caps])
                stream.set_line_join(1)
        for command, ends in shape.segments:
            flat = [_two(number) for end in ends for number in end]
            if command == "M":
                stream.move_to(*flat)
            elif command == "L":
                stream.line_to(*flat)
            elif command == "C":
                stream.curve_to(*flat)
            else:
                stream.close()
        if shape.fill and shape.stroke:
            stream.fill_and_stroke()
        elif shape.fill:
            stream.fill()
        else:
            stream.stroke()
        stream.pop_state()

    def _see_through(self, stream: pydyf.Stream, fill: float, stroke: float) -> None:
        if fill == stroke == 1:
            return
        name = f"a{round(fill * 100)}-{round(stroke * 100)}"
        self._alphas[name] = pydyf.Dictionary({"ca": _two(fill), "CA": _two(stroke)})
        stream.set_state(name)


def _rgb(colour: str) -> tuple[float, ...]:
    return tuple(round(int(colour[at : at + 2], 16) / 255, 4) for at in (1, 3, 5))


def _two(number: float) -> float:
    return round(number, 2)
