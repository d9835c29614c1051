"""The gallery's form, and that every example says the truth when stock PyTorch runs it."""

import contextlib
import io
import math
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from app.core.errors import GradwalkError
from app.core.source import prepare
from app.core.view import DEFAULT_EXAMPLE
from app.examples import CHAPTERS, FOLDER, gallery, load, names, read_example

SHOWN_IN_PAGE = 82
"""Columns that the editor shows without scrolling, on a slide."""


def run(name: str) -> tuple[dict[str, Any], str]:
    """The variables and the output of an example, by stock PyTorch."""
    torch.manual_seed(0)
    variables: dict[str, Any] = {"torch": torch, "nn": nn, "F": F, "math": math, "__name__": "__main__"}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(load(name).source, variables)
    return variables, printed.getvalue()


def test_order_and_chapters() -> None:
    assert sorted(names()) == sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")
    chapters = [example.chapter for example in gallery().values()]
    assert chapters == sorted(chapters, key=CHAPTERS.index)
    assert set(chapters) == set(CHAPTERS)
    assert len(chapters) >= 30
    assert DEFAULT_EXAMPLE in names()


def test_titles_are_unique() -> None:
    titles = [example.title for example in gallery().values()]
    assert len(set(titles)) == len(titles)


def test_the_default_is_the_lecture() -> None:
    assert load("lecture").source == (
        "x = torch.tensor(3.)\n"
        "w = torch.tensor(2., requires_grad=True)\n"
        "b = torch.tensor(1., requires_grad=True)\n"
        "u = w * x\n"
        "v = u + b\n"
        "a = torch.relu(v)\n"
        "a.backward()\n"
    )


def test_an_unknown_name_is_not_found() -> None:
    with pytest.raises(GradwalkError) as caught:
        load("lectur")
    assert caught.value.code == "not_found"


def test_a_compare_line_makes_a_variant() -> None:
    text = '"""Title.\n\nChapter: graph\nCompare: x * x => x + x\n\nIdea."""\nx = 1\ny = x * x\n'
    assert read_example("name", text).variant == "x = 1\ny = x + x\n"
    assert read_example("name", text).chapter == "graph"
    with pytest.raises(ValueError, match="OLD in the snippet"):
        read_example("name", text.replace("y = x * x", "y = x"))


def test_variants_run_and_differ() -> None:
    variants = [example for example in gallery().values() if example.variant]
    assert len(variants) >= 5
    for example in variants:
        assert example.variant != example.source
        with contextlib.redirect_stdout(io.StringIO()):
            exec(example.variant, {"torch": torch, "nn": nn, "F": F, "math": math})


@pytest.mark.parametrize("text", ["x = 1\n", '"""Title."""\nx = 1', '"""Title.\n\nChapter: nowhere\n\nIdea."""\nx = 1'])
def test_a_header_is_needed(text: str) -> None:
    with pytest.raises(ValueError, match="example bad"):
        read_example("bad", text)


@pytest.mark.parametrize("name", names())
def test_each_is_a_valid_snippet_that_runs(name: str) -> None:
    source = load(name).source
    prepared = prepare(source)
    assert prepared.source == source
    assert not prepared.expanded
    variables, _printed = run(name)
    assert any(isinstance(value, torch.Tensor) for value in variables.values())
    again, _printed = run(name)
    for key, value in variables.items():
        if isinstance(value, torch.Tensor):
            assert torch.equal(torch.nan_to_num(value.detach()), torch.nan_to_num(again[key].detach())), key


@pytest.mark.parametrize("name", names())
def test_each_fits_on_a_slide(name: str) -> None:
    example = load(name)
    lines = example.source.rstrip("\n").split("\n")
    assert len(lines) <= 17
    assert max(len(line) for line in lines) <= SHOWN_IN_PAGE
    assert len(example.title) <= 60
    assert len(example.idea) <= 220


GRADIENTS: dict[str, dict[str, object]] = {
    "lecture": {"w": 3.0, "b": 1.0},
    "square": {"x": 6.0},
    "diamond": {"x": 48.0},
    "broadcasting": {"b": [5.0, 7.0, 9.0]},
    "leaves": {"w": [2.0, 4.0]},
    "two_paths": {"x": 36.0},
    "quotient": {"x": 0.375},
    "jacobian": {"x": [4.0, 3.0]},
    "max_routing": {"a": 5.0, "b": 2.0},
    "accumulate": {"w": 7.0},
    "seed_vector": {"a": 13.0, "b": 12.0},
    "double_backward": {"x": 12.0},
    "custom_function": {"x": 4.0},
    "sgd_step": {"w": -4.0},
    "clipping": {"w": [0.6, 0.8]},
    "detach": {"w": 9.0},
    "dead_relu": {"w": 0.0, "b": 0.0},
    "zoom": {"W1": 0.08159, "W2": 0.1081},
    "by_paths": {"W1": 1.06335, "W2": 0.0839},
    "nan_where": {"x": [math.nan, 0.25]},
}
"""Gradients that the notes and ideas of the examples state."""


@pytest.mark.parametrize("name", GRADIENTS)
def test_stated_gradients(name: str) -> None:
    variables, _printed = run(name)
    for leaf, gradient in GRADIENTS[name].items():
        assert torch.allclose(variables[leaf].grad, torch.tensor(gradient), rtol=1e-3, equal_nan=True)


def test_other_statements() -> None:
    storage, _ = run("storage")
    cells = {storage[name].untyped_storage().data_ptr() for name in "aMcre"}
    assert len(cells) == 1
    assert storage["d"].untyped_storage().data_ptr() not in cells
    transpose, _ = run("transpose")
    metadata, _ = run("metadata")
    facts = {
        name: (tuple(metadata[name].shape), metadata[name].stride(), metadata[name].storage_offset())
        for name in ("A", "row", "col", "cut", "flip", "same")
    }
    assert facts == {
        "A": ((3, 4), (4, 1), 0),
        "row": ((4,), (1,), 4),
        "col": ((3,), (4,), 1),
        "cut": ((2, 2), (4, 2), 4),
        "flip": ((4, 3), (1, 4), 0),
        "same": ((2, 4), (0, 1), 4),
    }
    assert metadata["own"].untyped_storage().data_ptr() != metadata["S"].untyped_storage().data_ptr()
    trained, _ = run("train")
    assert trained["loss"].item() == pytest.approx(3.207, abs=1e-3)
    assert trained["W"].item() == pytest.approx(1.3244, abs=1e-3)
    assert (transpose["W"].stride(), transpose["V"].stride()) == ((3, 1), (1, 3))
    written, _ = run("view_write")
    assert written["a"].tolist() == [[0.0, 6.0, 0.0], [0.0, 1.0, 0.0]]
    retain, printed = run("retain")
    assert printed.endswith("False\n")
    assert retain["u"].grad is not None
    chain, _ = run("chain")
    x = 0.5
    assert chain["x"].grad.item() == pytest.approx(2 * x * math.exp(x**2) / (math.exp(x**2) + 1))
    _, printed = run("grad_function")
    assert printed == "tensor(12.) None None\n"
    softmax, _ = run("cross_entropy")
    assert torch.allclose(softmax["z"].grad, torch.softmax(softmax["z"], 1) - torch.tensor([[1.0, 0.0, 0.0]]))
    norm, _ = run("norm")
    assert norm["x"].grad.sum().item() == pytest.approx(0, abs=1e-6)
    step, _ = run("sgd_step")
    assert step["w"].item() == pytest.approx(1.4)
    assert step["after"].item() == pytest.approx(0.04)
    forgotten, _ = run("zero_grad")
    assert forgotten["w"].item() == pytest.approx(-0.76)
    vanishing, _ = run("vanishing")
    assert 0 < vanishing["x"].grad.item() < 1 / 256
    lost, printed = run("lost_leaf")
    assert printed.startswith("False")
    assert lost["w"].grad.item() == pytest.approx(-7.2)


def test_the_page_about_the_gallery_lists_it() -> None:
    document = (FOLDER.parents[1] / "docs" / "examples.md").read_text("utf-8")
    rows = [line for line in document.split("\n") if line.startswith("| `")]
    assert rows == [f"| `{e.name}` | {e.title} | {e.idea} |" for e in gallery().values()]
