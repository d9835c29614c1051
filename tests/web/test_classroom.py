"""A class opens one link at once, from behind one address: one run, no error, and nobody is told to wait."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import httpx

from app.core.codec import encode
from app.web.settings import Settings
from benchmarks.classroom import PATHS, PROGRAM, clients_apart, percentile, runs

Serve = Callable[[Settings], AbstractContextManager[httpx.Client]]
CLIENTS = 300


def test_three_hundred_at_once_cost_one_run(serve: Serve, tmp_path: Path) -> None:
    settings = Settings(rate_limit="2/minute", access_log=False, links_file=str(tmp_path / "links.sqlite3"))
    with serve(settings) as client:
        port = client.base_url.port
        assert port is not None
        seen = clients_apart(port, CLIENTS, f"c={encode(PROGRAM.format(literal='0.125'))}&step=12")
        assert seen.faults == []
        assert {path: len(seconds) for path, seconds in seen.seconds.items()} == dict.fromkeys(PATHS, CLIENTS)
        assert runs(port) == 1
        # The storm sees what is refused: a third program is one too many for this limit.
        others = [clients_apart(port, 1, f"expr=w*{n}").faults for n in range(2)]
        assert others == [[], ["/: 429", "/embed: 429", "/svg: 429"]]


def test_percentiles() -> None:
    assert [percentile([4, 1, 3, 2], share) for share in (0.25, 0.5, 0.95, 1)] == [1, 2, 4, 4]
