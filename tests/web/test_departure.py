"""A client that goes away takes its work with it: the child is ended, and its turn is free."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from app.web.settings import Settings


@pytest.mark.parametrize("route", ["walk", "trace"])
def test_an_abandoned_run_frees_its_turn_at_once(serve: Any, route: str) -> None:
    # Only one program runs at a time, and one that never ends may run far longer than the next waits for its turn.
    settings = Settings(rate_limit="off", running=1, wall_seconds=300, cpu_seconds=300, wait_seconds=20)
    with serve(settings) as client:
        with pytest.raises(httpx.ReadTimeout):
            client.post(f"/api/{route}", json={"source": "while True: pass"}, timeout=0.5)
        answer = client.post(f"/api/{route}", json={"source": "w*w"}, timeout=60)
        assert answer.status_code == 200, answer.text
