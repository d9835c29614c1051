"""Which program a view names, and whether it may run here."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.errors import GradwalkError
from app.core.view import View
from app.examples import load
from app.web.links import Links
from app.web.settings import Settings
from app.web.trust import OwnCode


@dataclass(frozen=True, slots=True)
class Snippet:
    """What decides a run: two equal snippets have the same Trace."""

    source: str
    let: str | None = None
    seed: int = 0
    root: str | None = None
    cotangent: str | None = None


class Programs:
    """Looks up the programs of views: given in the address, of the gallery, or kept under a short link."""

    def __init__(self, settings: Settings, links: Links) -> None:
        self._most = settings.source_characters
        self._links = links
        self._own = OwnCode() if settings.trust_local else None

    async def snippet(self, view: View) -> Snippet:
        """The snippet of a view.

        Raises:
            GradwalkError: `not_found` for an unknown example or short link, `too_long` for a long program.
        """
        source = view.program.text
        if view.program.kind == "ex":
            source = load(source).source
        elif view.program.kind == "id":
            source = await self._links.get(source)
        if len(source) > self._most:
            raise GradwalkError("too_long", f"The program has {len(source):,} characters; {self._most:,} is the most.")
        return Snippet(source, view.let, view.seed, view.root, view.cotangent)

    async def admit(self, view: View) -> None:
        """The visitor sent this program from our own page: where only own code may run, it is own code."""
        if self._own is not None:
            self._own.admit((await self.snippet(view)).source)

    async def allowed(self, view: View) -> Snippet:
        """The snippet of a view, which may run here.

        Raises:
            GradwalkError: as `snippet`, and `sandbox_unavailable` for a stranger's program where there is no wall.
        """
        snippet = await self.snippet(view)
        if self._own is not None and view.program.kind != "ex":
            self._own.check(snippet.source)
        return snippet
