"""The sentences of a backward pass: seed, backward, accumulate and capture steps.

Owns the chain-rule arithmetic in words; a product is shown only where it holds for the recorded numbers.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque

from app.core.sentence_state import State, in_view
from app.core.sentence_words import (
    LONGEST,
    bare_op,
    in_brackets,
    listed,
    scalar,
    shape_words,
    small_text,
    value_words,
)
from app.core.trace import Accumulated, Captured, Edge, Full, Grad, Node, Pass, Step, Trace, Value

RESULT = " result"
"""How the reference to a nameless operation ends."""
TOLERANCE = 5e-3
"""Relative error up to which `a × b = c` is said; half precision needs this much."""


class Flow:
    """Lookups of all passes of one Trace. Each accumulated and captured entry is told once, in order."""

    def __init__(self, trace: Trace, state: State) -> None:
        self.state = state
        self.passes = {one.index: one for one in trace.passes}
        self.grads: dict[tuple[int, str], list[Grad]] = defaultdict(list)
        self.contributions: dict[tuple[int, str], Value] = {}
        self.locals: dict[tuple[int, str], Value] = {}
        self.accumulated: dict[tuple[int, str], deque[Accumulated]] = defaultdict(deque)
        self.captured: dict[tuple[int, str], deque[Captured]] = defaultdict(deque)
        for one in trace.passes:
            for grad in one.grads:
                self.grads[one.index, grad.node].append(grad)
            for contribution in one.contributions:
                self.contributions[one.index, contribution.edge] = contribution.value
            for jacobian in one.jacobians:
                self.locals[one.index, jacobian.edge] = jacobian.value
            for entry in one.accumulated:
                self.accumulated[one.index, entry.node].append(entry)
            for taken in one.captured:
                self.captured[one.index, taken.node].append(taken)
        self.roots = {one.index: self._root_name(one) for one in trace.passes}

    def sentence(self, step: Step) -> str:
        """The sentence of a step that belongs to a pass."""
        one = self.passes.get(step.pass_ if step.pass_ is not None else -1)
        node = self.state.nodes.get(step.node or "")
        if one is None:
            return "A backward pass works."
        if step.kind == "seed":
            return self._seed(one)
        if node is None:
            return "The pass goes on."
        if step.kind == "accumulate":
            return self._accumulate(one, node)
        if step.kind == "capture":
            return self._capture(one, node)
        return self._backward(one, node)

    def _root_name(self, one: Pass) -> str | None:
        """The root's name where the pass computes derivatives of one number, so that ∂name/∂… is right."""
        if len(one.roots) != 1 or len(one.seeds) != 1 or scalar(one.seeds[0]) != 1:
            return None
        root = self.state.nodes.get(one.roots[0][0])
        name = self.state.reference(root, one.roots[0][1]) if root else ""
        return name if root and (root.name or len(name) <= 12) and not _is_nameless(name) else None

    def _derivative(self, one: Pass, node: Node, output: int = 0) -> str | None:
        """`∂a/∂u`."""
        root = self.roots[one.index]
        name = self.state.reference(node, output)
        if root is None or _is_nameless(name):
            return None
        return f"∂{in_brackets(root)}/∂{in_brackets(name)}"

    def _seed(self, one: Pass) -> str:
        nodes = [(self.state.nodes.get(id_), output) for id_, output in one.roots]
        names = listed([self.state.reference(node, output) for node, output in nodes if node])
        which = "torch.autograd.grad" if one.kind == "grad" else "The backward pass"
        if one.kind == "backward" and len(self.passes) > 1:
            which = f"Backward pass {one.index + 1}"
        within = f", inside pass {one.within + 1}," if one.within is not None else ""
        start = f"{which}{within} starts at {names or 'no root'}"
        if self.roots[one.index] is not None and nodes[0][0] is not None:
            derivative = self._derivative(one, nodes[0][0], nodes[0][1])
            if derivative is not None:
                return f"{start} with {derivative} = 1."
        if one.seeds and all(_is_ones(seed) for seed in one.seeds) and not all(map(_is_number, one.seeds)):
            return f"{start} with a gradient of ones."
        seeds = listed([value_words(seed, "gradient", self.state.number) for seed in one.seeds])
        return f"{start} with {seeds}." if seeds else f"{start}."

    def _backward(self, one: Pass, node: Node) -> str:
        operands = self.state.used.get(node.id) or []
        name = self.state.reference(node)
        expression = self.state.expression(node, operands) if operands else ""
        assigned = self.state.assigned(node)
        whole = f"{assigned} = {expression}" if expression and assigned else expression or name
        grads = self.grads.get((one.index, node.id), [])
        edges = self.state.incoming.get(node.id, [])
        idle = "" if in_view(node) else self._idle(edges)
        receives = self._receives(one, node, grads)
        for subject, products in ((whole, True), (whole, False), (name, False)):
            sent = self._sent(one, node, grads, edges, products)
            for rest in (idle, ""):
                text = f"{subject} receives {receives} and {sent}{rest}."
                if len(text) <= LONGEST:
                    return text
        count = sum((one.index, edge.id) in self.contributions for edge in edges)
        return f"{name} receives {receives} and sends {count} contribution{'s' * (count != 1)} on."

    def _receives(self, one: Pass, node: Node, grads: list[Grad]) -> str:
        if not grads:
            return "no gradient"
        if len(grads) > 1:
            return f"{len(grads)} gradients"
        grad = grads[0]
        small = small_text(grad.value, self.state.number)
        derivative = self._derivative(one, node, grad.output)
        if small is None:
            text = shape_words(self.state.shape(node.id, grad.output), "gradient")
        elif derivative is not None:
            text = f"{derivative} = {small}"
        else:
            text = f"the gradient {small}"
        if grad.hook is not None and grad.hook.after is not None and grad.hook.before != grad.hook.after:
            after = small_text(grad.hook.after, self.state.number)
            text += f", which a hook changes{f' to {after}' if after else ''},"
        return text

    def _sent(self, one: Pass, node: Node, grads: list[Grad], edges: list[Edge], products: bool) -> str:
        counts: dict[str, int] = {}
        for edge in edges:
            value = self.contributions.get((one.index, edge.id))
            if value is None:
                continue
            small = small_text(value, self.state.number)
            text = small or shape_words(self.state.shape(edge.source, edge.output), "gradient")
            if products and small:
                text = self._product(one, node, grads, edge, value) or text
            name = self.state.source_name(edge)
            words = f"{text} to {f'({name})' if name.endswith('.') else name}"
            counts[words] = counts.get(words, 0) + 1
        if not counts:
            return "sends nothing on"
        times = {1: "", 2: " twice"}
        return f"sends {listed([words + times.get(n, f' {n} times') for words, n in counts.items()])}"

    def _product(self, one: Pass, node: Node, grads: list[Grad], edge: Edge, value: Value) -> str | None:
        """`1 × x = 3` where the local derivative is an operand, `1 × 3 = 3` where it is only known as a number."""
        if len(grads) != 1 or node.hooked:
            return None
        hook = grads[0].hook
        arriving = scalar(hook.after if hook is not None else grads[0].value)
        sent = scalar(value)
        if arriving is None or sent is None:
            return None
        local = scalar(self.locals.get((one.index, edge.id)))
        factor, name = self._other_factor(node, edge)
        if (
            factor is not None
            and name
            and not _is_nameless(name)
            and _agree(arriving * factor, sent)
            and local in (None, factor)
        ):
            return f"{self.state.number(arriving)} × {in_brackets(name)} = {self.state.number(sent)}"
        if local is None or not _agree(arriving * local, sent):
            return None
        return f"{self.state.number(arriving)} × {in_brackets(self.state.number(local))} = {self.state.number(sent)}"

    def _other_factor(self, node: Node, edge: Edge) -> tuple[float | None, str | None]:
        """For a product of two tensors: the value and name of the factor that `edge` isn't."""
        operands = self.state.used.get(node.id) or []
        edges = self.state.incoming.get(node.id, [])
        if bare_op(node.op) != "mul" or len(operands) != 2 or len(edges) != 2:
            return None, None
        other = operands[1 - edges.index(edge)]
        return scalar(other.value), other.text

    def _idle(self, edges: list[Edge]) -> str:
        """What gets nothing, and why."""
        constant = list(dict.fromkeys(self.state.source_name(edge) for edge in edges if not edge.differentiable))
        if not constant:
            return ""
        return f"; {listed(constant, 2)} {'need' if len(constant) > 1 else 'needs'} no gradient"

    def _accumulate(self, one: Pass, node: Node) -> str:
        name = self.state.grad_name(node.id)
        queue = self.accumulated.get((one.index, node.id))
        if not queue:
            return f"{name} is written."
        entry = queue.popleft()
        after, added = small_text(entry.after, self.state.number), small_text(entry.added, self.state.number)
        shape = self.state.shape(node.id, 0)
        if entry.before is None:
            return f"{name} was None and becomes {after or shape_words(shape)}."
        before = small_text(entry.before, self.state.number)
        if before is None or added is None or after is None:
            return f"{shape_words(shape, 'gradient').capitalize()} is added to {name}."
        return f"{name} was {before}; adding {added} makes {after}."

    def _capture(self, one: Pass, node: Node) -> str:
        queue = self.captured.get((one.index, node.id))
        name = self.state.reference(node)
        if not queue:
            return f"torch.autograd.grad takes the gradient of {name}."
        entry = queue.popleft()
        if entry.value is None:
            return f"torch.autograd.grad returns None for {name}: no gradient reaches it."
        small, derivative = small_text(entry.value, self.state.number), self._derivative(one, node, entry.output)
        if small and derivative:
            return f"torch.autograd.grad returns {derivative} = {small}."
        words = small or shape_words(self.state.shape(node.id, entry.output), "gradient")
        return f"torch.autograd.grad returns {words} for {name}."


def _is_nameless(name: str) -> bool:
    """Whether a reference can't stand in a formula: it only says which operation, or has been cut."""
    return name.endswith((RESULT, "…"))


def _agree(product: float, sent: float) -> bool:
    return math.isfinite(product) and abs(product - sent) <= TOLERANCE * abs(sent)


def _is_number(value: Value) -> bool:
    return isinstance(value, Full) and not isinstance(value.data, list)


def _is_ones(value: Value) -> bool:
    """Whether all elements are 1."""
    if not isinstance(value, Full):
        return value.min == 1 and value.max == 1
    data = value.data if isinstance(value.data, list) else [value.data]
    while data and isinstance(data[0], list):
        data = [item for row in data for item in row]
    return bool(data) and all(item == 1 and not isinstance(item, bool) for item in data)
