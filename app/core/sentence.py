"""One plain sentence for each step of a Trace, in the user's names, for the back row of a lecture hall.

A pure pass over a finished Trace; a sentence states only what the Trace holds, and checks each product it shows.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from app.core.fresh import maker
from app.core.number import number_text
from app.core.sentence_flow import Flow
from app.core.sentence_state import State, in_view
from app.core.sentence_words import (
    LONGEST,
    Operand,
    called,
    clipped,
    has_auxiliaries,
    infix_operands,
    is_infix,
    listed,
    shape_words,
    small_text,
    value_words,
    written,
)
from app.core.trace import Node, SetGrad, SetTensor, Step, Trace, Value

_new_step = maker(Step)
VALUES_LIMIT = 60
"""Characters of the values that repeat an operation with its operands' numbers."""


def with_sentences(trace: Trace, digits: int = 4, num: str = "auto") -> Trace:
    """`trace` with every step's `text` filled, its numbers as `number_text` spells them. Linear in the Trace's size."""
    state = State(trace, partial(number_text, digits=digits, num=num))
    flow = Flow(trace, state)
    steps = []
    for step in trace.steps:
        text = clipped(_sentence(trace, state, flow, step), LONGEST)
        steps.append(
            _new_step(
                step.index,
                step.phase,
                step.kind,
                step.node,
                step.pass_,
                step.line,
                step.span,
                text,
                step.sets,
                step.state,
            )
        )
        state.apply(step)
    return replace(trace, steps=tuple(steps))


def spelt(trace: Trace, digits: int, num: str) -> Trace:
    """`trace` with its sentences' numbers as a view wants them; as recorded they have four digits."""
    return trace if (digits, num) == (4, "auto") else with_sentences(trace, digits, num)


def with_totals(text: str) -> str:
    """A sentence as pages write it: the derivatives in it are total ones, d (`static/js/sentence.js` `spelt`)."""
    return text.replace("∂", "d")


def _sentence(trace: Trace, state: State, flow: Flow, step: Step) -> str:
    if step.kind == "start":
        return _start(trace)
    if step.kind == "end":
        return _end(trace, state)
    if step.kind == "update":
        return _update(state, step)
    if step.kind == "compute":
        node = state.nodes.get(step.node or "")
        return _compute(state, node, step) if node else "An operation runs."
    return flow.sentence(step)


def _start(trace: Trace) -> str:
    forward = sum(step.kind == "compute" and step.phase == "forward" for step in trace.steps)
    passes = len(trace.passes)
    operations = f"{forward} operation{'s' * (forward != 1)} forward" if forward else "no operation"
    backward = "no backward pass" if not passes else "one backward pass" if passes == 1 else f"{passes} backward passes"
    joint = ", then " if forward and passes else ", "
    return f"The snippet is about to run: {operations}{joint}{backward}."


def _end(trace: Trace, state: State) -> str:
    failure = trace.error
    if failure is not None:
        place = f" in line {failure.line}" if failure.line is not None else ""
        return f"The run stops{place}: {failure.type or failure.code}: {failure.message}"
    grads = [
        f"{state.grad_name(id_)} {_equals(state, value, state.shape(id_, 0))}"
        for id_ in state.nodes
        if (value := state.grads.get(id_)) is not None
    ]
    if grads:
        more = f" and {len(grads) - 4} more" if len(grads) > 4 else ""
        return f"Done: {', '.join(grads[:4])}{more}."
    if state.last is not None:
        node, value = state.last
        return f"Done: {state.reference(node)} {_equals(state, value, state.shape(node.id, 0))}."
    return "Done."


def _equals(state: State, value: Value, shape: tuple[int, ...] | None) -> str:
    small = small_text(value, state.number)
    return f"= {small}" if small else f"is {shape_words(shape)}"


def _compute(state: State, node: Node, step: Step) -> str:
    """`u = w × x = 2 × 3 = 6.`"""
    own = {item.output: item.tensor for item in step.sets if isinstance(item, SetTensor) and item.node == node.id}
    outputs = [state.tensors[own.get(i, id_)] for i, id_ in enumerate(node.outputs) if own.get(i, id_) in state.tensors]
    operands = state.operands(node, step)
    expression = state.expression(node, operands)
    assigned = state.assigned(node)
    name = f"{assigned} = " if assigned else ""
    place = " in place" if node.op.endswith("_") and not node.op.endswith("__") else ""
    if not outputs:
        return f"{name}{expression} runs{place}."
    if len(outputs) > 1 and not has_auxiliaries(node.op):
        results = listed([value_words(tensor.value, number=state.number) for tensor in outputs])
        return f"{name}{expression} gives {len(outputs)} results: {results}."
    result = outputs[0]
    small = small_text(result.value, state.number)
    if in_view(node) and operands:
        whole = f"{called(node.name) if node.name else 'the whole'} {_equals(state, result.value, result.shape)}"
        return f"{_written(state, node, operands)}, in place: {whole}."
    if node.op == "copy_" and len(operands) == 2:
        return f"{small or shape_words(result.shape)} is written into {operands[0].text}, in place."
    if small is None:
        words = shape_words(result.shape)
        base = state.shared_with(node, result) if not place else None
        return (
            f"{name}{expression}: {words}{f', a view of {base}' if base else ''}{f', written{place}' if place else ''}."
        )
    numbers = _with_numbers(state, node, operands)
    middle = f" = {numbers}" if numbers and numbers != small and len(numbers) + len(small) <= VALUES_LIMIT else ""
    return f"{name}{expression}{middle} = {small}{f', written{place}' if place else ''}."


def _written(state: State, node: Node, operands: list[Operand]) -> str:
    """What is written into a view: `4 is written into y[0]`, `y[1] + 1 = 4 + 1 is written`."""
    if node.op == "copy_" and len(operands) == 2:
        return f"{small_text(operands[1].value, state.number) or operands[1].text} is written into {operands[0].text}"
    numbers = _with_numbers(state, node, operands)
    return f"{state.expression(node, operands)}{f' = {numbers}' if numbers else ''} is written"


def _with_numbers(state: State, node: Node, tensors: list[Operand]) -> str | None:
    operands = infix_operands(node, tensors, state.number) if is_infix(node, len(tensors)) else tensors
    if not operands or len(operands) > 3:
        return None
    texts = [small_text(operand.value, state.number) for operand in operands]
    return None if None in texts else written(node, [text for text in texts if text])


def _update(state: State, step: Step) -> str:
    # A `.grad` that an operation was given is a node, too, and both change.
    changes = list(dict.fromkeys(words for item in step.sets if (words := _change(state, item))))
    if not changes:
        return "The statement writes nothing that shows."
    resets = [item for item in step.sets if isinstance(item, SetGrad) and item.grad is None]
    if len(resets) == len(changes) > 1:
        return f"{listed([state.grad_name(item.node) for item in resets])} are reset to None."
    text = f"{listed(changes)}."
    if len(text) <= LONGEST or len(changes) == 1:
        return text
    names = dict.fromkeys(_written_name(state, item) for item in step.sets if _change(state, item))
    return f"{listed(list(names))} change."


def _written_name(state: State, item: SetTensor | SetGrad) -> str:
    return state.grad_name(item.node) if isinstance(item, SetGrad) else state.reference(state.nodes[item.node])


def _change(state: State, item: SetTensor | SetGrad) -> str:
    node = state.nodes.get(item.node)
    if node is None:
        return ""
    if isinstance(item, SetGrad):
        before = state.grads.get(item.node)
        words = (
            "is reset to None" if item.grad is None else _becomes(state, before, item.grad, state.shape(item.node, 0))
        )
        return f"{state.grad_name(item.node)} {words}"
    return f"{state.reference(node)} {_value_change(state, item)}" if item.tensor in state.tensors else ""


def _value_change(state: State, item: SetTensor) -> str:
    new = state.tensors[item.tensor]
    shown = state.current.get((item.node, item.output))
    old = state.tensors.get(shown or state.first(item.node, item.output))
    if old is None or (shown is None and old.value == new.value):
        return f"becomes {value_words(new.value, number=state.number)}"
    if old.value == new.value:
        return "is written and keeps its value"
    return _becomes(state, old.value, new.value, new.shape)


def _becomes(state: State, old: Value | None, new: Value, shape: tuple[int, ...] | None = None) -> str:
    if old is None:
        return f"was None and becomes {value_words(new, number=state.number)}"
    before, after = small_text(old, state.number), small_text(new, state.number)
    if before is None or after is None:
        return f"changes, {shape_words(shape)}" if shape else "changes"
    if before == after and old != new:
        return f"changes by too little to show, {after}"
    return f"changes from {before} to {after}"
