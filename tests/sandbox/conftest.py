"""Sandboxes for the tests of this folder, and what can be seen of their processes from outside."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import psutil
import pytest

from app.core.limits import Limits
from app.sandbox import BlockingSandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[BlockingSandbox]:
    """With short limits and a short queue."""
    limits = Limits(wall=4.0, cpu=1, running=2, standby=2, queue=3, wait=5.0, source=2_000)
    with BlockingSandbox(limits) as running:
        assert running.wall.ok, running.wall.reason
        yield running


def family(sandbox: BlockingSandbox) -> list[psutil.Process]:
    """The fork server's children, once the ended ones are gone (or after two seconds)."""
    server = sandbox.sandbox._server
    assert server is not None

    async def settled() -> list[psutil.Process]:
        found: list[psutil.Process] = []
        for _ in range(200):
            found = psutil.Process(server.process.pid).children(recursive=True)
            if len(found) <= sandbox.sandbox.limits.standby:
                break
            await asyncio.sleep(0.01)
        return found

    return sandbox.wait(settled())


@pytest.fixture(name="family")
def family_fixture() -> object:
    """The function above."""
    return family
