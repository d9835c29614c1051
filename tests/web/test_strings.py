"""Every word that scripts put on the page stands in strings.js: none is written beside it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "static" / "js"
ELSEWHERE = {"strings.js", "early.js"}
COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'`\\])//[^\n]*", re.S)
LITERAL = re.compile(r"\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`")
NAMED = re.compile(
    r"(?:textContent\s*=|\b(?:text|title|placeholder)\s*:|\"aria-(?:label|description|valuetext)\"\s*[:,])\s*[\"'`]([^\"'`]*)"
)
"""What is shown or spoken as it stands."""
WORDS = re.compile(r"^[A-Z][a-z]+(?: [a-z’']+)+[.…?!]?$|^(?:[a-z]+ ){2,}[a-z]+[.?!]$")
"""A sentence or a phrase, not a selector and not a list of classes."""
THROWN = re.compile(r"throw new \w+\([^)]*\)")
"""Errors for developers: a console shows them, no page does."""


def stray(text: str) -> list[str]:
    """User-visible literals of a module."""
    bare = THROWN.sub("", COMMENT.sub("", text))
    found = [one for match in LITERAL.finditer(bare) for one in match.groups() if one and WORDS.match(one)]
    shown = [re.sub(r"\$\{[^}]*\}?", "", match[1]) for match in NAMED.finditer(bare)]
    return found + [one for one in shown if re.search(r"[A-Z][a-z]{2,}|[a-z]+ [a-z]+", one)]


@pytest.mark.parametrize("path", sorted(SCRIPTS.rglob("*.js")), ids=lambda path: str(path.relative_to(SCRIPTS)))
def test_no_module_writes_words_of_its_own(path: Path) -> None:
    if path.name not in ELSEWHERE and not path.stem.startswith("strings"):
        assert stray(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        'h("p", { text: "Nothing here" });',
        'button.setAttribute("aria-label", "Close");',
        "note.textContent = `Step ${k}`;",
        'say("The server went away.");',
    ],
)
def test_a_stray_word_is_found(line: str) -> None:
    assert stray(line)


def test_selectors_classes_and_comments_are_no_words() -> None:
    assert stray('need(root, ".value .filled"); // Says "Nothing here"\nh("p", { class: "link small" });') == []
