"""What all tests share: goldens, and how they are renewed (`pytest --update-golden`)."""

import difflib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# Before torch is imported: on a machine whose cores are all busy, threads of one small operation wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# An example that takes long says that the machine is busy, not that the code is wrong.
settings.register_profile("gradwalk", deadline=None)
settings.load_profile("gradwalk")

GOLDEN = Path(__file__).parent / "golden"

Golden = Callable[[str, str], None]

DEBIAN = {
    "soffice": "libreoffice-impress",
    "pdflatex": "texlive-latex-recommended texlive-pictures",
    "pdftoppm": "poppler-utils",
    "pdftotext": "poppler-utils",
    "pandoc": "pandoc",
    "quarto": "quarto (its own .deb; Debian has none)",
}
"""The package of each program that `make test-slides` needs."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the goldens anew instead of comparing")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """`golden(name, text)` compares with `tests/golden/<name>`; what differs is written beside it as `…-changed`."""
    update: bool = request.config.getoption("--update-golden")

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        changed = path.with_name(f"{path.stem}-changed{path.suffix}")
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            changed.unlink(missing_ok=True)
            return
        expected = path.read_text("utf-8") if path.exists() else ""
        if text == expected:
            changed.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        changed.write_text(text, "utf-8")
        lines = difflib.unified_diff(expected.split("\n"), text.split("\n"), "golden", "now", lineterm="", n=1)
        shown = "\n".join(line[:200] for line, _more in zip(lines, range(40), strict=False))
        pytest.fail(f"{name} has changed (see {changed.name}; if it is right, run pytest --update-golden):\n{shown}")

    return compare


@pytest.fixture
def program() -> Callable[[str], str]:
    """The path of a program of `DEBIAN`; where it is missing the test fails and names the package."""

    def found(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            pytest.fail(f"{name} is missing. Install it: sudo apt-get install {DEBIAN[name]}", pytrace=False)
        return path

    return found
