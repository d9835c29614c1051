"""Compact JSON, the one form in which the project writes data for machines."""

from __future__ import annotations

import json
from typing import Any


def json_text(data: Any) -> str:
    """Without blanks and with every letter as it is.

    Raises:
        ValueError: a number that JSON lacks (nan, infinity), which the Trace spells as text.
    """
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def json_bytes(data: Any) -> bytes:
    """The same in UTF-8; a lone surrogate, which UTF-8 lacks, as JSON's own escape."""
    return json_text(data).encode("utf-8", "backslashreplace")
