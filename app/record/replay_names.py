"""What a logged binding says: names of tensors, paths of parameters and modules, labels of items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from app.record.log import Bound
from app.record.nodes import Rec

if TYPE_CHECKING:
    from app.record.replay import Replay

Tensor = torch.Tensor


def bound(replay: Replay, entry: Bound) -> None:
    """A name was bound to a tensor, a module or a collection."""
    statement = replay.statements[entry.statement] if entry.statement >= 0 else None
    weak = statement is not None and not statement.module_level
    value = entry.value
    if isinstance(value, Tensor):
        _name(replay, value, entry.name, entry.statement, weak=False)
    elif isinstance(value, torch.nn.Module):
        for path, module in value.named_modules(prefix=entry.name):
            if id(module) not in replay.modules or (id(module) in replay.weak_modules and not weak):
                replay.modules[id(module)] = path
                (replay.weak_modules.add if weak else replay.weak_modules.discard)(id(module))
        for path, parameter in value.named_parameters(prefix=entry.name):
            _name(replay, parameter, path, entry.statement, weak=weak)
    else:
        _label_items(replay, entry)


def _name(replay: Replay, tensor: Any, name: str, statement: int, *, weak: bool) -> None:
    """`weak`: a path that holds inside a function only; one from a variable of the module is better."""
    if name == "_":
        return
    rec, output = replay.tensors.find(tensor, replay.time)
    ref = rec.current[output]
    better = rec.weak and not weak
    if ref.name is None or better:
        ref.name = replay.tensors.names[id(tensor)] = name
    replay.tensors.follow(tensor, rec, output)
    if rec.name is None or better:
        rec.name, rec.weak = name, weak
        if rec.kind != "op" and rec.statement < 0:
            rec.statement = statement
    _show(replay, rec)


def _label_items(replay: Replay, entry: Bound) -> None:
    items = entry.value.items() if isinstance(entry.value, dict) else enumerate(entry.value)
    for key, item in items:
        if isinstance(item, Tensor):
            rec, output = replay.tensors.find(item, replay.time)
            replay.tensors.follow(item, rec, output)
            if rec.kind != "op" and rec.statement < 0:
                rec.statement = entry.statement
            if rec.label is None:
                rec.label = f"{entry.name}[{key!r}]"
            if rec.kind == "leaf":
                _show(replay, rec)


def _show(replay: Replay, rec: Rec) -> None:
    if not rec.shown:
        rec.shown = True
        replay.named.append(rec)
