"""`python -m tests.conformance [PATTERN]`: every sample of PyTorch's own op and module databases, and the report.

Without a pattern the report is written to `docs/conformance.md`. With `--outcomes FILE` a run that was interrupted goes
on where it was. Exit code 1 where a sample fails.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import multiprocessing
import sys
import warnings
from collections import Counter, defaultdict
from functools import cache, partial
from pathlib import Path

import torch
from tqdm import tqdm

from tests.conformance.compare import FAILED, KEPT, OTHER_BRANCH, RANDOM, STOCK_RAISES, Outcome
from tests.conformance.modules import ModuleCase, module_cases
from tests.conformance.samples import Case, cases

REPORT = Path(__file__).parents[2] / "docs" / "conformance.md"
Counts = dict[tuple[str, str], Counter[str]]


@cache
def everything() -> tuple[Case | ModuleCase, ...]:
    """Ops first, then modules."""
    return (*cases(), *module_cases())


def run_case(index: int, explain: bool) -> tuple[int, list[Outcome]]:
    """The outcomes of one op in one dtype."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    return index, list(everything()[index].outcomes(explain))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("pattern", nargs="?", default="*", help="ops to run, such as 'linalg_*'")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--explain", action="store_true", help="Jacobians and paths too; writes no report")
    parser.add_argument("--outcomes", type=Path, help="keep outcomes there, and take those that it has already")
    parser.add_argument("--verbose", action="store_true", help="print each failure as it happens")
    options = parser.parse_args()
    chosen = [i for i, case in enumerate(everything()) if fnmatch.fnmatch(case.name, f"{options.pattern}*")]
    known = kept_outcomes(options.outcomes)
    found = {i: known[everything()[i].name] for i in chosen if everything()[i].name in known}
    chosen = [i for i in chosen if i not in found]
    with multiprocessing.get_context("fork").Pool(options.jobs, maxtasksperchild=40) as pool:
        progress = tqdm(
            pool.imap_unordered(partial(run_case, explain=options.explain), chosen),
            total=len(chosen),
            unit="op",
            mininterval=5,
        )
        for index, outcomes in progress:
            found[index] = outcomes
            keep(options.outcomes, everything()[index].name, outcomes)
            for one in outcomes:
                if options.verbose and one.kind == FAILED:
                    tqdm.write(f"{everything()[index].name}: {one.detail}")
    text = report(found)
    if options.pattern == "*" and not options.explain:
        REPORT.write_text(text, "utf-8")
    else:
        print(text)
    failed = sum(one.kind == FAILED for outcomes in found.values() for one in outcomes)
    print(f"{sum(map(len, found.values()))} samples, {failed} failed", file=sys.stderr)
    return int(failed > 0)


def kept_outcomes(file: Path | None) -> dict[str, list[Outcome]]:
    """The outcomes of an earlier run by the name of the case; of what was cut short, nothing."""
    lines = file.read_text("utf-8").splitlines() if file is not None and file.exists() else []
    return {name: [Outcome(*one) for one in outcomes] for name, outcomes in map(json.loads, lines)}


def keep(file: Path | None, name: str, outcomes: list[Outcome]) -> None:
    """Add one case."""
    if file is not None:
        with file.open("a", encoding="utf-8") as kept:
            kept.write(json.dumps([name, [[one.kind, one.detail] for one in outcomes]]) + "\n")


def report(found: dict[int, list[Outcome]]) -> str:
    """The Markdown page."""
    total: Counter[str] = Counter()
    rows = []
    reasons: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for index in sorted(found):
        case, outcomes = everything()[index], found[index]
        counts = Counter(one.kind for one in outcomes)
        total += counts
        rest = ", ".join(f"{n} {kind}" for kind, n in counts.items() if kind != KEPT)
        held = counts[KEPT] + counts[OTHER_BRANCH]
        rows.append(f"| {case.title} | {case.variant} | {len(outcomes)} | {held} | {rest} |")
        for one in outcomes:
            if one.kind != KEPT:
                reasons[one.kind, one.detail.replace("|", "\\|")][case.title] += 1
    samples = sum(total.values())
    able = samples - total[STOCK_RAISES] - total[RANDOM]
    kept = total[KEPT] + total[OTHER_BRANCH]
    lines = [
        "# Conformance with PyTorch's own op and module databases",
        "",
        f"Written by `python -m tests.conformance` with torch {torch.__version__.partition('+')[0]}. Every CPU sample "
        "of `op_db` and `autograd_function_db` in which something requires grad, in float32, float64 and complex128, "
        "and every float32 sample of `module_db`, is run twice: by stock PyTorch and recorded. *Kept* means that the "
        "returned values and every `.grad` are the same bit for bit, that the Trace has every autograd node and edge, "
        "each node with its value, and that it keeps its rules.",
        "",
        f"{samples:,} samples; stock PyTorch itself can differentiate {able:,}; kept: {kept:,} "
        f"({100 * kept / max(able, 1):.2f} %), {total[OTHER_BRANCH]:,} of them by another branch: where a mode "
        "observes, PyTorch's own `reshape` and `ctc_loss` take another way to the same numbers, by a node of another "
        "name.",
        "",
        "## Not simply kept",
        "",
        "| outcome | cause | samples | ops |",
        "| --- | --- | --- | --- |",
    ]
    for (kind, detail), ops in sorted(reasons.items(), key=lambda item: (item[0][0], -sum(item[1].values()))):
        names = ", ".join(f"{name} ({n})" for name, n in ops.most_common(6)) + (" …" if len(ops) > 6 else "")
        lines.append(f"| {kind} | {detail} | {sum(ops.values())} | {names} |")
    lines += [
        "",
        "## What PyTorch does otherwise while a mode observes",
        "",
        "`at::isTensorSubclassLike` is true of every tensor while a dispatch mode is active, and some functions ask; "
        "`tests/record/test_alone.py` shows them with stock PyTorch and an empty mode.",
        "",
        "| what | so that | here |",
        "| --- | --- | --- |",
        "| `reshape`, `ctc_loss` | a node of another name computes the same numbers | as it is |",
        "| `cross_entropy` with smoothed labels and class weights | the mean has another last digit | stock's own "
        "branch is taken (`app/record/observe/alone.py`): the same bits and nodes |",
        "| gradients of `prod`, `cumprod`, `det`, of whole `max`, `min`, `median`, and of what `masked_fill` fills in, "
        "with `create_graph=True` | they have another last digit, zeros another sign, and other nodes | stock's own "
        "branch is taken (`app/record/observe/branches.py`); under a hook on that very node the note `last_digit` says "
        "so; `ormqr` and the `det` of a singular matrix keep the other branch |",
        "| the same while hooks are observed, without `create_graph` | the same | PyTorch's own nodes run unobserved |",
        "| a gradient that is a constant zero tensor (of `sgn`), plus a number | PyTorch raises | the note "
        "`zero_tensor` says what to write |",
        "",
        "Gradients of gradients (`create_graph`, then a second pass) of the same database: "
        "`tests/conformance/test_twice.py`, the whole of it with `-m slow`.",
        "",
        "## All",
        "",
        "| op or module | dtype or mode | samples | kept | else |",
        "| --- | --- | --- | --- | --- |",
        *rows,
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
