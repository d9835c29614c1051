"""Every LaTeX string is accepted by the vendored KaTeX in strict mode."""

import itertools
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.core.trace import Trace
from app.explain import explain, latex
from app.explain.formula import Piece, fill
from app.explain.formulas import FAMILIES

HERE = Path(__file__).parent
FIELDS = """
title name where general named numbers result line vjp latex lhs names contribution sum total derivation defined
objective value running before added after captured
"""
LATEX = frozenset(FIELDS.split())
"""Fields of an explanation that hold LaTeX; the others are plain text."""
NAMES = [
    "w", "W1", "w_1", "w_ih", "x_é", "_", "__x__", "y_hat", "ŷ", "θ", "theta_0", "α1", "лямбда", "日本", "ñandú",
    "𝔘x", "Ω_2", "net.0.weight", "self.layers[0].bias", "W.T", "x.t()", "lambda_", "a" * 300, "a_b_c_d", "x2y", "ß",
    "ı", "ﬁ", "x_ŷ", "Å", "", 'torch.tensor("$%#&{}~^\\evil\\end{x}")', "\\input{/etc/passwd}", "x\n% y",
    "<b>&amp;</b>", "}{", "\\", "2**3", "🙂", "\u202ex",
]  # fmt: skip


def refused(strings):
    """What KaTeX says of the strings it refuses."""
    if shutil.which("node") is None:
        pytest.skip("KaTeX is run by Node, which is not installed")
    done = subprocess.run(
        ["node", str(HERE / "katex_strict.mjs")],
        input=json.dumps(sorted(set(strings))), capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return json.loads(done.stdout)


def latex_strings(data, key=""):
    """All LaTeX of an explanation; its `edges` hold plain text only."""
    if isinstance(data, dict):
        for name, item in data.items():
            if name != "edges":
                yield from latex_strings(item, name)
    elif isinstance(data, list):
        for item in data:
            yield from latex_strings(item, key)
    elif isinstance(data, str) and key in LATEX:
        yield data


def lecture():
    return Trace.from_dict(json.loads((HERE.parent / "lecture_by_hand.json").read_text()))


def test_the_check_refuses_what_is_wrong():
    assert [tex for tex, _ in refused([r"\frac{1}{2}", r"\evil", "ŷ", "{"])] == sorted([r"\evil", "ŷ", "{"])


def variants(formula):
    """A formula under every value of the arguments that change how it reads."""
    yield formula
    if formula.variant is not None:
        for args in (
            {}, {"alpha": 2}, {"beta": 2, "alpha": 3}, {"scale": 1.05}, {"approximate": "tanh"}, {"reduction": 0},
            {"reduction": 1}, {"reduction": 2}, {"correction": 0}, {"ord": 1}, {"ord": 3}, {"ord": "inf"},
            {"min": 0, "max": 1}, {"max": 1},
        ):  # fmt: skip
            yield formula.variant(SimpleNamespace(**args))


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_formulas(family):
    strings = []
    for formula in FAMILIES[family].values():
        for variant in variants(formula):
            templates = [variant.forward] + [t for r in variant.rules.values() for t in (r.local, r.vjp) if t]
            for template in templates:
                for piece in (
                    "x",
                    "w_{1}",
                    "{h}^{(2)}",
                    r"\mathit{loss}",
                    r"\text{net.0}",
                    "-0.25",
                    r"1.5 \times 10^{-7}",
                ):
                    atomic = not piece.startswith("-") and r"\times" not in piece
                    strings.append(
                        fill(
                            template,
                            lambda hole, p=piece, a=atomic: Piece(latex.transposed(p) if hole.transposed else p, a),
                        )
                    )
    assert refused(strings) == []


def test_names_of_strangers():
    strings = [f"{{{latex.name(name)}}}^{{2}} + {latex.text(name)}" for name in NAMES]
    strings += [latex.partial(latex.name(a), latex.name(b)) for a, b in itertools.pairwise(NAMES)]
    assert refused(strings) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_name_cannot_leave_its_place(name):
    """No command of the name's own, and all braces balanced."""
    made = latex.name(name)
    assert "evil" not in made or r"\textbackslash{}evil" in made
    assert r"\input" not in made
    depth = 0
    for k, char in enumerate(made):
        if char in "{}" and made[k - 1 : k] != "\\":
            depth += 1 if char == "{" else -1
        assert depth >= 0
    assert depth == 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("w", "w"), ("w_1", "w_{1}"), ("W1", "W_{1}"), ("loss", r"\mathit{loss}"), ("theta", r"\theta"),
        ("y_hat", r"\hat{y}"), ("ŷ", r"\hat{y}"), ("W.T", r"W^{\top}"), ("net.0.weight", r"\text{net.0.weight}"),
        ("w_ih", r"w_{\mathit{ih}}"),
    ],
)  # fmt: skip
def test_names_read_as_mathematics(name, expected):
    assert latex.name(name) == expected


def test_the_lecture():
    assert refused(latex_strings(explain(lecture()))) == []


def test_a_hostile_trace():
    """Names of strangers in every place of an explanation."""
    trace, strings = lecture(), []
    for name, label in itertools.pairwise(NAMES):
        nodes = tuple(replace(node, name=name, label=label) for node in trace.nodes)
        strings += latex_strings(explain(replace(trace, nodes=nodes)))
        nodes = tuple(replace(node, name=None, label=label) for node in trace.nodes)
        strings += latex_strings(explain(replace(trace, nodes=nodes)))
    assert refused(strings) == []
