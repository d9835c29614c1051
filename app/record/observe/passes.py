"""Watches the backward engine: every run of it is a pass, every node that it runs leaves an entry in the log.

Our hooks are on the nodes only while a pass runs and come after the snippet's own, so they see what really flows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch.autograd.graph import GradientEdge

from app.record.observe.alone import run_alone
from app.record.observe.autograd import Autograd, Key, key_of
from app.record.observe.branches import BRANCHES
from app.record.observe.facts import let_go
from app.record.observe.live import LiveGraph, live_graph, node_id
from app.record.observe.log import LeafRan, NodeRan, PassEnd, PassStart, Place
from app.record.observe.transforms import Unseen, unseen
from app.record.observe.watch import ElsewhereError, Watch


def _look(_grads: Any) -> None:
    """A prehook that does nothing: its place among the others tells whether there are others."""


Derive = Callable[[LiveGraph, Sequence[Any], Sequence[Any], Sequence[Any]], Any]


class Passes:
    """Replaces `_engine_run_backward` while a snippet runs."""

    def __init__(self, watch: Watch, graph: Autograd, derive: Derive | None) -> None:
        self.watch = watch
        self.graph = graph
        self.derive = derive
        self.count = 0
        self.running: list[PassStart] = []
        self.implicit = False
        self.leaves: dict[int, Any] = {}
        """Leaves by `id()`, with the `.grad` object seen last."""
        self.hooks = False
        """The snippet may have put hooks on nodes or tensors, so that gradients may be changed on their way."""
        self.handles: dict[tuple[Key, int], list[Any]] = {}
        """The handles of the snippet's hooks on tensors, those of removed hooks too, by node output."""
        self.unseen: list[Unseen] = []
        """Passes inside a function transform, which aren't recorded."""
        self.ours: dict[Key, int] = {}
        """How many passes have their hooks on a node at the moment."""
        self.original = torch.autograd.graph._engine_run_backward
        self.elsewhere: Callable[[], bool] | None = None
        """Whether what another pass is to start from is there, so that the snippet's own pass isn't run."""
        self.cut: Place | None = None
        """Where the snippet was about to start the pass that isn't run."""

    def hook_put(self, end: tuple[Key, int], handle: Any) -> None:
        """The snippet has put a hook on a tensor, which may run in the passes that are running."""
        self.hooks = True
        self.handles.setdefault(end, []).append(handle)
        for start in self.running:
            start.hooked.add(end)

    def run(self, outputs: Sequence[Any], *args: Any, **kwargs: Any) -> Any:
        """Stand in for `torch.autograd.graph._engine_run_backward`."""
        if self.elsewhere is not None and not self.implicit and self.elsewhere():
            self.cut = self.watch.place(2)
            raise ElsewhereError
        seeds, create, inputs = _arguments(args, kwargs)
        if self.watch.on and not torch._C._len_torch_dispatch_stack():
            return self.original(outputs, *args, **kwargs)  # in another thread, which isn't observed
        if not all(_has_memory(tensor) for tensor in (*outputs, *seeds)):
            self.unseen.append(unseen(self.watch))
            return self.original(outputs, *args, **kwargs)
        watch = self.watch
        active = watch.on
        with watch.paused():
            start, live = self._start(outputs, seeds, create, inputs, kwargs.get("accumulate_grad", False))
            handles = self._hook(start, live)
            if self.derive is not None:
                start.derived = self._derive(start, live)
            watch.skip_nodes()
        outer = watch.pass_
        watch.pass_ = start.index
        self.running.append(start)
        user_code = self._runs_user_code(live)
        start.lets_go = not create and (user_code or any(_of_several(seed) for seed in seeds))
        outer_lets_go, watch.lets_go = watch.lets_go, start.lets_go
        quiet = active and not create and not user_code
        if quiet:
            watch.pop()
        elif active and not create:
            handles.extend(self._alone(start, live))
        start.failed = True
        try:
            result = self.original(outputs, *args, **kwargs)
            start.failed = False
            if start.kind == "grad":
                start.captured = tuple(result)
            return result
        finally:
            if active and not watch.on:
                watch.come_back()
            for handle in handles:
                handle.remove()
            for key in live:
                self.ours[key] -= 1
            self.running.pop()
            watch.pass_ = outer
            watch.lets_go = outer_lets_go
            watch.log.append(PassEnd(start.index))

    def _start(
        self, outputs: Sequence[Any], seeds: Sequence[Any], create: bool, inputs: Sequence[Any], accumulate: bool
    ) -> tuple[PassStart, dict[Key, Any]]:
        watch = self.watch
        start = PassStart(self.count, "backward" if accumulate else "grad", watch.place(3))
        self.count += 1
        start.implicit = self.implicit
        start.create_graph = create
        start.within = self.running[-1].index if self.running else None
        roots = [_edge(output) for output in outputs]
        live = self.graph.walk(fn for fn, _, _ in roots)
        self.hooks = self.hooks or self.graph.early
        for (fn, number, tensor), seed in zip(roots, seeds, strict=False):
            if fn is not None:
                start.roots.append((tensor, (key_of(fn), number)))
                start.seeds.append(seed)
        if inputs or not accumulate:
            start.inputs = []
            for one in inputs:
                fn, number, tensor = _edge(one)
                start.inputs.append((tensor, None if fn is None else (key_of(fn), number)))
        watch.log.append(start)
        return start, live

    def _hook(self, start: PassStart, live: dict[Key, Any]) -> list[Any]:
        """Put our hooks on the nodes: after the snippet's own, which they count."""
        handles: list[Any] = []
        if self.handles:
            start.hooked.update(end for end, own in self.handles.items() if any(map(_is_on, own)))
        for key, fn in live.items():
            if key < 0:
                leaf = self.graph.nodes[key].leaf
                self.leaves.setdefault(id(leaf), [leaf, leaf.grad])
                if leaf._backward_hooks:
                    self.hooks = True
                    start.hooked.add((key, 0))
                before: list[Any] = []
                first = fn.register_prehook(partial(self._before_leaf, start, leaf, before))
                handle = fn.register_hook(partial(self._after_leaf, start, leaf, before))
                handles.append(first)
                if leaf._post_accumulate_grad_hooks and leaf.requires_grad:
                    self.hooks = True
                    handles.append(_before_others(leaf, partial(self._accumulated, start, leaf, before)))
            else:
                first = fn.register_prehook(_look) if self.hooks else None
                handle = fn.register_hook(partial(self._ran, start, key))
            handles.append(handle)
            own = self.ours[key] = self.ours.get(key, 0) + 1
            if len(handle.hooks_dict_ref()) > own:
                start.hooked_nodes.add(key)
                self.hooks = True
            others = own if key < 0 else 1
            if first is not None and len(first.hooks_dict_ref()) > others:
                start.hooked.update((key, number) for number in range(len(self.graph.nodes[key].metas)))
                self.hooks = True
            if first is not None and key >= 0:
                first.remove()
            if start.create_graph and self.graph.nodes[key].name in BRANCHES and self._may_run_alone(start, key):
                handle.remove()
                handles[-1:] = run_alone(fn, self.watch, create=True)
                handles.append(fn.register_hook(partial(self._ran, start, key)))
        return handles

    def _alone(self, start: PassStart, live: dict[Key, Any]) -> list[Any]:
        """Where code of the snippet is observed during a pass, PyTorch's own nodes still run as they do alone."""
        own = [key for key in live if key >= 0 and not self.graph.nodes[key].custom and self._may_run_alone(start, key)]
        return [handle for key in own for handle in run_alone(live[key], self.watch, create=False)]

    def _may_run_alone(self, start: PassStart, key: Key) -> bool:
        """Whether no code of the snippet runs with the node."""
        return not self.graph.nodes[key].packed and key not in start.hooked_nodes and self.ours[key] == 1

    def _ran(self, start: PassStart, key: Key, sends: Any, grads: Any) -> None:
        # A pass inside this one may run the same nodes; its own hooks see that.
        if self.running[-1] is start:
            if start.lets_go:
                with self.watch.paused():
                    grads, sends = let_go(grads), let_go(sends)
            self.watch.log.append(NodeRan(start.index, key, grads, sends))

    def _before_leaf(self, start: PassStart, leaf: Any, before: list[Any], grads: Any) -> None:
        if self.running[-1] is not start:
            return
        watch = self.watch
        grad = leaf.grad
        before.clear()
        if grad is not None:
            with watch.paused():
                watch.writes.keep(grad, len(watch.log))
        before.append((grad, len(watch.log)))
        if leaf._post_accumulate_grad_hooks and grads[0] is not None:
            # A copy: the engine takes the tensor itself as `.grad` only if nobody else holds it.
            with watch.paused(), torch.no_grad():
                before.append(grads[0].clone())

    def _accumulated(self, start: PassStart, leaf: Any, before: list[Any], _leaf: Any) -> None:
        """The first of the leaf's post-accumulate hooks: the snippet's own come after."""
        if len(before) > 1 and self.running[-1] is start:
            self._leaf_ran(start, leaf, before, before[1])

    def _after_leaf(self, start: PassStart, leaf: Any, before: list[Any], _sends: Any, grads: Any) -> None:
        added = grads[0]
        if not before or added is None or self.running[-1] is not start:
            return
        if not leaf.requires_grad:
            return  # detached in place since: AccumulateGrad drops what arrives
        if start.lets_go:
            with self.watch.paused():
                added = let_go(added)
        self._leaf_ran(start, leaf, before, added)

    def _leaf_ran(self, start: PassStart, leaf: Any, before: list[Any], added: Any) -> None:
        old, time = before[0]
        before.clear()
        after = leaf.grad
        self.leaves[id(leaf)] = [leaf, after]
        self.watch.log.append(LeafRan(start.index, leaf, None if old is None else (old, time), added, after))

    def _runs_user_code(self, live: dict[Key, Any]) -> bool:
        if self.hooks:
            return True
        nodes = self.graph.nodes
        return any(nodes[key].custom or nodes[key].packed for key in live)

    def _derive(self, start: PassStart, live: dict[Key, Any]) -> Any:
        nodes = self.graph.nodes
        metas = [meta for key in live for meta in nodes[key].metas]
        if self.derive is None or any(meta.is_nested_tensor or meta.device.type == "meta" for meta in metas):
            return None
        graph = live_graph(live, nodes, start.hooked_nodes)
        roots = [(node_id(key), number) for _, (key, number) in start.roots]
        if start.inputs is None:
            targets = [(node_id(key), 0) for key in live if key < 0 and nodes[key].leaf.requires_grad]
        else:
            targets = [(node_id(end[0]), end[1]) for _, end in start.inputs if end is not None and end[0] in live]
        with torch.no_grad():
            return self.derive(graph, roots, start.seeds, targets)


def _before_others(leaf: Any, hook: Any) -> Any:
    """Put a post-accumulate hook before those that the leaf has; returns its handle."""
    hooks = leaf._post_accumulate_grad_hooks
    others = list(hooks.items())
    handle = leaf.register_post_accumulate_grad_hook(hook)
    for key, other in others:
        del hooks[key]
        hooks[key] = other
    return handle


def _is_on(handle: Any) -> bool:
    """Whether a hook hasn't been removed."""
    return handle.id in (handle.hooks_dict_ref() or ())


def _edge(output: Any) -> tuple[Any, int, Any]:
    """(node, output number, tensor or None) from which a pass starts or at which it ends."""
    if isinstance(output, GradientEdge):
        return output.node, output.output_nr, None
    if not output.requires_grad:
        return None, 0, output
    fn = output.grad_fn
    if fn is None:
        # The engine starts from AccumulateGrad, which Python reaches only through a consumer.
        with torch.enable_grad():
            used = output.view_as(output) if output.layout is torch.strided else output.clone()
            # An inference tensor has an AccumulateGrad, but nothing that uses it has a node.
            return used.grad_fn.next_functions[0][0] if used.grad_fn else None, 0, output
    return fn, output.output_nr, output


def _of_several(seed: Any) -> bool:
    """Whether a seed has several elements, so that the snippet made it, and may see what becomes of its memory."""
    return isinstance(seed, torch.Tensor) and seed.numel() != 1


def _has_memory(tensor: Any) -> bool:
    """False for what function transforms wrap."""
    return not isinstance(tensor, torch.Tensor) or tensor.layout is not torch.strided or torch._C._has_storage(tensor)


def _arguments(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Sequence[Any], bool, Sequence[Any]]:
    names = ("grad_tensors", "keep_graph", "create_graph", "inputs")
    given = dict(zip(names, args, strict=False)) | kwargs
    return given.get("grad_tensors", ()), given.get("create_graph", False), given.get("inputs", ()) or ()
