"""Rates per client: who a client is, when it is refused, and when it may come back."""

from __future__ import annotations

import pytest

from app.web.errors import RefusalError
from app.web.limiting import RateLimit, client_key


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        (None, "unknown"),
        ("testclient", "testclient"),
    ],
)
def test_a_client_is_an_address_or_a_network(host: str | None, key: str) -> None:
    assert client_key(host) == key


def test_the_run_too_many_is_refused_with_the_time_to_come_back() -> None:
    limit = RateLimit("3/minute")
    for _ in range(3):
        limit.charge("a", "runs")
    with pytest.raises(RefusalError) as refused:
        limit.charge("a", "runs")
    assert refused.value.code == "rate_limited"
    assert 55 <= (refused.value.retry_after or 0) <= 61
    limit.charge("b", "runs")  # another client is not held back


def test_ten_times_as_many_drawings() -> None:
    limit = RateLimit("2/minute")
    for _ in range(20):
        limit.charge("a", "drawings")
    with pytest.raises(RefusalError):
        limit.charge("a", "drawings")
    limit.charge("a", "runs")


def test_every_one_of_several_limits_holds() -> None:
    limit = RateLimit("100/second;4/minute")
    for _ in range(4):
        limit.charge("a", "runs")
    with pytest.raises(RefusalError, match="4 per 1 minute"):
        limit.charge("a", "runs")


def test_off_is_off() -> None:
    limit = RateLimit("off")
    for _ in range(1000):
        limit.charge("a", "runs")
