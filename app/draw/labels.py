"""The short texts on edges: the local derivative, and the arithmetic that a gradient's contribution comes from.

A product is written only where it holds for the recorded numbers; of tensors the shape is told, the numbers are in the inspector.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.core.number import number_text
from app.core.sentence_words import scalar
from app.core.trace import Jacobian, Pass, Trace, Value

TOLERANCE = 5e-3


@dataclass(frozen=True, slots=True)
class Chip:
    """`whole` on one line; `factors` and `result` where it takes two; `title` in full words."""

    whole: str
    factors: str
    result: str
    title: str


class Labels:
    """Looks up the numbers of all passes of one Trace."""

    def __init__(self, trace: Trace, digits: int, num: str) -> None:
        self._digits, self._num = digits, num
        self._edges = {edge.id: edge for edge in trace.edges}
        self._tensors = {tensor.id: tensor for tensor in trace.tensors}
        self._nodes = {node.id: node for node in trace.nodes}
        self._jacobians: dict[tuple[int, str], Jacobian] = {}
        self._contributions: dict[tuple[int, str], Value] = {}
        self._grads: dict[tuple[int, str], list[Value]] = {}
        for one in trace.passes:
            self._read(one)

    def _read(self, one: Pass) -> None:
        for jacobian in one.jacobians:
            self._jacobians.setdefault((one.index, jacobian.edge), jacobian)
        for contribution in one.contributions:
            self._contributions[one.index, contribution.edge] = contribution.value
        for grad in one.grads:
            sent = grad.hook.after if grad.hook is not None and grad.hook.after is not None else grad.value
            self._grads.setdefault((one.index, grad.node), []).append(sent)

    def local(self, pass_: int, edge: str) -> str | None:
        """`3`, or for a Jacobian that isn't a number its sizes; None where nothing is known."""
        jacobian = self._jacobians.get((pass_, edge))
        if jacobian is None:
            return None
        number = scalar(jacobian.value)
        if number is not None and not jacobian.shape:
            return self._number(number)
        return "×".join(map(str, jacobian.shape))

    def chip(self, pass_: int, edge: str) -> Chip | None:
        """The arithmetic of one contribution."""
        value = self._contributions.get((pass_, edge))
        if value is None:
            return None
        result = scalar(value)
        if result is None:
            shape = self._shape(edge)
            return Chip(shape, "", shape, f"a gradient of shape {shape}")
        text = self._number(result)
        jacobian = self._jacobians.get((pass_, edge))
        local = scalar(jacobian.value) if jacobian is not None else None
        arrived = [scalar(grad) for grad in self._grads.get((pass_, self._edges[edge].target), ())]
        if local is None or len(arrived) != 1 or arrived[0] is None or not _close(arrived[0] * local, result):
            return Chip(text, "", text, text)
        factors = f"{_bracketed(self._number(arrived[0]), first=True)} × {_bracketed(self._number(local))}"
        return Chip(f"{factors} = {text}", factors, f"= {text}", f"{factors} = {text}")

    def _shape(self, edge: str) -> str:
        source = self._nodes[self._edges[edge].source]
        output = self._edges[edge].output
        tensor = self._tensors.get(source.outputs[output]) if output < len(source.outputs) else None
        return "×".join(map(str, tensor.shape)) if tensor is not None and tensor.shape else "grad"

    def _number(self, x: float) -> str:
        if not math.isfinite(x):
            return number_text("nan" if math.isnan(x) else "inf" if x > 0 else "-inf")
        return number_text(x, self._digits, self._num)


def _bracketed(text: str, *, first: bool = False) -> str:
    return f"({text})" if text.startswith("−") and not first else text


def _close(a: float, b: float) -> bool:
    if math.isfinite(a) and math.isfinite(b):
        return abs(a - b) <= TOLERANCE * max(abs(b), 1e-30)
    return a == b or (math.isnan(a) and math.isnan(b))
