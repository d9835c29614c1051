"""The gallery: one file an example, its docstring (title, chapter, idea, lesson) above the snippet.

`order.txt` gives the order.

The example files are data: they are read, never imported, and run like any other snippet.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.core.errors import GradwalkError

FOLDER = Path(__file__).parent
CHAPTERS = ("tensors", "graph", "chain rule", "backward", "networks", "training", "pitfalls")


@dataclass(frozen=True, slots=True)
class Example:
    """One entry of the gallery. `name` is the value of `ex` in an address; `source` is the snippet without its header.

    `idea` is what it teaches, in a sentence or two; `lesson` goes on from there, in paragraphs, and links sentences to
    steps: `[w receives 3](step=9)` with any `step` of a view. It is empty where the idea says it all. `variant` is the
    source of what it is worth comparing with, or empty.
    """

    name: str
    title: str
    chapter: str
    idea: str
    lesson: str
    source: str
    variant: str = ""


@cache
def gallery(folder: Path = FOLDER) -> dict[str, Example]:
    """The examples by name, in the order of `order.txt`."""
    return {name: read_example(name, (folder / f"{name}.py").read_text("utf-8")) for name in names(folder)}


def names(folder: Path = FOLDER) -> tuple[str, ...]:
    """The names of all examples, in order."""
    return tuple((folder / "order.txt").read_text("utf-8").split())


def load(name: str) -> Example:
    """The example of that name.

    Raises:
        GradwalkError: `not_found`.
    """
    found = gallery().get(name)
    if found is None:
        raise GradwalkError("not_found", f"There is no example named {name!r}.", hint="The gallery is at /examples.")
    return found


def read_example(name: str, text: str) -> Example:
    """The example of a file's text.

    Raises:
        ValueError: its docstring lacks the title, `Chapter:` line or idea; or `Compare:` replaces what isn't there.
    """
    tree = ast.parse(text)
    title, chapter, idea, *lesson = [*(ast.get_docstring(tree) or "").split("\n\n"), "", "", ""]
    chapter, _, compare = chapter.partition("\nCompare: ")
    chapter = chapter.removeprefix("Chapter: ").rstrip(".")
    if not title or chapter not in CHAPTERS or not idea:
        raise ValueError(f"example {name}: a docstring of title, 'Chapter: one of {CHAPTERS}' and idea is expected")
    snippet = "\n".join(text.split("\n")[tree.body[0].end_lineno :]).strip("\n") + "\n"
    paragraphs = (" ".join(paragraph.split()) for paragraph in lesson)
    return Example(
        name=name,
        title=" ".join(title.split()).rstrip("."),
        chapter=chapter,
        idea=" ".join(idea.split()),
        lesson="\n\n".join(paragraph for paragraph in paragraphs if paragraph),
        source=snippet,
        variant=_variant(name, snippet, compare) if compare else "",
    )


def _variant(name: str, snippet: str, compare: str) -> str:
    """The snippet with the replacement that a `Compare: torch.relu => torch.tanh` line asks for."""
    old, arrow, new = compare.partition(" => ")
    if not arrow or old not in snippet:
        raise ValueError(f"example {name}: 'Compare: OLD => NEW' is expected, and OLD in the snippet")
    return snippet.replace(old, new)
