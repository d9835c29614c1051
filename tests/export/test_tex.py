"""The TikZ document without TeX: what it is made of, and that nobody's name can become a command."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest

from app.core.trace import Note, Trace
from app.examples import load
from app.export.tex_text import commented, escaped
from app.record import record

Make = Callable[..., bytes]
Program = Callable[[str], str]
GALLERY = ("two_layer", "storage", "attention", "double_backward")
HOSTILE = "\\input{/etc/passwd} $x^2$ %& #1 ~_{} ^^41 ^^M \x00\x07 \ud800 名前 é ß İ ﬁ ﷺ 🂡 ñ́ α Ω ᵀ ∂ -- ?` \n\n}"


def boxes(text: str) -> dict[str, str]:
    """What each named box draws."""
    return dict(re.findall(r"\\gwcel\{([\w.]+)\}\{%\n(.*?)\n\}\n", text, re.S))


def overlays(text: str) -> dict[int, list[str]]:
    return {
        int(at): names.split(",")
        for at, names in re.findall(r"\\only<(\d+)>\{%[^\n]*\n\s*\\gwshow\{([^}]*)\}\}%", text)
    }


def test_an_overlay_a_step_names_boxes_that_are_there(make: Make, trace: Trace) -> None:
    text = make("tex").decode("ascii")
    drawn, shown = boxes(text), overlays(text)
    assert list(shown) == list(range(1, len(trace.steps) + 1))
    assert {name for names in shown.values() for name in names} == set(drawn)
    assert {name.split(".")[0] for name in shown[11]} >= {node.id for node in trace.nodes} | {e.id for e in trace.edges}
    assert list(overlays(make("tex", "range=3-5").decode())) == [1, 2, 3]


def test_values_chips_and_lines_are_tikz(make: Make) -> None:
    text = make("tex").decode()
    drawn, shown = boxes(text), overlays(text)
    end = "\n".join(drawn[name] for name in shown[11])
    assert r"\gwtext{}1\ $\times$\ 3\ =\ 3" in end or r"\gwstrong{}1\ $\times$\ 3\ =\ 3" in end
    assert "dash pattern=on 1.75pt off 1.25pt" in end
    assert ".. controls (" in end or " -- (" in end
    assert "rounded corners=" in end
    before = "\n".join(drawn[name] for name in shown[4])
    assert "$\\times$\\ 3\\ =" not in before


def test_every_colour_is_defined(make: Make) -> None:
    for query in ("", "theme=dark", "theme=contrast&bg=abcdef"):
        text = make("tex", query).decode()
        defined = set(re.findall(r"\\definecolor\{(\w+)\}", text))
        used = set(re.findall(r"(?:fill|draw|text|bg)=(gw\w+)", text))
        assert used <= defined, query
    assert r"\definecolor{gwABCDEF}{HTML}{ABCDEF}" in text
    assert "setbeamercolor{background canvas}{bg=}" in make("tex", "bg=transparent").decode()


def test_the_sentence_and_the_lecturers_note_are_notes(make: Make, trace: Trace) -> None:
    noted = replace(trace, notes=(Note("lecturer", "100% sure", trace.steps[1].line, None),))
    text = make("tex", other=noted).decode()
    assert len(re.findall(r"\\note<\d+>\{", text)) == len(trace.steps)
    assert r"100\% sure}" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("w × x", r"w\ $\times$\ x"),
        ("Wᵀ", r"W${}^{\mathsf{T}}$"),
        ("∂", r"$\partial$"),
        ("a_1 & b", r"a\_1\ \&\ b"),
        ("\\input{x}", r"\textbackslash{}input\{x\}"),
        ("100%", r"100\%"),
        ("αΩΑ", r"$\alpha$$\Omega$A"),
        ("é", r"\'{e}"),
        ("ḡ", r"\={g}"),
        ("x²₁", r"x${}^{\mathrm{2}}$${}_{\mathrm{1}}$"),
        ("名", r"\gwunknown{540D}"),
        ("^^41", r"\textasciicircum{}\textasciicircum{}41"),
        ("a--b", r"a{-}{-}b"),
        ("\x00\x1b", ""),
    ],
)
def test_characters_of_strangers(text: str, expected: str) -> None:
    assert escaped(text) == expected


def test_no_character_is_left_as_it_is() -> None:
    """All of Unicode's first plane: ASCII comes out, and of commands only known ones."""
    text = "".join(map(chr, range(0x10000)))
    out = escaped(text)
    assert out.isascii()
    bare = re.sub(r"\\[A-Za-z]+|\\.", "", out)
    assert not set(bare) & set("#%&~\\")
    assert out.count("$") - out.count(r"\$") == 2 * len(re.findall(r"\$[^$]+\$", out.replace(r"\$", "")))
    assert "\n" not in commented(HOSTILE)
    assert commented(HOSTILE).isascii()


def hostile(trace: Trace) -> Trace:
    """The lecture's example, all its names and words a stranger's."""
    nodes = tuple(replace(node, name=HOSTILE if node.name else None, label=HOSTILE) for node in trace.nodes)
    steps = tuple(replace(step, text=HOSTILE) for step in trace.steps)
    return replace(trace, nodes=nodes, steps=steps, notes=(Note("lecturer", HOSTILE, trace.steps[1].line, None),))


def test_a_hostile_name_stays_text(make: Make, trace: Trace) -> None:
    text = make("tex", other=hostile(trace)).decode("ascii")
    assert r"\input{/etc" not in re.sub("%[^\n]*", "", text.replace(r"\%", ""))
    assert all(unicodedata.category(char) != "Cc" or char == "\n" for char in text)


def compiled(program: Program, folder: Path, name: str) -> list[str]:
    """Compiles a document; the words of each page."""
    command = [program("pdflatex"), "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", name]
    run = subprocess.run(command, cwd=folder, capture_output=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout.decode("latin-1")[-2000:]
    assert b"Missing character" not in run.stdout
    document = pypdfium2.PdfDocument(folder / name.replace(".tex", ".pdf"))
    words = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return words


@pytest.mark.slides
@pytest.mark.parametrize("name", GALLERY)
def test_it_compiles_to_a_page_a_step(make: Make, program: Program, tmp_path: Path, name: str) -> None:
    trace = record(load(name).source)
    (tmp_path / "walk.tex").write_bytes(make("tex", "theme=dark" if name == "storage" else "", other=trace))
    pages = compiled(program, tmp_path, "walk.tex")
    assert len(pages) == len(trace.steps)
    assert len(pages[-1]) > len(pages[0]) > 3


@pytest.mark.slides
def test_it_compiles_inside_a_deck_and_whatever_the_names_are(
    make: Make, trace: Trace, program: Program, tmp_path: Path
) -> None:
    (tmp_path / "one.tex").write_bytes(make("tex", "range=2-6"))
    (tmp_path / "two.tex").write_bytes(make("tex", "dir=TB&bg=transparent&range=0-3", other=hostile(trace)))
    (tmp_path / "deck.tex").write_text(
        r"\documentclass{beamer}\usetheme{Madrid}\usepackage{tikz}\begin{document}"
        r"\begin{frame}{Before}Alpha\end{frame}\def\gradwalkwidth{0.8\textwidth}\input{one}\input{two}"
        r"\begin{frame}{After}Omega\end{frame}\end{document}"
    )
    pages = compiled(program, tmp_path, "deck.tex")
    assert len(pages) == 1 + 5 + 4 + 1
    assert "Alpha" in pages[0]
    assert "Omega" in pages[-1]
    assert "relu" in pages[5]
