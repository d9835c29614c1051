"""What was made is kept for a while, bounded by bytes; what is being made is awaited, so that N clients cost one.

Owns no policy: the maker of a value says how much it weighs and how long it holds.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from cachetools import TLRUCache

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Made(Generic[V]):
    """A value with its weight in bytes and the seconds for which it may be given again (0: to those who wait now)."""

    value: V
    weight: int
    seconds: float


class Cache(Generic[V]):
    """Values by key: least recently used go first once their weights exceed `size` bytes."""

    def __init__(self, size: int) -> None:
        self._kept: TLRUCache[Hashable, Made[V]] = TLRUCache(
            maxsize=size,
            ttu=lambda _key, made, now: now + made.seconds,
            timer=time.monotonic,
            getsizeof=lambda made: made.weight,
        )
        self._flights: dict[Hashable, asyncio.Task[Made[V]]] = {}
        self._waiting: Counter[Hashable] = Counter()

    def __contains__(self, key: Hashable) -> bool:
        """Whether `get` would make nothing: the value is kept or on its way."""
        return key in self._kept or key in self._flights

    @property
    def weight(self) -> int:
        """Bytes kept now."""
        return int(self._kept.currsize)

    def peek(self, key: Hashable) -> V | None:
        """The kept value, or None."""
        made = self._kept.get(key)
        return None if made is None else made.value

    async def get(self, key: Hashable, make: Callable[[], Awaitable[Made[V]]]) -> V:
        """The kept value, or the one that another caller is making, or a new one.

        A caller that goes away does not end the making for the others; when the last one goes, it ends. What `make`
        raises reaches all who wait and is not kept.
        """
        made = self._kept.get(key)
        if made is not None:
            return made.value
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = asyncio.ensure_future(_task(make))
            flight.add_done_callback(partial(self._land, key))
        self._waiting[key] += 1
        try:
            return (await asyncio.shield(flight)).value
        except asyncio.CancelledError:
            if self._waiting[key] == 1 and self._flights.get(key) is flight:
                del self._flights[key]  # who asks from now on begins anew
                flight.cancel()
            raise
        finally:
            self._waiting[key] -= 1
            if not self._waiting[key]:
                del self._waiting[key]

    def _land(self, key: Hashable, flight: asyncio.Task[Made[V]]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        if flight.cancelled() or flight.exception() is not None:
            return
        made = flight.result()
        if made.seconds > 0:
            with suppress(ValueError):  # heavier than the whole cache
                self._kept[key] = made

    async def close(self) -> None:
        """Ends what is being made."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)


async def _task(make: Callable[[], Awaitable[Made[V]]]) -> Made[V]:
    return await make()
