"""The scripts that a page asks for at once: all that its entry imports, and nothing that it fetches later."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.web.modules import SCRIPTS, needed


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    (tmp_path / "parts").mkdir()
    (tmp_path / "entry.js").write_text(
        '/** @import { T } from "./types.js" */\nimport {\n  a,\n  b,\n} from "./parts/a.js";\nimport "./bare.js";\n'
        'import("./later.js").then(() => 0);\nexport { c } from "./c.js";\n'
    )
    (tmp_path / "parts" / "a.js").write_text('import { c } from "../c.js";\nexport const a = c;\n')
    for name in ("bare", "c", "later"):
        (tmp_path / f"{name}.js").write_text("export const c = 1;\n")
    return tmp_path


def test_static_imports_are_followed_and_later_ones_are_not(scripts: Path) -> None:
    assert set(needed("entry", scripts)) == {"entry", "parts/a", "bare", "c"}


def test_a_missing_module_is_told(scripts: Path) -> None:
    (scripts / "c.js").unlink()
    with pytest.raises(FileNotFoundError):
        needed("entry", scripts)


@pytest.mark.parametrize("entry", ["main", "embedded"])
def test_no_page_waits_for_editor_or_formulas(entry: str) -> None:
    names = needed(entry)
    assert {entry, "player", "state", "strings"} <= set(names)
    assert not {"editor", "scrub"} & set(names)
    assert all((SCRIPTS / f"{name}.js").exists() for name in names)
