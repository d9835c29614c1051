"""Rare collections of garbage while many small objects are made that all stay."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def fewer_collections() -> Iterator[None]:
    """Collections that are rare and leave alone what was there before.

    So rare that the oldest objects are never looked at. Freezing them besides would need to know whether they are
    frozen already, and counting those takes longer than recording a small program.
    """
    thresholds = gc.get_threshold()
    gc.set_threshold(250_000, 20, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
