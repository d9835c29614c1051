"""The gallery: the examples in `app/examples/`, read once, in the order of `app/examples/order.txt`.

An example is a file whose docstring holds its title (first line) and the idea it teaches (the rest); what follows is the snippet.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.core.errors import GradwalkError

FOLDER = Path(__file__).parent / "examples"


@dataclass(frozen=True, slots=True)
class Example:
    """One entry. `name` is the value of `ex` in an address."""

    name: str
    title: str
    idea: str
    source: str


@cache
def gallery(folder: Path = FOLDER) -> dict[str, Example]:
    """The examples by name, in their order."""
    names = (folder / "order.txt").read_text("utf-8").split()
    return {name: read_example(name, (folder / f"{name}.py").read_text("utf-8")) for name in names}


def read_example(name: str, text: str) -> Example:
    """The example of a file's text.

    Raises:
        ValueError: it has no docstring with a title and an idea.
    """
    tree = ast.parse(text)
    title, _, idea = (ast.get_docstring(tree) or "").partition("\n\n")
    if not (title and idea):
        raise ValueError(f"example {name}: a docstring with a title, an empty line and the idea is expected")
    snippet = "\n".join(text.split("\n")[tree.body[0].end_lineno :])
    return Example(name, title.rstrip("."), " ".join(idea.split()), snippet.strip("\n") + "\n")


def example(name: str) -> Example:
    """The example of that name.

    Raises:
        GradwalkError: `not_found`.
    """
    found = gallery().get(name)
    if found is None:
        raise GradwalkError("not_found", f"There is no example named {name!r}.", hint="The gallery is at /examples.")
    return found
