"""One kind of mistake, as the tables of `meanings_…` list them."""

from __future__ import annotations

from typing import NamedTuple


class Meaning(NamedTuple):
    """One kind of mistake: the note's code, the messages that it is told by, what is wrong, what to do."""

    code: str
    pattern: str
    words: str
    hint: str
