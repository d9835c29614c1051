"""The player as one file that needs no network: from `file://`, a USB stick, a notebook.

Its modules are `data:` URLs with bare names in an import map, because a relative import inside a `data:` module fails;
styles and fonts are inlined. `app.export.bundle` packs the modules. A policy in the file forbids every request.
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from dataclasses import fields
from functools import cache
from pathlib import Path, PurePosixPath

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from app.core.json_text import json_text
from app.core.sentence import with_totals
from app.core.trace import Trace
from app.core.view import View, shown_step
from app.draw.layout import Layouter
from app.draw.scene import scene
from app.draw.svg import svg
from app.explain import explain
from app.export.bundle import loader, packed
from app.export.progress import Progress, silent

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
ENTRY = "js/embedded.js"
STYLES = (
    "vendor/fonts/fonts.css",
    *(f"css/{name}.css" for name in ("tokens", "base", "diagram", "player", "inspector", "walking", "explain")),
)
KATEX = "vendor/katex/katex.css"
EVERYTHING = ("code", "inspector", "values", "grads", "locals", "legend")
UNUSED = re.compile(r"KaTeX_(?:Fraktur|Script|SansSerif|Typewriter|Caligraphic-Bold|Main-BoldItalic|Math-BoldItalic)")
"""Faces that no formula of ours is set in."""
_IMPORT = re.compile(r'(\bfrom\s*|\bimport\s*\(?\s*)"(\.{1,2}/[^"]+\.js)"')
_URL = re.compile(r'url\("?([^")]+)"?\)')
_REMARK = re.compile(r"/\*(?:[^*]|\*(?!/))*\*/")
_BLANK = re.compile(r"\s*\n\s*")
_FACE = re.compile(r"@font-face\s*\{[^}]*\}")


async def make(trace: Trace, view: View, layouter: Layouter, _progress: Progress = silent) -> bytes:
    """The page in UTF-8, opened at the view's step."""
    drawn = await scene(trace, view, layouter)
    return (await asyncio.to_thread(lambda: page(trace, view, svg(drawn)))).encode("utf-8", "replace")


def page(trace: Trace, view: View, drawing: str) -> str:
    """The page of a walk; `drawing` is the SVG of the whole walk."""
    step = shown_step(trace, view)
    options = {field.name: getattr(view, field.name) for field in fields(view) if field.name != "program"}
    options["alone"] = True
    options["show"] = [part for part in view.show or EVERYTHING if part != "link"]  # a file has no address to link to
    return _template().render(
        svg=Markup(drawing),  # noqa: S704 - our own template escaped it
        walk={
            "trace": trace.to_dict(),
            "explain": explain(
                trace, digits=view.digits, num=view.num, numbered=view.names == "numbered", eta=view.eta
            ),
            "query": view.query(step=False),
            "example": None,
        },
        options=options,
        source=trace.program.source,
        error=None,
        example=None,
        longest=0,
        step=step,
        steps=len(trace.steps),
        sentence=with_totals(trace.steps[step].text) if trace.steps and not view.predict else "",
        modules=Markup(packed(modules())),  # noqa: S704 - base64
        style=style(),
        katex=katex(),
        loader=Markup(loader(bare(ENTRY))),  # noqa: S704 - our own text
        icon=_data(STATIC / "icon.svg"),
    )


def bare(path: str) -> str:
    """The import map's name of a module under `static/`."""
    return f"gradwalk/{path}"


@cache
def modules() -> Markup:
    """The import map: every module that the entry reaches, as JSON that may stand in a `<script>`."""
    found: dict[str, str] = {}
    waiting = [ENTRY]
    while waiting:
        path = waiting.pop()
        if bare(path) in found:
            continue
        text, needed = rebound(path, (STATIC / path).read_text("utf-8"))
        found[bare(path)] = "data:text/javascript;charset=utf-8," + _SPECIAL.sub(
            lambda char: f"%{ord(char[0]):02X}", _COMMENT.sub("", text)
        )
        waiting += needed
    return Markup(json_text({"imports": found}))  # noqa: S704 - our own files, and `<` is quoted


_SPECIAL = re.compile(r"[\x00-\x1f\x7f%#<]")
"""What would end the URL or the script element, or be dropped; all else stays legible, and short."""
_COMMENT = re.compile(r"^ *(?://.*|/\*(?:[^*]|\*(?!/))*\*/)\n", re.M)
"""Comments on lines of their own; no template literal of ours holds such a line."""


def rebound(path: str, text: str) -> tuple[str, list[str]]:
    """A module's text with bare names in its imports, and the paths of what it imports."""
    needed: list[str] = []

    def name(match: re.Match[str]) -> str:
        target = _joined(path, match[2])
        if not (STATIC / target).exists():  # a type in a comment
            return match[0]
        needed.append(target)
        return f'{match[1]}"{bare(target)}"'

    return _IMPORT.sub(name, text), needed


def _joined(path: str, relative: str) -> str:
    parts: list[str] = list(PurePosixPath(path).parent.parts)
    for part in PurePosixPath(relative).parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


@cache
def style() -> Markup:
    """The player's style sheets with their fonts."""
    return Markup("\n".join(_sheet(path) for path in STYLES))  # noqa: S704 - our own files


@cache
def katex() -> Markup:
    """The formulas' style sheet, without the faces that none is set in."""
    return Markup(_sheet(KATEX))  # noqa: S704 - our own files


def _sheet(path: str) -> str:
    folder = (STATIC / path).parent
    text = _FACE.sub(lambda face: "" if UNUSED.search(face[0]) else face[0], (STATIC / path).read_text("utf-8"))
    text = _BLANK.sub("\n", _REMARK.sub("", text))
    return _URL.sub(lambda url: f"url({_data(folder / url[1])})", text)


def _data(path: Path) -> str:
    media = {".woff2": "font/woff2", ".svg": "image/svg+xml"}[path.suffix]
    return f"data:{media};base64,{b64encode(path.read_bytes()).decode()}"


@cache
def _template() -> Template:
    env = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    return env.get_template("standalone.html")
