"""A child's bytes to a Trace or the report of a check, taken as hostile: the snippet could have written them itself."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from app.core.check_structure import check_structure
from app.core.errors import GradwalkError
from app.core.limits import Limits
from app.core.trace import Trace
from app.core.verdict import Report


def parse(data: bytes, *, most: int = Limits().result) -> Trace:
    """Read the JSON of a Trace: bounded size and depth, the format's types, and references that hold together.

    That the numbers are PyTorch's can't be known here: a snippet that forges them deceives only who runs it.

    Raises:
        GradwalkError: `crashed`, for bytes that the recorder doesn't write.
    """
    if len(data) > most:
        raise _forged(f"{len(data):,} bytes")
    try:
        text = data.decode()
        plain = json.loads(text, parse_constant=_no_constant)
        # an escaped lone surrogate would fail much later, wherever the text is encoded
        if "\\ud" in text or "\\uD" in text:
            json.dumps(plain, ensure_ascii=False).encode()
        trace = Trace.from_dict(plain)
    except (ValueError, RecursionError, OverflowError) as why:
        raise _forged(type(why).__name__) from why
    if broken := check_structure(trace):
        raise _forged(str(broken[0]))
    return trace


def parse_verdict(data: bytes, *, most: int = Limits().result) -> Report:
    """Read the JSON of a check: bounded, of the report's types. As with a Trace, its numbers can't be known to be true.

    Raises:
        GradwalkError: `crashed`, for bytes that the check doesn't write.
    """
    if len(data) > most:
        raise _forged(f"{len(data):,} bytes")
    try:
        return Report.from_dict(json.loads(data.decode(), parse_constant=_no_constant))
    except (ValueError, RecursionError, OverflowError) as why:
        raise _forged(type(why).__name__) from why


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _forged(detail: Any) -> GradwalkError:
    """`detail` is for the log; the program's author knows, or can't use it."""
    error = GradwalkError(
        "crashed",
        "The program's result can't be read.",
        hint="Leave out what reaches into Gradwalk or the interpreter.",
    )
    error.add_note(str(detail)[:200])
    return error
