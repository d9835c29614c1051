"""A Trace whose sentences are written when its steps are first read: most recordings in tests never read them."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from app.core.sentence import with_sentences
from app.core.trace import Step, Trace

_steps: Any = Trace.__dict__["steps"]
"""The slot that the plain Trace keeps its steps in."""


class Told(Trace):
    """Equal in every way to the plain Trace with its sentences."""

    __slots__ = ("_written",)

    def __init__(self, trace: Trace) -> None:
        for field in fields(trace):
            object.__setattr__(self, field.name, getattr(trace, field.name))
        object.__setattr__(self, "_written", False)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps with their sentences."""
        if not object.__getattribute__(self, "_written"):
            object.__setattr__(self, "_written", True)
            _steps.__set__(self, with_sentences(Trace(*(getattr(self, field.name) for field in fields(self)))).steps)
        return _steps.__get__(self)  # type: ignore[no-any-return]

    @steps.setter
    def steps(self, value: tuple[Step, ...]) -> None:
        _steps.__set__(self, value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trace) and all(
            getattr(self, field.name) == getattr(other, field.name) for field in fields(self)
        )

    __hash__ = Trace.__hash__

    def __reduce__(self) -> Any:
        return Trace, tuple(getattr(self, field.name) for field in fields(self))
