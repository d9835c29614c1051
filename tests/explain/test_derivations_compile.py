"""Copied derivations compile: the gallery's, as a reader would paste them into a paper."""

import shutil
import subprocess

import pytest

from app.examples import gallery
from app.explain import explain
from app.record import record

PREAMBLE = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{amsmath}
\begin{document}
"""
AT_LEAST = 20


@pytest.mark.slides
def test_derivations_of_the_gallery_compile(tmp_path):
    if shutil.which("pdflatex") is None:
        pytest.skip("needs TeX: texlive-latex-base and texlive-latex-recommended")
    derivations = [
        path["derivation"] for example in gallery().values() for path in explain(record(example.source))["paths"]
    ]
    assert len(derivations) >= AT_LEAST
    page = PREAMBLE + "".join(f"\\[ {text} \\]\n" for text in derivations) + "\\end{document}\n"
    (tmp_path / "page.tex").write_text(page, encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        text=True,
        errors="replace",
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-2000:]
