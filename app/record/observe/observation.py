"""Switches everything that observes a run on and off again: the dispatch mode, the engine, Functions, modules, hooks.

What is replaced in torch is put back whatever happens; a snippet can't tell the replacements from the originals.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.autograd import forward_ad
from torch.nn.modules import module as nn_module
from torch.optim.optimizer import register_optimizer_step_post_hook

from app.record.observe.alone import stock_branches
from app.record.observe.autograd import Autograd
from app.record.observe.facts import is_leaf
from app.record.observe.log import Bound, OpRun, Read, StatementDone
from app.record.observe.moves import Lazy, observed_moves
from app.record.observe.ops import OpInfo
from app.record.observe.optimizers import Optimizers
from app.record.observe.passes import Derive, Passes
from app.record.observe.reading import MOST_READS, readings
from app.record.observe.shared import Shared
from app.record.observe.watch import Watch, saved_hooks

SingleLevelFunction = torch.autograd.function._SingleLevelFunction
Tensor, Module = torch.Tensor, torch.nn.Module

NONLEAF = "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed"


class Observation:
    """Everything known about one run while it runs."""

    def __init__(self, user_files: frozenset[str], max_ops: int | None, derive: Derive | None, hooks: bool) -> None:
        self.watch = Watch(user_files, max_ops)
        self.graph = Autograd(self.watch.packed, self.watch.first_seq, hooks)
        self.passes = Passes(self.watch, self.graph, derive)
        self.passes.hooks = hooks
        self._writes = 0
        self._optimizers = Optimizers()
        self.nonleaf_grads: list[tuple[str, int, Any]] = []
        """File and line where the `.grad` of a non-leaf was read, and the tensor where it is known."""
        self._shared = Shared(self.watch)
        self.reads: list[Read] = []
        """Tensors whose numbers were read by `.tolist()` or `.numpy()`, which no op shows."""
        self.result: Any = None
        """The value of the snippet's last statement, where that is an expression."""

    @contextmanager
    def on(self) -> Iterator[None]:
        """Observe what runs inside."""
        watch, passes = self.watch, self.passes
        register_hook, register_post = Tensor.register_hook, Tensor.register_post_accumulate_grad_hook
        modules = watch.modules

        def enter(module: Any, _args: Any) -> None:
            modules.append(module)

        def leave(module: Any, _args: Any, _out: Any) -> None:
            if modules and modules[-1] is module:
                modules.pop()

        def hook(tensor: Any, function: Any) -> Any:
            handle = register_hook(tensor, function)
            fn = tensor.grad_fn
            passes.hook_put((-1 - id(tensor), 0) if fn is None else (fn._sequence_nr(), tensor.output_nr), handle)
            return handle

        def post_hook(tensor: Any, function: Any) -> Any:
            passes.hooks = True
            return register_post(tensor, function)

        def stepped(optimizer: Any, _args: Any, _kwargs: Any) -> None:
            self._optimizers.know(optimizer)

        handles = [
            nn_module.register_module_forward_pre_hook(enter),
            nn_module.register_module_forward_hook(leave, always_call=True),
            register_optimizer_step_post_hook(stepped),
        ]
        # Function.apply looks for the next `apply` here, also where a snippet has bound it long before.
        SingleLevelFunction.apply = self._observed_apply()
        Tensor.register_hook = functools.update_wrapper(hook, register_hook)
        Tensor.register_post_accumulate_grad_hook = functools.update_wrapper(post_hook, register_post)
        engine = torch.autograd.graph._engine_run_backward

        def run(*args: Any, **kwargs: Any) -> Any:
            return passes.run(*args, **kwargs)

        functools.update_wrapper(run, engine)
        torch.autograd._engine_run_backward = torch.autograd.graph._engine_run_backward = run
        make_dual = forward_ad.make_dual
        forward_ad.make_dual = watch.refuse_forward_mode
        show = warnings.showwarning

        def show_warning(message: Any, category: Any, filename: str, lineno: int, *rest: Any, **named: Any) -> None:
            if NONLEAF in str(message):
                self.nonleaf_grads.append((filename, lineno, None))
            show(message, category, filename, lineno, *rest, **named)

        warnings.showwarning = show_warning
        watch.push()
        try:
            with stock_branches(), readings(watch, self.reads, self._shared), observed_moves(watch):
                yield
        finally:
            watch.pop()
            warnings.showwarning = show
            forward_ad.make_dual = make_dual
            torch.autograd._engine_run_backward = torch.autograd.graph._engine_run_backward = engine
            del SingleLevelFunction.apply
            Tensor.register_hook = register_hook
            Tensor.register_post_accumulate_grad_hook = register_post
            for handle in handles:
                handle.remove()

    def _observed_apply(self) -> Any:
        watch = self.watch

        def apply(cls: Any, *args: Any, **kwargs: Any) -> Any:
            if torch._C._are_functorch_transforms_active():
                return super(SingleLevelFunction, cls).apply(*args, **kwargs)  # type: ignore[misc]
            watch.inner += 1
            run = OpRun(_function_info(cls), args, kwargs, -1, None, -1)
            try:
                run.out = out = super(SingleLevelFunction, cls).apply(*args, **kwargs)  # type: ignore[misc]
            finally:
                watch.inner -= 1
            run.function = cls
            run.code, run.lasti = watch.place(2)
            run.pass_ = watch.pass_
            run.inner = watch.inner > 0
            run.module = watch.modules[-1] if watch.modules else None
            for one in out if isinstance(out, tuple) else (out,):
                if isinstance(one, Tensor) and one.grad_fn is not None:
                    run.seq = one.grad_fn._sequence_nr()
                    if saved_hooks(False) is not None:
                        watch.packed.add(run.seq)
                    break
            watch.skip_nodes()
            watch.log.append(run)
            return out

        return classmethod(apply)

    def forget(self) -> None:
        """Let go of every tensor; a snippet's functions may keep this object alive, as they know how to call it."""
        self.watch.log.clear()
        self.graph.nodes.clear()
        self.graph.outputs.clear()
        self.passes.leaves.clear()
        self.reads.clear()
        self._shared.forget()
        self.nonleaf_grads.clear()
        self._optimizers.forget()
        self.result = None

    def bind(self, statement: int, name: str, value: Any) -> None:
        """A name was bound; called by the instrumented snippet."""
        entry = Bound(statement, name, value)
        if isinstance(value, Tensor):
            entry.value = _unwrapped(value)
            self._know(entry.value)
        elif isinstance(value, Module):
            if "_parameters" not in vars(value):
                return  # its __init__ has only begun, and calls it otherwise than self
            named = value.named_parameters(prefix=name)
            entry.parameters = [one for one in named if not isinstance(one[1], Lazy)]
            for _, parameter in entry.parameters:
                self._know(parameter)
        elif isinstance(value, (tuple, list)):
            if len(value) > 64 or not any(isinstance(item, (Tensor, Module, tuple, list)) for item in value):
                return
            self._bind_modules(statement, name, enumerate(value))
            entry.value = tuple(_unwrapped(item) for item in value)
        elif isinstance(value, dict):
            self._bind_modules(statement, name, value.items())
            entry.value = {key: _unwrapped(item) for key, item in value.items()}
        else:
            return
        self.watch.log.append(entry)

    def _bind_modules(self, statement: int, name: str, items: Iterable[tuple[Any, Any]]) -> None:
        """Modules in a list or dict are bound as `layers[0]`."""
        for key, item in items:
            if isinstance(item, Module):
                self.bind(statement, f"{name}[{key!r}]", item)

    def _know(self, tensor: Any) -> None:
        """Remember it, if it is a leaf."""
        if is_leaf(tensor):
            self.passes.leaves.setdefault(id(tensor), [tensor, tensor.grad])

    def done(self, statement: int) -> None:
        """A statement that may write leaves has run; called by the instrumented snippet."""
        changed: list[tuple[Any, Any]] = []
        for known in self.passes.leaves.values():
            grad = known[0].grad
            if grad is not known[1]:
                known[1] = grad
                changed.append((known[0], grad))
        if self._shared:
            self._shared.tell()
        if changed or self.dirty():
            self.watch.log.append(StatementDone(statement, changed))
            held = self._optimizers.hold()
            if held is not None:
                self.watch.log.append(held)

    def head(self, statement: int, value: Any) -> Any:
        """The head of a compound statement has run and gave `value`, which is handed on."""
        self.done(statement)
        return value

    def dirty(self) -> bool:
        """Whether an op has written anything since this was asked last."""
        writes = self.watch.writes.count
        found, self._writes = writes != self._writes, writes
        return found

    @property
    def optimizers(self) -> list[Any]:
        """The optimizers that have made a step."""
        return self._optimizers.known

    def grad_of(self, value: Any) -> Any:
        """What the snippet reads `.grad` of, unchanged."""
        if isinstance(value, Tensor) and len(self.nonleaf_grads) < MOST_READS and _keeps_no_grad(value):
            code, lasti = self.watch.place(2)
            if code is not None:
                line = list(code.co_positions())[lasti // 2][0]
                self.nonleaf_grads.append((code.co_filename, line or 0, value))
        return value

    def keep_result(self, _statement: int, value: Any) -> Any:
        """The value of the last statement, unchanged."""
        self.result = value
        return value


def _keeps_no_grad(tensor: Any) -> bool:
    """Whether it is an intermediate tensor that nobody asked to keep its `.grad`."""
    with torch._C.DisableTorchFunction():
        return tensor.requires_grad and not tensor.is_leaf and not tensor.retains_grad


def _unwrapped(value: Any) -> Any:
    """The plain tensor inside what a function transform made of it."""
    while isinstance(value, Tensor) and torch._C._functorch.is_functorch_wrapped_tensor(value):
        value = torch._C._functorch.get_unwrapped(value)
    return value


def _function_info(cls: Any) -> OpInfo:
    forward = getattr(cls, "forward", None)
    code = getattr(forward, "__code__", None)
    names: tuple[str, ...] = ()
    if code is not None:
        names = code.co_varnames[: code.co_argcount]
        if not cls.__dict__.get("setup_context") and names[:1]:
            names = names[1:]
    return OpInfo(cls.__name__, names, (None,) * len(names), (), reshapes=False, makes=False)
