"""The server's own address as others see it, for links that leave it: oEmbed, cards, QR codes, short links.

`GRADWALK_PUBLIC_URL` says it; without, it is what the request came to, which is good for the one answer that goes back
and is never kept for another client.
"""

from __future__ import annotations

import re

from fastapi import Request

from app.core.errors import GradwalkError
from app.web.services import services

_HOST = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?")


def base_or_none(request: Request) -> str:
    """As `base_of`, empty where the request names no host."""
    try:
        return base_of(request)
    except GradwalkError:
        return ""


def base_of(request: Request) -> str:
    """Scheme and host, as in `https://walk.example.edu`, without a slash at the end.

    Raises:
        GradwalkError: `bad_view`, where the request names no host that could stand in a link.
    """
    public: str = services(request).settings.public_url
    if public:
        return public
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        raise GradwalkError("bad_view", "The request's Host header is no host name.")
    scheme = "https" if request.url.scheme == "https" else "http"
    return f"{scheme}://{host}"
