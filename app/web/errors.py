"""What HTTP says of an error: its status, its JSON, when to come back.

What went wrong is said where it is understood, by `GradwalkError`; the answers are made in `app.web.answers`.
"""

from __future__ import annotations

from typing import Any

from fastapi import Request

from app.core.errors import GradwalkError

STATUS = {
    "syntax_error": 422,
    "forbidden": 422,
    "no_tensor": 422,
    "time_limit": 422,
    "memory_limit": 422,
    "too_many_ops": 422,
    "output_limit": 422,
    "crashed": 422,
    "too_long": 413,
    "bad_view": 400,
    "not_found": 404,
    "method_not_allowed": 405,
    "rate_limited": 429,
    "busy": 503,
    "not_implemented": 501,
    "sandbox_unavailable": 503,
    "links_unavailable": 503,
    "internal": 500,
}
"""Error code → HTTP status."""

_RETRY_AFTER = {"busy": 1}


class RefusalError(GradwalkError):
    """An error that tells the client when to come back (`retry_after`, in seconds)."""

    def __init__(self, code: str, message: str, *, hint: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(code, message, hint=hint)
        self.retry_after = retry_after


def status_of(error: GradwalkError) -> int:
    """The HTTP status of an error; a code without one is the server's fault."""
    return STATUS.get(error.code, 500)


def retry_headers(error: GradwalkError) -> dict[str, str]:
    """`Retry-After` where the client should come back."""
    seconds = getattr(error, "retry_after", None) or _RETRY_AFTER.get(error.code)
    return {} if seconds is None else {"Retry-After": str(seconds)}


def wants_page(request: Request) -> bool:
    """Whether the client is a browser that shows a page; an `<img>` or a script is not."""
    accept = request.headers.get("accept", "")
    return "text/html" in accept


def error_body(error: GradwalkError) -> dict[str, Any]:
    """`{"error": …}`; what the message quotes of a request may be half a surrogate pair, which no UTF-8 can carry."""
    shown = {name: _encodable(value) for name, value in error.to_dict().items()}
    return {"error": shown}


def _encodable(value: Any) -> Any:
    return value.encode(errors="replace").decode() if isinstance(value, str) else value
