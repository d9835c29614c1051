"""Frozen dataclasses to plain JSON data and back, driven by their type hints.

Owns only the mapping; what the fields mean is with the classes themselves.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

Reader = Callable[[Any, str], Any]


@cache
def _writers(cls: type) -> tuple[tuple[str, str, bool], ...]:
    """(attribute, JSON name, leave out when None) of each field."""
    return tuple((f.name, f.metadata.get("name", f.name), f.metadata.get("omit_none", False)) for f in fields(cls))


def to_plain(obj: Any) -> Any:
    """Dataclasses become dicts in field order, tuples become lists; lists and dicts are taken as they are."""
    if isinstance(obj, tuple):
        return [to_plain(item) for item in obj]
    if is_dataclass(obj) and not isinstance(obj, type):
        out: dict[str, Any] = {}
        for attribute, name, omit_none in _writers(type(obj)):
            value = getattr(obj, attribute)
            if not (omit_none and value is None):
                out[name] = to_plain(value)
        return out
    return obj


def from_plain(cls: type, data: Any, place: str) -> Any:
    """Build `cls` from what `to_plain` made of it; unknown fields are ignored.

    Raises:
        ValueError: a field is missing or of another type; the message names its place.
    """
    return _reader(cls)(data, place)


@cache
def _reader(hint: Any) -> Reader:
    if hint is Any:
        return lambda data, _place: data
    if is_dataclass(hint) and isinstance(hint, type):
        return _dataclass_reader(hint)
    origin, args = get_origin(hint), get_args(hint)
    if origin is tuple:
        return _tuple_reader(args)
    if origin in (Union, types.UnionType):
        return _union_reader(args)
    if origin is Literal:
        return _checked(lambda data: any(type(data) is type(arg) and data == arg for arg in args), f"one of {args}")
    plain = origin or hint
    if plain is float:
        return _checked(lambda data: type(data) in (int, float), "a number")
    return _checked(lambda data: type(data) is plain, f"a {plain.__name__}")


def _checked(holds: Callable[[Any], bool], expected: str) -> Reader:
    def read(data: Any, place: str) -> Any:
        if not holds(data):
            raise ValueError(f"{place} is not {expected}")
        return data

    return read


def _dataclass_reader(cls: type) -> Reader:
    hints = get_type_hints(cls)
    plan = [(f.name, f.metadata.get("name", f.name), f.default, hints[f.name]) for f in fields(cls)]

    def read(data: Any, place: str) -> Any:
        if not isinstance(data, dict):
            raise ValueError(f"{place} is not an object")
        values = {}
        for attribute, name, default, hint in plan:
            if name in data:
                values[attribute] = _reader(hint)(data[name], f"{place}.{name}")
            elif default is MISSING:
                raise ValueError(f"{place}.{name} is missing")
        return cls(**values)

    return read


def _tuple_reader(args: tuple[Any, ...]) -> Reader:
    repeated = len(args) == 2 and args[1] is Ellipsis

    def read(data: Any, place: str) -> Any:
        if not isinstance(data, list) or not (repeated or len(data) == len(args)):
            raise ValueError(f"{place} is not a list of the right length")
        hints = [args[0]] * len(data) if repeated else args
        return tuple(_reader(hint)(item, f"{place}[{i}]") for i, (hint, item) in enumerate(zip(hints, data, strict=True)))

    return read


def _union_reader(args: tuple[Any, ...]) -> Reader:
    readers = [_reader(arg) for arg in args if arg is not type(None)]
    optional = type(None) in args

    def read(data: Any, place: str) -> Any:
        if data is None and optional:
            return None
        problems = []
        for reader in readers:
            try:
                return reader(data, place)
            except ValueError as problem:
                problems.append(str(problem))
        raise ValueError(problems[-1])

    return read
