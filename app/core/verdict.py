"""What a check by finite differences found: plain data, written where torch is and read where it isn't.

Owns the JSON of `POST /api/check` and the order of its statuses; how derivatives are compared is `app.record`'s.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from app.core.trace import Scalar

Status = Literal["mismatch", "nonsmooth", "ok", "not_checked"]
STATUSES: tuple[Status, ...] = get_args(Status)
"""Worst first: an edge has the worst status of its cells, a node that of its edges."""
MOST_ENTRIES = 50_000
"""Edges, leaves and cells that a report may have; a child that sends more is not believed."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One element of an input or leaf: autograd's derivative beside the difference quotients at step `step`."""

    index: tuple[int, ...]
    status: Status
    autograd: Scalar
    differences: Scalar
    left: Scalar
    right: Scalar
    error: Scalar
    """|autograd − differences|."""
    tolerance: Scalar
    """Up to which error the two agree: the dtype's rounding over the step, and a relative part."""
    step: Scalar


@dataclass(frozen=True, slots=True)
class Compared:
    """All compared elements of one edge, or of one leaf in one pass. `place`: `{"edge"}`, or `{"pass", "node",
    "output"}`.
    """

    place: dict[str, Any]
    status: Status
    reason: str | None
    """Why it isn't smooth, doesn't match or wasn't checked, in words."""
    elements: int
    checked: int
    error: Scalar | None
    """The largest error among the cells that decide the status."""
    step: Scalar | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """One op node."""

    node: str
    status: Status
    reason: str | None
    edges: tuple[Compared, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The nodes in the order of the Trace; then each leaf and captured input of each pass."""

    nodes: tuple[Checked, ...]
    leaves: tuple[Compared, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON of section "The check" of `docs/explain.md`."""
        counts = {status: sum(node.status == status for node in self.nodes) for status in STATUSES}
        return {
            "version": 1,
            "counts": counts,
            "nodes": [
                {"node": node.node, "status": node.status, "reason": node.reason, "edges": list(map(_flat, node.edges))}
                for node in self.nodes
            ],
            "leaves": list(map(_flat, self.leaves)),
        }

    @classmethod
    def from_dict(cls, data: Any) -> Report:
        """Read the JSON.

        Raises:
            ValueError: it isn't a report.
        """
        try:
            nodes = tuple(
                Checked(
                    _word(node["node"]),
                    _status(node["status"]),
                    _text(node["reason"]),
                    tuple(_compared(edge, ("edge",)) for edge in _list(node["edges"])),
                )
                for node in _list(data["nodes"])
            )
            leaves = tuple(_compared(leaf, ("pass", "node", "output")) for leaf in _list(data["leaves"]))
        except (KeyError, TypeError, AttributeError) as why:
            raise ValueError("not a report") from why
        return cls(nodes, leaves)


def worst(statuses: Iterable[Status]) -> Status:
    """The status of a whole from those of its parts; of nothing, `not_checked`."""
    return min(statuses, key=STATUSES.index, default="not_checked")


def _flat(compared: Compared) -> dict[str, Any]:
    plain = asdict(compared)
    cells = [{**cell, "index": list(cell["index"])} for cell in plain["cells"]]
    return {**plain.pop("place"), **plain, "cells": cells}


def _compared(data: Any, place: tuple[str, ...]) -> Compared:
    where = {name: data[name] if isinstance(data[name], int) else _word(data[name]) for name in place}
    cells = tuple(
        Cell(
            tuple(_count(at) for at in _list(cell["index"])),
            _status(cell["status"]),
            *(
                _number(cell[name])
                for name in ("autograd", "differences", "left", "right", "error", "tolerance", "step")
            ),
        )
        for cell in _list(data["cells"])
    )
    error, step = data["error"], data["step"]
    return Compared(
        where,
        _status(data["status"]),
        _text(data["reason"]),
        _count(data["elements"]),
        _count(data["checked"]),
        None if error is None else _number(error),
        None if step is None else _number(step),
        cells,
    )


def _list(data: Any) -> list[Any]:
    if not isinstance(data, list) or len(data) > MOST_ENTRIES:
        raise ValueError("not a list, or too long")
    return data


def _status(data: Any) -> Status:
    if data not in STATUSES:
        raise ValueError("not a status")
    found: Status = data
    return found


def _word(data: Any) -> str:
    if not isinstance(data, str) or len(data) > 20:
        raise ValueError("not an id")
    return data


def _text(data: Any) -> str | None:
    if data is not None and (not isinstance(data, str) or len(data) > 1_000):
        raise ValueError("not a sentence")
    return data


def _count(data: Any) -> int:
    if type(data) is not int or not 0 <= data < 2**53:
        raise ValueError("not a count")
    return data


def _number(data: Any) -> Scalar:
    if data in ("nan", "inf", "-inf"):
        word: Scalar = data
        return word
    if isinstance(data, bool) or not isinstance(data, int | float) or not math.isfinite(data):
        raise ValueError("not a number")
    return float(data)
