"""The one error that crosses layers: what went wrong, where, and what to do, in the user's words."""

from __future__ import annotations

from typing import Any


class GradwalkError(Exception):
    """An error with a code of the public contract.

    `line` counts from 1, `column` from 0; both are None where no place can be named.
    """

    def __init__(
        self, code: str, message: str, *, line: int | None = None, column: int | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line
        self.column = column
        self.hint = hint

    def __str__(self) -> str:
        return self.message if self.line is None else f"line {self.line}: {self.message}"

    def to_dict(self) -> dict[str, Any]:
        """The `error` object of every error answer."""
        return {"code": self.code, "message": self.message, "line": self.line, "column": self.column, "hint": self.hint}
