"""PyTorch's own modules: a sample of each always, all samples with `-m slow`."""

import warnings

import pytest

from tests.conformance.compare import FAILED
from tests.conformance.modules import ModuleCase, module_cases

ALL = module_cases()
PARTS = 8


def broken(case: ModuleCase, explain: bool, most: int | None = None) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = list(case.outcomes(explain, most))
    return [f"sample {i}: {one.detail}" for i, one in enumerate(found) if one.kind == FAILED]


def test_the_database_is_there() -> None:
    names = {case.info.name for case in ALL}
    assert {"nn.Linear", "nn.Conv2d", "nn.LSTM", "nn.BatchNorm2d", "nn.TransformerEncoderLayer"} <= names


@pytest.mark.parametrize("part", range(PARTS))
def test_slice(part: int) -> None:
    """The first sample of each module, with Jacobians and paths."""
    failures = {case.name: broken(case, explain=True, most=1) for case in ALL[part::PARTS]}
    assert {name: problems for name, problems in failures.items() if problems} == {}


@pytest.mark.slow
@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_whole(case: ModuleCase) -> None:
    assert broken(case, explain=True) == []
