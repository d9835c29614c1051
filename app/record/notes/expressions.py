"""The values that the parts of a failed expression had, found without running any of the snippet again."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from types import FrameType
from typing import Any

import torch

from app.core.trace import Span
from app.record.observe.log import OpRun
from app.record.spans import Source

VIEWS = frozenset({"T", "mT", "H", "mH", "real", "imag", "data"})
"""Attributes of a tensor that may be read without a trace."""


class Expressions:
    """The syntax of a snippet beside the variables of the frame that failed and the log of what ran."""

    def __init__(self, text: Source, log: list[Any], frame: FrameType) -> None:
        self._text = text
        self._log = log
        self._frame = frame

    def node(self, span: Span) -> ast.AST | None:
        """The expression or statement at a span; None where the text can't be read by itself."""
        tree = self._text.tree
        for node in ast.walk(tree):
            if isinstance(node, (ast.expr, ast.stmt)) and self._span(node) == span:
                if isinstance(node, ast.Expr):
                    return node.value
                if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                    return _assignment(tree, node)
                return node
        return None

    def tensors(self, node: ast.AST) -> Iterator[tuple[ast.expr, torch.Tensor]]:
        """The parts of an operation that are tensors, in the order of the text."""
        match node:
            case ast.BinOp(left=left, right=right):
                parts = [left, right]
            case ast.AugAssign(target=target, value=value):
                parts = [target, value]
            case ast.Assign(value=value):
                parts = [value]
            case ast.Subscript(value=value, slice=index):
                parts = [value, index]
            case ast.Compare(left=left, comparators=right):
                parts = [left, *right]
            case ast.Call(func=func, args=args, keywords=keywords):
                parts = [func.value] if isinstance(func, ast.Attribute) else []
                parts += [*args, *(keyword.value for keyword in keywords)]
            case _:
                parts = []
        for part in parts:
            yield from self._flat(part)

    def gradless(self, span: Span) -> Iterator[tuple[str, torch.Tensor]]:
        """The tensors whose `.grad` the line at a span reads, and finds to be None."""
        for node in ast.walk(self._text.tree):
            place = self._span(node) if isinstance(node, ast.Attribute) and node.attr == "grad" else None
            if isinstance(node, ast.Attribute) and place is not None and span[0] <= place[0] <= span[2]:
                value = self.value(node.value)
                if isinstance(value, torch.Tensor) and not (value.is_leaf and value.grad is not None):
                    yield ast.unparse(node.value), value

    def _flat(self, part: ast.expr) -> Iterator[tuple[ast.expr, torch.Tensor]]:
        if isinstance(part, (ast.List, ast.Tuple)):
            for item in part.elts:
                yield from self._flat(item)
            return
        value = self.value(part)
        if isinstance(value, torch.Tensor):
            yield part, value
        elif isinstance(value, (list, tuple)):
            for index, one in enumerate(value):
                if isinstance(one, torch.Tensor):
                    yield ast.Subscript(part, ast.Constant(index), ast.Load()), one

    def value(self, part: ast.expr) -> Any:
        """What a variable holds, or what the last operation at that place gave; None where that isn't known."""
        if isinstance(part, ast.Name):
            return self._frame.f_locals.get(part.id, self._frame.f_globals.get(part.id))
        if isinstance(part, ast.Attribute):
            base = self.value(part.value)
            if isinstance(base, torch.Tensor) and part.attr in VIEWS:
                return getattr(base, part.attr)
            if isinstance(base, torch.nn.Module):
                places = (base._parameters, base._buffers, base._modules, vars(base))
                return next((place[part.attr] for place in places if part.attr in place), None)
            return getattr(base, "__dict__", {}).get(part.attr)
        span = self._span(part)
        for entry in reversed(self._log):
            if type(entry) is OpRun and self._text.span(entry.code, entry.lasti) == span:
                return _made(entry)
        return None

    def _span(self, node: ast.AST) -> Span | None:
        line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
        return self._text.of_statement(
            (line, column, getattr(node, "end_lineno", 0) or 0, getattr(node, "end_col_offset", 0) or 0)
        )


def _assignment(tree: ast.AST, target: ast.expr) -> ast.AST | None:
    """The statement that stores into `target`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and target in node.targets:
            return node
    return target


def _made(run: OpRun) -> Any:
    """A tensor like the one that an operation gave: of what comes from nothing only the place is kept."""
    if isinstance(run.out, tuple) and run.info.makes and len(run.out) == 4:
        _, shape, _, dtype = run.out
        return torch.empty(shape, dtype=dtype, device="meta")
    return run.out
