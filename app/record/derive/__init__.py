"""What is derived from a live graph just before the engine runs: local Jacobians, and the contribution of each path.

Observes only: no hook runs, no buffer is freed, no random number is drawn, no user-written code is called.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.utils._python_dispatch import _disable_current_modes

from app.core.trace import Endpoint, Jacobian, Note, Paths
from app.record.derive.calls import Calls
from app.record.derive.jacobians import jacobians
from app.record.derive.paths import LeafPaths
from app.record.observe.live import LiveGraph

JACOBIAN_WORK = 20_000
"""Node calls, at the least, that the Jacobians of one pass may take: about a tenth of a second."""
PATH_WORK = 20_000
"""The same for paths."""
RUN_WORK = 40_000
"""What all passes of one run may take for each: a training loop must not spend its time limit here."""


class Budget:
    """The work that is left for one run."""

    def __init__(self, jacobians: int = RUN_WORK, paths: int = RUN_WORK) -> None:
        self.jacobians = jacobians
        self.paths = paths


@dataclass(frozen=True, slots=True)
class Derived:
    """The parts of a pass that the engine itself doesn't compute."""

    jacobians: tuple[Jacobian, ...]
    paths: tuple[Paths, ...]
    notes: tuple[Note, ...]


def derive(
    graph: LiveGraph,
    roots: Sequence[Endpoint],
    seeds: Sequence[Tensor | None],
    targets: Sequence[Endpoint],
    budget: Budget | None = None,
) -> Derived:
    """Jacobians and paths of one pass over `graph`, which starts at `roots` with `seeds` and ends at `targets`.

    A target is a leaf that accumulates or an input of `autograd.grad`. Nodes that aren't safe are never called; a
    target that only they lead to has no paths, and a note says so. Passes of one run share a `budget`.
    """
    budget = budget or Budget()
    for_jacobians = Calls(graph, min(JACOBIAN_WORK, budget.jacobians))
    for_paths = Calls(graph, min(PATH_WORK, budget.paths))
    given = for_jacobians.work, for_paths.work
    generator = torch.default_generator.get_state()
    with _disable_current_modes(), torch._C.DisableTorchFunction(), torch.no_grad():
        try:
            local, complete = jacobians(graph, for_jacobians)
            found = LeafPaths(graph, for_paths, roots, seeds)
            paths = [entry for target in dict.fromkeys(targets) for entry in found.of(target)]
        finally:
            torch.default_generator.set_state(generator)
            budget.jacobians -= given[0] - for_jacobians.work
            budget.paths -= given[1] - for_paths.work
    notes = list(found.notes())
    if not complete:
        message = "Some local derivatives are left out: computing all of them would take too long."
        notes.append(Note("jacobians_left_out", message, None, None))
    return Derived(tuple(local), tuple(paths), tuple(notes))
