"""The command line as real processes: output, messages, exit codes."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from app.core.trace import Trace
from app.examples import load, names

LECTURE = load("lecture").source
RAISES = "x = torch.tensor(2., requires_grad=True)\ny = x * 3\nz = y + nothing\n"


def gradwalk(*arguments: str, stdin: str | bytes = b"", **environment: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr of one command."""
    run = subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii", **environment},
    )
    return run.returncode, run.stdout.decode(), run.stderr.decode()


@pytest.fixture
def snippet(tmp_path: Path) -> Any:
    def write(text: str | bytes, name: str = "snippet.py") -> str:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


def test_examples_are_listed() -> None:
    code, out, err = gradwalk("examples")
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines() if line.startswith("  ")] == list(names())


def test_an_example_is_printed() -> None:
    assert gradwalk("examples", "lecture") == (0, LECTURE, "")


def test_no_command_needs_torch_to_begin() -> None:
    check = "import sys, app.cli; print({'torch', 'fastapi', 'pydantic', 'numpy', 'asyncio'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "required"),
        (("walk",), "invalid choice"),
        (("trace",), "required"),
        (("trace", "missing.py"), "missing.py cannot be read: No such file"),
        (("trace", "a.py", "b.py"), "--unchecked"),
        (("trace", "--unchecked", "--trust-local", "-"), "--trust-local"),
        (("trace", "--seed", "two", "-"), "seed may be an integer"),
        (("trace", "--let", "w", "-"), "let: a colon after w"),
        (("render", "-"), "required"),
        (("render", "-", "-o", "x.jpeg"), ".svg"),
        (("render", "-", "-o", "x"), "no suffix of a known format"),
        (("render", "-", "-o", "x.svg", "--theme", "pink"), "theme may be auto, light, dark or contrast"),
        (("examples", "lectur"), "no example named"),
        (("serve", "--port", "http"), "invalid int"),
        (("serve", "--trust-local", "--host", "0.0.0.0"), "127.0.0.1"),
    ],
)
def test_a_wrong_command_line(arguments: tuple[str, ...], says: str) -> None:
    code, out, err = gradwalk(*arguments)
    assert (code, out) == (2, "")
    assert says in err


def test_trace_prints_the_trace(snippet: Any) -> None:
    code, out, err = gradwalk("trace", snippet(LECTURE))
    assert (code, err) == (0, "")
    trace = Trace.from_dict(json.loads(out))
    assert trace.program.source == LECTURE
    assert len(trace.steps) == 11
    assert out.count("\n") == 1


def test_trace_reads_standard_input_and_options() -> None:
    code, out, err = gradwalk("trace", "-", "--let", "w:-1", "--seed", "-3", "--no-explain", stdin="relu(w*x + b)")
    assert (code, err) == (0, "")
    data = json.loads(out)
    assert data["program"]["expanded"] is True
    assert data["program"]["seed"] == -3
    assert data["program"]["source"].startswith("w = torch.tensor(-1., requires_grad=True)\nx = torch.tensor(3.,")
    assert data["passes"][0]["jacobians"] == []


def test_a_snippet_that_raises_still_gives_its_trace(snippet: Any) -> None:
    code, out, err = gradwalk("trace", snippet(RAISES))
    assert code == 1
    assert "line 3: NameError: name 'nothing' is not defined" in err
    trace = Trace.from_dict(json.loads(out))
    assert trace.error is not None
    assert "mul" in [node.op for node in trace.nodes]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = torch.relu(3", "line 1: This ( is never closed."),
        ("x = 1\nimport os", "line 2: os cannot be imported here."),
        (b"x = 1\ny = '\xff'", "line 2: A character here is no Unicode text."),
        ("while True:\n    pass", "seconds"),
    ],
)
def test_a_snippet_at_fault(snippet: Any, text: str | bytes, says: str) -> None:
    code, out, err = gradwalk("trace", snippet(text))
    assert (code, out) == (1, "")
    assert says in err
    assert "Traceback" not in err


def test_the_limits_of_the_environment_hold(snippet: Any) -> None:
    name = snippet("x = torch.tensor(1., requires_grad=True)\ny = x + x + x + x\n")
    code, _out, err = gradwalk("trace", name, GRADWALK_OPS="2")
    assert (code, "2 operations" in err) == (1, True), err
    code, out, err = gradwalk("trace", name, GRADWALK_OPS="many")
    assert (code, out) == (2, "")
    assert "GRADWALK_OPS" in err


def test_unchecked_answers_every_file(snippet: Any) -> None:
    files = [
        snippet(LECTURE, "good.py"),
        snippet("import os\nprint('before')\nos.fork()", "forks.py"),
        snippet("print('text')\nimport os\nos._exit(0)", "dies.py"),
        snippet("x = (", "broken.py"),
        snippet(b"\xff", "binary.py"),
    ]
    code, out, err = gradwalk("trace", "--unchecked", *files)
    assert (code, err) == (0, "")
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["file"] for line in lines] == files
    assert [set(line) for line in lines] == [{"file", "trace"}] * 2 + [{"file", "error", "stdout"}] * 3
    assert lines[0]["trace"]["error"] is None
    assert lines[1]["trace"]["error"]["type"] == "PermissionError"
    assert lines[2]["error"]["code"] == "crashed"
    assert [line["error"]["code"] for line in lines[3:]] == ["syntax_error"] * 2
    assert lines[3]["error"]["line"] == 1


def test_render_writes_a_picture(snippet: Any, tmp_path: Path) -> None:
    output = tmp_path / "walk.svg"
    options = ("--step", "4", "--theme", "dark", "--dir", "TB", "--digits", "2", "--show", "values,grads")
    assert gradwalk("render", snippet(LECTURE), "-o", str(output), *options) == (0, "", "")
    root = ElementTree.parse(output).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    nodes = {element.get("data-node") for element in root.iter() if element.get("data-node")}
    assert len(nodes) == 6


def test_a_raised_snippet_is_rendered_as_far_as_it_came(snippet: Any, tmp_path: Path) -> None:
    output = tmp_path / "walk.svg"
    code, out, err = gradwalk("render", snippet(RAISES), "-o", str(output))
    assert (code, out) == (1, "")
    assert "line 3" in err
    assert "data-node" in output.read_text("utf-8")


def test_a_walk_is_rendered_with_the_options_of_an_address(snippet: Any, tmp_path: Path) -> None:
    output = tmp_path / "walk.tex"
    options = (
        "--range",
        "1-3",
        "--theme",
        "contrast",
        "--bg",
        "fff",
        "--dir",
        "TB",
        "--digits",
        "2",
        "--show",
        "values",
    )
    code, out, err = gradwalk("render", snippet(RAISES), "-o", str(output), *options)
    assert (code, out) == (1, "")
    assert "line 3" in err
    text = output.read_text("ascii")
    assert text.count("\\only<") == 2  # of the three steps that there are, the program raised after step 2
    assert "{HTML}{FFFFFF}" in text
    # A mistake in an option is told before the program is run.
    assert gradwalk("render", "-", "-o", str(output), "--range", "3")[0] == 2


def test_render_of_a_broken_snippet_writes_nothing(snippet: Any, tmp_path: Path) -> None:
    output = tmp_path / "walk.svg"
    code, _out, err = gradwalk("render", snippet("x = ("), "-o", str(output))
    assert code == 1
    assert "line 1" in err
    assert not output.exists()


def test_render_to_a_place_that_is_not(snippet: Any, tmp_path: Path) -> None:
    code, _out, err = gradwalk("render", snippet(LECTURE), "-o", str(tmp_path / "no" / "walk.svg"))
    assert code == 2
    assert "cannot be written" in err


def test_a_reader_that_goes_away(snippet: Any) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "trace", snippet(LECTURE)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 0
    assert err == b""


def test_serve_until_interrupted() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve", "--port", str(port)], stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        for _attempt in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
                    assert answer.status == 200
                break
            except (urllib.error.URLError, ConnectionError):
                assert process.poll() is None, process.communicate()
                time.sleep(0.2)
        else:
            pytest.fail("the server did not answer within a minute")
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert process.returncode == 0


def test_progress_is_shown_on_a_terminal_and_wiped(snippet: Any, tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    arguments = ("render", snippet(LECTURE), "-o", str(tmp_path / "walk.zip"), "--range", "0-3")
    run = subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments], stdout=subprocess.PIPE, stderr=theirs, timeout=120, check=True
    )
    os.close(theirs)
    shown = os.read(ours, 4096).decode()
    os.close(ours)
    assert run.stdout == b""
    for done in range(4):
        assert f"\rsteps {done}/4 [" in shown
    assert shown.endswith("\r")
    assert not shown.rsplit("\r", 2)[1].strip()
