"""The cache: one making for all who ask at once, bounded by bytes, nothing kept that its maker did not want kept."""

from __future__ import annotations

import asyncio

import pytest

from app.web.cache import Cache, Made


def made(value: str, weight: int = 1, seconds: float = 60) -> Made[str]:
    return Made(value, weight, seconds)


class Kitchen:
    """Counts how often it was asked to make something."""

    def __init__(self, product: Made[str], pause: float = 0) -> None:
        self.product, self.pause, self.times = product, pause, 0

    async def __call__(self) -> Made[str]:
        self.times += 1
        await asyncio.sleep(self.pause)
        return self.product


def test_all_who_ask_at_once_cost_one_making() -> None:
    async def scene() -> None:
        cache: Cache[str] = Cache(100)
        kitchen = Kitchen(made("soup"), pause=0.01)
        assert await asyncio.gather(*(cache.get("k", kitchen) for _ in range(50))) == ["soup"] * 50
        assert await cache.get("k", kitchen) == "soup"
        assert kitchen.times == 1

    asyncio.run(scene())


def test_a_caller_that_goes_away_does_not_end_the_making_for_the_others() -> None:
    async def scene() -> None:
        cache: Cache[str] = Cache(100)
        kitchen = Kitchen(made("soup"), pause=0.05)
        first = asyncio.create_task(cache.get("k", kitchen))
        await asyncio.sleep(0.01)
        second = asyncio.create_task(cache.get("k", kitchen))
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert await second == "soup"
        assert kitchen.times == 1

    asyncio.run(scene())


def test_when_the_last_caller_goes_away_the_making_ends_and_the_next_begins_anew() -> None:
    async def scene() -> None:
        cache: Cache[str] = Cache(100)
        kitchen = Kitchen(made("soup"), pause=30)
        callers = [asyncio.create_task(cache.get("k", kitchen)) for _ in range(2)]
        await asyncio.sleep(0.01)
        for caller in callers:
            assert "k" in cache
            caller.cancel()
            await asyncio.gather(caller, return_exceptions=True)
        assert "k" not in cache
        kitchen.pause = 0
        assert await cache.get("k", kitchen) == "soup"
        assert kitchen.times == 2
        await cache.close()

    asyncio.run(scene())


def test_weights_bound_what_is_kept_and_the_oldest_goes_first() -> None:
    async def scene() -> None:
        cache: Cache[str] = Cache(10)
        for key in "abc":
            await cache.get(key, Kitchen(made(key, weight=4)))
        assert ("a" in cache, "b" in cache, "c" in cache) == (False, True, True)
        assert cache.weight == 8
        assert await cache.get("big", Kitchen(made("big", weight=11))) == "big"
        assert "big" not in cache
        assert "b" in cache

    asyncio.run(scene())


def test_zero_seconds_means_only_those_who_wait_now() -> None:
    async def scene() -> None:
        cache: Cache[str] = Cache(10)
        kitchen = Kitchen(made("busy", seconds=0), pause=0.01)
        await asyncio.gather(cache.get("k", kitchen), cache.get("k", kitchen))
        assert kitchen.times == 1
        assert "k" not in cache
        await cache.get("k", kitchen)
        assert kitchen.times == 2

    asyncio.run(scene())


def test_a_value_ends_with_its_time() -> None:
    async def scene() -> None:
        cache: Cache[str] = Cache(10)
        await cache.get("k", Kitchen(made("v", seconds=0.02)))
        assert "k" in cache
        await asyncio.sleep(0.03)
        assert "k" not in cache

    asyncio.run(scene())


def test_what_a_making_raises_reaches_all_and_is_not_kept() -> None:
    async def scene() -> None:
        cache: Cache[str] = Cache(10)

        async def burn() -> Made[str]:
            await asyncio.sleep(0.01)
            raise RuntimeError("burnt")

        results = await asyncio.gather(cache.get("k", burn), cache.get("k", burn), return_exceptions=True)
        assert [str(result) for result in results] == ["burnt", "burnt"]
        assert await cache.get("k", Kitchen(made("soup"))) == "soup"

    asyncio.run(scene())


def test_closing_ends_what_is_being_made() -> None:
    async def scene() -> None:
        cache: Cache[str] = Cache(10)
        waiting = asyncio.create_task(cache.get("k", Kitchen(made("late"), pause=60)))
        await asyncio.sleep(0.01)
        await cache.close()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(scene())
