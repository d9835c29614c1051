"""Why is this gradient this number? Formulas, chain-rule lines, paths, ledgers and reasons, as data from a Trace."""

from app.explain.explanation import (
    chip_text,
    chip_texts,
    edge_texts,
    explain,
    explain_cells,
    explain_element,
    local_text,
    local_texts,
)

__all__ = [
    "chip_text",
    "chip_texts",
    "edge_texts",
    "explain",
    "explain_cells",
    "explain_element",
    "local_text",
    "local_texts",
]
