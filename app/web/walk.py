"""From a view to what is shown of it: program → sandbox → Trace → explanation, scene, SVG; each kept and made once for all who ask.

Owns the order of these passes and what their caches key on. Big traces are read and drawn in a thread, so that the event loop stays free.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from app.core.errors import GradwalkError
from app.core.trace import Trace
from app.core.view import View
from app.draw import Layouter, Scene, scene, svg
from app.explain import explain
from app.export import Export
from app.gallery import Example, example
from app.sandbox import Job, Result, Sandbox, parse
from app.web.cache import Cache, Made
from app.web.limiting import RateLimit
from app.web.metrics import Metrics
from app.web.settings import Settings
from app.web.trust import OwnCode

T = TypeVar("T")

_LARGE = 64 * 2**10
"""Bytes of JSON above which reading and drawing leave the event loop."""
_OBJECTS = 12
"""A parsed Trace weighs about this many times its JSON."""
_PASSING = {"time_limit", "memory_limit", "crashed"}
"""Results that a busy machine may have caused: repeated only for a short while, so that a bad link cannot keep the sandbox busy."""
_NEVER_KEPT = {"busy", "sandbox_unavailable"}
_PASSING_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Snippet:
    """What decides a run: two equal snippets have the same Trace."""

    source: str
    let: str | None = None
    seed: int = 0
    root: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """What the sandbox made of a snippet: a Trace, or an error instead."""

    trace: Trace | None
    error: GradwalkError | None
    size: int
    """Bytes of the Trace's JSON."""


@dataclass(frozen=True, slots=True)
class Walk:
    """What the page plays: the Trace, its explanation (both also as JSON text) and the SVG of the whole walk."""

    trace: Trace
    trace_json: str
    explain_json: str
    svg: str

    def data(self, query: str, shown: Example | None) -> str:
        """The JSON text of all but the SVG."""
        shown = None if example is None else {"name": example.name, "title": example.title, "idea": example.idea}
        return (
            f'{{"trace":{self.trace_json},"explain":{self.explain_json},"query":{_dumps(query)},"example":{_dumps(shown)}}}'
        )

    def answer(self, query: str, shown: Example | None) -> bytes:
        """The JSON of `POST /api/walk`."""
        return f'{self.data(query, example)[:-1]},"svg":{_dumps(self.svg)}}}'.encode()


class Walks:
    """Runs, walks and exports of views, from cache where possible. `client` is whom a new run is charged to."""

    def __init__(
        self, settings: Settings, sandbox: Sandbox, layouter: Layouter, limit: RateLimit, metrics: Metrics
    ) -> None:
        self._settings = settings
        self._sandbox = sandbox
        self._layouter = layouter
        self._limit = limit
        self._metrics = metrics
        self._own = OwnCode() if settings.trust_local else None
        third = settings.cache_bytes // 3
        self._runs: Cache[Run] = Cache(third)
        self._walks: Cache[Walk] = Cache(third)
        self._exports: Cache[bytes] = Cache(third)

    def snippet(self, view: View) -> Snippet:
        """The snippet of a view.

        Raises:
            GradwalkError: `not_found` for an unknown example, `too_long` for a long program.
        """
        source = example(view.program.text).source if view.program.kind == "ex" else view.program.text
        if len(source) > self._settings.source_characters:
            most = self._settings.source_characters
            raise GradwalkError("too_long", f"The program has {len(source):,} characters; {most:,} is the most.")
        return Snippet(source, view.let, view.seed, view.root)

    def own(self, view: View) -> None:
        """The visitor sent this program from our own page: where only own code may run, it may."""
        if self._own is not None:
            self._own.admit(self.snippet(view).source)

    async def trace(self, view: View, client: str) -> Trace:
        """The Trace of a view's program.

        Raises:
            GradwalkError: the run gave no Trace; or the client may start none now.
        """
        return _trace(await self._run(self.snippet(view), client))

    async def walk(self, view: View, client: str) -> Walk:
        """What the page needs to play a view, at whatever step."""
        snippet = self.snippet(view)
        key = (snippet, view.detail, view.dir, view.digits, view.num)

        async def make() -> Made[Walk]:
            run = await self._run(snippet, client)
            trace = _trace(run)
            plain = View(program=view.program, detail=view.detail, dir=view.dir, digits=view.digits, num=view.num)
            drawn = await self._scene(trace, plain)

            def draw() -> Walk:
                explained = explain(trace, digits=view.digits, num=view.num)
                return Walk(trace, _dumps(trace.to_dict()), _dumps(explained), svg(drawn))

            walk = await _apart(draw, run.size)
            weight = run.size + len(walk.trace_json) + len(walk.explain_json) + 2 * len(walk.svg)
            return Made(walk, weight, self._settings.cache_seconds)

        return await self._made("walk", self._walks, key, make)

    async def export(self, view: View, export: Export, client: str) -> bytes:
        """One export of a view; where the run gave no Trace, its error."""
        snippet = self.snippet(view)
        key = (snippet, export.suffix, replace(view, program=View().program).query())

        async def make() -> Made[bytes]:
            run = await self._run(snippet, client)
            trace = _trace(run)
            if export.needs_scene:
                ...
            data = await _apart(lambda: b"", run.size)
            return Made(data, len(data), self._settings.cache_seconds)

        return await self._made("export", self._exports, key, make)
