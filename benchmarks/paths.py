"""How long it takes to count the paths of a net with millions of them, and to list the largest: `python -m
benchmarks.paths`.
"""

from __future__ import annotations

import time

from app.record import record

NET = """
torch.manual_seed(0)
x = torch.randn(4, requires_grad=True)
weights = [torch.randn(4, 4, requires_grad=True) for _ in range({layers})]
h = x
for w in weights:
    h = h + torch.tanh(w @ h)
loss = h.sum()
loss.backward()
"""


def main() -> None:
    """Recording alone, and with Jacobians and paths; best of three."""
    for layers in (10, 20, 22):
        source = NET.format(layers=layers)
        bare, full = (min(_seconds(source, explain=explain) for _ in range(3)) for explain in (False, True))
        trace = record(source)
        most = max(int(entry.count) for entry in trace.passes[0].paths)
        print(f"{layers} layers: {most:,} paths to a leaf; recorded in {bare:.2f} s, with paths {full:.2f} s")


def _seconds(source: str, *, explain: bool) -> float:
    start = time.perf_counter()
    record(source, explain=explain)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
