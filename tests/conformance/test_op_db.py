"""PyTorch's own op database: a fast slice always, the whole of it with `-m slow`."""

import warnings

import pytest

from tests.conformance.compare import FAILED
from tests.conformance.samples import Case, cases

WHOLE = cases()
FAST = list({case.op.formatted_name: case for case in WHOLE}.values())
"""One dtype of each op: complex128 where it's supported, else float64."""
PARTS = 20


def broken(case: Case, explain: bool = False, most: int | None = None) -> list[str]:
    """What fails among the first `most` samples."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = list(case.outcomes(explain, most))
    return [f"sample {i}: {one.detail}" for i, one in enumerate(found) if one.kind == FAILED]


def test_the_database_is_there() -> None:
    assert len({case.op.formatted_name for case in WHOLE}) > 500
    assert len({case.dtype for case in WHOLE}) == 3


@pytest.mark.parametrize("part", range(PARTS))
def test_slice(part: int) -> None:
    """The first sample of each op, with Jacobians and paths: rules 1 to 5. In parts, so that workers share them."""
    failures = {case.name: broken(case, explain=True, most=1) for case in FAST[part::PARTS]}
    assert {name: problems for name, problems in failures.items() if problems} == {}


@pytest.mark.slow
@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case.name)
def test_whole(case: Case) -> None:
    assert broken(case) == []
