"""From a view to what is shown of it: program → sandbox → Trace → explanation, scene, SVG; each kept and made once for
all who ask.

Owns the order of these passes and what their caches key on. Big traces are read and drawn in a thread, so that the
event loop stays free.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import asdict, dataclass, replace
from typing import TypeVar
from weakref import WeakValueDictionary

from app.core.errors import GradwalkError
from app.core.json_text import json_bytes, json_text
from app.core.sentence import spelt
from app.core.trace import Trace
from app.core.view import View
from app.draw.layout import Layouter
from app.draw.scene import scene
from app.draw.svg import svg
from app.examples import Example
from app.explain import explain
from app.export import Export
from app.export.progress import Progress, silent
from app.sandbox import Sandbox
from app.web.cache import Cache, Made
from app.web.comparison import Comparison, compared, of_second
from app.web.limiting import RateLimit
from app.web.metrics import Metrics
from app.web.programs import Programs
from app.web.runs import Run, apart, fresh, job_of, run_of, trace_of, verdict_of
from app.web.settings import Settings
from app.web.tally import Tally

T = TypeVar("T")

_OBJECTS = 12
"""A parsed Trace weighs about this many times its JSON."""
_PASSING = {"time_limit", "memory_limit", "crashed"}
"""Results that a busy machine may have caused: repeated only for a short while, so that a bad link cannot keep the
sandbox busy.
"""
_VERDICTS = 4 * 2**20
"""Bytes of checks that are kept."""
_NEVER_KEPT = {"busy", "sandbox_unavailable"}
_PASSING_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Walk:
    """What the page plays: the Trace, its explanation (both also as JSON text) and the SVG of the whole walk."""

    trace: Trace
    trace_json: str
    explain_json: str
    svg: str

    def data(self, query: str, shown: Example | None) -> str:
        """The JSON text of all but the SVG."""
        about = None if shown is None else {key: text for key, text in asdict(shown).items() if key != "source"}
        parts = {
            "trace": self.trace_json,
            "explain": self.explain_json,
            "query": json_text(query),
            "example": json_text(about),
        }
        return "{" + ",".join(f'"{name}":{text}' for name, text in parts.items()) + "}"

    def answer(self, query: str, shown: Example | None) -> bytes:
        """The JSON of `POST /api/walk`."""
        return f'{self.data(query, shown)[:-1]},"svg":{json_text(self.svg)}}}'.encode()


class Walks:
    """Runs, walks and exports of views, from cache where possible. `client` is whom a new run is charged to."""

    def __init__(
        self,
        settings: Settings,
        sandbox: Sandbox,
        layouter: Layouter,
        programs: Programs,
        *,
        limit: RateLimit,
        metrics: Metrics,
    ) -> None:
        self._settings = settings
        self._sandbox = sandbox
        self._layouter = layouter
        self._programs = programs
        self._limit = limit
        self._metrics = metrics
        third = settings.cache_bytes // 3
        self._runs: Cache[Run] = Cache(third)
        self._verdicts: Cache[bytes | GradwalkError] = Cache(_VERDICTS)
        self._walks: Cache[Walk] = Cache(third)
        self._comparisons: Cache[Comparison] = Cache(third // 4)
        self._exports: Cache[bytes] = Cache(third)
        self._tallies: WeakValueDictionary[Hashable, Tally] = WeakValueDictionary()

    async def trace_json(self, view: View, client: str) -> bytes:
        """The JSON of the Trace of a view's program.

        Raises:
            GradwalkError: the run gave no Trace; or the client may start none now.
        """
        run = await self._run(view, client)
        trace = trace_of(run)
        return await apart(lambda: json_bytes(trace.to_dict()), run.size)

    async def walk(self, view: View, client: str) -> Walk:
        """What the page needs to play a view, at whatever step."""
        snippet = await self._programs.snippet(view)
        key = (snippet, view.detail, view.dir, view.digits, view.num, view.names, view.show, view.eta)

        async def make() -> Made[Walk]:
            run = await self._run(view, client)
            trace = await apart(lambda: spelt(trace_of(run), view.digits, view.num), run.size)
            plain = View(
                detail=view.detail,
                dir=view.dir,
                digits=view.digits,
                num=view.num,
                names=view.names,
                show=view.show,
            )
            drawn = await scene(trace, plain, self._layouter)

            def draw() -> Walk:
                numbered = view.names == "numbered"
                explained = explain(trace, digits=view.digits, num=view.num, numbered=numbered, eta=view.eta)
                return Walk(trace, json_text(trace.to_dict()), json_text(explained), svg(drawn))

            made = await apart(draw, run.size)
            weight = len(made.trace_json) + len(made.explain_json) + len(made.svg) + _OBJECTS * run.size
            return Made(made, weight, self._settings.cache_seconds)

        if key not in self._walks:
            self._limit.charge(client, "drawings")
        return await self._look("walks", self._walks, key, make)

    async def comparison(self, view: View, client: str) -> Comparison:
        """What the page needs to play a view's program beside its variant.

        Raises:
            GradwalkError: one of the two gave no Trace, the message says which; or the client may start no run now.
        """
        other = view.variant()
        key = (await self._programs.snippet(view), await self._programs.snippet(other), view.dir, view.digits, view.num)

        async def make() -> Made[Comparison]:
            first = await self.trace(view, client)
            try:
                second = await self.trace(other, client)
            except GradwalkError as error:
                raise of_second(error) from error
            first, second = (spelt(trace, view.digits, view.num) for trace in (first, second))
            plain = View(dir=view.dir, digits=view.digits, num=view.num)
            made = await compared(first, second, plain, self._layouter)
            return Made(made, len(made.data), self._settings.cache_seconds)

        if key not in self._comparisons:
            self._limit.charge(client, "drawings")
        return await self._look("walks", self._comparisons, key, make)

    async def export(self, view: View, export: Export, client: str, *, progress: Progress = silent) -> bytes:
        """One export of a view, `view` placed already; `progress` is told how far it is, whoever began it.

        Raises:
            GradwalkError: the run gave no Trace; the export cannot show this view; or the client may start no run now.
        """
        snippet = await self._programs.snippet(view)
        key = (
            snippet,
            export.suffix,
            replace(view, program=View().program, let=None, seed=0, root=None, cotangent=None),
        )
        tally = self._tallies.setdefault(key, Tally())

        async def make() -> Made[bytes]:
            run = await self._run(view, client)
            trace = await apart(lambda: spelt(trace_of(run), view.digits, view.num), run.size)
            data = await export.make(trace, view, self._layouter, tally)
            return Made(data, len(data), self._settings.cache_seconds)

        if key not in self._exports:
            self._limit.charge(client, "drawings")
        with tally.telling(progress):
            return await self._look("exports", self._exports, key, make)

    async def trace(self, view: View, client: str) -> Trace:
        """The Trace of a view's program.

        Raises:
            GradwalkError: the run gave no Trace; or the client may start none now.
        """
        return trace_of(await self._run(view, client))

    async def verdict_json(self, view: View, client: str) -> bytes:
        """The JSON of the check of a view's program by finite differences.

        Raises:
            GradwalkError: the check gave no report; or the client may start none now.
        """
        snippet = await self._programs.allowed(view)

        async def make() -> Made[bytes | GradwalkError]:
            result = await self._sandbox.run(job_of(snippet, verify=True))
            self._metrics.ran(result.code, result.wall_s)
            made = await apart(lambda: verdict_of(result, self._settings.result_bytes), len(result.verdict or b""))
            code = made.code if isinstance(made, GradwalkError) else "ok"
            return Made(made, 4096 if isinstance(made, GradwalkError) else len(made), self._seconds(code))

        if snippet not in self._verdicts:
            self._limit.charge(client, "runs")
        made = await self._look("verdicts", self._verdicts, snippet, make)
        if isinstance(made, GradwalkError):
            raise fresh(made)
        return made

    async def close(self) -> None:
        """Ends what is being made."""
        for cache in (self._exports, self._comparisons, self._walks, self._runs, self._verdicts):
            await cache.close()

    async def _run(self, view: View, client: str) -> Run:
        snippet = await self._programs.allowed(view)

        async def make() -> Made[Run]:
            result = await self._sandbox.run(job_of(snippet))
            self._metrics.ran(result.code, result.wall_s)
            run = await run_of(result, self._settings.result_bytes)
            code = run.error.code if run.error else "ok"
            return Made(run, _OBJECTS * run.size + 4096, self._seconds(code))

        if snippet not in self._runs:
            self._limit.charge(client, "runs")
        return await self._look("runs", self._runs, snippet, make)

    def _seconds(self, code: str) -> float:
        if code in _NEVER_KEPT:
            return 0
        return min(_PASSING_SECONDS, self._settings.cache_seconds) if code in _PASSING else self._settings.cache_seconds

    async def _look(self, name: str, cache: Cache[T], key: Hashable, make: Callable[[], Awaitable[Made[T]]]) -> T:
        self._metrics.looked_up(name, hit=key in cache)
        return await cache.get(key, make)
