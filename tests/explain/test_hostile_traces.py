"""What a hostile process may write as a Trace is explained without an exception, in bounded time, and stays JSON."""

import json
import random
import time
from dataclasses import replace

import pytest

from app.core.check_structure import check_structure
from app.core.trace import Trace
from app.examples import gallery
from app.explain import edge_texts, explain
from app.explain.pytorch import derivatives
from app.record import record

ARGUMENTS = [
    None, True, 0, 1, -1, 2, 10**9, 10**400, -(10**400), 1e308, float("nan"), 0.5, "inf", "nan", "x" * 5000,
    "\\evil}{", [], [1, 0], [[1], [2]], {"re": 1.0, "im": 2.0}, [None] * 50, ["\\input{x}"], {}, 2**63,
]  # fmt: skip
NAMES = sorted({name for entry in derivatives().values() for name in entry.args})
OPS = sorted({entry.name for entry in derivatives().values()})
BASES = ["two_layer", "rnn", "norm", "cross_entropy", "conv", "nan_where", "accumulate", "double_backward"]


@pytest.fixture(scope="module")
def traces():
    return [Trace.from_dict(json.loads(json.dumps(record(gallery()[name].source).to_dict()))) for name in BASES]


def mutated(trace, chance):
    """The same graph with other ops, classes, arguments and names."""
    kinds = list(derivatives())

    def node(one):
        if one.kind != "op":
            return replace(one, name=chance.choice([one.name, None, "\\evil", "x_" * 40]))
        args = {chance.choice(NAMES): chance.choice(ARGUMENTS) for _ in range(chance.randrange(4))}
        return replace(
            one,
            op=chance.choice([one.op, chance.choice(OPS), "\\evil{", "_" * 300]),
            grad_fn=chance.choice([one.grad_fn, chance.choice(kinds), None, "Made<Up>0"]),
            args={**one.args, **args},
        )

    return replace(trace, nodes=tuple(node(one) for one in trace.nodes))


@pytest.mark.parametrize("seed", range(12))
def test_other_ops_and_arguments(traces, seed):
    chance = random.Random(seed)
    for base in traces:
        trace = mutated(base, chance)
        start = time.process_time()
        told = explain(trace)
        texts = edge_texts(trace)
        assert time.process_time() - start < 2
        assert json.loads(json.dumps(told, allow_nan=False))["version"] == 1
        assert all(len(text) < 200 for text in [*texts.locals.values(), *texts.chips.values()])


def test_the_mutations_pass_the_structural_check(traces):
    """Else this would test what never arrives here."""
    chance = random.Random(0)
    passed = [not check_structure(mutated(base, chance)) for base in traces for _ in range(6)]
    assert sum(passed) > len(passed) // 4
