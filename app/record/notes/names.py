"""Names that are missing: which one, what it may have been meant to be, and how the usual libraries are written."""

from __future__ import annotations

import re

from app.record.notes.circumstances import Circumstances
from app.record.notes.meaning import Meaning
from app.record.notes.shapes import given

LIBRARIES = {
    "null": "Python writes None.",
    "nil": "Python writes None.",
    "none": "Python writes None.",
    "true": "Python writes True.",
    "false": "Python writes False.",
    "this": "In a class Python writes self, the first argument of each method.",
    "self": "self is the first argument of a method: def forward(self, x):",
    "sqrt": "Write torch.sqrt(x), or x.sqrt().",
    "relu": "Write torch.relu(x); in a program torch's functions need their prefix.",
    "Linear": "Write nn.Linear(…).",
    "Module": "Write nn.Module.",
    "Parameter": "Write nn.Parameter(…).",
    "np": "Begin with import numpy as np.",
    "numpy": "Begin with import numpy.",
    "optim": "Write torch.optim.SGD(…), or begin with from torch import optim.",
    "random": "Begin with import random.",
    "plt": "Leave plots out: the graph and its values are the picture.",
    "Variable": "Leave Variable out: a tensor with requires_grad=True does it since PyTorch 0.4.",
    "Tensor": "Write torch.Tensor, or torch.tensor(…) to make one.",
    "tensor": "Write torch.tensor(…).",
    "DataLoader": "Take batches by slicing, such as X[0:2].",
    "Adam": "Write torch.optim.Adam(…).",
    "SGD": "Write torch.optim.SGD(…).",
    "device": "Leave the device out: there is only the CPU here.",
}
SHAPED = frozenset(
    {"index_out_of_range", "index_type", "batch_of_one", "loss_target", "truth_of_tensor", "not_one_number"}
)
"""Mistakes that the shapes help to see."""


def names(meaning: Meaning, here: Circumstances) -> tuple[str, str]:
    """The note and the hint, with the missing name where there is one."""
    message = here.failure.message
    words, hint = meaning.words, meaning.hint
    found = re.search(r"name '(\w+)' is not defined|variable '(\w+)'", message)
    if meaning.code == "undefined_name" and found:
        name = found[1] or found[2]
        words = f"{name} is used here before it has a value."
        hint = LIBRARIES.get(name, hint)
        if here.similar and name not in LIBRARIES:
            hint = f"Did you mean {here.similar}? If not, give {name} a value first."
    elif meaning.code == "missing_import":
        if here.similar:
            hint = f"Did you mean {here.similar}?"
    elif meaning.code == "missing_attribute":
        owner = re.search(r"(?:module )?'([\w.]+)'(?: object)? has no attribute '(\w+)'", message)
        if owner:
            words = f"{owner[1]} has no {owner[2]}."
            if here.similar:
                hint = f"Did you mean {here.similar}?"
            elif owner[1] == "torch.nn":
                hint = f"torch.nn holds layers; the functions are in F: F.{owner[2]}(…), or torch.{owner[2]}(…)."
    elif meaning.code in SHAPED and given(here):
        words = f"{words} {given(here)}"
    return words, hint
