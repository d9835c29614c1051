"""Values whose numbers are read out of a private copy of the tensor, or of another value, when first asked for."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from app.core.trace import Full, Summary

_data: Any = Full.__dict__["data"]
"""The slot that the plain value keeps its numbers in."""


class Held(Full):
    """Equal in every way to the plain `Full`; `read` makes the numbers of the copy."""

    __slots__ = ("_read", "_tensor")
    _read: Any
    _tensor: Any

    def __init__(self, tensor: Any, read: Any) -> None:
        object.__setattr__(self, "kind", "full")
        object.__setattr__(self, "_tensor", tensor)
        object.__setattr__(self, "_read", read)

    @property
    def unread(self) -> bool:
        """Whether the copy is still there."""
        return self._tensor is not None

    @property
    def data(self) -> Any:
        """The numbers, nested as in the tensor."""
        if self._tensor is not None:
            _data.__set__(self, self._read(self._tensor))
            object.__setattr__(self, "_tensor", None)
        return _data.__get__(self)

    @data.setter
    def data(self, value: Any) -> None:
        _data.__set__(self, value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Full) and self.data == other.data

    __hash__ = Full.__hash__

    def __repr__(self) -> str:
        return f"Full(data={self.data!r})"

    def __reduce__(self) -> Any:
        return Full, (self.data,)


class HeldSummary(Summary):
    """The same for a summary; `read` makes the plain one."""

    __slots__ = ("_made", "_read", "_tensor")
    _made: Summary
    _read: Any
    _tensor: Any

    def __init__(self, tensor: Any, read: Any) -> None:
        object.__setattr__(self, "_tensor", tensor)
        object.__setattr__(self, "_read", read)

    def plain(self) -> Summary:
        """The summary itself."""
        if self._tensor is not None:
            object.__setattr__(self, "_made", self._read(self._tensor))
            object.__setattr__(self, "_tensor", None)
        return self._made

    def __eq__(self, other: object) -> bool:
        other = other.plain() if isinstance(other, HeldSummary) else other
        return self.plain() == other

    __hash__ = Summary.__hash__

    def __repr__(self) -> str:
        return repr(self.plain())

    def __reduce__(self) -> Any:
        return Summary, tuple(getattr(self.plain(), field.name) for field in fields(Summary))


def _read_field(name: str) -> property:
    return property(lambda held: getattr(held.plain(), name))


for _field in fields(Summary):
    setattr(HeldSummary, _field.name, _read_field(_field.name))
