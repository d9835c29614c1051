"""Makes instances of the Trace's frozen classes fast.

A frozen dataclass sets each field through a function call, which for thousands of small objects is most of the cost of
a Trace. Here a thawed twin of the same layout is filled and then becomes the frozen class.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any, TypeVar

T = TypeVar("T")


def maker(cls: type[T]) -> Callable[..., T]:
    """A function that does what calling `cls` does, with positional arguments; defaults must be immutable."""
    every = fields(cls)  # type: ignore[arg-type]
    names = tuple(f.name for f in every)
    twin = type(f"Thawed{cls.__name__}", (), {"__slots__": names})
    space: dict[str, Any] = {"new": twin, "cls": cls} | {f"default_{f.name}": f.default for f in every}
    given = [f.name if f.default is MISSING else f"{f.name}=default_{f.name}" for f in every]
    lines = [f"def make({', '.join(given)}):", "    made = new()", *(f"    made.{name} = {name}" for name in names)]
    exec("\n".join([*lines, "    made.__class__ = cls", "    return made"]), space)  # noqa: S102 - fields' names alone
    make: Callable[..., T] = space["make"]
    return make
