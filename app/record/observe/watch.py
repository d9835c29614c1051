"""Sees every aten op while a snippet runs and appends it to the log. Does nothing else: it is on the hot path."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from app.core.errors import GradwalkError
from app.record.observe.facts import has_storage, let_go, memory_of
from app.record.observe.log import NOWHERE, OpRun, Place
from app.record.observe.ops import OpInfo, op_info
from app.record.observe.transforms import forward_mode
from app.record.observe.writes import Writes

FUNCTIONAL = torch.nn.functional.cross_entropy.__code__.co_filename
CALL_MODULE = torch.nn.Module._call_impl.__code__
ENGINE = torch.autograd.graph._engine_run_backward.__code__
"""Of the innermost Python function where the engine itself runs an op."""
PRINTING = frozenset({"__repr__", "__format__", "__str__", "_str"})
_sequence_nr: Callable[[], int] = torch._C._autograd._get_sequence_nr
saved_hooks: Callable[[bool], Any] = torch._C._autograd._top_saved_tensors_default_hooks
_set_excluded: Callable[[Any, bool], None] = torch._C._dispatch_tls_set_dispatch_key_excluded
_CONJUGATE, _NEGATIVE = torch._C.DispatchKey.Conjugate, torch._C.DispatchKey.Negative
_ZERO = torch._C.DispatchKey.ZeroTensor
_grad_enabled: Callable[[], bool] = torch.is_grad_enabled
_filled: Callable[[], bool] = torch.are_deterministic_algorithms_enabled
"""Whether PyTorch itself fills memory that isn't initialised."""


class Stop(BaseException):
    """Ends the snippet from inside; not an Exception, so that the snippet can't catch it by accident."""

    def __init__(self, error: GradwalkError) -> None:
        super().__init__(error.message)
        self.error = error


class ElsewhereError(BaseException):
    """Ends a snippet where its own backward pass would begin, as another one is asked for; no Exception, so that the
    snippet can't catch it by accident.
    """


class Watch(TorchDispatchMode):
    """Logs ops; `log`, `writes` and `passes` are shared with whatever else observes the run."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False

    def __init__(self, user_files: frozenset[str], max_ops: int | None) -> None:
        super().__init__()
        self.log: list[Any] = []
        self.writes = Writes()
        self.user_files = user_files
        self.left = max_ops if max_ops is not None else sys.maxsize
        self.max_ops = max_ops
        self.infos: dict[Any, OpInfo] = {}
        self.packed: set[int] = set()
        """Numbers of nodes made while saved-tensor hooks were active: reading what they saved runs user code."""
        self.on = False
        self.pass_ = -1
        """Index of the innermost pass that is running, else -1."""
        self.lets_go = False
        """The pass that is running must not find its gradients held."""
        self.inner = 0
        """Depth of custom Functions whose forward is running."""
        self.modules: list[Any] = []
        """The modules whose forward is running, innermost last."""
        self.first_seq = self.seq = _sequence_nr()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        info = self.infos.get(func)
        if info is None:
            info = self.infos[func] = op_info(func)
        if info.writes or info.renews:
            self._before_write(info, args, kwargs)
        # Nodes are made before the op itself runs, so the newest number is this op's own node, if it made one.
        seq = _sequence_nr()
        made = seq - 1 if seq != self.seq else -1
        self.seq = seq
        run = OpRun(info, args, kwargs, made, None, -1)
        self._place(run)
        if not _grad_enabled():
            run.graded = False
            run.seq = -1
        elif made >= 0 and saved_hooks(False) is not None:
            self.packed.add(made)
        run.pass_ = self.pass_
        run.inner = self.inner > 0
        if self.modules:
            run.module = self.modules[-1]
        self.left -= 1
        if self.left < 0:
            self._too_many(run)
        # PyTorch enters a mode with these switched off, and kernels that conjugate lazily then compute something else.
        _set_excluded(_CONJUGATE, False)
        _set_excluded(_NEGATIVE, False)
        _set_excluded(_ZERO, False)
        out = func(*args, **kwargs) if kwargs else func(*args)
        run.out = memory_of(out) if info.makes else out
        if info.blank and has_storage(out) and out.device.type == "cpu" and not _filled():
            out.untyped_storage().fill_(0)  # so that the same snippet always gives the same Trace
        if self.lets_go and sys._getframe(1).f_code is ENGINE:
            run.args, run.out = let_go((args, run.out))
        self.log.append(run)
        return out

    def _place(self, run: OpRun) -> None:
        """Find the innermost frame of the user, and the library call that it is in."""
        frame: FrameType | None = sys._getframe(2)
        files = self.user_files
        below: CodeType | None = None
        call: CodeType | None = None
        call_lasti = -1
        open_ = True
        while frame is not None:
            code = frame.f_code
            if code.co_filename in files:
                run.code, run.lasti = code, frame.f_lasti
                break
            if open_:
                if code is CALL_MODULE:
                    open_ = False
                elif call is None or code.co_filename == FUNCTIONAL:
                    call = code
                    call_lasti = frame.f_lasti
            below = code
            frame = frame.f_back
        run.call = call
        run.call_lasti = call_lasti
        run.built_in = not open_
        if below is not None and below.co_name in PRINTING:
            run.hidden = True

    def place(self, depth: int = 1) -> Place:
        """The innermost frame of the user above the caller."""
        frame: FrameType | None = sys._getframe(depth)
        while frame is not None:
            if frame.f_code.co_filename in self.user_files:
                return frame.f_code, frame.f_lasti
            frame = frame.f_back
        return NOWHERE

    def _before_write(self, info: OpInfo, args: tuple[Any, ...], kwargs: dict[str, Any] | None) -> None:
        time = len(self.log)
        for position in info.writes or info.renews:
            if position < len(args):
                target = args[position]
            else:
                target = kwargs.get(info.arguments[position]) if kwargs else None
            for tensor in target if isinstance(target, (list, tuple)) else (target,):
                if isinstance(tensor, torch.Tensor):
                    self.writes.keep(tensor, time)
                    if info.reshapes:
                        self.writes.keep_geometry(tensor, time)

    def refuse_forward_mode(self, *_args: Any, **_kwargs: Any) -> None:
        """Stand in for `make_dual`."""
        raise Stop(forward_mode(self, _line(*self.place(2))))

    def _too_many(self, run: OpRun) -> None:
        raise Stop(
            GradwalkError(
                "too_many_ops",
                f"The snippet runs more than {self.max_ops:,} operations.",
                line=_line(run.code, run.lasti),
                hint="Fewer iterations or a smaller network show the same thing.",
            )
        )

    def skip_nodes(self) -> None:
        """Nodes made since the last op weren't made by the next one."""
        self.seq = _sequence_nr()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Not observing what the recorder itself does."""
        active = self.on
        if active:
            self.pop()
        try:
            yield
        finally:
            if active:
                self.push()

    def push(self) -> None:
        """Begin to observe in this thread."""
        torch._C._push_on_torch_dispatch_stack(self)
        self.on = True

    def come_back(self) -> None:
        """Observe again after the engine has run; it has put the mode back itself where a node raised."""
        if torch._C._len_torch_dispatch_stack():
            self.on = True
        else:
            self.push()

    def pop(self) -> None:
        """Stop observing."""
        torch._C._pop_torch_dispatch_stack(None)
        self.on = False


def _line(code: CodeType | None, lasti: int) -> int | None:
    return None if code is None else list(code.co_positions())[lasti // 2][0]
