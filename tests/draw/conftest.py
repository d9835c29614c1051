"""Traces for drawing: the lecture's example, and made-up ones of any shape whose numbers are only there to be drawn."""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import random
import threading
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.core.trace import (
    Accumulated,
    Contribution,
    Edge,
    Full,
    Grad,
    Jacobian,
    Node,
    Pass,
    Program,
    SetGrad,
    SetTensor,
    Step,
    Summary,
    TensorEntry,
    Trace,
)
from app.core.view import View
from app.draw.elements import Scene
from app.draw.layout import Layouter
from app.draw.scene import scene

Draw = Callable[..., Scene]
Shape = tuple[int, ...]
Op = tuple[str, str, str, Sequence[str], Shape]
"""Name (may be empty: unnamed), key, op, keys of the operands, shape."""


class MadeUp:
    """Builds a Trace from leaves, inputs and operations; one backward pass from the last operation."""

    def __init__(self, leaves: dict[str, Shape], inputs: dict[str, Shape], ops: Sequence[Op], *, seed: int = 0) -> None:
        self.rng = random.Random(seed)
        self.shapes = {**leaves, **inputs, **{key: shape for _name, key, _op, _operands, shape in ops}}
        self.leaves, self.inputs, self.ops = leaves, inputs, ops
        self.ids: dict[str, str] = {}

    def value(self, shape: Shape) -> Full | Summary:
        if math.prod(shape) > 4096:
            sample = [[self.rng.gauss(0, 1) for _ in range(32)] for _ in range(32)]
            return Summary(math.prod(shape), -3.2, 3.1, 0.0, 1.0, 0, 0, 0, sample)

        def nested(rest: Shape) -> object:
            return [nested(rest[1:]) for _ in range(rest[0])] if rest else round(self.rng.gauss(0, 1), 4)

        return Full(nested(shape))

    def trace(self) -> Trace:
        tensors, nodes, edges, steps = [], [], [], [_step(0, "start", "start")]
        shown: set[str] = set()
        count = itertools.count()

        def node(key: str, kind: str, op: str, name: str | None, operands: Sequence[str]) -> Node:
            number = next(count)
            id_ = self.ids[key] = f"n{number}"
            shape = self.shapes[key]
            tensors.append(
                TensorEntry(
                    f"t{number}", name, shape, "float32", "strided", (), 0, f"s{number}", 0, kind != "input",
                    kind != "op", self.value(shape),
                )
            )  # fmt: skip
            for place, operand in enumerate(operands):
                edges.append(Edge(f"e{len(edges)}", self.ids[operand], 0, id_, place, operand not in self.inputs))
            grad_fn = f"{op.title()}Backward0" if kind == "op" else None
            return Node(
                id_, kind, op, "", grad_fn, name, name or key, {}, 1, None, None, None, (f"t{number}",), False, ()
            )  # type: ignore[arg-type]

        for key in self.leaves:
            nodes.append(node(key, "leaf", "leaf", key, ()))
        for key in self.inputs:
            nodes.append(node(key, "input", "input", key, ()))
        for name, key, op, operands, _shape in self.ops:
            made = node(key, "op", op, name or None, operands)
            nodes.append(made)
            fresh = [self.ids[o] for o in operands if (o in self.leaves or o in self.inputs) and o not in shown]
            shown.update(operands)
            sets = [SetTensor(id_, 0, f"t{id_[1:]}") for id_ in dict.fromkeys(fresh)]
            sets.append(SetTensor(made.id, 0, made.outputs[0]))
            steps.append(_step(len(steps), "forward", "compute", made.id, None, tuple(sets)))
        one = self._pass(edges, steps)
        steps.append(_step(len(steps), "end", "end"))
        program = Program("made up", 0, "2.13.0", False)
        return Trace(program, tuple(tensors), (), tuple(nodes), tuple(edges), (one,), tuple(steps), "", (), None)

    def _pass(self, edges: list[Edge], steps: list[Step]) -> Pass:
        incoming = defaultdict(list)
        for edge in edges:
            incoming[edge.target].append(edge)
        keys = {id_: key for key, id_ in self.ids.items()}
        root = self.ids[self.ops[-1][1]]
        reached, contributions, grads, accumulated, jacobians = {root}, [], [], [], []
        steps.append(_step(len(steps), "backward", "seed", root, 0))
        for _name, key, *_rest in reversed(self.ops):
            id_ = self.ids[key]
            if id_ not in reached:
                continue
            grads.append(Grad(id_, 0, self.value(self.shapes[key])))
            steps.append(_step(len(steps), "backward", "backward", id_, 0))
            for edge in incoming[id_]:
                if edge.differentiable:
                    reached.add(edge.source)
                    shape = self.shapes[keys[edge.source]]
                    contributions.append(Contribution(edge.id, self.value(shape)))
                    jacobians.append(
                        Jacobian(edge.id, 0, self.shapes[key] + shape, self.value(self.shapes[key] + shape))
                    )
        for key, shape in self.leaves.items():
            if self.ids[key] in reached:
                added = self.value(shape)
                accumulated.append(Accumulated(self.ids[key], None, added, added))
                sets = (SetGrad(self.ids[key], added),)
                steps.append(_step(len(steps), "backward", "accumulate", self.ids[key], 0, sets))
        return Pass(
            0, "backward", 1, False, False, None, (), ((root, 0),), (Full(1.0),), tuple(grads), tuple(contributions),
            tuple(jacobians), tuple(accumulated), (), (),
        )  # fmt: skip


def _step(
    index: int, phase: str, kind: str, node: str | None = None, pass_: int | None = None, sets: tuple = ()
) -> Step:
    return Step(index, phase, kind, node, pass_, 1, None, kind, sets)  # type: ignore[arg-type]


def _square() -> MadeUp:
    return MadeUp({"x": ()}, {}, [("y", "y", "mul", ["x", "x"], ())])


def _matrices() -> MadeUp:
    return MadeUp(
        {"W": (3, 4), "b": (3,)},
        {"X": (2, 4)},
        [
            ("", "Wt", "t", ["W"], (4, 3)),
            ("Z", "Z", "mm", ["X", "Wt"], (2, 3)),
            ("Y", "Y", "add", ["Z", "b"], (2, 3)),
            ("A", "A", "relu", ["Y"], (2, 3)),
            ("loss", "loss", "sum", ["A"], ()),
        ],
    )


def _two_layer() -> MadeUp:
    return MadeUp(
        {"W1": (2, 3), "W2": (3,)},
        {"x": (2,), "y": ()},
        [
            ("u1", "u1", "mv", ["W1", "x"], (3,)),
            ("h", "h", "sigmoid", ["u1"], (3,)),
            ("u2", "u2", "dot", ["W2", "h"], ()),
            ("y_hat", "y_hat", "sigmoid", ["u2"], ()),
            ("", "d", "sub", ["y_hat", "y"], ()),
            ("", "d2", "pow", ["d"], ()),
            ("", "n1", "pow", ["W1"], (2, 3)),
            ("", "s1", "sum", ["n1"], ()),
            ("", "n2", "pow", ["W2"], (3,)),
            ("", "s2", "sum", ["n2"], ()),
            ("", "s", "add", ["s1", "s2"], ()),
            ("loss", "loss", "add", ["d2", "s"], ()),
        ],
    )


def _rnn(times: int = 3) -> MadeUp:
    ops: list[Op] = []
    for t in range(times):
        before = f"h{t}" if t else "h_0"
        ops += [
            ("", f"a{t}", "mv", ["W", before], (3,)),
            ("", f"c{t}", "mv", ["U", f"x{t}"], (3,)),
            ("", f"s{t}", "add", [f"a{t}", f"c{t}"], (3,)),
            ("", f"z{t}", "add", [f"s{t}", "b"], (3,)),
            ("h", f"h{t + 1}", "tanh", [f"z{t}"], (3,)),
        ]
    ops.append(("loss", "loss", "sum", [f"h{times}"], ()))
    return MadeUp({"W": (3, 3), "U": (3, 2), "b": (3,)}, {"h_0": (3,), **{f"x{t}": (2,) for t in range(times)}}, ops)


def _attention() -> MadeUp:
    return MadeUp(
        {"Wq": (8, 8), "Wk": (8, 8), "Wv": (8, 8)},
        {"X": (4, 8)},
        [
            ("Q", "Q", "mm", ["X", "Wq"], (4, 8)),
            ("K", "K", "mm", ["X", "Wk"], (4, 8)),
            ("V", "V", "mm", ["X", "Wv"], (4, 8)),
            ("", "Kt", "t", ["K"], (8, 4)),
            ("", "QK", "mm", ["Q", "Kt"], (4, 4)),
            ("scores", "scores", "div", ["QK"], (4, 4)),
            ("weights", "weights", "softmax", ["scores"], (4, 4)),
            ("out", "out", "mm", ["weights", "V"], (4, 8)),
            ("loss", "loss", "sum", ["out"], ()),
        ],
    )


def _deep(count: int = 160) -> MadeUp:
    ops: list[Op] = [("", "o0", "mul", ["w", "x"], ())]
    for k in range(1, count):
        operands = [f"o{k - 1}"] if k % 3 else [f"o{k - 1}", "w"]
        ops.append(("", f"o{k}", "mul" if len(operands) == 2 else "tanh", operands, ()))
    return MadeUp({"w": ()}, {"x": ()}, ops)


def _large() -> MadeUp:
    return MadeUp(
        {"W": (100, 100), "k": (4, 3, 3, 3)},
        {"image": (2, 3, 28, 28)},
        [
            ("features", "features", "convolution", ["image", "k"], (2, 4, 26, 26)),
            ("flat", "flat", "reshape", ["features"], (54, 100)),
            ("y", "y", "mm", ["flat", "W"], (54, 100)),
            ("a_rather_long_variable_name_for_a_loss", "loss", "mean", ["y"], ()),
        ],
    )


MADE: dict[str, Callable[[], MadeUp]] = {
    "square": _square,
    "matrices": _matrices,
    "two_layer": _two_layer,
    "rnn": _rnn,
    "attention": _attention,
    "deep": _deep,
    "large": _large,
}


def lecture_trace() -> Trace:
    path = Path(__file__).parents[1] / "lecture_by_hand.json"
    return Trace.from_dict(json.loads(path.read_text("utf-8")))


@pytest.fixture(scope="session")
def lecture() -> Trace:
    """x=3, w=2, b=1; u = w*x; v = u + b; a = relu(v); a.backward()."""
    return lecture_trace()


@pytest.fixture(scope="session", params=["lecture", *(name for name in MADE if name != "deep")])
def picture(request: pytest.FixtureRequest) -> Trace:
    """Each of the pictures that a lecture would show."""
    return lecture_trace() if request.param == "lecture" else MADE[request.param]().trace()


@pytest.fixture(scope="session")
def made() -> Callable[[str], Trace]:
    """A made-up Trace by name."""
    return lambda name: MADE[name]().trace()


@pytest.fixture(scope="session")
def run() -> Iterator[Callable[[Coroutine[Any, Any, Any]], Any]]:
    """`run(coroutine)` in a thread with its own event loop: Playwright's may occupy this one."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield lambda coroutine: asyncio.run_coroutine_threadsafe(coroutine, loop).result(120)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture(scope="session")
def draw(run: Callable[[Coroutine[Any, Any, Any]], Any]) -> Iterator[Draw]:
    """`draw(trace, "dir=TB")`: its scene, laid out by one process for the whole session."""
    layouter = Layouter(timeout=60)
    yield lambda trace, query="": run(scene(trace, View.parse(query), layouter))
    run(layouter.close())


def _random_graph(seed: int) -> MadeUp:
    """Up to 16 operations on few leaves, wilder than programs are: operands from anywhere, three at a time."""
    rng = random.Random(seed)
    shapes: list[Shape] = [(), (), (), (3,), (2, 3), (8, 8)]
    leaves = {f"w{k}": rng.choice(shapes) for k in range(rng.randint(1, 4))}
    inputs = {f"x{k}": rng.choice(shapes) for k in range(rng.randint(0, 2))}
    known = [*leaves, *inputs]
    ops: list[Op] = []
    for k in range(rng.randint(2, 16)):
        count = rng.choice([1, 2, 2, 2, 3])
        operands = [rng.choice(known[-6:] if rng.random() < 0.7 else known) for _ in range(count)]
        if ops and rng.random() < 0.6:
            operands[0] = ops[-1][1]
        name = rng.choice(["", "", f"v{k}", "a_long_name"])
        ops.append((name, f"o{k}", {1: "tanh", 2: "mul", 3: "where"}[count], operands, rng.choice(shapes)))
        known.append(f"o{k}")
    return MadeUp(leaves, inputs, ops, seed=seed)


@pytest.fixture(scope="session")
def random_pictures() -> list[Trace]:
    """Traces of 40 random graphs."""
    return [_random_graph(seed).trace() for seed in range(40)]
