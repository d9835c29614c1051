"""Which autograd node an observed op made."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from app.record.observe.autograd import AutoNode, Key
from app.record.observe.facts import tensors_in
from app.record.observe.log import OpRun

COPY_SLICES = "torch::autograd::CopySlices"
"""The node of the whole tensor after a view of it was written."""
AS_STRIDED = "AsStridedBackward0"
"""The node that such a view gets then."""


class Matching:
    """Gives each op of a log, asked for in order, the node that it made.

    By sequence number; an op that first copies an argument runs after the copy, so that its number is older, or was
    read by the copy. Nodes in question wait for the next op of their name.
    """

    def __init__(self, nodes: Mapping[Key, AutoNode], first_seq: int) -> None:
        self._nodes = nodes
        self._newest = first_seq - 1
        self._waiting: list[AutoNode] = []

    def of(self, run: OpRun) -> AutoNode | None:
        """The node of the next op; None where it made none."""
        copies = run.info.name == "clone"
        waiting, self._waiting = self._waiting, []
        if run.seq < 0:
            if copies:
                self._waiting = waiting
            elif run.info.writes and run.graded:
                # The copy that it made of itself has taken the number in between.
                slices = self._nodes.get(self._newest + 1)
                if slices is not None and slices.name == COPY_SLICES:
                    return slices
            return next((node for node in waiting if _same_name(node, run)), None)
        own = node_of(run, self._nodes)
        if own is not None and run.function is None and own.name != COPY_SLICES and not _same_name(own, run):
            own = self._before_views(own, run)
        if copies:
            keys = range(self._newest + 1, run.seq + (own is None))
            self._waiting = waiting + [self._nodes[key] for key in keys if key in self._nodes]
        self._newest = run.seq
        return own

    def _before_views(self, newest: AutoNode, run: OpRun) -> AutoNode | None:
        """The op's node where its arguments are views whose base was written since.

        They get nodes anew when the op asks for its edges, which is after it has made its own.
        """
        since = [self._nodes[key] for key in range(run.seq - 1, self._newest, -1) if key in self._nodes]
        named = next((node for node in since if _same_name(node, run)), None)
        if named is not None or newest.name != AS_STRIDED:
            return named or newest
        return next((node for node in since if node.name != AS_STRIDED), None)


def node_of(run: OpRun, nodes: Mapping[Key, AutoNode]) -> AutoNode | None:
    """By its sequence number; None where the number belongs to a node that autograd made by itself before the op."""
    if run.seq < 0 or run.info.makes:
        return None
    own = nodes.get(run.seq)
    if run.function is not None:
        return own
    if run.info.writes:
        slices = nodes.get(run.seq + 1)
        if slices is not None and slices.name == COPY_SLICES:
            return slices
    if own is None or own.name == COPY_SLICES or not (_same_name(own, run) or _makes_nodes(run)):
        return None
    return own


def _same_name(node: AutoNode, run: OpRun) -> bool:
    return _bare(node.op) == _bare(run.info.name)


@cache
def _bare(name: str) -> str:
    return name.replace("_", "")


def _makes_nodes(run: OpRun) -> bool:
    """Whether the op's tensors require grad, and what it returned doesn't say that it made no node."""
    given = [*run.args, *(run.kwargs or {}).values()]
    if not any(tensor.requires_grad for tensor in tensors_in(given)):
        return False
    outs = tensors_in(run.out)
    return not outs or any(out._is_view() or out.grad_fn is not None for out in outs)
