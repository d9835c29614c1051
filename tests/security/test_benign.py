"""What the wall must not disturb: ordinary programs print in the sandbox what they print in a plain interpreter."""

from __future__ import annotations

import contextlib
import io
import math
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from app.core.allowed import MODULES, PACKAGES
from app.sandbox import BlockingSandbox, Job
from tests.security.attacking import outcome

PROGRAMS = dict(
    part.split("\n", 1)
    for part in Path(__file__).with_name("benign_programs.txt").read_text(encoding="utf-8").split("=== ")[1:]
)
"""Name and source of each."""
UNCHECKED = {"deep-copy", "saving-to-memory", "generators-and-with", "sets-and-hashes"}
"""Programs with an import or a name that the source check refuses; what they do is harmless."""


def plainly(source: str) -> str:
    """What the program prints in this process, seeded as in the sandbox."""
    torch.manual_seed(0)
    random.seed(0)
    np.random.seed(0)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(source, {"torch": torch, "nn": torch.nn, "F": torch.nn.functional, "math": math, "__name__": "__main__"})
    return printed.getvalue()


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_prints_what_it_prints_without_the_wall(sandbox: BlockingSandbox, name: str) -> None:
    source = PROGRAMS[name] + "end = torch.zeros(1)"
    result = sandbox.run(Job(source, checked=name not in UNCHECKED))
    assert outcome(result) == f"ran: {plainly(source).strip()}"


def test_whatever_may_be_imported_is_there(sandbox: BlockingSandbox) -> None:
    modules = sorted({*MODULES, *PACKAGES} - {"__future__"})
    source = "".join(f"import {module}\n" for module in modules) + "end = torch.zeros(1)"
    assert outcome(sandbox.run(Job(source))) == "ran:"


DOORS = {
    "torch.seed()": "torch.manual_seed",
    "torch.compile(torch.nn.Linear(1, 1))": "compiler",
    "torch.profiler.profile()": "profiler",
}


@pytest.mark.parametrize("call", DOORS)
def test_what_cannot_work_says_so(attack: Callable[[str], str], sandbox: BlockingSandbox, call: str) -> None:
    source = f"try:\n    {call}\nexcept RuntimeError as e:\n    print(e)\nend = torch.ones(1)"
    assert DOORS[call] in sandbox.run(Job(source, checked=False)).stdout
    assert attack(call) == "RuntimeError at 1"


def test_there_are_enough_of_them() -> None:
    assert len(PROGRAMS) >= 60
