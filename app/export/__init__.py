"""Writes a view in each format that people take away."""

from app.export.registry import CARD, EXPORTS, Export

__all__ = ["CARD", "EXPORTS", "Export"]
