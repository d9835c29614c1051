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


STRANGE = """
w_1 = torch.tensor(2., requires_grad=True)
лямбда = w_1 * 3
x_é = torch.sin(лямбда)
theta_0_ŷ = x_é * x_é
net = {"a#b$c%d&e_f^g~h\\\\{}": theta_0_ŷ}
日本 = net["a#b$c%d&e_f^g~h\\\\{}"] + torch.exp(w_1)
日本.backward()
"""
"""Names that TeX would stumble over, and an operation whose label is source text with its special characters."""


@pytest.mark.slides
def test_derivations_of_the_gallery_compile(tmp_path):
    derivations = [
        path["derivation"] for example in gallery().values() for path in explain(record(example.source))["paths"]
    ]
    assert len(derivations) >= AT_LEAST
    assert compiled(derivations, tmp_path).returncode == 0


@pytest.mark.slides
@pytest.mark.parametrize("fold_views", [False, True])
def test_the_names_of_strangers_compile(tmp_path, fold_views):
    told = explain(record(STRANGE), fold_views=fold_views)
    derivations = [path["derivation"] for path in told["paths"]]
    derivations += [node["title"] for node in told["nodes"].values()]
    assert compiled(derivations, tmp_path).returncode == 0


@pytest.mark.slides
def test_what_does_not_compile_is_noticed(tmp_path):
    assert compiled([r"\\frac{1"], tmp_path).returncode != 0


def compiled(derivations, tmp_path):
    """What pdflatex makes of them as displayed formulas of one article."""
    if shutil.which("pdflatex") is None:
        pytest.skip("needs TeX: texlive-latex-base and texlive-latex-recommended")
    page = PREAMBLE + "".join(f"\\[ {text} \\]\n" for text in derivations) + "\\end{document}\n"
    (tmp_path / "page.tex").write_text(page, encoding="utf-8")
    return subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        text=True,
        errors="replace",
        timeout=120,
    )
