"""Derived tensors as values of the Trace."""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor

from app.core.trace import Full


def full(tensor: Tensor) -> Full:
    """All elements, in logical order; the exact numbers."""
    return Full(_plain(tensor.tolist()))


def _plain(data: Any) -> Any:
    if isinstance(data, list):
        return [_plain(item) for item in data]
    if isinstance(data, complex):
        return {"re": _plain(data.real), "im": _plain(data.imag)}
    if isinstance(data, float) and not math.isfinite(data):
        return "nan" if data != data else "inf" if data > 0 else "-inf"  # noqa: PLR0124
    return data
