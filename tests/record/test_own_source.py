"""A snippet can read its own source, as a program in a file can."""

from __future__ import annotations

import linecache

from app.record import record
from app.record.program import FILENAME

READS = """import inspect, traceback
def f(x):
    return x / 0
print(inspect.getsource(f))
try:
    f(1)
except ZeroDivisionError:
    print(traceback.format_exc())
w = torch.tensor(2.0, requires_grad=True)
w.backward()
"""


def test_a_snippet_reads_its_own_source() -> None:
    printed = record(READS).stdout
    assert "def f(x):\n    return x / 0\n" in printed
    assert "    return x / 0\n           ~~^~~\nZeroDivisionError" in printed


def test_nothing_of_it_stays() -> None:
    record(READS)
    assert FILENAME not in linecache.cache
