"""What recording costs: bare forward + backward, the same recorded with names and spans, and torchlens, in one run.

`recorded` is `record(step, explain=False)`; its numbers and sentences are written when first read, so `as data` adds
`to_dict()`, which reads all of them. All take turns, so that a busy machine hits them alike; medians and ratios are
printed. torchlens wraps torch's functions for good, so it works in a process of its own; it logs what a Trace holds:
the same forward and backward pass, with values, gradients, arguments and source text. `python -m benchmarks.record
--help` names the options.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

ROOT = Path(__file__).resolve().parents[1]
CHAINS = (200, 1_000, 10_000)


class Chain(nn.Module):  # type: ignore[misc]
    """`count` operations in a row on a 4×4 matrix, three kinds in turn."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.eye(4) * 0.9)
        self.count = count

    def forward(self, x: Tensor) -> Tensor:
        h = x
        for i in range(self.count):
            h = h @ self.weight if i % 3 == 0 else torch.tanh(h) if i % 3 == 1 else h + x
        return h


def programs() -> dict[str, tuple[nn.Module, Tensor]]:
    """Each program's model and input."""
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        layer = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.1, batch_first=True)
        found: dict[str, tuple[nn.Module, Tensor]] = {
            "transformer, 2 layers": (nn.TransformerEncoder(layer, 2), torch.randn(2, 8, 32))
        }
    return found | {f"chain of {n:,}": (Chain(n), torch.randn(4, 4)) for n in CHAINS}


def step(model: nn.Module, x: Tensor) -> Callable[[], Tensor]:
    """One forward and backward pass."""

    def run() -> Tensor:
        model.zero_grad()
        loss: Tensor = model(x).pow(2).mean()
        loss.backward()
        return loss

    return run


def seconds(function: Callable[[], Any]) -> float:
    """Processor time of one call, with the garbage of the one before collected: other processes hardly change it."""
    gc.collect()
    begin = time.process_time()
    function()
    return time.process_time() - begin


def torchlens_server() -> None:
    """Answers each line, the name of a program, with the seconds that torchlens takes to log `step` of it."""
    import torchlens
    from torchlens.options import CaptureOptions

    def logged(model: nn.Module, x: Tensor) -> None:
        model.zero_grad()
        wanted = CaptureOptions(save_grads=True, backward_ready=True, save_arg_values=True, save_code_context=True)
        log = torchlens.trace(model, x, capture=wanted)
        log.log_backward(log[log.output_layers[0]].out.pow(2).mean())

    torch.set_num_threads(1)
    known = programs()
    for line in sys.stdin:
        model, x = known[line.strip()]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                taken: float | None = seconds(partial(logged, model, x))
            except Exception as error:
                print(error, file=sys.stderr)
                taken = None
        print(json.dumps(taken), flush=True)


def as_data(run: Callable[[], Tensor]) -> dict[str, Any]:
    """A recording with everything read out."""
    from app.record import record

    data: dict[str, Any] = record(run, explain=False).to_dict()
    return data


def measured(names: list[str], rounds: int, rival: subprocess.Popen[str] | None) -> dict[str, dict[str, Any]]:
    """Medians, in seconds, of `bare`, `recorded` and `torchlens` for each program."""
    from app.record import record

    out: dict[str, dict[str, Any]] = {}
    for name, (model, x) in programs().items():
        if names and name not in names:
            continue
        run = step(model, x)
        times: dict[str, list[float]] = {"bare": [], "recorded": [], "as data": [], "torchlens": []}
        run()
        record(run, explain=False)
        slow = seconds(partial(record, run, explain=False)) > 1
        for turn in range(max(3, rounds // 4) if slow else rounds):
            times["bare"].append(seconds(run))
            times["recorded"].append(seconds(partial(record, run, explain=False)))
            times["as data"].append(seconds(partial(as_data, run)))
            if rival is not None and rival.stdin and rival.stdout and turn < (3 if slow else 9):
                rival.stdin.write(name + "\n")
                rival.stdin.flush()
                taken = json.loads(rival.stdout.readline() or "null")
                times["torchlens"] += [] if taken is None else [taken]
        trace = record(run, explain=False)
        operations = sum(one.kind == "op" for one in trace.nodes)
        out[name] = {"operations": operations} | {
            who: statistics.median(values) if values else None for who, values in times.items()
        }
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", nargs="*", help="names, such as 'chain of 200'; all without")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--no-torchlens", action="store_true")
    parser.add_argument("--serve-torchlens", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    if options.serve_torchlens:
        torchlens_server()
        return
    torch.set_num_threads(1)
    rival = None
    if not options.no_torchlens:
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.record", "--serve-torchlens"]
        rival = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        found = measured(options.programs, options.rounds, rival)
    finally:
        if rival is not None:
            rival.kill()
            rival.wait()
    print(table(found))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1), "utf-8")


def table(found: dict[str, dict[str, Any]]) -> str:
    """Medians in milliseconds, and ratios."""
    head = f"{'program':22}{'ops':>7}{'bare':>10}{'recorded':>12}{'ratio':>7}{'µs/op':>7}{'as data':>12}{'ratio':>7}"
    head += f"{'torchlens':>13}{'÷ rec.':>8}{'÷ data':>8}"
    lines = [head]
    for name, one in found.items():
        ratio = one["recorded"] / one["bare"]
        rival = one["torchlens"]
        theirs = f"{'–':>13}{'–':>8}{'–':>8}"
        if rival:
            theirs = f"{rival * 1e3:10.1f} ms{rival / one['recorded']:7.1f}×{rival / one['as data']:7.1f}×"
        lines.append(
            f"{name:22}{one['operations']:7,}{one['bare'] * 1e3:7.2f} ms{one['recorded'] * 1e3:9.2f} ms{ratio:6.1f}×"
            f"{one['recorded'] / one['operations'] * 1e6:7.0f}{one['as data'] * 1e3:9.2f} ms"
            f"{one['as data'] / one['bare']:6.1f}×{theirs}"
        )
    costs = {name: one["recorded"] / one["operations"] for name, one in found.items() if name.startswith("chain")}
    if {"chain of 1,000", "chain of 10,000"} <= costs.keys():
        growth = costs["chain of 10,000"] / costs["chain of 1,000"]
        lines.append(f"cost per operation at 10,000 against 1,000: {growth:.2f}×")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
