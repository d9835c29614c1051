"""Paths with their views folded into what uses them, so that a product reads as on a slide: beside the full ones.

The Trace's paths stay as they are; only the factors that are written differ.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from app.explain.context import Context
from app.explain.paths import FOLDED, paths
from app.explain.pytorch import bare

_WRITTEN = ("names", "numbers")


def with_folded(ctx: Context, leaves: Collection[str]) -> list[dict[str, Any]]:
    """`paths` of `leaves`, each with `folded`: its `shown` (`names`, `numbers`) and `derivation` without views, or null
    where no view lies on it.
    """
    made = paths(ctx, leaves)
    if not any(bare(node.op) in FOLDED for node in ctx.graph.trace.nodes):
        return [{**entry, "folded": None} for entry in made]
    short = paths(replace(ctx, fold_views=True), leaves)
    return [{**entry, "folded": _folded(entry, other)} for entry, other in zip(made, short, strict=True)]


def _folded(entry: dict[str, Any], other: dict[str, Any]) -> dict[str, Any] | None:
    shown = [{key: path[key] for key in _WRITTEN} for path in other["shown"]]
    if all(path[key] == one[key] for path, one in zip(entry["shown"], shown, strict=True) for key in _WRITTEN):
        return None
    return {"shown": shown, "derivation": other["derivation"]}
