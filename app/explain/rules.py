"""The local derivative of one edge: in general, with the user's names, with this run's numbers, and the result.

Owns the `rules` entries of an explanation; chain-rule products are in `app.explain.chain`.
"""

from __future__ import annotations

from math import prod
from typing import Any

from app.core.trace import Edge
from app.explain import latex
from app.explain.context import Context, general, in_plain, named, shape_text, small, with_numbers
from app.explain.formula import Rule
from app.explain.graph import flat, shape_of, single
from app.explain.operation import Operation, evaluate, local_number, values
from app.explain.pytorch import own_rule

SHOWN = 36
"""Elements of a Jacobian up to which it is written as a matrix."""


def rule(ctx: Context, edge: Edge) -> dict[str, Any]:
    """All that is said of ∂target/∂source along one differentiable edge. Fields: `docs/explain.md`."""
    op = ctx.operations[edge.target]
    output = ctx.graph.outputs_of(edge)[0]
    role = op.roles[edge.id].name if edge.id in op.roles else None
    lhs = latex.partial(ctx.names.latex[edge.target, output], ctx.names.latex[edge.source, edge.output])
    number = local_number(ctx.graph, op, edge)
    written = op.rule(edge)
    own = own_rule(op.node.grad_fn, op.node.op, role or "")
    result = ctx.number(number) if number is not None else _matrix(ctx, edge, output)
    matrix = jacobian(ctx, edge, output, written)
    said = _said(ctx, op, edge, written, matrix["scalar"]) if written else _UNSAID
    shown = [said["named"], said["numbers"], result] if number is not None else [said["named"], result]
    return {
        "edge": edge.id,
        "from": edge.source,
        "to": edge.target,
        "input": role,
        "output": output,
        "source": "formula" if written else "pytorch" if own else "engine",
        "pytorch": own,
        **said,
        "named": f"{lhs} = {said['named']}" if said["named"] else None,
        "result": result,
        "line": _equation(lhs, shown),
        "plain": _plain(ctx, edge, output, in_plain(ctx, op, written.local) if written else None, number),
        "jacobian": matrix,
        "note": op.formula.note if written and op.formula and op.formula.note else None,
    }


_UNSAID: dict[str, Any] = dict.fromkeys(("general", "named", "numbers", "vjp", "element"))


def _said(ctx: Context, op: Operation, edge: Edge, written: Rule, scalar: bool) -> dict[str, Any]:
    """What the hand-written rule says: a local derivative where it has one, a VJP for tensors."""
    above, below = general(op, f"<result>|<{op.roles[edge.id].name}>").split("|")
    if not written.local:
        made = {"general": rf"\bar{{{below}}} = {general(op, written.vjp)}", "named": None, "numbers": None}
        return {**made, "vjp": vjp(ctx, op, edge, written), "element": None}
    return {
        "general": f"{latex.partial(above, below)} = {general(op, written.local)}",
        "named": named(ctx, op, written.local),
        "numbers": with_numbers(ctx, op, written.local) if scalar else None,
        "vjp": None if scalar else vjp(ctx, op, edge, written),
        "element": element(ctx, op, edge, written) if written.pointwise and not scalar else None,
    }


def vjp(ctx: Context, op: Operation, edge: Edge, written: Rule) -> str:
    """The VJP with names and shapes under the factors; broadcasting undone by a sum."""
    source = ctx.shape((edge.source, edge.output))
    target = ctx.shape((edge.target, 0))
    body = named(ctx, op, written.vjp, shapes=True)
    if written.pointwise and source is not None and target is not None and source != target:
        body = rf"\operatorname{{sum}}_{{{_broadcast(source, target)}}}\!\left({body}\right)"
    bar = rf"\bar{{{ctx.names.latex[edge.source, edge.output]}}}"
    return f"{latex.under(bar, source or ())} = {body}"


def _broadcast(source: tuple[int, ...], target: tuple[int, ...]) -> str:
    lead = len(target) - len(source)
    summed = [k for k in range(len(target)) if k < lead or (source[k - lead] == 1 and target[k] != 1)]
    return r"\text{dim " + ",".join(map(str, summed)) + "}"


def element(ctx: Context, op: Operation, edge: Edge, written: Rule, place: int = 0) -> dict[str, Any] | None:
    """An elementwise rule with the numbers of one element, `place` in the output's row-major order."""
    found = values(ctx.graph, op)
    target = ctx.shape((edge.target, 0)) or ()
    if place >= prod(target):
        return None
    index = _index(place, target)
    numbers = {}
    for name, value in found.items():
        shape, cells = shape_of(value), flat(value)
        if shape is None or cells is None or not cells:
            continue
        where = _place(index, shape, target)
        if where is not None and where < len(cells):
            numbers[name] = cells[where]
    role = op.roles[edge.id].name
    if role not in numbers and "result" not in numbers:
        return None
    symbols = [rf"{{{ctx.names.latex[end]}}}" for end in ((edge.target, 0), (edge.source, edge.output))]
    source = ctx.shape((edge.source, edge.output)) or ()
    lhs = latex.partial(
        symbols[0] + _subscript(index), symbols[1] + _subscript(_index(_place(index, source, target) or 0, source))
    )
    filled = with_numbers(ctx, op, written.local, numbers)
    result = evaluate(op, written, numbers)
    line = _equation(lhs, [filled, ctx.number(result) if result is not None else None])
    return {"index": list(index), "latex": line} if line else None


def _index(place: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    index = []
    for size in reversed(shape):
        place, at = divmod(place, max(size, 1))
        index.append(at)
    return tuple(reversed(index))


def _place(index: tuple[int, ...], shape: tuple[int, ...], target: tuple[int, ...]) -> int | None:
    """Where the element that broadcasts to `index` of `target` lies in a tensor of `shape`."""
    if len(shape) > len(target):
        return None
    place = 0
    for size, at in zip(shape, index[len(index) - len(shape) :] if shape else (), strict=True):
        place = place * size + (at if size > 1 else 0)
    return place


def _subscript(index: tuple[int, ...]) -> str:
    return "_{" + ",".join(map(str, index)) + "}" if index else ""


def jacobian(ctx: Context, edge: Edge, output: int, written: Rule | None) -> dict[str, Any]:
    """Shape, sparsity and where the numbers are: the pass's `jacobians` entry of this edge, if there is one."""
    out, into = ctx.shape((edge.target, output)), ctx.shape((edge.source, edge.output))
    found = ctx.graph.jacobian(edge.id, output)
    cells = flat(found.value) if found else None
    rows, columns = prod(out or ()), prod(into or ())
    scalar = out is not None and into is not None and rows == columns == 1
    return {
        "rows": rows,
        "columns": columns,
        "out": list(out) if out is not None else None,
        "in": list(into) if into is not None else None,
        "scalar": scalar,
        "known": cells is not None,
        "sparsity": None
        if scalar
        else _sparsity(cells, rows, columns)
        if cells is not None
        else written.sparsity
        if written
        else None,
        "zeros": sum(cell == 0 for cell in cells) if cells is not None else None,
    }


def _sparsity(cells: list[Any], rows: int, columns: int) -> str:
    if rows * columns != len(cells) or not cells:
        return "dense"
    places = [k for k, cell in enumerate(cells) if cell != 0]
    if not places:
        return "zero"
    ones = all(cells[k] == 1 for k in places)
    if rows == columns and rows > 1 and all(k // columns == k % columns for k in places):
        return "identity" if ones and len(places) == rows else "diagonal"
    row_counts: dict[int, int] = {}
    for k in places:
        row_counts[k // columns] = row_counts.get(k // columns, 0) + 1
    if ones and columns > 1 and max(row_counts.values()) == 1:
        return "one-hot" if rows == 1 else "selection"
    return "dense"


def _matrix(ctx: Context, edge: Edge, output: int) -> str | None:
    """The Jacobian as a matrix, outputs in rows and inputs in columns, if it is small."""
    found = ctx.graph.jacobian(edge.id, output)
    cells = flat(found.value) if found else None
    out, into = ctx.shape((edge.target, output)), ctx.shape((edge.source, edge.output))
    if not cells or out is None or into is None or len(cells) > SHOWN or prod(out) * prod(into) != len(cells):
        return None
    columns = prod(into)
    return latex.matrix([cells[k : k + columns] for k in range(0, len(cells), columns)], ctx.digits, ctx.num)


def _equation(lhs: str, parts: list[str | None]) -> str | None:
    shown: list[str] = []
    for part in parts:
        if part and (not shown or part != shown[-1]):
            shown.append(part)
    return " = ".join([lhs, *shown]) if shown else None


def _plain(ctx: Context, edge: Edge, output: int, middle: str | None, number: float | None) -> str:
    head = f"∂{ctx.names.plain[edge.target, output]}/∂{ctx.names.plain[edge.source, edge.output]}"
    if number is not None:
        last = ctx.text(number)
    else:
        last = f"{shape_text(ctx.shape((edge.target, output)))} by {shape_text(ctx.shape((edge.source, edge.output)))}"
    return " = ".join(dict.fromkeys(part for part in (head, middle, last) if part))


def value_latex(ctx: Context, value: Any) -> str | None:
    """A gradient's LaTeX: a number, or a small vector or matrix."""
    one = single(value)
    return ctx.number(one) if one is not None else small(ctx, value)
