"""Which programs may run where there is no wall (`--trust-local`): the gallery's, and those that the visitor sent from
our own page.

Without the wall a mere link would run its program on the lecturer's laptop. So an address alone runs nothing: the page
shows the program, and it runs once the visitor presses Run, which is a same-origin POST. Host names other than loopback
are refused against DNS rebinding.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict

from starlette.requests import Request

from app.core.errors import GradwalkError

_REMEMBERED = 10_000


class OwnCode:
    """Remembers the programs that the visitor sent, by digest; the oldest are forgotten."""

    def __init__(self) -> None:
        self._admitted: OrderedDict[bytes, None] = OrderedDict()

    def admit(self, source: str) -> None:
        """The visitor sent this program from our page."""
        self._admitted[_digest(source)] = None
        if len(self._admitted) > _REMEMBERED:
            self._admitted.popitem(last=False)

    def check(self, source: str) -> None:
        """Refuses a program that only came by an address.

        Raises:
            GradwalkError: `sandbox_unavailable`.
        """
        if _digest(source) not in self._admitted:
            raise GradwalkError(
                "sandbox_unavailable",
                "This program came by an address, and here nothing stands between it and your files.",
                hint="Read it, and press Run if it is yours or you trust it.",
            )


def check_own_page(request: Request) -> None:
    """Refuses a request that another site's page may have sent.

    Raises:
        GradwalkError: `forbidden`, without saying more to that page.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    own = origin is None or origin == f"{request.url.scheme}://{request.headers.get('host', '')}"
    if site not in ("same-origin", "none") or not own:
        raise GradwalkError("forbidden", "Without the wall, only Gradwalk's own page may run programs.")


def _digest(source: str) -> bytes:
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).digest()
