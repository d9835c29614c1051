"""The gallery under the names that the routes use; `app.examples` owns it."""

from __future__ import annotations

from app.examples import Example, gallery
from app.examples import load as example

__all__ = ["Example", "example", "gallery"]
