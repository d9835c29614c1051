"""Arithmetic on recorded values in a tensor's own dtype, with the standard library only.

Owns flattening, rounding to a dtype, exact comparison and addition; which values must agree is the rules' business.
"""

from __future__ import annotations

import math
import struct
from array import array
from collections.abc import Sequence

from app.core.trace import Full, Nested, Scalar, Value

Number = float | complex
SPECIAL = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}

EPSILON = {
    "float64": 2.0**-52,
    "float32": 2.0**-23,
    "float16": 2.0**-10,
    "bfloat16": 2.0**-7,
    "complex128": 2.0**-52,
    "complex64": 2.0**-23,
    "complex32": 2.0**-10,
}
"""Distance from 1 to the next number, for each dtype that can carry a gradient."""
TINY = {"float64": 1e-307, "float32": 1e-37, "float16": 6.2e-5, "bfloat16": 1e-37}
"""About the smallest normal number: below it, errors are absolute."""
COMPONENT = {"complex128": "float64", "complex64": "float32", "complex32": "float16"}


def numel(shape: Sequence[int]) -> int:
    """The number of elements of a tensor of this shape."""
    return math.prod(shape)


def number(x: Scalar) -> Number:
    """One element as Python's number."""
    if isinstance(x, dict):
        return complex(_real(x["re"]), _real(x["im"]))
    return _real(x)


def _real(x: bool | int | float | str) -> float:
    return SPECIAL[x] if isinstance(x, str) else float(x)


def flat(value: Value | None) -> list[Number] | None:
    """All elements in logical order; None where only a summary is known."""
    if not isinstance(value, Full):
        return None
    level: list[Nested] = [value.data]
    while level and isinstance(level[0], list):
        level = [item for row in level for item in row]
    return [number(item) for item in level]


def rounded(numbers: Sequence[Number], dtype: str) -> list[Number]:
    """Each number rounded to `dtype` as PyTorch does: to nearest even, half types by way of float32."""
    if dtype in COMPONENT:
        real = rounded([x.real for x in numbers], COMPONENT[dtype])
        imaginary = rounded([complex(x).imag for x in numbers], COMPONENT[dtype])
        return [complex(a.real, b.real) for a, b in zip(real, imaginary, strict=True)]
    if dtype == "float32":
        return list(array("f", [x.real for x in numbers]))
    if dtype == "float16":
        return [_half(x) for x in array("f", [x.real for x in numbers])]
    if dtype == "bfloat16":
        return [_bfloat(x) for x in array("f", [x.real for x in numbers])]
    return list(numbers)


def _half(x: float) -> float:
    try:
        return float(struct.unpack("e", struct.pack("e", x))[0])
    except OverflowError:
        return math.copysign(math.inf, x)


def _bfloat(x: float) -> float:
    if math.isnan(x):
        return x
    bits = struct.unpack("I", struct.pack("f", x))[0]
    bits += 0x7FFF + ((bits >> 16) & 1)
    return float(struct.unpack("f", struct.pack("I", bits & 0xFFFF0000))[0])


def added(a: Sequence[Number], b: Sequence[Number], dtype: str) -> list[Number]:
    """Elementwise `a + b`, rounded once to `dtype`, as one call of PyTorch's add."""
    if dtype in COMPONENT:
        pairs = zip(a, b, strict=True)
        return rounded([complex(x.real + y.real, complex(x).imag + complex(y).imag) for x, y in pairs], dtype)
    return rounded([x + y for x, y in zip(a, b, strict=True)], dtype)


def same(a: Sequence[Number], b: Sequence[Number]) -> bool:
    """Whether all elements have the same bits, nan being nan."""
    return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))


def _same(x: Number, y: Number) -> bool:
    if isinstance(x, complex) or isinstance(y, complex):
        x, y = complex(x), complex(y)
        return _same(x.real, y.real) and _same(x.imag, y.imag)
    if x != y:
        return x != x and y != y  # noqa: PLR0124 (nan)
    return x != 0 or math.copysign(1, x) == math.copysign(1, y)


def close(a: Sequence[Number], b: Sequence[Number], scale: Sequence[float], dtype: str, ulps: float) -> bool:
    """Whether each pair differs by at most `ulps` units of `dtype` at magnitude `scale`.

    Where something isn't finite anything goes: a sum of finite numbers may overflow or not, by their order.
    """
    if len(a) != len(b):
        return False
    epsilon, tiny = EPSILON.get(dtype, 0.0), TINY.get(COMPONENT.get(dtype, dtype), 0.0)
    return all(
        abs(x - y) <= ulps * epsilon * max(abs(x), abs(y), magnitude) + ulps * tiny
        for x, y, magnitude in zip(a, b, scale, strict=True)
        if finite(x) and finite(y) and math.isfinite(magnitude)
    )


def finite(x: Number) -> bool:
    """Whether no part of the number is infinite or nan."""
    return math.isfinite(x.real) and math.isfinite(complex(x).imag)


def representable(numbers: Sequence[Number], dtype: str) -> bool:
    """Whether every number is one that `dtype` can hold."""
    return dtype not in EPSILON or same(numbers, rounded(numbers, dtype))
