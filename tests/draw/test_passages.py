"""The shapes a line may take: they join their ends, leave and arrive level, and never run backwards."""

from __future__ import annotations

from itertools import pairwise

import pytest

from app.draw.curves import samples
from app.draw.layout import Point
from app.draw.passages import NEAR_END, inner, passages

SHORT = ((0.0, 0.0), (20.0, 0.0), (40.0, 50.0), (60.0, 50.0))
LONG = (*SHORT[:-1], (60.0, 90.0), (200.0, 120.0), (300.0, 60.0), (400.0, 50.0))


@pytest.mark.parametrize("curve", [SHORT, LONG])
@pytest.mark.parametrize("start", [(0.0, 0.0), (0.0, 12.0)])
@pytest.mark.parametrize("rise", [-70.0, 0.0, 40.0])
def test_each_joins_its_ends_and_never_turns_back(curve: tuple[Point, ...], start: Point, rise: float) -> None:
    end = (curve[-1][0], rise)
    made = passages(start, end, curve, exact=True)
    assert len(made) >= 2
    for place, (_cost, chain) in enumerate(made):
        points = samples([start, *chain], 12)
        assert points[0] == start
        assert points[-1] == end
        if place < len(made) - 1:
            assert all(b[0] >= a[0] - 1e-6 for a, b in pairwise(points))
            assert chain[-2][1] == pytest.approx(end[1])


def test_gentle_ones_come_first_and_the_layouts_own_last() -> None:
    costs = [cost for cost, _chain in passages((0.0, 0.0), (400.0, 50.0), LONG)]
    assert costs[:-1] == sorted(costs[:-1])
    assert len(passages((0.0, 0.0), (60.0, 50.0), SHORT)) == 1


def test_a_detour_keeps_to_the_side_the_layout_chose() -> None:
    deepest = [
        max(v for _u, v in samples([(0.0, 0.0), *chain], 12)) for _c, chain in passages((0.0, 0.0), (400.0, 0.0), LONG)
    ]
    assert max(deepest) > 80


def test_the_inner_path_leaves_out_what_is_near_its_ends() -> None:
    path = [(float(u), 0.0) for u in range(0, 200, 10)]
    assert inner(path)[0][0] > NEAR_END
    assert inner(path)[-1][0] < 190 - NEAR_END
