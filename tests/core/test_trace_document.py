"""docs/trace.md stays true: its JSON is the lecture's Trace, every field and every note code is in it."""

import ast
import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from app.core import trace as model

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "trace.md").read_text("utf-8")
LECTURE: dict[str, Any] = json.loads((ROOT / "tests" / "lecture_by_hand.json").read_text("utf-8"))
BLOCKS = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", DOCUMENT, re.S)]


def objects(data: Any) -> list[dict[str, Any]]:
    """Every JSON object inside some data."""
    if isinstance(data, list):
        return [found for item in data for found in objects(item)]
    if isinstance(data, dict):
        return [data, *(found for item in data.values() for found in objects(item))]
    return []


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: str(next(iter(block.values()))))
def test_each_block_is_in_the_lectures_trace(block: dict[str, Any]) -> None:
    assert any(block == {key: found.get(key, ...) for key in block} for found in objects(LECTURE))


def test_the_snippet_is_the_lectures() -> None:
    snippet = re.search(r"```python\n(.*?)```", DOCUMENT, re.S)
    assert snippet is not None
    assert snippet[1] == LECTURE["program"]["source"]


def test_every_field_is_named() -> None:
    classes = [
        value for value in vars(model).values() if isinstance(value, type) and hasattr(value, "__dataclass_fields__")
    ]
    names = {field.metadata.get("name", field.name) for cls in classes for field in fields(cls)}
    assert len(names) > 60
    missing = {name for name in names if not re.search(rf"[`\"]{name}[`\"]", DOCUMENT)}
    assert missing == set()


def codes() -> set[str]:
    """The codes of the notes that the code makes: the first argument of a `Note(…)`, or of a `Meaning(…)` that becomes
    one.
    """
    found = set()
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name("Note" | "Meaning"), args=[ast.Constant(value=str(code)), *_]):
                    found.add(code)
    return found


LISTED = {
    code
    for line in re.findall(r"^\| (`\w.*?) \|", DOCUMENT.partition("### Note codes")[2], re.M)
    for code in re.findall(r"`(\w+)`", line)
}


def test_every_note_code_is_listed() -> None:
    assert {"lecturer", "dead_relu", "backward_twice"} <= codes()
    assert codes() <= LISTED


@pytest.mark.parametrize("path", sorted((ROOT / "tests" / "golden").glob("*.json")), ids=lambda path: path.stem)
def test_the_codes_of_the_gallery_are_listed(path: Path) -> None:
    assert {note["code"] for note in json.loads(path.read_text("utf-8")).get("notes", [])} <= LISTED
