"""What one running app holds, made when it starts and closed when it stops."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass

from fastapi import Request

from app.draw.layout import Layouter
from app.sandbox import Sandbox
from app.web.cache import Cache, Made
from app.web.limiting import RateLimit, client_key
from app.web.links import Links
from app.web.metrics import Metrics
from app.web.programs import Programs
from app.web.rendered import Rendered
from app.web.settings import Settings
from app.web.walk import Walks


@dataclass(frozen=True, slots=True)
class Services:
    """The parts that routes work with."""

    settings: Settings
    sandbox: Sandbox
    layouter: Layouter
    walks: Walks
    programs: Programs
    links: Links
    limit: RateLimit
    pages: Cache[Rendered]
    metrics: Metrics
    build: str
    """The build's digest: in ETags and in the addresses of static files."""

    async def kept(self, key: Hashable, make: Callable[[], Awaitable[Made[Rendered]]]) -> Rendered:
        """What is sent under `key`, made once for all who ask."""
        self.metrics.looked_up("pages", hit=key in self.pages)
        return await self.pages.get(key, make)


def services(request: Request) -> Services:
    """The services of the app that a request came to."""
    held: Services = request.app.state.services
    return held


def client_of(request: Request) -> str:
    """Whom to charge for a request's work."""
    return client_key(request.client.host if request.client else None)
