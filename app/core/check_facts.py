"""Facts of the format that need more than one place of a Trace: kinds of nodes, dtypes, memory, Jacobians' shapes."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.check_report import STRUCTURE, Violation
from app.core.check_values import flat, numel, representable
from app.core.trace import FULL_LIMIT, Full, SetTensor, TensorEntry, Trace

JACOBIAN_ELEMENTS = 1024
ITEM_SIZES = {
    "bool": 1,
    "uint8": 1,
    "int8": 1,
    "int16": 2,
    "float16": 2,
    "bfloat16": 2,
    "int32": 4,
    "float32": 4,
    "complex32": 4,
    "int64": 8,
    "float64": 8,
    "complex64": 8,
    "complex128": 16,
}
Violations = Iterator[Violation]


def kinds(trace: Trace) -> Violations:
    """A leaf has a leaf tensor, an input requires no grad; only an op with a grad_fn has differentiable inputs."""
    tensors = {tensor.id: tensor for tensor in trace.tensors}
    grad_fns = {node.id: node.grad_fn for node in trace.nodes}
    for i, node in enumerate(trace.nodes):
        where = f"nodes[{i}]"
        if node.kind != "op" and node.grad_fn is not None:
            yield Violation(STRUCTURE, f"a {node.kind} with a grad_fn", where)
        if node.kind == "leaf" and not all(tensors[id_].is_leaf for id_ in node.outputs):
            yield Violation(STRUCTURE, "a leaf whose tensor isn't one", where)
        if node.kind == "input" and any(tensors[id_].requires_grad for id_ in node.outputs):
            yield Violation(STRUCTURE, "an input that requires grad", where)
    for i, edge in enumerate(trace.edges):
        if edge.differentiable and grad_fns[edge.target] is None:
            yield Violation(STRUCTURE, f"differentiable, into {edge.target} without a grad_fn", f"edges[{i}]")


def dtypes(trace: Trace) -> Violations:
    """The numbers of a tensor are such as its dtype can hold, so that they give the same bits again."""
    for i, tensor in enumerate(trace.tensors):
        numbers = flat(tensor.value)
        if numbers is not None and not representable(numbers, tensor.dtype):
            yield Violation(STRUCTURE, f"numbers that aren't {tensor.dtype}", f"tensors[{i}]")
        data = tensor.value.data if isinstance(tensor.value, Full) else None
        if data is not None and not isinstance(data, list):
            complex_dtype = tensor.dtype.startswith("complex")
            if (tensor.dtype == "bool") != isinstance(data, bool) or complex_dtype != isinstance(data, dict):
                yield Violation(STRUCTURE, f"not an element of {tensor.dtype}", f"tensors[{i}]")


def storage_bounds(trace: Trace) -> Violations:
    """A strided tensor lies within its storage, in items of its own size."""
    storages = {storage.id: storage for storage in trace.storages}
    for i, tensor in enumerate(trace.tensors):
        storage = storages.get(tensor.storage or "")
        if storage is None or tensor.layout != "strided":
            continue
        itemsize = ITEM_SIZES.get(tensor.dtype, storage.itemsize)
        if numel(tensor.shape) and (last_item(tensor) + 1) * itemsize > storage.size * storage.itemsize:
            yield Violation(STRUCTURE, f"reaches beyond {storage.id}", f"tensors[{i}]")


def last_item(tensor: TensorEntry) -> int:
    """The place in the storage, in elements, of the last element of a tensor that has some."""
    steps = zip(tensor.shape, tensor.stride, strict=True)
    return tensor.offset + sum((size - 1) * stride for size, stride in steps)


def _leaf_sets(trace: Trace) -> Iterator[SetTensor]:
    """Later values of leaves, which may have another shape (`w.data = …`)."""
    for step in trace.steps:
        if step.kind == "update":
            yield from (item for item in step.sets if isinstance(item, SetTensor))


def jacobian_shapes(trace: Trace) -> Violations:
    """A Jacobian has the output's shape and then the input's, is small, and never complex."""
    tensors = {tensor.id: tensor for tensor in trace.tensors}
    nodes = {node.id: node for node in trace.nodes}
    edges = {edge.id: edge for edge in trace.edges}
    later = {(item.node, tensors[item.tensor].shape) for item in _leaf_sets(trace)}
    for one in trace.passes:
        for k, jacobian in enumerate(one.jacobians):
            where = f"passes[{one.index}].jacobians[{k}]"
            edge = edges[jacobian.edge]
            target = nodes[edge.target]
            if jacobian.of >= len(target.outputs) or not edge.differentiable:
                yield Violation(STRUCTURE, "of no differentiable output", where)
                continue
            source = tensors[nodes[edge.source].outputs[edge.output]]
            result = tensors[target.outputs[jacobian.of]]
            rest = jacobian.shape[len(result.shape) :]
            if jacobian.shape != result.shape + rest or (rest != source.shape and (edge.source, rest) not in later):
                yield Violation(STRUCTURE, f"shape {jacobian.shape}", where)
            if numel(jacobian.shape) > JACOBIAN_ELEMENTS or numel(jacobian.shape) > FULL_LIMIT:
                yield Violation(STRUCTURE, "above 1,024 elements", where)
            if "complex" in source.dtype or "complex" in result.dtype:
                yield Violation(STRUCTURE, "of complex numbers", where)
