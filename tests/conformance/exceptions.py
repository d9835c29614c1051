"""Samples that can't be held to every bit, each with its cause."""

from __future__ import annotations

from typing import Any


def cause(op: str, sample: Any) -> str:
    """Why two stock runs of this sample may differ; empty where nothing is known."""
    if op.startswith("linalg_lstsq") and sample.kwargs.get("driver") == "gelsy":
        return "the driver gelsy hands LAPACK a pivot vector that is not initialised"
    return ""


def rounding_cause(module: Any) -> str:
    """Why a recorded run of this module may differ from stock in the last bit; empty where it must not."""
    if getattr(module, "label_smoothing", 0) and getattr(module, "weight", None) is not None:
        return "cross_entropy with label smoothing and class weights sums the weights in another order under a mode"
    return ""
