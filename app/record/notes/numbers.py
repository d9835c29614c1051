"""The first value and gradient of a finished Trace that are nan or infinite, and what usually makes them so."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from app.core.trace import Full, Node, Note, SetTensor, Summary, Trace, Value

VALUES = {
    "log": "The logarithm of 0 is −∞ and of a negative number nan: keep its argument above 0, as in "
    "torch.log(x.clamp(min=1e-8)).",
    "sqrt": "A negative number has no square root: keep its argument above 0, as in x.clamp(min=0).sqrt().",
    "div": "Something is divided by 0 here: add a small number to the divisor.",
    "reciprocal": "Something is divided by 0 here: add a small number to the divisor.",
    "exp": "exp() overflows above 88 in float32: subtract the largest value first, or use torch.softmax, "
    "torch.logsumexp or F.softplus, which do so.",
    "_softmax": "A row of which every element is −∞, as where a mask hides it all, has no softmax: leave one visible.",
    "_log_softmax": "A row of which every element is −∞ has no softmax: leave one element visible.",
    "std": "One element alone has no standard deviation: write std(correction=0), or use more elements.",
    "var": "One element alone has no variance: write var(correction=0), or use more elements.",
    "pow": "A power with a negative exponent divides by 0, and a negative number has no broken power: keep the base "
    "above 0.",
    "mul": "The product of large numbers overflows.",
    "sub": "Infinity minus infinity is nan.",
    "mean": "The mean of no elements is nan.",
}
GRADIENTS = {
    "sqrt": "At 0 the square root rises infinitely steeply: add a small number inside, as in torch.sqrt(x + 1e-8).",
    "log": "Near 0 the logarithm rises infinitely steeply: keep its argument above 0, as in x.clamp(min=1e-8).",
    "div": "Division by 0 has no derivative: add a small number to the divisor.",
    "reciprocal": "Division by 0 has no derivative: add a small number to the divisor.",
    "pow": "At 0 a power below 1 rises infinitely steeply: add a small number inside.",
    "linalg_vector_norm": "At 0 the norm has a kink: add a small number inside a square root.",
    "acos": "At ±1 acos rises infinitely steeply: clamp its argument.",
    "asin": "At ±1 asin rises infinitely steeply: clamp its argument.",
    "mul": "The other factor is infinite.",
}
NAN = {
    "log": "A negative number has no logarithm: keep its argument above 0, as in torch.log(x.clamp(min=1e-8)).",
    "div": "0 divided by 0, or infinity by infinity, is nan: add a small number to the divisor, keep both finite.",
    "mul": "0 times infinity is nan.",
}
"""What else makes nan of it."""
"""By the operation, what makes its value or the gradient that it sends nan or infinite."""
DIVERGES = "The updates overshoot and training diverges: a smaller learning rate may converge."
MOST_UPDATES = 3
"""Updates after which they are what is to blame."""
WHERE = (
    "torch.where() computes and differentiates both branches, also where it takes the other one, and 0 · ∞ is nan: "
    "make the argument harmless first, as in torch.where(m, f(torch.where(m, x, 1.)), 0.)."
)


def not_finite(trace: Trace) -> Iterator[Note]:
    """The first value and the first gradient that are nan or infinite; infinities that the snippet writes itself, as
    masks do, are no news.
    """
    yield from _value(trace)
    nodes = {node.id: node for node in trace.nodes}
    edges = {edge.id: edge for edge in trace.edges}
    wheres = {edge.source for edge in trace.edges if nodes[edge.target].op == "where"}
    for one in trace.passes:
        for contribution in one.contributions:
            kind = bad(contribution.value)
            if kind is not None:
                edge = edges[contribution.edge]
                sender, receiver = nodes[edge.target], nodes[edge.source]
                message = (
                    f"The gradient that {sender.label} sends to {receiver.label} holds {kind}, the first that does."
                )
                cause = WHERE if sender.id in wheres and kind == "nan" else _cause(sender.op, kind, GRADIENTS)
                yield Note(f"{_code(kind)}_gradient", _with(message, cause), sender.line, sender.id)
                return


def _value(trace: Trace) -> Iterator[Note]:
    tensors = {tensor.id: tensor for tensor in trace.tensors}
    nodes = {node.id: node for node in trace.nodes}
    sources: dict[str, list[str]] = {}
    for edge in trace.edges:
        sources.setdefault(edge.target, []).append(edge.source)
    meant: set[str] = set()
    """Nodes whose infinity the snippet wrote itself, or that took it from one."""
    updates = 0
    for step in trace.steps[1:]:  # the values of a graph that was there at the start may be unknown
        updates += step.kind == "update"
        for item in step.sets:
            kind = bad(tensors[item.tensor].value) if isinstance(item, SetTensor) else None
            if kind is None:
                continue
            node = nodes[item.node]
            if kind == "infinity" and step.kind != "update" and _meant(node, sources.get(node.id, []), meant):
                meant.add(node.id)
                continue
            message = f"{node.label} holds {kind}, the first node that does."
            cause = DIVERGES if updates >= MOST_UPDATES or step.kind == "update" else _cause(node.op, kind, VALUES)
            yield Note(_code(kind), _with(message, cause), step.line or node.line, node.id)
            return


def _meant(node: Node, sources: list[str], meant: set[str]) -> bool:
    written = any(isinstance(value, str) and value.lstrip("-") == "inf" for value in node.args.values())
    return node.kind != "op" or written or any(source in meant for source in sources)


def _cause(op: str, kind: str, table: dict[str, str]) -> str | None:
    name = op if op.startswith("_") else op.rstrip("_")
    return NAN.get(name, table.get(name)) if kind == "nan" else table.get(name)


def _with(message: str, cause: str | None) -> str:
    return f"{message} {cause}" if cause else message


def _code(kind: str) -> str:
    return "nan" if kind == "nan" else "infinity"


def bad(value: Value | None) -> str | None:
    """`nan` or `infinity` where the value holds one."""
    if isinstance(value, Summary):
        return "nan" if value.nan else "infinity" if value.inf else None
    if not isinstance(value, Full):
        return None
    data = flat(value.data)
    return None if _summable(data) else "nan" if "nan" in data else "infinity" if {"inf", "-inf"} & set(data) else None


def flat(data: Any) -> list[Any]:
    """The numbers of nested lists; of a complex one both parts."""
    if not isinstance(data, list):
        return list(data.values()) if isinstance(data, dict) else [data]
    while data and isinstance(data[0], list):
        data = list(chain.from_iterable(data))
    return [x for item in data for x in item.values()] if data and isinstance(data[0], dict) else data


def _summable(data: list[Any]) -> bool:
    """Whether all are numbers: what JSON lacks is text."""
    try:
        sum(data)
    except TypeError:
        return False
    return True


def largest(value: Value, *, signed: bool = False) -> float | None:
    """The largest magnitude, or of `signed` numbers the largest; None where there is none or it isn't finite."""
    if isinstance(value, Summary):
        ends = [float(x) for x in (value.min, value.max) if isinstance(x, (int, float))]
    else:
        ends = flat(value.data)
        if not _summable(ends):
            return None
    return max(ends if signed else map(abs, ends), default=None)
