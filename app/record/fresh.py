"""Makes instances of the Trace's frozen classes fast.

A frozen dataclass sets each field through a function call, which for thousands of small objects is most of the cost of
a Trace. Here a thawed twin of the same layout is filled and then becomes the frozen class.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, field, fields, make_dataclass
from typing import Any, TypeVar

T = TypeVar("T")


def maker(cls: type[T]) -> Callable[..., T]:
    """A function that does what calling `cls` does, with positional arguments."""
    plain = [
        (f.name, object) if f.default is MISSING else (f.name, object, field(default=f.default))
        for f in fields(cls)  # type: ignore[arg-type]
    ]
    twin = make_dataclass(f"Thawed{cls.__name__}", plain, slots=True)

    def make(*args: Any) -> T:
        made = twin(*args)
        made.__class__ = cls
        return made  # type: ignore[no-any-return]

    return make
