"""Keeps the JSON of a Trace within its size: where values are too many, the largest become summaries."""

from __future__ import annotations

from collections import Counter

from app.core.trace import FULL_LIMIT
from app.record.replay.nodes import TensorRef
from app.record.replay.records import Records
from app.record.values import SAMPLE

MOST_BYTES = 7 * 2**20
"""Left for numbers of the 8 MB that a Trace may have."""
NUMBER_BYTES = 22
"""A float32 written so that it reads back exactly, and its comma."""
CHOICES = ((FULL_LIMIT, SAMPLE), (FULL_LIMIT, 12), (1024, 12), (512, 8), (256, 6), (64, 4), (16, 2))
"""(elements shown in full, rows and columns of a summary's sample), largest first."""


def sizes(records: Records) -> tuple[int, int]:
    """The first of `CHOICES` with which the numbers of all values fit."""
    counts = _counts(records)
    for limit, side in CHOICES:
        numbers = sum(count * (numel if numel <= limit else side * side) for numel, count in counts.items())
        if numbers * NUMBER_BYTES <= MOST_BYTES:
            return limit, side
    return CHOICES[-1]


def _counts(records: Records) -> Counter[int]:
    """How many values of each number of elements will be written."""
    counts: Counter[int] = Counter()
    refs = [item[-1] for step in records.steps for item in step.sets if item[-1] is not None]
    tensors = [ref.tensor for ref in refs if type(ref) is TensorRef]
    counts.update([ref.tensor.numel() for ref in refs])
    counts.update([tensor.numel() for tensor in tensors])  # once more, as the cells of a storage
    for raw in records.passes:
        counts.update([grad[2].tensor.numel() for grad in raw.grads])
        counts.update([ref.tensor.numel() for _, ref in raw.contributions])
        counts.update([added.tensor.numel() for _, _, added, _ in raw.accumulated] * 3)
    return counts
