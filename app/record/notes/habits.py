"""Mistakes that the source alone shows: methods named but not called, a training loop in the wrong order."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from app.core.trace import Note
from app.record.notes.training import kept
from app.record.spans import syntax_of

CALLED = frozenset(
    {"backward", "step", "zero_grad", "zero_", "eval", "train", "requires_grad_", "detach_", "retain_grad"}
)
"""Methods that do nothing when they are only named."""


def habits(source: str) -> Iterator[Note]:
    """A note for each; nothing where the text is no program."""
    for node in ast.walk(syntax_of(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Attribute) and node.value.attr in CALLED:
            text = ast.unparse(node.value)
            words = f"{text} only names the method: without () it isn't called. Write {text}()."
            yield Note("not_called", words, node.lineno, None)
        if _unset(node):
            text = ast.unparse(node)
            words = f"{text} makes a tensor of that many arbitrary elements, not of that number. Write torch.tensor(…)."
            yield Note("unset_tensor", words, getattr(node, "lineno", None), None)
        for field in ("body", "orelse"):
            body = getattr(node, field, None)
            if isinstance(body, list):
                yield from _order(body)
        if isinstance(node, (ast.For, ast.While)):
            yield from _appended(node)


def _unset(node: ast.AST) -> bool:
    """`torch.Tensor(3)`."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name("torch"), attr=name), args=[ast.Constant(value=int())]):
            return name in {"Tensor", "FloatTensor", "LongTensor", "IntTensor", "DoubleTensor"}
    return False


def _method(statement: ast.stmt) -> tuple[ast.expr, str] | None:
    """Object and method of a statement that only calls one."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr=name))):
            return owner, name
    return None


def _order(body: list[ast.stmt]) -> Iterator[Note]:
    """`zero_grad()` between `backward()` and `step()`."""
    backward = reset = None
    for statement in body:
        call = _method(statement)
        if call is None:
            continue
        if call[1] == "backward":
            backward, reset = statement, None
        elif call[1] == "zero_grad" and backward is not None:
            reset = statement
        elif call[1] == "step":
            owner = ast.unparse(call[0]) if reset is not None else ""
            if reset is not None and "sched" not in owner:
                words = (
                    f"The gradients are reset here, before {owner}.step() in line {statement.lineno} has used them. "
                    f"Let zero_grad() come before backward()."
                )
                yield Note("reset_before_step", words, reset.lineno, None)
            backward = reset = None


def _appended(loop: ast.For | ast.While) -> Iterator[Note]:
    """`losses.append(loss)` in a loop that has called `loss.backward()`."""
    parts = list(ast.walk(loop))
    calls = [call for part in parts if isinstance(part, ast.stmt) and (call := _method(part))]
    started = {owner.id for owner, name in calls if name == "backward" and isinstance(owner, ast.Name)}
    for part in parts:
        match part:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr="append"), args=[ast.Name(id=name)])):
                if name in started:
                    yield kept(ast.unparse(owner), name, part.lineno, None)
