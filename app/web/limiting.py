"""How often one client may make the server work: charged per run or drawing that is really made, never for what is kept.

A client is an IPv4 address or an IPv6 /64. Behind a proxy the address is the forwarded one only where the settings trust that proxy.
"""

from __future__ import annotations

import ipaddress
import math
import time

import limits
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from app.web.errors import Refusal


def client_key(host: str | None) -> str:
    """The client that an address belongs to; all of an IPv6 /64 is one, since any of its hosts can have any of its addresses."""
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
    """Counts each client's work in moving windows; `rate` as in `20/second;600/minute`, or `off`."""

    def __init__(self, rate: str) -> None:
        self._limits = [] if rate == "off" else limits.parse_many(rate)
        self._strategy = MovingWindowRateLimiter(MemoryStorage()) if self._limits else None

    def charge(self, client: str) -> None:
        """Counts one piece of work.

        Raises:
            Refusal: `rate_limited`, with the seconds after which it may be tried again.
        """
        if self._strategy is None:
            return
        for limit in self._limits:
            if not self._strategy.hit(limit, client):
                reset = self._strategy.get_window_stats(limit, client).reset_time
                raise Refusal(
                    "rate_limited",
                    f"This address has started more than {limit} runs.",
                    hint="Wait a moment. Whoever runs this server can raise GRADWALK_RATE_LIMIT.",
                    retry_after=max(1, math.ceil(reset - time.time())),
                )
