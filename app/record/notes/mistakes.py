"""A snippet's error in the user's words: a note on what it means here, and a hint what to do."""

from __future__ import annotations

import re
from dataclasses import replace

from app.core.trace import Note, Trace
from app.record.notes.circumstances import Circumstances
from app.record.notes.culprits import Culprits
from app.record.notes.meaning import Meaning
from app.record.notes.meanings_autograd import BACKWARD, GRAD_IS_NONE
from app.record.notes.meanings_programs import MODULES, NAMES
from app.record.notes.meanings_tensors import SHAPES, VALUES
from app.record.notes.names import names
from app.record.notes.shapes import dtypes, shapes

MEANINGS: tuple[Meaning, ...] = (*BACKWARD, *VALUES, *MODULES, *SHAPES, *NAMES)
"""The first that fits counts."""


def explained(trace: Trace, here: Circumstances | None, culprits: Culprits) -> Trace:
    """`trace` with a hint in its error, and a note that this names, where the message is a frequent one."""
    failure = trace.error
    if failure is None or failure.code != "raised" or here is None:
        return trace
    meaning = _meaning(trace)
    if meaning is None:
        return trace
    words, hint = {"shape_mismatch": shapes, "dtype_mismatch": dtypes}.get(meaning.code, names)(meaning, here)
    more, better = culprits.place(meaning.code, here)
    notes = trace.notes
    if meaning is GRAD_IS_NONE:
        notes = tuple(one for one in notes if (one.code, one.line) != ("nonleaf_grad", failure.line))
    note = Note(meaning.code, f"{words} {more}".rstrip(), failure.line, None)
    told = replace(failure, hint=failure.hint or better or hint, note=note.code)
    return replace(trace, notes=(*notes, note), error=told)


def _meaning(trace: Trace) -> Meaning | None:
    failure = trace.error
    assert failure is not None
    if "NoneType" in failure.message and re.search(r"\.grad\b", _source_line(trace, failure.line)):
        return GRAD_IS_NONE
    return next((one for one in MEANINGS if re.search(one.pattern, failure.message)), None)


def _source_line(trace: Trace, line: int | None) -> str:
    lines = trace.program.source.split("\n")
    return lines[line - 1] if line is not None and line <= len(lines) else ""
