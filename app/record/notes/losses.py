"""What a finished Trace shows of losses: applied to the wrong thing, broadcast, or without a gradient of their own."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.trace import Edge, Node, Note, TensorEntry, Trace
from app.record.notes.numbers import largest

STEPS = frozenset({"round", "floor", "ceil", "trunc", "sign", "sgn", "heaviside"})
"""Operations whose derivative is 0 wherever there is one."""
VIEWS = frozenset(
    {"view", "_unsafe_view", "reshape", "squeeze", "unsqueeze", "expand", "transpose", "t", "clone", "alias"}
)
COLUMNS = frozenset({"view", "reshape", "unsqueeze", "t", "transpose", "permute", "_unsafe_view", "select", "slice"})
"""Operations that make a column on purpose."""
COMPARING = frozenset({"mse_loss", "smooth_l1_loss", "huber_loss", "sub"})


class Losses:
    """The graph of one Trace, by node."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._nodes = {node.id: node for node in trace.nodes}
        self._tensors = {tensor.id: tensor for tensor in trace.tensors}
        self._forward = {step.node for step in trace.steps if step.kind == "compute" and step.phase == "forward"}
        self._into: dict[str, list[Edge]] = {}
        for edge in trace.edges:
            self._into.setdefault(edge.target, []).append(edge)

    def notes(self) -> Iterator[Note]:
        """The first of each kind for each line."""
        told: set[tuple[str, int | None]] = set()
        for node in self._trace.nodes:
            for note in (self._twice(node), self._broadcast(node), self._flat(node)):
                if note is not None and (note.code, note.line) not in told:
                    told.add((note.code, note.line))
                    yield note

    def _sources(self, node: Node) -> list[tuple[Node, TensorEntry]]:
        return [
            (self._nodes[edge.source], self._tensors[self._nodes[edge.source].outputs[edge.output]])
            for edge in self._into.get(node.id, [])
        ]

    def _before(self, node: Node) -> Node | None:
        """What the first operand comes from, views aside."""
        sources = self._sources(node)
        while sources and sources[0][0].op in VIEWS:
            sources = self._sources(sources[0][0])
        return sources[0][0] if sources else None

    def _twice(self, node: Node) -> Note | None:
        """A softmax or sigmoid before a loss that has its own, or none before one that hasn't."""
        before = self._before(node)
        if before is None:
            return None
        words = None
        if node.op == "_log_softmax" and before.op == "_softmax":
            words = (
                f"{before.label} is a softmax already, and cross_entropy (log_softmax) takes another one of it: "
                "gradients get small and it learns slowly. Pass the logits themselves."
            )
        elif node.op == "binary_cross_entropy_with_logits" and before.op == "sigmoid":
            words = (
                f"{before.label} is a sigmoid already, and this loss takes another one of it. Pass the logits "
                "themselves, or use binary_cross_entropy."
            )
        elif node.op.startswith("nll_loss") and before.op == "_softmax":
            words = "nll_loss takes log-probabilities, and these are probabilities. Use log_softmax instead of softmax."
        elif node.op.startswith("nll_loss") and self._positive(node):
            words = (
                "nll_loss takes log-probabilities, which are never above 0, and these are. Use F.cross_entropy for "
                "logits, or F.log_softmax before."
            )
        return Note("loss_input", words, node.line, node.id) if words else None

    def _positive(self, node: Node) -> bool:
        value = self._sources(node)[0][1].value
        top = largest(value, signed=True)
        return top is not None and top > 0

    def _broadcast(self, node: Node) -> Note | None:
        """A column compared with a row, so that everything is compared with everything."""
        if node.op not in COMPARING or len(self._sources(node)) != 2:
            return None
        operands = []
        for source, tensor in self._sources(node):
            inner = self._sources(source)
            operands.append(inner[0] if source.op == "expand" and node.op != "sub" and inner else (source, tensor))
        (a, left), (b, right) = operands
        shapes = left.shape, right.shape
        column = next((one for one in operands if len(one[1].shape) == 2 and one[1].shape[1] == 1), None)
        row = next((one for one in operands if len(one[1].shape) == 1), None)
        if column is None or row is None or column[1].shape[0] != row[1].shape[0] or row[1].shape[0] < 2:
            return None
        if node.op == "sub" and column[0].op in COLUMNS:
            return None
        n = row[1].shape[0]
        words = (
            f"{a.label} is {shapes[0]} and {b.label} is {shapes[1]}: broadcasting makes ({n}, {n}) of them, so each "
            f"prediction is compared with all {n} targets. Give both one shape, as with {row[0].label}.unsqueeze(1) or "
            "squeeze(1) of the other."
        )
        return Note("silent_broadcast", words, node.line, node.id)

    def _flat(self, node: Node) -> Note | None:
        """A step function on the way back, which lets no gradient through."""
        if node.op.rstrip("_") not in STEPS or node.grad_fn is None or node.id not in self._forward:
            return None
        arrives = any(grad.node == node.id and largest(grad.value) for one in self._trace.passes for grad in one.grads)
        if not arrives:
            return None
        words = (
            f"The derivative of {node.op.rstrip('_')} is 0 everywhere, so no gradient passes {node.label}. Leave it "
            "out of the loss, or let the gradient pass it: x + (x.round() - x).detach()."
        )
        return Note("zero_gradient", words, node.line, node.id)
