"""Our own files under `static/`: at `/static/<build>/…`, which a browser keeps for ever, and at `/static/…`, which it
asks for again.

The build stands in the path and not in a query, so that relative imports of modules and `url(…)` in CSS stay within it.
"""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.web import security

ROOT = Path(__file__).resolve().parents[2]
"""The folder that holds `app/`, `templates/` and `static/`."""

_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "public, no-cache"


def build_id(root: Path = ROOT) -> str:
    """A digest of all that decides a page or a picture: code, templates, static files and the lock."""
    digest = hashlib.sha256()
    folders = (root / "app", root / "templates", root / "static")
    files = sorted(p for folder in folders for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc")
    for path in [*files, root / "requirements" / "app.lock"]:
        if path.exists():
            data = path.read_bytes()
            digest.update(f"{path.relative_to(root)}\0{len(data)}\0".encode())
            digest.update(data)
    return digest.hexdigest()[:12]


class Static(StaticFiles):
    """Static files with the headers of `security.static`."""

    def __init__(self, build: str, directory: Path = ROOT / "static") -> None:
        super().__init__(directory=directory)
        self._build = build

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file at `path`, with or without the build before it."""
        first, _, rest = path.partition("/")
        versioned = first == self._build
        answer = await super().get_response(rest if versioned else path, scope)
        answer.headers.update(security.static())
        answer.headers["Cache-Control"] = _FOR_EVER if versioned else _ASK_AGAIN
        return answer


def address(build: str, path: str) -> str:
    """The address of a static file that may be kept for ever."""
    return f"/static/{build}/{path}"


def addresses(build: str) -> partial[str]:
    """The templates' `static(path)`."""
    return partial(address, build)
