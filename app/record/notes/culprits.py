"""The other line of a mistake: where the graph was walked first, was cut, or a saved tensor was overwritten."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch

from app.core.paths import PathGraph
from app.core.trace import Node, SetTensor, Step, Trace
from app.record.notes.circumstances import Circumstances
from app.record.notes.cuts import Cuts
from app.record.notes.missing import in_place, missing, rebindings
from app.record.notes.origins import Origins, requires
from app.record.observe.log import LeafRan, OpRun, PassStart
from app.record.spans import Source, syntax_of


class Culprits:
    """The Trace of a run that raised, with what it leaves out: the log and where numbers left the graph."""

    def __init__(self, trace: Trace, log: list[Any], cuts: Cuts, text: Source) -> None:
        self._trace, self._log, self._cuts, self._text = trace, log, cuts, text

    def place(self, code: str, here: Circumstances) -> tuple[str, str | None]:
        """One more sentence, empty where nothing is found, and a better hint, if there is one."""
        match code:
            case "backward_twice":
                return self._walked()
            case "nothing_requires_grad":
                return self._cut(here)
            case "inplace_saved":
                return _overwritten(self._trace)
            case "no_derivative":
                return self._without_derivative(here), None
            case "grad_is_none":
                return self._no_grad(here)
        return "", None

    def _without_derivative(self, here: Circumstances) -> str:
        op = re.search(r"derivative for aten::(\w+)", here.failure.message)
        found = [node for node in self._trace.nodes if op and node.op == op[1] and node.line is not None]
        return f"It is {found[-1].label}, in line {found[-1].line}." if found else ""

    def _walked(self) -> tuple[str, str | None]:
        """Where the graph was walked first, and through what the failed pass came back to it."""
        trace = self._trace
        lines = [one.line for one in trace.passes[:-1] if one.line is not None]
        if not lines:
            return "", None
        said = f"That was in line {lines[-1]}."
        kept = _kept_default(trace.program.source)
        if kept is not None:
            return f"{said} {kept}", "Write acc=None as default, and acc = [] if acc is None else acc in the function."
        carried = _carried(trace)
        if carried is None:
            return said, None
        name, line = carried
        words = f"{said} This pass comes back to it through {name}, made in line {line} before."
        cut = f"write {name} = {name}.detach()" if name.isidentifier() else "cut it with detach()"
        return words, (
            f"If no gradient is to flow back beyond it, {cut}. Else compute it again before each backward(), or pass "
            "retain_graph=True to the first."
        )

    def _cut(self, here: Circumstances) -> tuple[str, str | None]:
        """The operation behind the root that took what requires grad and gave what doesn't, and why."""
        failure = here.failure
        for root in here.roots:
            for tensor, run in Origins(self._log).behind(root):
                if _is_gradient(tensor, self._log):
                    return "It comes from a gradient, which was computed without a graph of its own.", (
                        "To differentiate it again pass create_graph=True to the pass that computed it."
                    )
                span = self._text.span(run.code, run.lasti) if run is not None and requires(run) else None
                if run is not None and span is not None:
                    updated = next((w for w, line in rebindings(self._text.text).items() if line == span[0]), None)
                    return _why(run, span[0], self._text.text_of(span) or run.info.name, updated)
        taken = self._cuts.behind(here.span)
        if taken is not None:
            return f"The graph was cut in line {taken.span[0]}, by {taken.how}.", HINTS.get(taken.how, KEEP)
        if failure.line is not None and not any(one.requires_grad for one in self._trace.tensors):
            return "", "Make a leaf with requires_grad=True: w = torch.tensor(2., requires_grad=True)."
        return "", None

    def _no_grad(self, here: Circumstances) -> tuple[str, str | None]:
        """Which tensor has no `.grad`, and why."""
        for name, tensor in here.gradless:
            words = missing(name, tensor, self._trace, self._log, self._text)
            if words is not None:
                return words
        return "", None


KEEP = "Compute with tensors all the way: torch's functions keep the graph."
HINTS = {
    "torch.tensor()": "Use torch.stack([a, b]) to join tensors; torch.tensor(…) copies their numbers alone.",
    "torch.as_tensor()": "Use torch.stack([a, b]) to join tensors; torch.as_tensor(…) copies their numbers alone.",
    ".numpy()": "Use torch's functions, such as torch.exp, instead of NumPy's; they keep the graph.",
}
"""What to write instead, by what cut the graph."""


def _kept_default(source: str) -> str | None:
    """A default argument that a function changes, so that later calls find what earlier ones left."""
    for node in ast.walk(syntax_of(source)):
        if isinstance(node, ast.FunctionDef) and node.args.defaults:
            for argument, default in zip(reversed(node.args.args), reversed(node.args.defaults), strict=False):
                changed = any(f"{argument.arg}{how}" in ast.unparse(node) for how in (".append(", ".extend(", "["))
                if isinstance(default, (ast.List, ast.Dict)) and changed:
                    return f"{node.name} keeps {argument.arg} from call to call: its default is made once, by def."
    return None


def _why(run: OpRun, line: int, expression: str, updated: str | None) -> tuple[str, str | None]:
    out = run.out if isinstance(run.out, torch.Tensor) else None
    if run.info.name != "detach" and not run.graded:
        words = f"The graph was cut in line {line}: {expression} is computed under no_grad()."
        if updated is not None:
            return f"{words} That makes {updated} a new tensor, which is no leaf.", in_place(updated)
        return words, "Compute it outside of torch.no_grad(); only updates belong there."
    if out is not None and not (out.is_floating_point() or out.is_complex()):
        kind = "true or false" if out.dtype == torch.bool else "whole numbers"
        return f"The graph was cut in line {line}: {expression} gives {kind}, which have no gradient.", (
            "Start from a smooth loss, such as a cross entropy of the logits; an accuracy has no gradient."
        )
    return f"The graph was cut in line {line}, at {expression}.", (
        HINTS["torch.tensor()"] if expression.startswith(("torch.tensor(", "torch.as_tensor(")) else None
    )


def _is_gradient(root: Any, log: list[Any]) -> bool:
    for entry in log:
        if isinstance(entry, PassStart) and any(root is one for one in entry.captured or ()):
            return True
        if isinstance(entry, LeafRan) and (root is entry.after or root is entry.added):
            return True
    return False


def _carried(trace: Trace) -> tuple[str, int] | None:
    """The newest output, a named one if there is any, that was there before the pass before and that this pass used."""
    last = trace.passes[-1]
    graph = {node for root, _ in last.roots for node in (root, *PathGraph(trace.edges).ancestors(root))}
    seeds = [step.index for step in trace.steps if step.kind == "seed"]
    old = {step.node for step in trace.steps[: seeds[-2]] if step.kind == "compute"} if len(seeds) > 1 else set()
    nodes = {node.id: node for node in trace.nodes}
    names = {tensor.id: tensor.name for tensor in trace.tensors}
    found: tuple[str, int] | None = None
    for edge in reversed(trace.edges):
        source = nodes[edge.source]
        if not (edge.differentiable and edge.target in graph - old and edge.source in old and source.line is not None):
            continue
        name = names.get(source.outputs[edge.output]) or source.name
        if name:
            return name, source.line
        found = found or (source.label, source.line)
    return found


@dataclass(frozen=True, slots=True)
class _Overwrite:
    """A node saved a tensor, and a later step wrote its memory."""

    saver: Node
    saved: Step
    writer: Step
    name: str


def _overwritten(trace: Trace) -> tuple[str, str | None]:
    """Which node saved what, and which line changed it: of the node where the pass broke, else the last such pair."""
    found = list(_overwrites(trace))
    if not found:
        return "", None
    stuck = _waiting(trace)
    one = next((pair for pair in found if pair.saver.id in stuck), found[-1])
    what = one.name or "It"
    words = f"{what} was saved for {one.saver.label} in line {one.saved.line}, and line {one.writer.line} changed it."
    if one.writer.kind == "update":
        return words, "Call backward() before the update, or compute the loss again after it."
    writer = next((node for node in trace.nodes if node.id == one.writer.node), None)
    if writer is not None and writer.module is not None and one.saver.module is not None:
        words = f"{words} There {one.saver.module} saved it, and {writer.module} changed it in place."
        return words, f"Leave inplace=True out of {writer.module}."
    return words, None


def _overwrites(trace: Trace) -> Iterator[_Overwrite]:
    """The first write after each save, in the order of the saves."""
    tensors = {tensor.id: tensor for tensor in trace.tensors}
    nodes = {node.id: node for node in trace.nodes}
    names = {t.storage: t.name for t in reversed(trace.tensors) if t.name}
    order = [step for step in trace.steps if step.kind in {"compute", "update"}]
    writers: dict[str, list[int]] = {}
    """Places in `order` of the steps that wrote each storage."""
    for place, step in enumerate(order):
        writer = nodes.get(step.node or "")
        if step.kind == "update" or (writer is not None and writer.op.endswith("_")):
            for item in step.sets:
                storage = tensors[item.tensor].storage if isinstance(item, SetTensor) else None
                if storage is not None:
                    writers.setdefault(storage, []).append(place)
    for place, step in enumerate(order):
        saver = nodes.get(step.node or "") if step.kind == "compute" else None
        for saved in saver.saved if saver is not None else ():
            tensor = tensors[saved.tensor]
            later = next((k for k in writers.get(tensor.storage or "", ()) if k > place), None)
            if later is not None and saver is not None:
                yield _Overwrite(saver, step, order[later], tensor.name or names.get(tensor.storage) or "")


def _waiting(trace: Trace) -> set[str]:
    """Nodes that the last pass had reached and not run when it broke."""
    if not trace.passes:
        return set()
    last = trace.passes[-1]
    sources = {edge.id: edge.source for edge in trace.edges}
    reached = {node for node, _ in last.roots} | {sources[one.edge] for one in last.contributions}
    ran = {step.node for step in trace.steps if step.pass_ == last.index and step.kind in {"backward", "accumulate"}}
    return reached - ran
