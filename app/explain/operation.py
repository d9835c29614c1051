"""An op node seen through its schema: which edge is which input, the arguments with their defaults, its formula.

Where a Trace lacks something (a role, a value), it is absent here; nothing is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from types import SimpleNamespace
from typing import Any, NamedTuple

from app.core.trace import Edge, Node, Value
from app.explain import scalars
from app.explain.formula import Formula, Rule
from app.explain.formulas import FORMULAS
from app.explain.graph import Graph, real, single
from app.explain.pytorch import Derivative, bare, derivative


class Role(NamedTuple):
    """The schema name of an input, and its place where the argument is a list of tensors."""

    name: str
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """A node with its schema and formula, if there are any."""

    node: Node
    schema: Derivative | None
    formula: Formula | None
    args: dict[str, Any]
    roles: dict[str, Role]
    """By edge id."""
    inputs: dict[str, tuple[str, ...]]
    """Edge ids by schema name."""

    def rule(self, edge: Edge) -> Rule | None:
        """The hand-written rule of one input."""
        role = self.roles.get(edge.id)
        return self.formula.rules.get(role.name) if role and self.formula else None

    def edges_of(self, name: str) -> tuple[str, ...]:
        """The edges that bring the input called `name`: several where it is a list of tensors, in its order."""
        return self.inputs.get(name, ())


def operation(graph: Graph, node: Node) -> Operation:
    """Read a node's schema. A custom Function has none; its edges have no roles."""
    schema = derivative(node.grad_fn, node.op)
    if node.grad_fn and schema and schema.name != bare(node.op) and not _same_family(schema, node):
        schema = None
    args = {**schema.defaults, **node.args} if schema else dict(node.args)
    roles = _roles(graph, node, schema)
    given = frozenset(role.name for role in roles.values())
    found = formula_for(schema, node.op, {**args, "given": given}) if schema or not node.grad_fn else None
    if schema is None and found is not None:
        roles = {edge.id: Role(name) for edge, name in zip(graph.into[node.id], ("self", "other"), strict=False)}
    if found is not None and "<count>" in found.forward + "".join(rule.local for rule in found.rules.values()):
        args |= _count(graph, node, roles)
    return Operation(node, schema, found, args, roles, _inputs(roles))


def _inputs(roles: dict[str, Role]) -> dict[str, tuple[str, ...]]:
    made: dict[str, list[str]] = {}
    for edge, role in sorted(roles.items(), key=lambda item: item[1].place or 0):
        made.setdefault(role.name, []).append(edge)
    return {name: tuple(edges) for name, edges in made.items()}


def _count(graph: Graph, node: Node, roles: dict[str, Role]) -> dict[str, int]:
    """How many elements of the first input go into one of the output: the n of a mean."""
    operand, result = graph.operands.get(next(iter(roles), "")), graph.result(node.id)
    if operand is None or result is None:
        return {}
    return {"count": prod(operand.shape) // max(prod(result.shape), 1)}


def formula_for(schema: Derivative | None, op: str, args: dict[str, Any]) -> Formula | None:
    """The hand-written formula of an op under its arguments, the overload's own before the op's."""
    names = (schema.op, schema.name, schema.name.removesuffix("_copy")) if schema else (op,)
    entry = next((FORMULAS[key] for name in names for key in (name, bare(name)) if key in FORMULAS), None)
    if entry is None or entry.variant is None:
        return entry
    try:
        return entry.variant(SimpleNamespace(**args))
    except (TypeError, ValueError, ArithmeticError):
        return entry


def _same_family(schema: Derivative, node: Node) -> bool:
    """A grad_fn found in the table belongs to its op even where the recorder saw another name (a composite)."""
    return bool(node.grad_fn and node.grad_fn.endswith(tuple("0123456789")) and schema.inputs)


def _roles(graph: Graph, node: Node, schema: Derivative | None) -> dict[str, Role]:
    if schema is None:
        return {}
    edges = graph.into[node.id]
    slots = len(schema.inputs)
    widest = max((edge.input for edge in edges if edge.differentiable), default=0) + 1
    roles: dict[str, Role] = {}
    for edge in edges:
        if edge.differentiable:
            role = _slot(schema.inputs, schema.lists, edge.input, max(widest, slots))
            if role:
                roles[edge.id] = role
    taken = {role.name for role in roles.values()}
    for edge in edges:
        if not edge.differentiable:
            free = [name for name in schema.tensors if name not in taken or name in schema.lists]
            name = schema.args[edge.input] if edge.input < len(schema.args) else ""
            if name not in free:
                name = free[0] if len(free) == 1 else ""
            if name:
                roles[edge.id] = Role(name, edge.input if name in schema.lists and name == schema.args[0] else None)
    return roles


def _slot(inputs: tuple[str, ...], lists: frozenset[str], index: int, count: int) -> Role | None:
    """The input at `index` of `next_functions`, in which a list of tensors takes as many places as it has tensors."""
    place = 0
    spare = count - len(inputs) + 1
    for name in inputs:
        width = spare if name in lists else 1
        if index < place + width:
            return Role(name, index - place if name in lists else None)
        place += width
        spare = spare if name not in lists else 1
    return None


def values(graph: Graph, op: Operation) -> dict[str, Value]:
    """What each input, output and saved tensor of the op was, by schema name."""
    found: dict[str, Value] = {}
    for name, edges in op.inputs.items():
        tensor = graph.operands.get(edges[0])
        if tensor is not None and op.roles[edges[0]].place is None:
            found[name] = tensor.value
    for saved in op.node.saved:
        tensor = graph.tensors.get(saved.tensor)
        if tensor is not None and not (op.schema and saved.name in op.schema.lists):
            found.setdefault(saved.name, tensor.value)
    returns = op.schema.returns if op.schema else ("result",)
    for k, name in enumerate(returns):
        result = graph.result(op.node.id, k)
        if result is not None:
            found[name if len(returns) == 1 else f"result{k}"] = result.value
            found.setdefault(name, result.value)
    return found


def local_number(graph: Graph, op: Operation, edge: Edge) -> float | None:
    """∂output/∂input as a number where both have one element: PyTorch's own Jacobian, else the formula's value."""
    outputs = graph.outputs_of(edge)
    jacobian = graph.jacobian(edge.id, outputs[0])
    if jacobian is not None:
        return real(single(jacobian.value))
    rule = op.rule(edge)
    operand, result = graph.operands.get(edge.id), graph.result(op.node.id)
    if rule is None or not rule.pointwise or operand is None or result is None or len(outputs) > 1:
        return None
    if any(size != 1 for size in (*operand.shape, *result.shape)):
        return None
    return evaluate(op, rule, {name: single(value) for name, value in values(graph, op).items()})


def evaluate(op: Operation, rule: Rule, numbers: dict[str, Any]) -> float | None:
    """A pointwise rule's derivative at single numbers; None where one is missing or no real number.

    Arguments that are no numbers are left out, and all others are floats: no repetition, no endless power of integers.
    """
    known: dict[str, Any] = {name: None for name, value in op.args.items() if value is None}
    known |= {name: x for name, value in (op.args | numbers).items() if (x := real(value)) is not None}
    try:
        return float(rule.code(scalars, SimpleNamespace(**known)))
    except (ArithmeticError, AttributeError, TypeError, ValueError):
        return None
