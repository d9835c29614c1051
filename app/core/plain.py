"""Frozen dataclasses to plain JSON data and back, driven by their type hints.

Owns only the mapping; what the fields mean is with the classes themselves.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

Reader = Callable[[Any], Any]
Writer = Callable[[Any], dict[str, Any]]
_SCALARS = frozenset({str, int, float, bool, type(None)})
_AS_THEY_ARE = _SCALARS | {list, dict}
_UNIONS = frozenset({Union, types.UnionType})


def to_plain(obj: Any) -> Any:
    """Dataclasses become dicts in field order, tuples become lists; lists and dicts are taken as they are."""
    kind = type(obj)
    if kind in _AS_THEY_ARE:
        return obj
    if isinstance(obj, tuple):
        return [to_plain(item) for item in obj]
    return writer(kind)(obj) if is_dataclass(kind) else obj


@cache
def writer(cls: type) -> Writer:
    """What makes the dict of an instance of a dataclass, compiled from its hints: a Trace has thousands of them."""
    hints = get_type_hints(cls)
    lines = ["def write(obj):", "    out = {}"]
    for f in fields(cls):
        name = f.metadata.get("name", f.name)
        if f.metadata.get("omit_none", False):
            lines.append(f"    if obj.{f.name} is not None:")
            lines.append(f"        out[{name!r}] = {_written(hints[f.name], f'obj.{f.name}')}")
        else:
            lines.append(f"    out[{name!r}] = {_written(hints[f.name], f'obj.{f.name}')}")
    space: dict[str, Any] = {"to_plain": to_plain, "writer": writer}
    exec("\n".join([*lines, "    return out"]), space)  # noqa: S102 - made of the names of fields alone
    return space["write"]  # type: ignore[no-any-return]


def _written(hint: Any, value: str) -> str:
    """The expression that writes `value`, a name or an attribute, of this type."""
    args = get_args(hint)
    if _is_plain(hint):
        return value
    if get_origin(hint) is tuple:
        item = args[0] if args[1:] == (Ellipsis,) else Union[args]  # noqa: UP007
        return f"list({value})" if _is_plain(item) else f"[{_written(item, 'x')} for x in {value}]"
    if get_origin(hint) in _UNIONS:
        kinds = [kind for kind in args if kind is not type(None)]
        if len(kinds) < len(args):
            return f"None if {value} is None else {_written(Union[tuple(kinds)], value)}"  # noqa: UP007
        if all(map(is_dataclass, kinds)):
            return f"writer(type({value}))({value})"
    return f"writer(type({value}))({value})" if is_dataclass(hint) else f"to_plain({value})"


def _is_plain(hint: Any) -> bool:
    """Whether values of this type are JSON data already."""
    origin = get_origin(hint)
    if origin in _UNIONS:
        return all(map(_is_plain, get_args(hint)))
    return hint in _AS_THEY_ARE or origin in _AS_THEY_ARE or origin is Literal


def from_plain(cls: type, data: Any, place: str) -> Any:
    """Build `cls` from what `to_plain` made of it; unknown fields are ignored.

    Raises:
        ValueError: a field is missing or of another type; the message names its place.
    """
    try:
        return _reader(cls)(data)
    except _MisfitError as misfit:
        raise ValueError(f"{place}{misfit.place} {misfit.what}") from None


class _MisfitError(ValueError):
    """Data that does not fit its hint. The place is put together on the way out, so that good data costs none."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what
        self.place = ""


@cache
def _reader(hint: Any) -> Reader:
    if hint is Any:
        return lambda data: data
    if is_dataclass(hint) and isinstance(hint, type):
        return _dataclass_reader(hint)
    origin, args = get_origin(hint), get_args(hint)
    if origin is tuple:
        return _tuple_reader(args)
    if origin in _UNIONS:
        return _union_reader(args)
    if origin is Literal:
        return _literal_reader(args)
    return _type_reader(origin or hint)


def _type_reader(kind: type) -> Reader:
    """Of exactly this type: a bool is no int. A float may be written as an int."""
    kinds = (int, float) if kind is float else (kind,)
    what = "is not a number" if kind is float else f"is not a {kind.__name__}"

    def read(data: Any) -> Any:
        if type(data) not in kinds:
            raise _MisfitError(what)
        return data

    return read


def _literal_reader(choices: tuple[Any, ...]) -> Reader:
    known = {(type(choice), choice) for choice in choices}

    def read(data: Any) -> Any:
        if type(data) not in _SCALARS or (type(data), data) not in known:
            raise _MisfitError(f"is not one of {choices}")
        return data

    return read


def _dataclass_reader(cls: type) -> Reader:
    hints = get_type_hints(cls)
    plan = tuple(
        (f.name, f.metadata.get("name", f.name), f.default is MISSING, _reader(hints[f.name])) for f in fields(cls)
    )

    def read(data: Any) -> Any:
        if not isinstance(data, dict):
            raise _MisfitError("is not an object")
        values, name = {}, ""
        try:
            for attribute, name, required, reader in plan:
                if name in data:
                    values[attribute] = reader(data[name])
                elif required:
                    raise _MisfitError("is missing")
        except _MisfitError as misfit:
            misfit.place = f".{name}{misfit.place}"
            raise
        return cls(**values)

    return read


def _list_reader(reader: Reader) -> Reader:
    def read(data: Any) -> Any:
        if not isinstance(data, list):
            raise _MisfitError("is not a list of the right length")
        items: list[Any] = []
        try:
            for item in data:
                items.append(reader(item))
        except _MisfitError as misfit:
            misfit.place = f"[{len(items)}]{misfit.place}"
            raise
        return tuple(items)

    return read


def _tuple_reader(args: tuple[Any, ...]) -> Reader:
    if args[1:] == (Ellipsis,):
        return _list_reader(_reader(args[0]))
    readers = [_reader(arg) for arg in args]

    def read(data: Any) -> Any:
        if not isinstance(data, list) or len(data) != len(readers):
            raise _MisfitError("is not a list of the right length")
        items: list[Any] = []
        try:
            for reader, item in zip(readers, data, strict=True):
                items.append(reader(item))
        except _MisfitError as misfit:
            misfit.place = f"[{len(items)}]{misfit.place}"
            raise
        return tuple(items)

    return read


def _union_reader(args: tuple[Any, ...]) -> Reader:
    """The first of the kinds that fits. What fits none is reported as the last kind sees it."""
    readers = [_reader(arg) for arg in args if arg is not type(None)]
    first, last = readers[0], readers[-1]
    optional = type(None) in args

    def read(data: Any) -> Any:
        if data is None and optional:
            return None
        if first is last:
            return first(data)
        for reader in readers[:-1]:
            try:
                return reader(data)
            except _MisfitError:
                continue
        return last(data)

    return read
