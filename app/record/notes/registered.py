"""What modules and optimizers hold, or fail to hold: layers in plain lists, parameters that never get a gradient.

Looks at the objects themselves while the log still keeps them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

import torch

from app.core.trace import Note
from app.record.observe.log import Bound, LeafRan, OpRun
from app.record.spans import Source, syntax_of

Module = torch.nn.Module
"""Its methods are called as PyTorch wrote them: a snippet's own would run once more."""
MOST_NAMES = 3
RANDOM = frozenset({"bernoulli_", "native_dropout", "feature_dropout", "alpha_dropout"})
INSTEAD: dict[Any, str] = {list: "nn.ModuleList([…])", tuple: "nn.ModuleList([…])", dict: "nn.ModuleDict({…})"}


def registered_notes(log: list[Any], optimizers: Iterable[Any], text: Source) -> Iterator[Note]:
    """The notes on modules that a snippet has bound to names, and on optimizers that have made a step."""
    named: dict[int, tuple[str, Any]] = {}
    for entry in log:
        if isinstance(entry, Bound) and isinstance(entry.value, torch.nn.Module):
            named.setdefault(id(entry.value), (entry.name, entry.value))
    optimizers = list(optimizers)
    if named:
        held = {id(one) for optimizer in optimizers for group in optimizer.param_groups for one in group["params"]}
        yield from _unregistered(list(named.values()), held, text)
    if optimizers:
        yield from _without_gradient(log, optimizers, list(named.values()), text)
    yield from _dropping(log, text)


def _unregistered(modules: list[tuple[str, Any]], held: set[int], text: Source) -> Iterator[Note]:
    """Layers and parameters that `parameters()` doesn't find; those that an optimizer holds anyway are meant so."""
    told: set[tuple[type, str]] = set()
    for name, module in modules:
        known = {id(one) for _, one in Module.named_modules(module)} | {
            id(one) for _, one in Module.named_parameters(module)
        }
        for path, one in Module.named_modules(module):
            for attribute, value in list(vars(one).items()):
                lost = [] if attribute.startswith("_") else [x for x in _inside(value) if id(x) not in known]
                if not lost or (type(one), attribute) in told or _held(lost, held):
                    continue
                told.add((type(one), attribute))
                where = ".".join(part for part in (name, path, attribute) if part)
                kind = type(value).__name__
                instead = INSTEAD.get(type(value), "nn.Parameter(…)")
                if isinstance(value, torch.Tensor):
                    kind = "tensor"
                words = (
                    f"{where} is a plain {kind}, so {name}.parameters() doesn't find what is in it: no optimizer "
                    f"changes it, to() and state_dict() leave it out. Write self.{attribute} = {instead}."
                )
                yield Note("unregistered", words, _assigned(attribute, text), None)


def _inside(value: Any) -> list[Any]:
    items = value.values() if type(value) is dict else value if type(value) in {list, tuple} else [value]
    if isinstance(value, torch.Tensor):
        return [value] if value.requires_grad and value.is_leaf else []
    return [x for x in items if isinstance(x, (torch.nn.Module, torch.nn.Parameter)) and _trainable(x)]


def _trainable(value: Any) -> bool:
    return isinstance(value, torch.Tensor) or any(True for _ in Module.named_parameters(value))


def _held(lost: list[Any], held: set[int]) -> bool:
    own = [
        p
        for one in lost
        for p in ([one] if isinstance(one, torch.Tensor) else dict(Module.named_parameters(one)).values())
    ]
    return all(id(p) in held for p in own)


def _assigned(attribute: str, text: Source) -> int | None:
    """The line that sets `self.attribute`."""
    for node in ast.walk(syntax_of(text.text)):
        if not isinstance(node, (ast.Assign, ast.AnnAssign)):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(one, ast.Attribute) and one.attr == attribute for one in targets):
            return node.lineno
    return None


def _without_gradient(
    log: list[Any], optimizers: list[Any], modules: list[tuple[str, Any]], text: Source
) -> Iterator[Note]:
    """Optimizers that are stepped though no pass has given any of their parameters a gradient."""
    given = {id(entry.leaf) for entry in log if isinstance(entry, LeafRan)}
    if not given:
        return
    held = [{id(p) for group in one.param_groups for p in group["params"]} for one in optimizers]
    for optimizer, own in zip(optimizers, held, strict=True):
        if own & given or not given - set().union(*held):
            continue
        line = _constructed(type(optimizer).__name__, text)
        params = [p for group in optimizer.param_groups for p in group["params"]]
        names = _names(params, log, modules)
        whose = f" ({', '.join(names)})" if names else ""
        why = "" if any(p.requires_grad for p in params) else " None of them requires grad."
        words = (
            f"No backward pass gives what this optimizer holds{whose} a gradient, so that its step() changes nothing."
            f"{why} Give it the leaves that the loss is computed from: net.parameters(), or [w]; copies, such as "
            "w.detach() and w.clone(), are other tensors."
        )
        yield Note("optimizer_without_gradients", words, line, None)


def _names(params: list[Any], log: list[Any], modules: list[tuple[str, Any]]) -> list[str]:
    known = {id(p): f"{name}.{path}" for name, module in modules for path, p in Module.named_parameters(module)}
    known |= {id(e.value): e.name for e in log if isinstance(e, Bound) and isinstance(e.value, torch.Tensor)}
    names = [known[id(p)] for p in params if id(p) in known]
    return [*names[:MOST_NAMES], "…"] if len(names) > MOST_NAMES else names


def _constructed(kind: str, text: Source) -> int | None:
    """The line that makes the optimizer; None where there are several."""
    calls = [node for node in ast.walk(syntax_of(text.text)) if isinstance(node, ast.Call)]
    lines = [node.lineno for node in calls if ast.unparse(node.func).rpartition(".")[2] == kind]
    return lines[0] if len(lines) == 1 else None


def _dropping(log: list[Any], text: Source) -> Iterator[Note]:
    """Dropout under `no_grad`, or in a module that is in evaluation mode."""
    told: set[int] = set()
    for entry in log:
        if type(entry) is not OpRun or entry.info.name not in RANDOM or entry.pass_ >= 0:
            continue
        call = entry.call.co_name if entry.call is not None else ""
        module, span = entry.module, text.span(entry.code, entry.lasti)
        dropout = isinstance(module, torch.nn.modules.dropout._DropoutNd)
        if span is None or span[0] in told or not (dropout or "dropout" in call):
            continue
        words = None
        told_mode = "training" in (text.text_of(span) or "")
        if module is not None and not module.training and not dropout and not told_mode:
            words = (
                "F.dropout drops values here though the module is in evaluation mode, as it isn't told so. Write "
                "F.dropout(x, training=self.training), or use nn.Dropout."
            )
        elif not entry.graded and dropout:
            words = (
                "Dropout still drops values here, as the module is in training mode. For a prediction call net.eval() "
                "before; net.train() switches back."
            )
        if words:
            told.add(span[0])
            yield Note("dropout_mode", words, span[0], None)
