"""What the viewer has seen when a step begins: the values and gradients shown so far, and how nodes are called.

Owns lookups for the sentences of one Trace; changes only by `State.apply`.
"""

from __future__ import annotations

from collections import defaultdict

from app.core.number import number_text
from app.core.sentence_words import (
    NAME_LIMIT,
    Operand,
    Spell,
    bare_op,
    called,
    clipped,
    infix_operands,
    is_infix,
    ordered,
    written,
)
from app.core.trace import Edge, Node, SetGrad, SetTensor, Span, Step, TensorEntry, Trace, Value


class State:
    """The walk up to one step."""

    def __init__(self, trace: Trace, number: Spell = number_text) -> None:
        self.number = number
        """How sentences write a number."""
        self.nodes = {node.id: node for node in trace.nodes}
        self.tensors = {tensor.id: tensor for tensor in trace.tensors}
        incoming: defaultdict[str, list[Edge]] = defaultdict(list)
        for edge in trace.edges:
            incoming[edge.target].append(edge)
        self.incoming = {target: ordered(edges) for target, edges in incoming.items()}
        self.current: dict[tuple[str, int], str] = {}
        self.grads: dict[str, Value | None] = {}
        self.used: dict[str, list[Operand]] = {}
        """The operands of each op node as they were when it was computed."""
        self.expressions: dict[str, str] = {}
        self._references: dict[tuple[str, int], str] = {}
        self.last: tuple[Node, Value] | None = None
        self._owners = _storage_owners(trace, self.nodes)
        self._misleading = _misleading_spans(trace, self.nodes)

    def apply(self, step: Step) -> None:
        """Take in what the step sets."""
        for item in step.sets:
            if isinstance(item, SetGrad):
                self.grads[item.node] = item.grad
            else:
                self.current[item.node, item.output] = item.tensor
        node = self.nodes.get(step.node or "")
        if step.kind == "compute" and node is not None:
            shown = self.tensors.get(self.current.get((node.id, 0), ""))
            self.last = (node, shown.value) if shown and node.name else self.last

    def operands(self, node: Node, step: Step) -> list[Operand]:
        """The tensors that enter `node`, valued as they were before `step`."""
        fresh = {(item.node, item.output): item.tensor for item in step.sets if isinstance(item, SetTensor)}
        operands = []
        for edge in _own(node, self.incoming.get(node.id, [])):
            place = (edge.source, edge.output)
            tensor = self.tensors.get(self.current.get(place) or fresh.get(place, ""))
            operands.append(Operand(self.source_name(edge), tensor.value if tensor else None))
        self.used[node.id] = operands
        return operands

    def source_name(self, edge: Edge) -> str:
        """The name of what enters through `edge`."""
        source = self.nodes.get(edge.source)
        return self.reference(source, edge.output) if source else "a tensor"

    def first(self, node: str, output: int) -> str:
        """The id of the value that a node's output begins with."""
        outputs = self.nodes[node].outputs
        return outputs[output] if 0 <= output < len(outputs) else ""

    def shape(self, node: str, output: int) -> tuple[int, ...] | None:
        """The shape of a node's output, and so of its gradient."""
        owner = self.nodes.get(node)
        tensor = self.tensors.get(owner.outputs[output]) if owner and 0 <= output < len(owner.outputs) else None
        return tensor.shape if tensor else None

    def reference(self, node: Node, output: int = 0) -> str:
        """How a node is called in a sentence: its name, its source text where that is its own, else by operation."""
        known = self._references.get((node.id, output))
        if known is None:
            known = self._references[node.id, output] = self._reference(node, output)
        return known

    def _reference(self, node: Node, output: int) -> str:
        tensor = self.tensors.get(node.outputs[output]) if 0 <= output < len(node.outputs) else None
        later = output > 0 and tensor is not None
        # The node's own name is that of its first result.
        name = (None if later else node.name) or (tensor.name if tensor is not None else None)
        if name:
            return called(name)
        if later:
            return f"output {output + 1} of the {bare_op(node.op)}"
        if node.kind == "op" and (node.span is None or node.span in self._misleading):
            transposed = self._transposed_leaf(node)
            if transposed is not None:
                return transposed
            known = self.expressions.get(node.id, "")
            if 0 < len(known) <= NAME_LIMIT and " result" not in known and "…" not in known:
                return known
            return f"the {clipped(node.op.strip('_'), NAME_LIMIT)} result"
        return clipped(node.label, NAME_LIMIT) or "a tensor"

    def _transposed_leaf(self, node: Node) -> str | None:
        """`Wᵀ` for a transpose of something that has a name."""
        edges = self.incoming.get(node.id, ())
        source = self.nodes.get(edges[0].source) if node.op == "t" and len(edges) == 1 else None
        return f"{called(source.name)}ᵀ" if source is not None and source.name else None

    def assigned(self, node: Node) -> str | None:
        """What the results of a node are bound to: `u`, or `mu, logvar`."""
        names = [tensor.name for id_ in node.outputs if (tensor := self.tensors.get(id_)) is not None and tensor.name]
        if len(dict.fromkeys(names)) > 1:
            return clipped(", ".join(map(called, names)), 2 * NAME_LIMIT)
        return called(node.name) if node.name else None

    def grad_name(self, node: str) -> str:
        """`w.grad`, or `the gradient of torch.tensor(2.)` for a leaf without a name."""
        owner = self.nodes.get(node)
        if owner is None:
            return "a gradient"
        return f"{called(owner.name)}.grad" if owner.name else f"the gradient of {self.reference(owner)}"

    def expression(self, node: Node, operands: list[Operand]) -> str:
        """`w × x` or `relu(v)`, at most 60 characters."""
        known = self.expressions.get(node.id)
        if known is None:
            known = self.expressions[node.id] = self._expression(node, operands)
        return known

    def _expression(self, node: Node, operands: list[Operand]) -> str:
        if is_infix(node, len(operands)):
            operands = infix_operands(node, operands, self.number)
        texts = [operand.text for operand in operands]
        if len(texts) > 4:
            texts = [*texts[:3], "…"]
        return clipped(written(node, texts), 60)

    def shared_with(self, node: Node, result: TensorEntry) -> str | None:
        """The name of the operand on whose storage `result` lies, where it is a view."""
        for edge in self.incoming.get(node.id, ()):
            if result.storage is not None and self._owners.get((edge.source, edge.output)) == result.storage:
                return self.source_name(edge)
        return None


def in_view(node: Node) -> bool:
    """Whether the operation wrote a view in place, so that its result is the whole tensor in which the view lies."""
    return node.grad_fn == "CopySlices"


def _own(node: Node, edges: list[Edge]) -> list[Edge]:
    """The edges that bring an operation's own operands: where it wrote a view, the view and not the whole tensor."""
    if not in_view(node) or all(edge.differentiable or edge.input for edge in edges):
        return edges
    own = {edge.input: edge for edge in edges if not edge.differentiable}
    return [*{**own, **{edge.input: edge for edge in edges if edge.differentiable and edge.input}}.values()]


def _storage_owners(trace: Trace, nodes: dict[str, Node]) -> dict[tuple[str, int], str | None]:
    storage = {tensor.id: tensor.storage for tensor in trace.tensors}
    return {(node.id, i): storage.get(id_) for node in nodes.values() for i, id_ in enumerate(node.outputs)}


def _misleading_spans(trace: Trace, nodes: dict[str, Node]) -> set[Span]:
    """Source spans that stand for several operations, as `net(x)` does: no name for any one of them."""
    ops: dict[Span, str] = {}
    spans: dict[str, Span] = {}
    misleading = set()
    for node in nodes.values():
        if node.kind == "op" and node.span is not None:
            spans[node.id] = node.span
            if ops.setdefault(node.span, node.op) != node.op:
                misleading.add(node.span)
    for edge in trace.edges:
        span = spans.get(edge.target)
        if span is not None and spans.get(edge.source) == span:
            misleading.add(span)
    return misleading
