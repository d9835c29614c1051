"""How long an answer may be kept and how it is recognised: strong ETags over (program, options, build), and addresses
that carry the build and so may be kept for ever.
"""

from __future__ import annotations

import hashlib

from starlette.requests import Request

ASK_AGAIN = "no-cache"
"""May be kept, and is asked for each time: the answer is mostly 304."""
FOR_EVER = "public, max-age=31536000, immutable"
_A_WHILE = "public, max-age=300, stale-while-revalidate=86400"


def etag(*parts: str) -> str:
    """A strong ETag of what decides an answer's bytes."""
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass"))
    return f'"{digest.hexdigest()[:32]}"'


def unchanged(request: Request, *tags: str) -> bool:
    """Whether the client has the answer with one of these ETags already."""
    known = request.headers.get("if-none-match", "")
    return any(one.strip().removeprefix("W/") in (*tags, "*") for one in known.split(","))


def kept(request: Request, build: str) -> str:
    """The Cache-Control of a picture: with `v=` and this very build in its address it never changes."""
    return FOR_EVER if request.query_params.get("v") == build else _A_WHILE
