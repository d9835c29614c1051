"""A walk in TikZ: a Beamer document that compiles as it is, or is put into a deck of one's own by `\\input`.

Each cel is a box that is drawn once; the overlay of a step shows the boxes of its stack.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

from app.core.trace import Step, Trace
from app.core.view import View
from app.draw.layout import Layouter
from app.draw.scene import scene
from app.draw.theme import PALETTES
from app.export.cels import Cel, Cels
from app.export.marks import marks
from app.export.progress import Progress, silent
from app.export.steps import walked
from app.export.tex_text import commented, escaped
from app.export.tikz import UNIT, named, tikz

_OF = re.compile(r'data-(?:node|edge)="(\w+)"')


async def make(trace: Trace, view: View, layouter: Layouter, progress: Progress = silent) -> bytes:
    """The document in ASCII; `scale` is that of the picture on its slide, 1 filling it.

    Raises:
        GradwalkError: `bad_view`, where there are too many steps.
    """
    steps = walked(trace, view)
    drawn = await scene(trace, view, layouter)
    notes = {note.line: note.message for note in trace.notes if note.code == "lecturer"}
    sheets = await asyncio.to_thread(Sheets, Cels(drawn, replace(view, scale=1.0)), view, notes)
    progress(0, len(steps))
    for done, step in enumerate(steps, 1):
        await asyncio.to_thread(sheets.add, step)
        progress(done, len(steps))
    return sheets.written().encode("ascii")


class Sheets:
    """The document that is being made; `notes` are the lecturer's own, by line."""

    def __init__(self, cels: Cels, view: View, notes: dict[int | None, str]) -> None:
        self._cels, self._view, self._notes = cels, view, notes
        self._colours = named(PALETTES[view.theme or "light"])
        self._drawn: list[str] = []
        self._names: dict[int, str | None] = {}
        self._overlays: list[str] = []
        self._spoken: list[str] = []
        self._ground: list[str] = []
        if cels.ground:
            self._drawn.append(_box("ground", tikz(marks((cels.head,), cels.ground), self._colour)))
            self._ground = ["ground"]

    def add(self, step: Step) -> None:
        """The overlay of a step."""
        at = len(self._overlays) + 1
        names = [*self._ground, *(name for cel in self._cels.stack(step.index) if (name := self._cel(cel)))]
        said = f"% step {step.index}: {commented(step.text)}"
        self._overlays.append(f"\\only<{at}>{{{said}\n  \\gwshow{{{','.join(names)}}}}}%")
        own = self._notes.get(step.line)
        self._spoken.append(f"\\note<{at}>{{{_words(step.text)}{f' {_words(own)}' if own else ''}}}")

    def written(self) -> str:
        """The whole text."""
        left, top, width, height = self._cels.box
        colours = [f"\\definecolor{{{name}}}{{HTML}}{{{code[1:].upper()}}}" for code, name in self._colours.items()]
        places = [f"{{{length * UNIT:.2f}}}" for length in (width, height, -left, top + height)]
        page = f"\\gwpage{''.join(places)}{{{self._view.scale:g}}}{{%"
        paper = self._view.bg or PALETTES[self._view.theme or "light"].paper
        canvas = "" if paper == "transparent" else self._colour(paper)
        return "\n".join(
            [
                _HEAD,
                *colours,
                _MACROS,
                *self._drawn,
                "",
                f"\\ifdefined\\gwend\\setbeamercolor{{background canvas}}{{bg={canvas}}}\\fi",
                "\\begin{frame}[plain]",
                *self._spoken,
                page,
                *self._overlays,
                "}",
                "\\end{frame}",
                "\\ifdefined\\gwend\\expandafter\\gwend\\fi",
                "",
            ]
        )

    def _cel(self, cel: Cel) -> str | None:
        """The name of a cel's box, such as `n2.17`; None where nothing of it is to be seen."""
        if cel.number not in self._names:
            lines = tikz(marks((self._cels.head, self._cels.layers[cel.layer]), cel.svg), self._colour)
            of = _OF.search(cel.svg)
            name = f"{of[1] if of else 'x'}.{cel.number}"
            self._names[cel.number] = name if lines else None
            if lines:
                self._drawn.append(_box(name, lines))
        return self._names[cel.number]

    def _colour(self, code: str) -> str:
        return self._colours.setdefault(code.lower(), f"gw{code[1:].upper()}")


def _box(name: str, lines: list[str]) -> str:
    inner = "\n".join(f"  {line}" for line in lines)
    return f"\\gwcel{{{name}}}{{%\n{inner}\n}}"


def _words(text: str) -> str:
    """A sentence that may be broken at its blanks."""
    return escaped(" ".join(text.split())).replace(r"\ ", " ")


_HEAD = r"""% A walk of Gradwalk: one overlay for each step.
% As it is:      pdflatex FILE.tex
% In your deck:  \usepackage{tikz} in the preamble, \input{FILE} between two frames; before it, if you like,
%                \def\gradwalkwidth{0.8\textwidth} and \def\gradwalkheight{0.6\textheight}.
% The colours begin with gw and may be defined anew after \input of a copy; a box is named by what it shows: n2, e0.
\ifdefined\usetheme\else
  \documentclass[aspectratio=169]{beamer}
  \usepackage{tikz}
  \setbeamertemplate{navigation symbols}{}
  \setbeamersize{text margin left=2mm,text margin right=2mm}
  \def\gradwalkwidth{\textwidth}
  \def\gradwalkheight{0.96\paperheight}
  \def\gwend{\end{document}}
  \begin{document}
\fi
\providecommand\gradwalkwidth{\textwidth}
\providecommand\gradwalkheight{0.9\textheight}"""

_MACROS = r"""\makeatletter
\def\gwface#1{\fontsize{10}{12}\selectfont#1}
\def\gwtext{\gwface{\normalfont\sffamily}}
\def\gwstrong{\gwface{\normalfont\sffamily\bfseries}}
\def\gwmath{\gwface{\normalfont\rmfamily\itshape}}
\def\gwcode{\gwface{\normalfont\ttfamily}}
\def\gwunknown#1{\fbox{\tiny#1}}
% A text in a given width, its height times a number.
\ifdefined\gwletters\else\newsavebox\gwletters\fi
\def\gwfit#1#2#3{\sbox\gwletters{#3}\ifdim\wd\gwletters>0pt
  \ifdim\ht\gwletters>0pt \resizebox{#1}{#2\ht\gwletters}{\usebox\gwletters}\fi\fi}
\tikzset{gwletters/.style={anchor=base west,inner sep=0pt,outer sep=0pt}}
% A thing in one state, in a box of no size whose origin is the drawing's.
\long\def\gwcel#1#2{%
  \expandafter\ifx\csname gw:#1\endcsname\relax\expandafter\newbox\csname gw:#1\endcsname\fi
  \global\expandafter\setbox\csname gw:#1\endcsname
    \hbox{\begin{tikzpicture}[overlay,x=0.25pt,y=-0.25pt]#2\end{tikzpicture}}}
\def\gwshow#1{\@for\gw@cel:=#1\do{\rlap{\expandafter\copy\csname gw:\gw@cel\endcsname}}}
% Width, height, place of the origin from the left and from below, scale, overlays.
\long\def\gwpage#1#2#3#4#5#6{%
  \dimen0=\gradwalkwidth \dimen2=\gradwalkheight
  \dimen4=\dimexpr\dimen2*\number\dimexpr#1pt\relax/\number\dimexpr#2pt\relax\relax
  \ifdim\dimen4<\dimen0 \dimen0=\dimen4 \fi
  \dimen0=#5\dimen0
  \centering\resizebox{\dimen0}{!}{\hbox to #1pt{\vrule width 0pt height #2pt\kern#3pt\raise#4pt\hbox{#6}\hss}}\par}
\makeatother"""
