"""Settings: documented, frozen, and read as an operator writes them."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.core.limits import Limits
from app.web.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text("utf-8")


def documented(page: str) -> dict[str, str]:
    """Variable → default, from the page's tables."""
    return dict(re.findall(r"^\| `GRADWALK_(\w+)` \| (?:`([^`]*)`|empty)?", page, re.MULTILINE))


def test_every_setting_is_documented_with_its_default() -> None:
    rows = documented(PAGE)
    for name, field in Settings.model_fields.items():
        assert name.upper() in rows, f"docs/settings.md lacks GRADWALK_{name.upper()}"
        default = field.default
        shown = (
            str(default).lower()
            if isinstance(default, bool)
            else f"{default:g}"
            if isinstance(default, float)
            else str(default)
        )
        assert rows[name.upper()] == shown, name


def test_no_documented_setting_is_gone() -> None:
    known = {name.upper() for name in Settings.model_fields} | {"CHROMIUM"}
    assert set(documented(PAGE)) <= known
    assert set(documented(PAGE + "\n| `GRADWALK_GONE` | `1` | x |\n")) - known == {"GONE"}


def test_settings_come_from_the_environment_and_are_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADWALK_RATE_LIMIT", "off")
    monkeypatch.setenv("GRADWALK_WALL_SECONDS", "3")
    settings = Settings()
    assert settings.rate_limit == "off"
    assert settings.limits.wall == 3
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("variable", "value"),
    [("RATE_LIMIT", "often"), ("PORT", "70000"), ("WORKERS", "0"), ("WALL_SECONDS", "-1"), ("RUNNING", "0")],
)
def test_a_value_that_cannot_be_meant_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(f"GRADWALK_{variable}", value)
    with pytest.raises(ValidationError, match=variable.lower()):
        Settings()


def test_every_limit_of_a_run_can_be_set() -> None:
    """A new field of Limits must have its setting: with every number doubled, none stays at its default."""
    doubled = {
        name: 2 * field.default for name, field in Settings.model_fields.items() if type(field.default) in (int, float)
    }
    doubled["port"] = 1
    limits = asdict(Settings(**doubled).limits)
    assert limits == {name: 2 * value for name, value in asdict(Limits()).items()}
