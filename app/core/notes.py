"""The lecturer's notes in a snippet: comments that begin with `#:`."""

from __future__ import annotations

import io
import tokenize

_LAYOUT = {tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT, tokenize.ENDMARKER}


def notes_by_line(source: str) -> dict[int, str]:
    """Text of the notes by the line (from 1) that they are about.

    A note after code is about its line; a note on a line of its own is about the next line of code (at the end: the
    last one). Several for one line are joined by a space.
    """
    if "#:" not in source:
        return {}
    notes: dict[int, list[str]] = {}
    waiting: list[str] = []
    code_line = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        line = token.start[0]
        if token.type == tokenize.COMMENT and token.string.startswith("#:"):
            text = token.string[2:].strip()
            if line == code_line:
                notes.setdefault(line, []).append(text)
            else:
                waiting.append(text)
        elif token.type not in _LAYOUT:
            if waiting:
                notes[line] = [*waiting, *notes.get(line, [])]
                waiting = []
            code_line = token.end[0]
    if waiting and code_line:
        notes.setdefault(code_line, []).extend(waiting)
    return {line: " ".join(text for text in texts if text) for line, texts in sorted(notes.items()) if any(texts)}
