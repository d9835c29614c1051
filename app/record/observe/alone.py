"""What PyTorch computes in another way where a mode observes: here in the way in which it computes it alone.

`at::isTensorSubclassLike` is true of every tensor while a dispatch mode is active. Nearly everywhere the other branch
gives the same numbers; where it sums in another order, and so rounds otherwise, the branch of stock is taken here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from app.core.trace import Note, Trace
from app.record.observe.branches import BRANCHES, Branch
from app.record.observe.watch import Watch

ALWAYS = frozenset({"OrmqrBackward0"})
"""Nodes that send a gradient rounded otherwise where a mode observes them, and of which no branch is known here."""
MEAN = 1
"""`at::Reduction::Mean`."""
_times: Any = torch.ops.aten.mul.Scalar


def rounded_otherwise(trace: Trace) -> Iterator[Note]:
    """A note for each pass that makes a graph of gradients through such a node and can't take stock's branch there."""
    nodes = {node.id: node for node in trace.nodes}
    for one in trace.passes:
        ran = {step.node for step in trace.steps if step.pass_ == one.index and step.kind == "backward"}
        found = [
            node
            for id_, node in nodes.items()
            if id_ in ran and (node.grad_fn in ALWAYS or (node.grad_fn in BRANCHES and (node.hooked or not node.saved)))
        ]
        if one.create_graph and found:
            message = (
                f"With create_graph=True PyTorch computes the gradient of {found[0].label} in another way while it is "
                "observed: its last digit may differ from that of a run without Gradwalk."
            )
            yield Note("last_digit", message, one.line, found[0].id)


@contextmanager
def stock_branches() -> Iterator[None]:
    """While a mode observes, take stock's branch."""
    functions: Any = torch._C._nn
    stock = functions.cross_entropy_loss
    functions.cross_entropy_loss = _cross_entropy(stock)
    try:
        yield
    finally:
        functions.cross_entropy_loss = stock


def _cross_entropy(stock: Callable[..., Any]) -> Callable[..., Any]:
    """`cross_entropy_loss`, whose mean with smoothed labels and class weights divides by another sum under a mode."""

    def cross_entropy_loss(  # noqa: PLR0917 - the signature of what it stands in for
        self: Any, target: Any, weight: Any = None, reduction: int = MEAN, ignore: int = -100, smoothing: float = 0.0
    ) -> Any:
        smoothed = weight is not None and reduction == MEAN and 0 < smoothing <= 1
        if not smoothed or torch._C._are_functorch_transforms_active() or not _of_classes(self, target):
            return stock(self, target, weight, reduction, ignore, smoothing)
        return smoothed_mean(self, target, weight, ignore, smoothing)

    return cross_entropy_loss


def _of_classes(x: Any, target: Any) -> bool:
    """Whether the targets are numbers of classes, not probabilities, as far as can be told without raising."""
    return all(isinstance(t, torch.Tensor) for t in (x, target)) and x.dim() > 0 and x.shape != target.shape


def smoothed_mean(x: Any, target: Any, weight: Any, ignore: int, smoothing: float) -> Any:
    """Operation by operation `cross_entropy_loss_label_smoothing` of ATen's LossNLL.cpp, reduced to its mean.

    x: (N, C, …) or (C), target: its shape without C, weight: (C).
    """
    dim = min(x.dim() - 1, 1)
    logs = torch.log_softmax(x, dim, x.dtype)
    likelihood = torch._C._nn.nll_loss_nd(logs, target, weight, MEAN, ignore)
    shape = [1] * x.dim()
    shape[dim] = weight.shape[0]
    smooth = -(logs * weight.view(shape)).sum(dim)
    ignored = target == ignore
    smooth.masked_fill_(ignored, 0.0)
    mean = smooth.sum() / weight.gather(0, target.masked_select(~ignored).flatten()).sum()
    return _times(likelihood, 1 - smoothing) + _times(mean, smoothing / x.shape[dim])


def run_alone(fn: Any, watch: Watch, *, create: bool) -> list[Any]:
    """Hooks by which a node takes stock's branch: it runs unobserved.

    Where a graph of its gradient is made (`create`), what it sends is then computed once more, observed, by the
    operations of stock's branch. Only for nodes whose saved tensors may be read, and before any other hook sees them.
    """
    branch = BRANCHES[fn.name()] if create else None
    away: list[bool] = []

    def before(grads: Any) -> None:
        if watch.on and grads[0] is not None and (branch is None or _taken(branch, fn, watch)):
            watch.pop()
            away.append(True)

    def after(sends: Any, grads: Any) -> Any:
        if not away:
            return None
        away.clear()
        watch.push()
        watch.skip_nodes()
        return branch.sends(fn, grads[0], sends) if branch is not None else None

    return [fn.register_prehook(before), fn.register_hook(after)]


def _taken(branch: Branch, fn: Any, watch: Watch) -> bool:
    """Whether stock takes the branch; not where what the node saved is overwritten or freed, as it will say itself."""
    with watch.paused():
        try:
            return branch.taken(fn)
        except RuntimeError:
            return False
