"""What `prepare` gives back: cleaned, parsed, checked, expanded source and its notes, or an error in plain words."""

import pytest

from app.core.errors import GradwalkError
from app.core.source import prepare

LECTURE = """x = torch.tensor(3.)
w = torch.tensor(2., requires_grad=True)
b = torch.tensor(1., requires_grad=True)
u = w * x
v = u + b
a = torch.relu(v)
a.backward()
"""


def refusal(source: str, **options: object) -> GradwalkError:
    with pytest.raises(GradwalkError) as caught:
        prepare(source, **options)  # type: ignore[arg-type]
    return caught.value


def test_a_program_stays_as_it_is() -> None:
    prepared = prepare(LECTURE)
    assert prepared.source == LECTURE
    assert not prepared.expanded
    assert prepared.notes_by_line == {}


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_line_ends_and_byte_order_mark(line_end: str) -> None:
    assert prepare("\ufeff" + LECTURE.replace("\n", line_end)).source == LECTURE


def test_length() -> None:
    assert prepare("x = 1\n" + "#" * 19_994).source
    error = refusal("x = 1\n" + "#" * 19_995)
    assert error.code == "too_long"
    assert "20,001" in error.message
    assert "20,000" in error.message
    assert refusal("x = 12", limit=5).code == "too_long"


@pytest.mark.parametrize("empty", ["", "  \n\n", "# only a remark\n"])
def test_nothing_to_run(empty: str) -> None:
    assert refusal(empty).code == "no_tensor"


@pytest.mark.parametrize(
    ("source", "line", "column", "message", "hint"),
    [
        ("x = 1\ny = torch.relu(x", 2, 14, "This ( is never closed", "missing )"),
        ("x = [1, 2\ny = 3\n", 1, 4, "This [ is never closed", "missing ]"),
        ("y = 2)", 1, 5, "This ) closes nothing", "missing ("),
        ("y = (2]", 1, 6, "] does not match the (", "Write ) first"),
        ("if x = 3:\n    pass", 1, 3, "A single = assigns", "=="),
        ("w * x = y", 1, 0, "Only a variable", "name = expression"),
        ("for i in range(3)\n    pass", 1, 17, "colon is missing", "colon"),
        ("for i in range(3):\npass", 2, 0, "must be indented", "four spaces"),
        ("x = 1\n   y = 2", 2, None, "indented, though", "Remove"),
        ("if 1:\n    x = 1\n  y = 2", 3, None, "differently from its block", "same spaces"),
        ("if 1:\n        x = 1\n\ty = 2", 3, None, "Tabs and spaces", "four spaces"),
        ("x = 'abc", 1, 4, "never closed", "quotation"),
        ("x = '''abc", 1, 4, "never closed", "quotation"),
        ("print x", 1, 0, "print needs parentheses", "print("),
        ("y = 2x", 1, None, "cannot begin with a digit", "2*x"),
        ("y = (w x)", 1, 5, "missing between", "comma"),
        ("y = w − x", 1, 6, "the character −", "Write - instead"),
        ("s = “a”", 1, 4, "the character “", 'Write " instead'),
        ("ä = w × x", 1, 6, "the character ×", "Write * instead"),
        ("y = 3 ☃ 4", 1, 6, "U+2603", "plain characters"),
        ("y = lambda * w", 1, None, "lambda is a word of Python", "lam"),
        ("return x", 1, 0, "return can only stand in a function", "expression"),
        ("break", 1, 0, "can only stand in a loop", "loop"),
        ("f(a=1, 2)", 1, None, "with a name come after", "end"),
        ("x = 1 && 2", 1, None, "no &&", "and"),
        ("if x:\n    y = 1\nelse if z:\n    y = 2", 3, None, "one word", "elif"),
        ("if x:\n    y = 1\nelseif z:\n    y = 2", 3, None, "one word", "elif"),
        ("if (x > 0) {\n    y = 1;\n}", 1, 11, "no braces", "colon"),
        ("i = 0\ni++", 2, None, "no ++", "i += 1"),
        ("if !x:\n    y = 1", 1, None, "no ! for not", "not"),
        ("let x = 3", 1, None, "declares no variables", "x = …, without let"),
        ("x := 3", 1, None, "only inside", "x = …"),
        ("class = 3", 1, None, "class is a word of Python", "class_"),
        ("def f(in):\n    pass", 1, None, "in is a word of Python", "in_"),
        ("my var = 3", 1, None, "hold a blank", "my_var"),
        ("my-var = 3", 1, None, "hold a hyphen", "my_var"),
        ("2nd = 3", 1, None, "begin with a digit", "nd2"),
        ("f(x) = x * 2", 1, None, "A call cannot", "def f(x):"),
        ("y = W'", 1, None, "no transpose", "W.T"),
        ("y = a .* b", 1, None, "no .*", "Leave the point out"),
        ("y = w *\nz = 1", 1, None, "ends with *", "Add"),
        ("y = \\sigma(w x)", 1, None, "LaTeX", "torch.sigmoid"),
        ("x = <your code>", 1, None, "text in < >", "code itself"),
        ("pip install torch", 1, None, "terminal", "Remove"),
        ("Here is the code:\n```python\nx = 1\n```", 1, None, "sentence", "#"),
        ("```python\nx = 1", 1, None, "Markdown", "between"),
        ("s = f'{x'", 1, None, "A { in this text", "missing }"),
        ("try:\n    x = 1\ny = 2", 3, None, "needs an except", "leave try out"),
        ("x = 1 if 2", 1, None, "both cases", "else"),
        ("def f x:\n    return x", 1, None, "Brackets are missing", "def f(x)"),
        ("x = = 3", 1, 4, "cannot read this line", "mark"),
        ("x = 007", 1, None, "begin with 0", "zeros"),
        ("y = " + "(" * 300 + "x" + ")" * 300, 1, None, "nested too deeply", "Split"),
        ("y = " + "-" * 100_000 + "1", None, None, "nested too deeply", "Split"),
        ("x = 'a\0'", None, None, "", "Type it again"),
        ("y = 1\nx = '\ud800'", 2, 5, "no Unicode text", "UTF-8"),
        ("x = " + "9" * 5000, 1, None, "too many digits", "1e9"),
    ],
)
def test_syntax_errors(source: str, line: int | None, column: int | None, message: str, hint: str) -> None:
    error = refusal(source, limit=200_000)
    assert error.code == "syntax_error"
    assert error.line == line
    if column is not None:
        assert error.column == column
    assert message in error.message
    assert hint in (error.hint or "")
    assert error.hint


@pytest.mark.parametrize(
    ("pasted", "source"),
    [
        (
            ">>> x = torch.ones(2)\n>>> x\ntensor([1., 1.])\n>>> for i in x:\n...     print(i)\n...\n1\n",
            "x = torch.ones(2)\nx\n# tensor([1., 1.])\nfor i in x:\n    print(i)\n\n# 1\n",
        ),
        (
            '>>> x / 0\nTraceback (most recent call last):\n  File "<stdin>"\n>>> y = 1',
            'x / 0\n# Traceback (most recent call last):\n# File "<stdin>"\ny = 1',
        ),
        (
            "In [1]: x = torch.ones(2)\n   ...: y = x\n\nIn [12]: y\nOut[12]: tensor([1.,\n 1.])\n\nIn [13]: z = 2",
            "x = torch.ones(2)\ny = x\n\ny\n# Out[12]: tensor([1.,\n# 1.])\n\nz = 2",
        ),
        ("```python\nx = 1\ny = 2\n```\n", "\nx = 1\ny = 2\n\n"),
        ("%matplotlib inline\nx = 1", "# %matplotlib inline\nx = 1"),
        ("1 x = 1\n2 for i in x:\n3     print(i)", "x = 1\nfor i in x:\n    print(i)"),
        (" 9: x = 1\n10: y = 2", "x = 1\ny = 2"),
        ("1. x = 1\n\n2. y = 2", "x = 1\n\ny = 2"),
        ("    x = 1\n    y = 2", "x = 1\ny = 2"),
        ("x = 1\u00a0+ 2", "x = 1 + 2"),
    ],
)
def test_pasted_text_is_cleaned_and_lines_stay(pasted: str, source: str) -> None:
    assert prepare(pasted).source == source
    assert source.count("\n") == pasted.count("\n")


@pytest.mark.parametrize(
    ("pasted", "line", "says"),
    [
        ("x = 1\n!pip install torch", 2, "!pip is a notebook's command"),
        ("x = 1\n%time y = x", 2, "%time is a notebook's command"),
        ("%%timeit\nx = 1", 1, "%%timeit is a notebook's command"),
        (">>> x = 1\n>>> y = (2", 2, "never closed"),
        (">>> x = 1\ny = 2", 1, "cannot read"),
    ],
)
def test_what_is_not_certain_is_an_error(pasted: str, line: int, says: str) -> None:
    error = refusal(pasted)
    assert (error.code, error.line) == ("syntax_error", line)
    assert says in error.message


def test_prompts_inside_text_stay() -> None:
    source = 's = """\n>>> x\n%time\n"""'
    assert prepare(source).source == source


def test_a_snippet_does_not_inherit_futures() -> None:
    """With Gradwalk's own `from __future__ import annotations` in force, a walrus in an annotation would be refused."""
    assert prepare("x: (y := 2) = 1").source


def test_notes() -> None:
    source = "#: Two leaves,\n#: one input.\nx = torch.ones(2)  #: three ones?\ny = '#: no note'  # no note\n" + (
        "z = f(\n    x,  #: inside\n)\n#: at the end"
    )
    assert prepare(source).notes_by_line == {3: "Two leaves, one input. three ones?", 6: "inside", 7: "at the end"}


def test_notes_of_an_expression_are_about_the_expanded_lines() -> None:
    prepared = prepare("relu(w*x)  #: a ramp")
    assert prepared.notes_by_line == {3: "a ramp"}
    assert prepared.source.split("\n")[2] == "y = torch.relu(w*x)  #: a ramp"


def test_unchecked_still_parses_and_expands() -> None:
    assert prepare("import os\nos.getcwd()", checked=False).source == "import os\nos.getcwd()"
    assert prepare("relu(w)", checked=False).expanded
    assert refusal("x = (", checked=False).code == "syntax_error"


def test_let_beside_a_program_is_refused() -> None:
    error = refusal("x = 1", let="w:2")
    assert error.code == "bad_view"
    assert "program" in error.message
    assert prepare("x = 1", let="").source == "x = 1"
