"""Which modules a page's script needs before it can run, so that the page can ask for all of them at once.

Follows static imports alone: what is fetched by `import()` waits until it is wanted.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path, PurePosixPath

from app.web.static import ROOT

SCRIPTS = ROOT / "static" / "js"
_IMPORT = re.compile(r'^(?:import|export)\b[^"();]*"(\.{1,2}/[^"]+)\.js"', re.M)
"""An import at a line's beginning, not a type in a comment and no `import(…)`; it may run over several lines."""


@cache
def needed(entry: str, scripts: Path = SCRIPTS) -> tuple[str, ...]:
    """The module `entry` and all it reaches, as names under `scripts` without suffix, each after those that want it.

    Raises:
        FileNotFoundError: a module imports one that does not exist.
    """
    found: dict[str, None] = {}
    waiting = [entry]
    while waiting:
        name = waiting.pop(0)
        if name in found:
            continue
        found[name] = None
        text = (scripts / f"{name}.js").read_text("utf-8")
        waiting += [_joined(name, relative) for relative in _IMPORT.findall(text)]
    return tuple(found)


def _joined(name: str, relative: str) -> str:
    parts = list(PurePosixPath(name).parent.parts)
    for part in PurePosixPath(relative).parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
