"""Ops that can't be held to the comparison, each with its cause."""

EXCEPTIONS: dict[str, str] = {}
