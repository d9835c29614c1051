"""The other side of the benchmark: a warm process that runs a program and draws it by torchviz, one answer a line.

No sandbox, no values, no steps: `exec`, `make_dot`, and Graphviz' `dot` program for the SVG, as torchviz is used.
"""

from __future__ import annotations

import json
import sys

import torch
from torchviz import make_dot


def draw(source: str, root: str) -> bytes:
    """The SVG of the graph behind the variable `root` once `source` has run."""
    names = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional}
    exec(compile(source, "<snippet>", "exec"), names)
    parameters = {name: value for name, value in names.items() if isinstance(value, torch.Tensor)}
    svg: bytes = make_dot(names[root], params=parameters).pipe(format="svg")
    return svg


def main() -> None:
    """Answers each JSON line `{"source", "root"}` with the SVG's length."""
    torch.set_num_threads(1)
    for line in sys.stdin:
        job = json.loads(line)
        print(len(draw(job["source"], job["root"])), flush=True)


if __name__ == "__main__":
    main()
