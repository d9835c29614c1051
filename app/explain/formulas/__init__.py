"""The formulas written by hand, one table a family, joined by op name (with overload where overloads differ)."""

from __future__ import annotations

from types import MappingProxyType

from app.explain.formula import Formula
from app.explain.formulas.activations import ACTIVATIONS
from app.explain.formulas.arithmetic import ARITHMETIC
from app.explain.formulas.assembled import ASSEMBLED
from app.explain.formulas.attention import ATTENTION
from app.explain.formulas.decompositions import DECOMPOSITIONS
from app.explain.formulas.indexing import INDEXING
from app.explain.formulas.linalg import LINALG
from app.explain.formulas.losses import LOSSES
from app.explain.formulas.matmul import MATMUL
from app.explain.formulas.moves import MOVES
from app.explain.formulas.normalisation import NORMALISATION
from app.explain.formulas.reductions import REDUCTIONS
from app.explain.formulas.selection import SELECTION
from app.explain.formulas.softmax import SOFTMAX
from app.explain.formulas.special import SPECIAL
from app.explain.formulas.transcendental import TRANSCENDENTAL
from app.explain.formulas.views import VIEWS
from app.explain.formulas.windows import WINDOWS

FAMILIES: MappingProxyType[str, dict[str, Formula]] = MappingProxyType({
    "arithmetic": ARITHMETIC,
    "transcendental": TRANSCENDENTAL,
    "activations": ACTIVATIONS,
    "matmul": MATMUL,
    "windows": WINDOWS,
    "reductions": REDUCTIONS,
    "softmax": SOFTMAX,
    "losses": LOSSES,
    "normalisation": NORMALISATION,
    "indexing": INDEXING,
    "views": VIEWS,
    "selection": SELECTION,
    "linalg": LINALG,
    "attention": ATTENTION,
    "special": SPECIAL,
    "moves": MOVES,
    "decompositions": DECOMPOSITIONS,
    "assembled": ASSEMBLED,
})  # fmt: skip
FORMULAS: MappingProxyType[str, Formula] = MappingProxyType(
    {op: f for table in FAMILIES.values() for op, f in table.items()}
)
"""By `op.overload` or `op`."""
