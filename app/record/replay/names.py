"""What a logged binding says: names of tensors, paths of parameters and modules, labels of items."""

from __future__ import annotations

from typing import Any

import torch

from app.record.observe.log import Bound
from app.record.replay.records import Records

Tensor = torch.Tensor


def bound(records: Records, entry: Bound) -> None:
    """A name was bound to a tensor, a module or a collection."""
    statement = records.statements[entry.statement] if entry.statement >= 0 else None
    weak = statement is not None and not statement.module_level
    value = entry.value
    if isinstance(value, Tensor):
        _name(records, value, entry.name, entry.statement, weak=False)
    elif isinstance(value, torch.nn.Module):
        for path, module in value.named_modules(prefix=entry.name):
            if id(module) not in records.modules or (id(module) in records.weak_modules and not weak):
                records.modules[id(module)] = path
                (records.weak_modules.add if weak else records.weak_modules.discard)(id(module))
        then = {id(parameter): path for path, parameter in entry.parameters}
        for path, parameter in value.named_parameters(prefix=entry.name):
            if then.pop(id(parameter), None):
                _name(records, parameter, path, entry.statement, weak=weak)
            else:
                _will_be_named(records, parameter, path, entry.statement)
        for replaced, path in then.items():
            records.tensors.names.setdefault(replaced, path)
        for path, buffer in value.named_buffers(prefix=entry.name):
            records.tensors.hints.setdefault(id(buffer), (path, None, -1))
    else:
        _label_items(records, entry)


def _name(records: Records, tensor: Any, name: str, statement: int, *, weak: bool) -> None:
    """`weak`: a path that holds inside a function only; one from a variable of the module is better."""
    if name == "_":
        return
    rec, output = records.tensors.find(tensor, records.time)
    ref = rec.current[output]
    better = rec.weak and not weak
    if ref.name is None or better:
        ref.name = records.tensors.names[id(tensor)] = name
    records.tensors.follow(tensor, rec, output)
    if rec.name is None or better:
        rec.name, rec.weak = name, weak
        if rec.kind != "op" and rec.statement < 0:
            argument = statement >= 0 and records.statements[statement].argument
            rec.statement = -1 if argument and rec.code is not None else statement
    records.mark_named(rec)


def _will_be_named(records: Records, parameter: Any, path: str, statement: int) -> None:
    """A parameter that the module had later, or that was lazy then, has this name once something uses it."""
    path = records.tensors.names.setdefault(id(parameter), path)
    rec = records.tensors.leaf_known(parameter)
    if rec is not None and rec.name is None:
        rec.name, rec.statement = path, statement


def _label_items(records: Records, entry: Bound) -> None:
    items = entry.value.items() if isinstance(entry.value, dict) else enumerate(entry.value)
    for key, item in items:
        if isinstance(item, Tensor):
            rec, output = records.tensors.find(item, records.time)
            records.tensors.follow(item, rec, output)
            if rec.kind != "op" and rec.statement < 0:
                rec.statement = entry.statement
            if rec.label is None:
                rec.label = f"{entry.name}[{key!r}]"
            if rec.kind == "leaf":
                records.mark_named(rec)
