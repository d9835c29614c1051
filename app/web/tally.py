"""How far one making is, for all who wait for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.export.progress import Progress


class Tally:
    """Told by a maker, it tells each listener, and a later one at once how far it is already."""

    def __init__(self) -> None:
        self._last: tuple[int, int] | None = None
        self._listeners: list[Progress] = []

    def __call__(self, done: int, total: int) -> None:
        """The maker has done so many steps."""
        self._last = (done, total)
        for listener in tuple(self._listeners):
            listener(done, total)

    @contextmanager
    def telling(self, listener: Progress) -> Iterator[None]:
        """Within the block `listener` hears."""
        self._listeners.append(listener)
        if self._last is not None:
            listener(*self._last)
        try:
            yield
        finally:
            self._listeners.remove(listener)
