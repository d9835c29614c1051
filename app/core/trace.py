"""The Trace: plain, frozen data that holds everything a picture of a run needs, and its JSON form.

Nothing here knows torch or how a run was observed; `app.record` makes a Trace, everything else reads one.
The fields, their order and their meaning are `docs/trace.md`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from app.core.garbage import fewer_collections
from app.core.plain import from_plain, to_plain

VERSION = 1
FULL_LIMIT = 4096
"""Number of elements above which a value is summarised."""

Scalar = bool | int | float | str | dict[str, float | str]
"""One element: a bool, a number, `"nan"`, `"inf"`, `"-inf"`, or a complex `{"re", "im"}`."""
Nested = Any
"""A `Scalar` for rank 0, else lists of lists of `Scalar` in logical (row-major index) order."""

Endpoint = tuple[str, int]
"""A node's id and the number of one of its outputs."""
Span = tuple[int, int, int, int]
"""First line, first column, last line, last column (end exclusive); lines from 1, columns from 0 in characters."""


@dataclass(frozen=True, slots=True)
class Full:
    """All elements of a tensor, in logical order."""

    data: Nested
    kind: Literal["full"] = "full"


@dataclass(frozen=True, slots=True)
class Summary:
    """What is kept of a tensor of more than `FULL_LIMIT` elements; `sample` is at most 32 × 32."""

    numel: int
    min: Scalar | None
    max: Scalar | None
    mean: Scalar | None
    std: Scalar | None
    zeros: int
    nan: int
    inf: int
    sample: list[list[Scalar]]
    kind: Literal["summary"] = "summary"


Value = Full | Summary


@dataclass(frozen=True, slots=True)
class Program:
    """What was run. `expanded`: the source was written by Gradwalk from a bare expression."""

    source: str
    seed: int
    torch: str
    expanded: bool


@dataclass(frozen=True, slots=True)
class TensorEntry:
    """One observed value of one tensor. `stride` and `offset` count elements."""

    id: str
    name: str | None
    shape: tuple[int, ...]
    dtype: str
    layout: str
    stride: tuple[int, ...]
    offset: int
    storage: str | None
    version: int
    requires_grad: bool
    is_leaf: bool
    value: Value


@dataclass(frozen=True, slots=True)
class Storage:
    """One block of memory; `size` counts items, `itemsize` bytes of one, `cells` are its values when first seen."""

    id: str
    itemsize: int
    size: int
    cells: Value


@dataclass(frozen=True, slots=True)
class Saved:
    """A tensor that a node keeps for its backward step, as it was when saved."""

    name: str
    tensor: str


NodeKind = Literal["leaf", "input", "op"]


@dataclass(frozen=True, slots=True)
class Node:
    """A leaf (requires grad), an input (needs none) or an operation."""

    id: str
    kind: NodeKind
    op: str
    symbol: str
    grad_fn: str | None
    name: str | None
    label: str
    args: dict[str, Any]
    line: int | None
    span: Span | None
    call: str | None
    module: str | None
    outputs: tuple[str, ...]
    hooked: bool
    saved: tuple[Saved, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """Output `output` of `source` is input `input` of `target`."""

    id: str
    source: str
    output: int
    target: str
    input: int
    differentiable: bool


@dataclass(frozen=True, slots=True)
class Hook:
    """A gradient before and after the snippet's own hooks."""

    before: Value | None
    after: Value | None


@dataclass(frozen=True, slots=True)
class Grad:
    """The gradient that arrived at one output of a node, after summation (rule 1)."""

    node: str
    output: int
    value: Value
    hook: Hook | None = field(default=None, metadata={"omit_none": True})


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one edge carried back to its source (rule 2)."""

    edge: str
    value: Value


@dataclass(frozen=True, slots=True)
class Jacobian:
    """∂(output `of` of the edge's target)/∂(the edge's source); shape = output's shape then input's."""

    edge: str
    of: int
    shape: tuple[int, ...]
    value: Value


@dataclass(frozen=True, slots=True)
class Accumulated:
    """One write of a leaf's `.grad` (rule 3)."""

    node: str
    before: Value | None
    added: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Captured:
    """What `torch.autograd.grad` returned for one input."""

    node: str
    output: int
    value: Value | None


@dataclass(frozen=True, slots=True)
class ShownPath:
    """One path from a root to a leaf, edges from leaf to root, or (`edges` null) all paths not shown."""

    edges: tuple[str, ...] | None
    contribution: Value


@dataclass(frozen=True, slots=True)
class Paths:
    """All paths from one root to one leaf (rule 4). `count` is a decimal string above 2⁵³."""

    leaf: str
    root: Endpoint
    count: int | str
    exact: bool
    shown: tuple[ShownPath, ...]


@dataclass(frozen=True, slots=True)
class Pass:
    """One run of the backward engine."""

    index: int
    kind: Literal["backward", "grad"]
    line: int | None
    implicit: bool
    create_graph: bool
    within: int | None
    inputs: tuple[Endpoint, ...]
    roots: tuple[Endpoint, ...]
    seeds: tuple[Value, ...]
    grads: tuple[Grad, ...]
    contributions: tuple[Contribution, ...]
    jacobians: tuple[Jacobian, ...]
    accumulated: tuple[Accumulated, ...]
    captured: tuple[Captured, ...]
    paths: tuple[Paths, ...]


@dataclass(frozen=True, slots=True)
class SetTensor:
    """From this step on, this output of the node shows this tensor."""

    node: str
    output: int
    tensor: str


@dataclass(frozen=True, slots=True)
class SetGrad:
    """From this step on, the node's `.grad` is this (null: None)."""

    node: str
    grad: Value | None


@dataclass(frozen=True, slots=True)
class OptimizerSlot:
    """What an optimizer holds of a leaf from this step on: `momentum_buffer`, `exp_avg`, … . `optimizer`: its class."""

    node: str
    optimizer: str
    key: str
    value: Value


Phase = Literal["start", "forward", "backward", "update", "end"]
StepKind = Literal["start", "compute", "seed", "backward", "accumulate", "capture", "update", "end"]


@dataclass(frozen=True, slots=True)
class Step:
    """One moment of the walk."""

    index: int
    phase: Phase
    kind: StepKind
    node: str | None
    pass_: int | None = field(metadata={"name": "pass"})
    line: int | None
    span: Span | None
    text: str
    sets: tuple[SetTensor | SetGrad, ...]
    state: tuple[OptimizerSlot, ...] | None = field(default=None, metadata={"omit_none": True})


@dataclass(frozen=True, slots=True)
class Note:
    """Something the viewer should be told, in their words."""

    code: str
    message: str
    line: int | None
    node: str | None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the snippet stopped early."""

    code: str
    type: str | None
    message: str
    line: int | None
    column: int | None
    hint: str | None
    note: str | None = field(default=None, metadata={"omit_none": True})
    """The code of the note that says in plain words what the message means, if there is one."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything observed while one snippet ran."""

    program: Program
    tensors: tuple[TensorEntry, ...]
    storages: tuple[Storage, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    passes: tuple[Pass, ...]
    steps: tuple[Step, ...]
    stdout: str
    notes: tuple[Note, ...]
    error: Failure | None
    version: int = VERSION

    def to_dict(self) -> dict[str, Any]:
        """The JSON form of section 3 of the trace format, `version` first."""
        with fewer_collections():
            plain = to_plain(self)
        return {"version": plain.pop("version"), **plain}

    @classmethod
    def from_dict(cls, data: Any) -> Trace:
        """Read the JSON form.

        Raises:
            ValueError: `data` isn't a Trace of a known version; the message names the place.
        """
        if not isinstance(data, dict) or data.get("version") != VERSION:
            raise ValueError(f"not a Trace of version {VERSION}")
        trace: Trace = from_plain(cls, data, "trace")
        return trace
