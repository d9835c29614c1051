"""What the server counts, in Prometheus' text format. One registry an app, so that apps in one process do not mix."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """Counters of one server process."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "gradwalk_requests",
            "Requests by route, method and status.",
            ("route", "method", "status"),
            registry=registry,
        )
        self._request_seconds = Histogram(
            "gradwalk_request_seconds", "Time to answer, by route.", ("route",), buckets=_SECONDS, registry=registry
        )
        self._runs = Counter("gradwalk_runs", "Runs of snippets by result code.", ("code",), registry=registry)
        self._run_seconds = Histogram(
            "gradwalk_run_seconds", "Wall time of a run in the sandbox.", buckets=_SECONDS, registry=registry
        )
        self._cache = Counter(
            "gradwalk_cache", "Look-ups by cache and outcome.", ("cache", "outcome"), registry=registry
        )
        self.cache_bytes = Gauge("gradwalk_cache_bytes", "Bytes kept, by cache.", ("cache",), registry=registry)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Counts one answer."""
        known = method if method in {"GET", "HEAD", "POST", "OPTIONS"} else "other"
        self._requests.labels(route, known, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def ran(self, code: str, seconds: float) -> None:
        """Counts one run in the sandbox."""
        self._runs.labels(code).inc()
        self._run_seconds.observe(seconds)

    def looked_up(self, cache: str, *, hit: bool) -> None:
        """Counts one look into a cache; to wait for another's work is a hit."""
        self._cache.labels(cache, "hit" if hit else "miss").inc()

    def text(self) -> bytes:
        """The exposition."""
        return generate_latest(self._registry)
