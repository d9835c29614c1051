"""Keeps the JSON of a Trace within its size: where values are too many, the largest become summaries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from app.core.trace import FULL_LIMIT
from app.record.records import Records
from app.record.values import SAMPLE

MOST_BYTES = 7 * 2**20
"""Left for numbers of the 8 MB that a Trace may have."""
NUMBER_BYTES = 22
"""A float32 written so that it reads back exactly, and its comma."""
CHOICES = ((FULL_LIMIT, SAMPLE), (FULL_LIMIT, 12), (1024, 12), (512, 8), (256, 6), (64, 4), (16, 2))
"""(elements shown in full, rows and columns of a summary's sample), largest first."""


def sizes(records: Records) -> tuple[int, int]:
    """The first of `CHOICES` with which the numbers of all values fit."""
    counts = Counter(_numels(records))
    for limit, side in CHOICES:
        numbers = sum(count * (numel if numel <= limit else side * side) for numel, count in counts.items())
        if numbers * NUMBER_BYTES <= MOST_BYTES:
            return limit, side
    return CHOICES[-1]


def _numels(records: Records) -> Iterator[int]:
    """Elements of every value that will be written, as often as it will be."""
    for step in records.steps:
        for item in step.sets:
            if len(item) == 3:
                yield from (item[2].tensor.numel(),) * 2
            elif item[1] is not None:
                yield item[1].tensor.numel()
    for raw in records.passes:
        for grad in raw.grads:
            yield grad[2].tensor.numel()
        for _, ref in raw.contributions:
            yield ref.tensor.numel()
        for _, _, added, _ in raw.accumulated:
            yield from (added.tensor.numel(),) * 3
