"""What must hold of the repository as a whole: nothing of one machine in it, true documents, small files."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST = 300
"""Lines; a longer file holds more than one concept."""
MAY_BE_LONGER = {"app/core/trace.py": 340}
"""The format's dataclasses are read as one page."""
BINARY = {".woff2", ".png", ".ico", ".gif", ".pdf", ".jpg", ".pptx"}
HOSTS = [
    host.replace(" ", ".")
    for host in (
        "pypi org",
        "pythonhosted org",
        "download pytorch org",
        "registry npmjs org",
        "deb debian org",
        "jsdelivr net",
        "unpkg com",
    )
]
"""Registries and CDNs; each user's own configuration names them."""
MACHINE = re.compile(r"/(?:work|root|home/\w+|Users/\w+|opt/(?:wheels|pypi)|tmp/gw)\b")


def tracked() -> list[Path]:
    """The files of the repository."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [path for name in listed.decode().split("\0") if name and (path := ROOT / name).is_file()]


def texts(*suffixes: str) -> dict[str, str]:
    """Tracked text files by their name; all, or those with one of the suffixes."""
    chosen = [path for path in tracked() if path.suffix not in BINARY and (not suffixes or path.suffix in suffixes)]
    return {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in chosen}


def foreign(text: str) -> list[str]:
    """What does not belong into any text of the repository."""
    found = [host for host in HOSTS if host in text]
    found += [match[0] for match in MACHINE.finditer(text)]
    found += [repr(match[0]) for match in re.finditer(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text)]
    return found


def test_nothing_of_one_machine_and_no_registry() -> None:
    this = str(Path(__file__).relative_to(ROOT))
    ours = {name: text for name, text in texts().items() if not name.startswith("static/vendor/") and name != this}
    assert {name: found for name, text in ours.items() if (found := foreign(text))} == {}


@pytest.mark.parametrize(
    "text", ["pip -i https://" + HOSTS[0], "cd /" + "work/main", "a\x1b[0m", "x\u202ey", "/ro" + "ot/x"]
)
def test_what_is_foreign_is_seen(text: str) -> None:
    assert foreign(text)


def test_no_file_of_the_app_is_too_long() -> None:
    long = {name: text.count("\n") for name, text in texts(".py").items() if name.startswith("app/")}
    assert {name: lines for name, lines in long.items() if lines > MAY_BE_LONGER.get(name, LONGEST)} == {}


def targets() -> set[str]:
    """The targets of the Makefile."""
    return set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def commands_in(text: str) -> tuple[set[str], set[str]]:
    """The make targets and gradwalk commands that a document names."""
    return set(re.findall(r"\bmake ([a-z][\w-]*)(?=[\s`;|)]|$)", code(text))), set(
        re.findall(r"(?<![.\w-])gradwalk ([a-z]+)\b", code(text))
    )


def code(text: str) -> str:
    """What a document shows as code."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))


def test_documented_commands_exist() -> None:
    from app.cli import _parser

    help_text = _parser().format_help()
    for name, text in texts(".md").items():
        made, run = commands_in(text)
        assert made <= targets(), name
        assert all(re.search(rf"^    {command}\b", help_text, re.MULTILINE) for command in run), (name, run)
    assert commands_in("`make dance` and `gradwalk fly`") == ({"dance"}, {"fly"})


def test_links_between_documents_lead_somewhere() -> None:
    for name, text in texts(".md").items():
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
            if not re.match(r"[a-z]+:", link) and "(" not in link:
                assert ((ROOT / name).parent / link).exists() or link.startswith("step="), (name, link)


def test_changelog_is_in_keep_a_changelog_form() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", heading) for heading in headings[1:])
    kinds = set(re.findall(r"^### (.*)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def locked(name: str) -> dict[str, str]:
    """Package → version, of a lock."""
    lines = (ROOT / "requirements" / name).read_text("utf-8").splitlines()
    return dict(re.fullmatch(r"([\w.-]+)==([\w.+]+)(?: ;.*)?", line).groups() for line in lines)  # type: ignore[union-attr,misc]


def test_locks_pin_everything_and_any_build_of_torch_meets_them() -> None:
    app, dev, bench = locked("app.lock"), locked("dev.lock"), locked("bench.lock")
    assert app.items() <= dev.items() <= bench.items()
    assert re.fullmatch(r"\d+\.\d+\.\d+", app["torch"])
    assert not [name for name in bench if name.startswith(("nvidia", "triton", "cuda"))]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    for wanted, lock in ((project["dependencies"], app), (extras["dev"], dev), (extras["bench"], bench)):
        names = {re.match(r"[\w.-]+", line)[0].lower().replace("_", "-") for line in wanted}  # type: ignore[index]
        assert names <= set(lock), "run `make lock`"
    assert "setuptools" in app, "the editable install builds without isolation"


def test_the_image_takes_the_same_lock_and_is_not_root() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    assert "requirements/app.lock" in text
    assert re.search(r"^USER (?!root)", text, re.MULTILINE)
    assert "HEALTHCHECK" in text
    assert "libseccomp2" in text


def test_scripts_without_a_suffix_can_be_run() -> None:
    scripts = [
        path for path in (*(ROOT / "scripts").iterdir(), ROOT / ".ci" / "run") if path.is_file() and not path.suffix
    ]
    assert len(scripts) >= 5
    for script in scripts:
        assert os.access(script, os.X_OK), script
        shell = "bash" if script.read_text("utf-8").startswith("#!/usr/bin/env bash") else "sh"
        assert subprocess.run([shell, "-n", str(script)], check=False).returncode == 0
