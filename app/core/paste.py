"""Text as people paste it: prompts of Python and IPython, Markdown fences, line numbers, indents, notebook commands.

Takes away only what is certainly no part of the program, and keeps every line in its place.
"""

from __future__ import annotations

import ast
import re
import textwrap

from app.core.errors import GradwalkError

_IN = re.compile(r"\s*In \[[\d ]*\]: ?")
_MORE = re.compile(r"\s*\.\.\.: ?")
_OUT = re.compile(r"\s*Out\s*\[[\d ]*\]: ?")
_NUMBER = re.compile(r"\s*(\d{1,5})(?:[.:|)] ?| |\t|$)")
_HARMLESS = ("%matplotlib", "%load_ext", "%autoreload", "%config", "%reset", "%pylab")


def normalise(source: str) -> str:
    """Newlines as `\\n`, no byte-order mark: the form in which lines are counted."""
    return source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def without_paste(source: str) -> str:
    """The program inside pasted text; the text itself where nothing is certain. Lines keep their numbers.

    Raises:
        GradwalkError: `syntax_error` for a notebook command (`%time`, `!pip`), whose meaning nobody can guess.
    """
    lines = source.replace("\u00a0", " ").replace("\u200b", "").split("\n")
    lines = _without_numbers(_without_prompts(_without_fences(lines)))
    lines = [_without_command(line, number) for number, line in enumerate(lines, 1)]
    return textwrap.dedent("\n".join(lines))


def _without_fences(lines: list[str]) -> list[str]:
    """Markdown's ``` lines, where they enclose everything."""
    full = [i for i, line in enumerate(lines) if line.strip()]
    if len(full) < 2 or not lines[full[0]].strip().startswith("```") or lines[full[-1]].strip() != "```":
        return lines
    return ["" if i in (full[0], full[-1]) else line for i, line in enumerate(lines)]


def _without_prompts(lines: list[str]) -> list[str]:
    """The lines of a session without its prompts, its output as comments."""
    first = next((line.strip() for line in lines if line.strip()), "")
    if _IN.match(first):
        return _ipython(lines)
    if first == ">>>" or first.startswith(">>> "):
        return _session(lines)
    return lines


def _without_numbers(lines: list[str]) -> list[str]:
    """The lines without their numbers, where every line that holds something has the next one."""
    found = [_NUMBER.match(line) for line in lines if line.strip()]
    counts = [int(match[1]) for match in found if match]
    if len(counts) < 2 or len(counts) != len(found) or counts != list(range(counts[0], counts[0] + len(counts))):
        return lines
    return [line[match.end() :] if (match := _NUMBER.match(line)) else line for line in lines]


def _ipython(lines: list[str]) -> list[str]:
    code: list[str] = []
    output = False
    for line in lines:
        match = _IN.match(line) or _MORE.match(line)
        if _IN.match(line):
            output = False
        elif _OUT.match(line):
            output = True
        code.append(line[match.end() :] if match else f"# {line.strip()}" if output and line.strip() else line)
    return code


def _session(lines: list[str]) -> list[str]:
    code = []
    for line in lines:
        bare = line.strip()
        if bare in (">>>", "..."):
            code.append("")
        elif bare.startswith((">>> ", "... ")):
            code.append(bare[4:])
        elif bare and _is_statement(bare):
            return lines  # a line of the program without a prompt: what is output is no longer certain
        else:
            code.append(f"# {bare}" if bare else "")
    return code


def _is_statement(line: str) -> bool:
    """Whether a line is more than a value that a session would print."""
    try:
        tree = ast.parse(line)
    except (SyntaxError, ValueError):
        return False
    return any(not isinstance(statement, ast.Expr) for statement in tree.body)


def _without_command(line: str, number: int) -> str:
    bare = line.strip()
    if bare.startswith(_HARMLESS):
        return f"# {bare}"
    if bare.startswith("!") or re.match(r"%%?[a-z]", bare):
        instead = "Nothing can be installed here; remove the line." if bare.startswith("!") else "Remove it."
        raise GradwalkError(
            "syntax_error",
            f"{bare.split()[0]} is a notebook's command, not Python.",
            line=number,
            column=0,
            hint=instead,
        )
    return line
