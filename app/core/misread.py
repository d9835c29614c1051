"""Lines that are no Python, told by what they were meant to be: other languages, Markdown, LaTeX, sentences, names that
cannot be names.
"""

from __future__ import annotations

import keyword
import re

Words = tuple[str, str]
"""What is wrong, and what to write."""
LONGEST = 400
"""Characters of a line that are looked at."""

_KEYWORDS = "|".join(sorted({*keyword.kwlist} - {"True", "False", "None"}))
_NAME = rf"(?!(?:{_KEYWORDS})\b)[A-Za-z_]\w*"
_PATTERNS = (
    (
        r"^\s*(>>>|In \[\d+\]:)",
        "{0} is the prompt of a Python session, so Python cannot read it as part of the program.",
        "Remove the prompts, and what the session printed.",
    ),
    (r"^\s*```", "``` marks code in Markdown and is no Python.", "Paste only what stands between the two ```."),
    (
        r"^\s*(pip3?|conda|python3?|apt|cd|git)\s+\w",
        "{0} is a command for a terminal, no Python.",
        "Remove the line: torch and numpy are here.",
    ),
    (
        r"\\(?:begin|frac|sigma|sum|cdot|nabla|partial|mathbf|left|text)\b|\$[^$]+\$",
        "This is LaTeX, no Python.",
        "Write it with torch's functions, such as torch.sigmoid(w*x + b).",
    ),
    (r"^\s*</?\w+[^>]*>|=\s*<[\w ]+>", "Python cannot read text in < >.", "Put the code itself there."),
    (r"^\s*(?:else\s+if|elseif|elsif|elif if)\b", "In Python else if is one word.", "Write elif."),
    (r"^\s*function\s+\w+", "Python writes functions with def.", "Write def f(x):"),
    (
        r"^\s*(let|var|const|int|float|double|auto|Tensor)\s+(\w+)\s*=",
        "Python declares no variables: a name begins with its value.",
        "Write {1} = …, without {0}.",
    ),
    (
        rf"(?:^|[(,;])\s*({_KEYWORDS})\s*=(?!=)",
        "{0} is a word of Python and cannot be a name.",
        "Choose another one, such as {0}_.",
    ),
    (
        rf"\bdef\s+(?:\w+\([^)]*\b)?({_KEYWORDS})\b[^)]*\)",
        "{0} is a word of Python and cannot be a name.",
        "Choose another one, such as {0}_.",
    ),
    (r"^\s*(\w+)\s*:=", ":= stands only inside an expression.", "Write {0} = … to assign."),
    (r"^\s*(\d+)([A-Za-z_]+)\s*=(?!=)", "A name cannot begin with a digit.", "Write the letter first: {1}{0} = …"),
    (rf"^\s*({_NAME}) +({_NAME})\s*=(?!=)", "A name cannot hold a blank.", "Write {0}_{1} = …"),
    (rf"^\s*({_NAME})-({_NAME})\s*=(?!=)", "A name cannot hold a hyphen, which is a minus.", "Write {0}_{1} = …"),
    (
        rf"^\s*({_NAME})\(([\w, ]*)\)\s*=(?!=)",
        "A call cannot stand to the left of =.",
        "To define a function write def {0}({1}): and return …",
    ),
    (r"^\s*[-*•]\s+\w+\s*=", "A line cannot begin with a bullet.", "Remove the mark before the name."),
    (
        r"^[^']*\w'(?=\s*(?:$|[*@+)\]]))[^']*$",
        "' is no transpose in Python.",
        "Write W.T; a text needs a mark at its end, too.",
    ),
    (
        r"\.([*/^])",
        "Python has no .{0}: operators work element by element of themselves.",
        "Leave the point out; a power is **, a matrix product @.",
    ),
    (r"(?:^|[\s(=])!\s*[A-Za-z_(]", "Python has no ! for not.", "Write not."),
    (r"&&", "Python has no && here.", "Write and."),
    (r"\|\|", "Python has no || here.", "Write or."),
    (r"(\w+)\s*\+\+|\+\+\s*(\w+)\s*$", "Python has no ++ here.", "Write {0}{1} += 1."),
    (r"(\w+)\s*--\s*$", "Python has no -- here.", "Write {0} -= 1."),
    (r"^\s*@\s*$", "The name of a decorator is missing after @.", "Add it, or remove the line."),
    (
        r"(\*\*|//|[-+*/@%<>=,&|])\s*(?:#.*)?$",
        "The line ends with {0}, and nothing follows it.",
        "Add what belongs there; to go on in the next line, put the expression into ( ).",
    ),
    (
        r"^\s*[A-Za-z]+(?:[ ,]+[A-Za-z]+){3,}[.:!?]?\s*$",
        "This looks like a sentence, not like Python.",
        "Begin a remark with #.",
    ),
)
"""Pattern of the line → message, hint, with its groups. The first that fits counts."""
_BRACE = re.compile(r"^\s*(?:if|for|while|else|def|class|function)\b[^{]*\{\s*$")


def misread(line: str) -> Words | None:
    """What the line that Python cannot read was meant to be; None where that isn't plain."""
    for pattern, words, hint in _PATTERNS:
        found = re.search(pattern, line[:LONGEST])
        if found is not None and not _quoted(line, found.start()):
            groups = [group or "" for group in found.groups()]
            return words.format(*groups), hint.format(*groups)
    return None


def braced(lines: list[str]) -> int | None:
    """The index of the first line that opens a block with a brace."""
    return next((index for index, line in enumerate(lines) if _BRACE.match(line[:LONGEST])), None)


def _quoted(line: str, place: int) -> bool:
    """Whether the place lies inside quotation marks."""
    head = line[:place]
    return head.count('"') % 2 == 1 or head.count("'") % 2 == 1
