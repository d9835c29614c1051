"""One more step of gradient descent, written into the program: a loop that repeats its forward and backward part.

The first time a loop of one turn is added; from then on, and where the program has a training loop already, the number
of its turns grows by one.
"""

from __future__ import annotations

import itertools
import re
import tokenize
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.core.errors import GradwalkError
from app.core.tokens import Edit, Statement, edited, indented, statements
from app.core.trace import Node, Pass, Trace

RATES = ("lr", "learning_rate", "eta", "alpha")
"""Names that a program may give its learning rate."""
DEFAULT_RATE = "0.1"
_NAME = re.compile(r"[^\W\d]\w*")
_DEFINITIONS = {"def", "class", "import", "from", "@", "async"}


@dataclass(frozen=True, slots=True)
class _Training:
    """What is repeated. `block`: indices of the statements from the forward part to the last update; `updated`: the
    program updates by itself after its last backward pass.
    """

    leaves: tuple[str, ...]
    block: tuple[int, int]
    updated: bool


def edit_step(trace: Trace) -> str:
    """The program with one step more.

    Raises:
        GradwalkError: `bad_view`, in words, where there is nothing to step along or it cannot be seen where the forward
            part begins.
    """
    last = _last_pass(trace)
    source = trace.program.source.rstrip("\n")
    if last.line is None:
        source += f"\n{_root_name(trace, last)}.backward()"
    line = last.line or source.count("\n") + 1
    parts = statements(source)
    at = _statement_of(parts, line)
    if parts[at].words[0] == "for":
        return edited(source, [_longer(parts, at)]) + "\n"
    if parts[at].words[0] in _DEFINITIONS:
        raise _refused("The backward pass runs inside a function", line, "Write the loop around its call.")
    training = _training(trace, last, parts, at)
    return source + "\n" + "\n".join(_loop(source, parts, training)) + "\n"


def _last_pass(trace: Trace) -> Pass:
    """The last pass that filled some leaf's `.grad`."""
    if trace.error is not None:
        raise _refused("The program raises an error", trace.error.line, "Mend it first.")
    found = next((one for one in reversed(trace.passes) if one.accumulated and one.within is None), None)
    if found is None:
        why = "autograd.grad stores none of its gradients in .grad" if trace.passes else "There is no backward pass"
        raise _refused(f"{why}, so there is nothing to step along", None, "Call .backward() on a number.")
    return found


def _root_name(trace: Trace, last: Pass) -> str:
    node = _nodes(trace)[last.roots[0][0]]
    if node.name is None or not _NAME.fullmatch(node.name):
        raise _refused("The result has no name", node.line, "Write loss = … before the expression.")
    tensor = next(one for one in trace.tensors if one.id == node.outputs[last.roots[0][1]])
    return node.name if not tensor.shape else f"{node.name}.sum()"


def _statement_of(parts: Sequence[Statement], line: int) -> int:
    return next((at for at, part in enumerate(parts) if part.first <= line <= part.last), len(parts) - 1)


def _longer(parts: Sequence[Statement], at: int) -> Edit:
    """One turn more for `for … in range(3)`, or `range(epochs)` where `epochs = 3` stands above."""
    header = parts[at].tokens[: parts[at].words.index(":")]
    words = [token.string for token in header]
    if "range" in words and words[-1] == ")":
        end = header[-2]
        if end.type == tokenize.NUMBER and words[-3] in "(,":
            return _plus_one(end)
        for part in parts[:at]:
            if part.words[:2] == (end.string, "=") and len(part.words) == 3 and part.tokens[2].type == tokenize.NUMBER:
                return _plus_one(part.tokens[2])
    raise _refused("The turns of this loop are no number", parts[at].first, "Write for step in range(3).")


def _plus_one(token: tokenize.TokenInfo) -> Edit:
    return Edit(token.start, token.end, str(int(token.string) + 1))


def _training(trace: Trace, last: Pass, parts: Sequence[Statement], backward: int) -> _Training:
    nodes = _nodes(trace)
    leaves = tuple(dict.fromkeys(name for write in last.accumulated if (name := nodes[write.node].name)))
    bound = [_binding(parts, name) for name in leaves]
    if not leaves or None in bound:
        raise _refused("No variable of the program holds a gradient", last.line, "Give the leaf a name: w = ….")
    leaves = tuple(sorted(leaves, key=lambda name: _binding(parts, name) or 0))
    # The forward part begins after the leaves, and after the definitions and inputs that follow them.
    start = max(at for at in bound if at is not None) + 1
    while start < backward and _prepares(parts[start], parts[start + 1 : backward + 1]):
        start += 1
    after = {step.line for step in trace.steps if step.kind == "update" and step.index > _end_of(trace, last)}
    updates = [_statement_of(parts, line) for line in after if line is not None]
    end = max([backward, *updates, *_optimizer_calls(parts, backward)])
    if start > backward:
        line = parts[start - 1].first
        raise _refused("The leaves are made anew after the backward pass", line, "Write the loop yourself.")
    return _Training(leaves, (start, end), end > backward)


def _prepares(part: Statement, later: Sequence[Statement]) -> bool:
    """Whether a statement only defines: a function, an optimizer, an input that keeps its value."""
    words = part.words
    made = words[2:] if words[1:2] == ("=",) else ()
    following = [pair for one in later for pair in itertools.pairwise(one.words)]
    changes = any(name == words[0] and sign.endswith("=") and sign != "==" for name, sign in following)
    plain = made[:4] == ("torch", ".", "tensor", "(") and not changes
    return words[0] in _DEFINITIONS or plain or "optim" in made[:3]


def _end_of(trace: Trace, last: Pass) -> int:
    return max(step.index for step in trace.steps if step.pass_ == last.index)


def _binding(parts: Sequence[Statement], name: str) -> int | None:
    """The last statement that gives the variable of a leaf its value; None where no top-level one does."""
    match = _NAME.match(name)
    found = None
    for at, part in enumerate(parts):
        words = part.words
        targets = words[: len(words) - words[::-1].index("=") - 1] if "=" in words else ()
        plain = set(itertools.takewhile(lambda word: word != "=", targets or words[:1]))
        if match and "=" in words and match[0] in plain and not {".", "["} & plain:
            found = at
    return found


def _optimizer_calls(parts: Sequence[Statement], backward: int) -> Iterable[int]:
    return [at for at in range(backward, len(parts)) if parts[at].words[1:4] == (".", "step", "(")]


def _loop(source: str, parts: Sequence[Statement], training: _Training) -> list[str]:
    """The lines to add."""
    names = {word for part in parts for word in part.words}
    start, end = training.block
    block = indented(source, parts[start].first, parts[end].last)
    words = {word for part in parts[start : end + 1] for word in part.words}
    zeroed = bool(words & {"zero_grad", "zero_"}) or "grad = None" in "\n".join(block)
    optimizer = _optimizer(parts)
    lines = [""]
    update: list[str] = []
    if optimizer:
        zero = [f"{optimizer}.zero_grad()"]
        update = [f"{optimizer}.step()"]
    else:
        zero = _zero(training.leaves)
        rate = next((name for name in RATES if name in names), None)
        if rate is None and not training.updated:
            rate = RATES[0]
            lines.append(f"{rate} = {DEFAULT_RATE}")
        update = ["with torch.no_grad():", *(f"    {line}" for line in _descend(training.leaves, rate or ""))]
    turns = itertools.chain(("step", "turn"), (f"step{k}" for k in itertools.count(2)))
    turn = next(name for name in turns if name not in names)
    lines.append(f"for {turn} in range(1):")
    lines += [f"    {line}" for line in ([] if training.updated else update)]
    lines += [f"    {line}" for line in ([] if zeroed else zero)]
    return lines + block


def _optimizer(parts: Sequence[Statement]) -> str | None:
    """The variable that holds an optimizer."""
    return next((p.words[0] for p in parts if p.words[1:2] == ("=",) and "optim" in p.words[2:5]), None)


def _expressions(leaves: Sequence[str]) -> tuple[list[str], list[str]]:
    """Variables that are leaves themselves, and those whose parameters are."""
    plain = [name for name in leaves if _NAME.fullmatch(name)]
    owners = dict.fromkeys(re.split(r"[.\[]", name)[0] for name in leaves if name not in plain)
    return plain, list(owners)


def _descend(leaves: Sequence[str], rate: str) -> list[str]:
    plain, owners = _expressions(leaves)
    lines = [f"{name} -= {rate} * {name}.grad" for name in plain]
    for owner in owners:
        lines += [f"for p in {owner}.parameters():", f"    p -= {rate} * p.grad"]
    return lines


def _zero(leaves: Sequence[str]) -> list[str]:
    plain, owners = _expressions(leaves)
    return [*(f"{name}.grad = None" for name in plain), *(f"{owner}.zero_grad()" for owner in owners)]


def _nodes(trace: Trace) -> dict[str, Node]:
    return {node.id: node for node in trace.nodes}


def _refused(why: str, line: int | None, hint: str) -> GradwalkError:
    return GradwalkError("bad_view", f"{why}.", line=line, hint=hint)
