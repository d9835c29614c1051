"""The command line: serve, trace, render, examples.

Owns arguments, exit codes and messages; what is done is done elsewhere, imported only when a command needs it.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import __version__
from app.core.errors import GradwalkError
from app.core.json_text import json_bytes
from app.core.parameters import PARAMETERS
from app.core.sentence import spelt
from app.core.view import Program, View
from app.examples import gallery, load

if TYPE_CHECKING:
    from app.core.trace import Failure, Trace
    from app.sandbox import Result

DONE, SNIPPET, USAGE, FAULT = 0, 1, 2, 3
"""Exit codes: done; the snippet is at fault; the command line is; Gradwalk or its sandbox is."""

_CODES = {"bad_view": USAGE, "not_found": USAGE, "busy": FAULT, "sandbox_unavailable": FAULT}
"""Exit codes of errors; all others are the snippet's."""
_RUN_OPTIONS = ("let", "seed", "root", "cotangent")
_BAR = 24


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        code: int = arguments.command(arguments)
        sys.stdout.flush()
    except GradwalkError as error:
        return _say(error)
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain once more while it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return 130
    except Exception:
        traceback.print_exc()
        print("gradwalk: this is a fault of Gradwalk's, not of the snippet.", file=sys.stderr)
        return FAULT
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradwalk",
        description="Step through the computational graph of a small PyTorch snippet, forward and backward.",
        epilog="Exit codes: 0 done, 1 the snippet is at fault, 2 the command line is, 3 Gradwalk or its sandbox is.",
    )
    parser.add_argument("--version", action="version", version=f"gradwalk {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="start the server", description=_SERVE)
    serve.add_argument("--host", help="the address to listen on (GRADWALK_HOST, 127.0.0.1)")
    serve.add_argument("--port", type=int, help="the port to listen on (GRADWALK_PORT, 8000)")
    serve.add_argument("--workers", type=int, help="server processes (GRADWALK_WORKERS, 1)")
    serve.add_argument("--trust-local", action="store_true", default=None, help=_TRUST)
    serve.set_defaults(command=_serve)

    trace = commands.add_parser("trace", help="print the Trace JSON of a snippet", description=_TRACE)
    trace.add_argument("file", nargs="+", metavar="FILE", help="a snippet; - is standard input")
    trace.add_argument("--unchecked", action="store_true", help="run FILEs without the source check, a JSON line each")
    _add_options(trace, _RUN_OPTIONS)
    trace.add_argument("--no-explain", action="store_true", help="leave out Jacobians and paths")
    trace.add_argument("--trust-local", action="store_true", help=_TRUST)
    trace.set_defaults(command=_trace, fail=trace.error)

    render = commands.add_parser("render", help="write a picture or another export", description=_RENDER)
    render.add_argument("file", metavar="FILE", help="a snippet; - is standard input")
    render.add_argument(
        "-o", "--output", required=True, metavar="OUT", help="the file to write; its suffix is the format"
    )
    _add_options(render, tuple(PARAMETERS))
    render.add_argument("--trust-local", action="store_true", help=_TRUST)
    render.set_defaults(command=_render)

    examples = commands.add_parser("examples", help="list the gallery, or print one snippet")
    examples.add_argument("name", nargs="?", metavar="NAME", help="the example to print")
    examples.set_defaults(command=_examples)
    return parser


_SERVE = "Serve the app. What is not given here is taken from GRADWALK_… variables."
_TRACE = "Run a snippet in the sandbox and print its Trace as JSON. One that raises gives what there was until then."
_RENDER = "Run a snippet in the sandbox and write a view of it. The options are those of an address."
_TRUST = "run without the operating system's wall: your own code only"


def _add_options(parser: argparse.ArgumentParser, names: tuple[str, ...]) -> None:
    for name in names:
        row = PARAMETERS[name]
        about = f"{row.about}: {row.allowed}".replace("%", "%%")
        parser.add_argument(f"--{name}", metavar=name.upper(), help=about)


def _view(arguments: argparse.Namespace, source: str, names: Sequence[str]) -> View:
    given = [(name, getattr(arguments, name)) for name in names]
    view = View.parse([(name, value) for name, value in given if value is not None])
    return replace(view, program=Program("c", source))


def _serve(arguments: argparse.Namespace) -> int:
    # By name: the server and the command line are two front doors, and neither is built upon the other.
    server = importlib.import_module("app.web.server")
    code: int = server.serve(arguments.host, arguments.port, arguments.workers, arguments.trust_local)
    return code


def _trace(arguments: argparse.Namespace) -> int:
    if arguments.unchecked:
        if arguments.trust_local:
            arguments.fail("--unchecked needs the wall, and --trust-local is without it")
        return _trace_unchecked(arguments)
    if len(arguments.file) > 1:
        arguments.fail("give one FILE; several need --unchecked")
    source = _read(arguments.file[0])
    view = _view(arguments, source, _RUN_OPTIONS)
    result = next(_run([view], explain=not arguments.no_explain, trust_local=arguments.trust_local))
    trace = _trace_of(result)
    _print_json(trace.to_dict())
    return _say(trace.error) if trace.error else DONE


def _trace_unchecked(arguments: argparse.Namespace) -> int:
    views = [_view(arguments, _read(name), _RUN_OPTIONS) for name in arguments.file]
    code = DONE
    results = _run(views, explain=not arguments.no_explain, checked=False)
    for name, result in zip(arguments.file, results, strict=True):
        try:
            _print_json({"file": name, "trace": _trace_of(result).to_dict()})
        except GradwalkError as error:
            _print_json({"file": name, "error": error.to_dict(), "stdout": result.stdout})
            if _CODES.get(error.code) == FAULT:
                code = FAULT
    return code


def _render(arguments: argparse.Namespace) -> int:
    from app.export import EXPORTS  # noqa: PLC0415  (each command imports what it needs: `examples` is instant)

    output = Path(arguments.output)
    export = EXPORTS.get(output.suffix.removeprefix("."))
    if export is None:
        known = ", ".join(f".{suffix}" for suffix in EXPORTS)
        raise GradwalkError("bad_view", f"{output} has no suffix of a known format.", hint=f"Known are {known}.")
    view = _view(arguments, _read(arguments.file), tuple(PARAMETERS))
    trace = spelt(_trace_of(next(_run([view], trust_local=arguments.trust_local))), view.digits, view.num)
    data = _export(export.make, trace, export.placed(view))
    try:
        output.write_bytes(data)
    except OSError as why:
        raise GradwalkError("bad_view", f"{output} cannot be written: {why.strerror}.") from why
    return _say(trace.error) if trace.error else DONE


def _export(make: Any, trace: Trace, view: View) -> bytes:
    import asyncio  # noqa: PLC0415

    from app.draw.layout import Layouter  # noqa: PLC0415

    async def made() -> bytes:
        async with Layouter() as layouter:
            data: bytes = await make(trace, view, layouter, _tell_progress)
            return data

    return asyncio.run(made())


def _tell_progress(done: int, total: int) -> None:
    """`steps 12/37 [######          ]` on a terminal, written over itself and wiped at the end; nothing elsewhere."""
    if not sys.stderr.isatty() or total < 2:
        return
    filled = "#" * (_BAR * done // total)
    line = f"steps {done}/{total} [{filled:<{_BAR}}]"
    print("\r" + (" " * len(line) + "\r" if done == total else line), end="", file=sys.stderr, flush=True)


def _examples(arguments: argparse.Namespace) -> int:
    if arguments.name:
        sys.stdout.write(load(arguments.name).source)
        return DONE
    chapter = None
    for example in gallery().values():
        if example.chapter != chapter:
            chapter = example.chapter
            print(f"{chapter}:")
        print(f"  {example.name:<16} {example.title}")
    return DONE


def _run(
    views: Sequence[View], *, explain: bool = True, checked: bool = True, trust_local: bool = False
) -> Iterator[Result]:
    from app.sandbox import Job, run_sync  # noqa: PLC0415

    jobs = (
        Job(view.program.text, view.seed, view.let, view.root, view.cotangent, explain=explain, checked=checked)
        for view in views
    )
    # By name, as for `serve`: the limits of the server hold here too.
    limits = importlib.import_module("app.web.settings").settings_of().limits
    return run_sync(jobs, limits, trust_local=trust_local)


def _trace_of(result: Result) -> Trace:
    """The Trace of a run.

    Raises:
        GradwalkError: the run gave none.
    """
    from app.sandbox import parse  # noqa: PLC0415

    if result.code != "ok" or result.trace is None:
        raise result.error or GradwalkError("crashed", "The run gave no result.")
    return parse(result.trace)


def _read(name: str) -> str:
    """A file's text. What is no UTF-8 stays as lone surrogates, which the sandbox's child refuses as unreadable.

    Raises:
        GradwalkError: `bad_view`, when there is no such file.
    """
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as why:
        raise GradwalkError("bad_view", f"{name} cannot be read: {why.strerror}.") from why
    return data.decode("utf-8", "surrogateescape")


def _print_json(data: Any) -> None:
    """One line of JSON, in UTF-8 whatever the terminal's encoding; lone surrogates as JSON escapes."""
    sys.stdout.buffer.write(json_bytes(data) + b"\n")
    sys.stdout.buffer.flush()


def _say(error: GradwalkError | Failure) -> int:
    """Tell an error on stderr; its exit code."""
    place = "" if error.line is None else f"line {error.line}: "
    kind = getattr(error, "type", None)
    text = f"gradwalk: {place}{f'{kind}: ' if kind else ''}{error.message}"
    for line in (text, *([f"  {error.hint}"] if error.hint else [])):
        print(line.encode("utf-8", "backslashreplace").decode(), file=sys.stderr)
    return _CODES.get(error.code, SNIPPET)


if __name__ == "__main__":
    sys.exit(main())
