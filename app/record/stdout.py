"""Keeps what a snippet prints, up to a limit."""

from __future__ import annotations

import io
import sys
from typing import TextIO

from app.core.errors import GradwalkError
from app.core.running import running_line
from app.record.observe.watch import Stop


class Printed(io.TextIOBase):
    """Stands in for `sys.stdout`; `through`, where given, gets everything as well."""

    def __init__(self, limit: int, through: TextIO | None) -> None:
        super().__init__()
        self._parts: list[str] = []
        self._left = limit
        self._limit = limit
        self._through = through

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, text: str) -> int:
        """Keep `text`; beyond the limit the run ends with `output_limit`."""
        if self._through is not None:
            self._through.write(text)
        else:
            self._left -= len(text)
            if self._left < 0:
                raise Stop(
                    GradwalkError(
                        "output_limit",
                        f"The snippet prints more than {self._limit // 1024} KB.",
                        line=running_line(sys._getframe(1)),
                        hint="Print less, as with if i % 100 == 0:, or print a shape instead of a tensor.",
                    )
                )
        self._parts.append(text)
        return len(text)

    def flush(self) -> None:
        """Pass on."""
        if self._through is not None:
            self._through.flush()

    def text(self) -> str:
        """Everything printed so far."""
        return "".join(self._parts)


class Unheard(io.TextIOBase):
    """Stands in for `sys.stdout` where Functions of the snippet run once more: what they print has been printed."""

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, text: str) -> int:
        """Drop it."""
        return len(text)
