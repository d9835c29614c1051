"""How often one client may make the server work: charged per run or drawing that is really made, never for what is
kept.

A client is an IPv4 address or an IPv6 /64. Behind a proxy the address is the forwarded one only where the settings
trust that proxy.
"""

from __future__ import annotations

import ipaddress
import math
import time
from typing import Literal

import limits
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from app.web.errors import RefusalError


def client_key(host: str | None) -> str:
    """The client that an address belongs to; all of an IPv6 /64 is one, since any of its hosts can have any of its
    addresses.
    """
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return host or "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


class RateLimit:
    """Counts each client's work in moving windows; `rate` as in `20/second;600/minute`, or `off`.

    It holds for runs, and for new short links; of drawings, which cost less and come a deck at a time, ten times as
    many may be started.
    """

    def __init__(self, rate: str) -> None:
        runs = [] if rate == "off" else limits.parse_many(rate)
        self._limits = {
            "runs": runs,
            "links": runs,
            "drawings": [type(limit)(10 * limit.amount, limit.multiples) for limit in runs],
        }
        self._strategy = MovingWindowRateLimiter(MemoryStorage()) if runs else None

    def charge(self, client: str, work: Literal["runs", "drawings", "links"]) -> None:
        """Counts one piece of work.

        Raises:
            RefusalError: `rate_limited`, with the seconds after which it may be tried again.
        """
        if self._strategy is None:
            return
        for limit in self._limits[work]:
            if not self._strategy.hit(limit, work, client):
                reset = self._strategy.get_window_stats(limit, work, client).reset_time
                raise RefusalError(
                    "rate_limited",
                    f"This address has started more {work} than {limit}.",
                    hint="Wait a moment. Whoever runs this server can raise GRADWALK_RATE_LIMIT.",
                    retry_after=max(1, math.ceil(reset - time.time())),
                )
