"""Writes a view in each format that people take away."""

from app.export.registry import EXPORTS, Export

__all__ = ["EXPORTS", "Export"]
