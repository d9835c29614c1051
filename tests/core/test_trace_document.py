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
    """Codes of the notes that the code makes: the first argument of each `Note(…)`."""
    found = set()
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Note" and node.args:
                assert isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno}: a note's code is written out"
                found.add(node.args[0].value)
    return found


def test_every_note_code_is_listed() -> None:
    table = DOCUMENT.partition("### Note codes")[2]
    listed = set(re.findall(r"^\| `(\w+)` \|", table, re.M))
    assert codes() <= listed
