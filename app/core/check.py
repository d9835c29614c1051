"""The rules of a Trace, each as a function, and the two ways to run them: all, or only the structure.

Exact where the rules say bit for bit, within rounding where they say tolerance; a value that was summarised is
skipped, for it can't be checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from app.core import check_facts, check_rules, check_steps
from app.core.check_report import MOST, Violation
from app.core.check_rules import Facts
from app.core.check_structure import check_structure
from app.core.trace import Pass, Trace

TRACE_RULES: tuple[Callable[[Trace], Iterable[Violation]], ...] = (
    check_facts.kinds,
    check_facts.dtypes,
    check_facts.storage_bounds,
    check_facts.jacobian_shapes,
    check_steps.frame,
    check_steps.computes,
    check_steps.shown_before_used,
    check_steps.compute_order,
    check_steps.passes_in_order,
    check_steps.engine_steps,
    check_steps.writes,
)
PASS_RULES: tuple[Callable[[Facts, Pass], Iterable[Violation]], ...] = (
    check_rules.gradients,
    check_rules.exactness,
    check_rules.chain_rule,
    check_rules.accumulation,
    check_rules.paths,
)


def check(trace: Trace) -> list[Violation]:
    """Everything in which `trace` breaks the rules of `docs/trace.md`; empty where it keeps them."""
    broken = check_structure(trace)
    if broken:
        return broken
    out: list[Violation] = []
    for rule in TRACE_RULES:
        out.extend(rule(trace))
    facts = Facts(trace)
    for one in trace.passes:
        for pass_rule in PASS_RULES:
            out.extend(pass_rule(facts, one))
    return out[:MOST]


__all__ = ["Violation", "check", "check_structure"]
