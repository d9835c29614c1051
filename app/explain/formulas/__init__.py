"""The formulas written by hand, one table a family, joined by op name (with overload where overloads differ)."""

from __future__ import annotations

from types import MappingProxyType

from app.explain.formula import Formula
from app.explain.formulas.activations import ACTIVATIONS
from app.explain.formulas.arithmetic import ARITHMETIC
from app.explain.formulas.transcendental import TRANSCENDENTAL

FORMULAS: MappingProxyType[str, Formula] = MappingProxyType({**ARITHMETIC, **TRANSCENDENTAL, **ACTIVATIONS})
"""By `op.overload` or `op`."""
