"""PyTorch's own op database: a fast slice always, the whole of it with `-m slow`."""

import pytest

from tests.conformance.compare import FAILED, outcome
from tests.conformance.exceptions import EXCEPTIONS
from tests.conformance.samples import Case, cases

WHOLE = cases()
FAST = list({case.op.formatted_name: case for case in WHOLE}.values())
"""One dtype of each op: complex128 where it's supported, else float64."""
SLICE = 2


def broken(case: Case, most: int | None = None) -> list[str]:
    """What fails among the first `most` samples."""
    out = []
    for i, sample in enumerate(case.samples()):
        if i == most:
            break
        result = outcome(lambda sample=sample: case.op(sample.input, *sample.args, **sample.kwargs))
        if result.kind == FAILED:
            out.append(f"sample {i}: {result.detail}")
    return out


def test_the_database_is_there() -> None:
    assert len({case.op.formatted_name for case in WHOLE}) > 500
    assert len({case.dtype for case in WHOLE}) == 3


@pytest.mark.parametrize("part", range(20))
def test_slice(part: int) -> None:
    """The first samples of each op; in parts, so that workers share them."""
    failures = {
        case.name: problems
        for case in FAST[part::20]
        if case.op.formatted_name not in EXCEPTIONS and (problems := broken(case, SLICE))
    }
    assert failures == {}


@pytest.mark.slow
@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case.name)
def test_whole(case: Case) -> None:
    if case.op.formatted_name in EXCEPTIONS:
        pytest.skip(EXCEPTIONS[case.op.formatted_name])
    assert broken(case) == []
