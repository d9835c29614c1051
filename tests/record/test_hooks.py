"""Which gradients say that a hook was there, and which leaves have paths: those that no hook touches in that pass."""

import threading

import pytest
import torch

from app.core.check import check
from app.record import record

LEAF = "w = torch.tensor([1., 2.], requires_grad=True)\n"
REMOVED = {
    "leaf": "h = w.register_hook(lambda g: g * 2)\nh.remove()\nu = w * 3\n",
    "tensor": "u = w * 3\nh = u.register_hook(lambda g: g * 2)\nh.remove()\n",
    "node": "u = w * 3\nh = u.grad_fn.register_hook(lambda gi, go: None)\nh.remove()\n",
    "node, before": "u = w * 3\nh = u.grad_fn.register_prehook(lambda go: None)\nh.remove()\n",
    "context": "u = w * 3\nwith u.register_hook(lambda g: g * 2):\n    pass\n",
}


@pytest.mark.parametrize("source", REMOVED.values(), ids=REMOVED)
def test_a_removed_hook_leaves_paths_and_gradients_as_they_are(source):
    trace = record(f"{LEAF}{source}(u * u).sum().backward()")
    (one,) = trace.passes
    assert [paths.count for paths in one.paths] == [2]
    assert [grad.node for grad in one.grads if grad.hook] == []
    assert trace.notes == ()


def test_a_hook_counts_in_the_passes_in_which_it_is_there():
    source = "u = w * 3\ny = (u * u).sum()\ny.backward(retain_graph=True)\nh = u.register_hook(lambda g: g * 2)\n"
    trace = record(f"{LEAF}{source}y.backward(retain_graph=True)\nh.remove()\ny.backward()")
    assert [len(one.paths) for one in trace.passes] == [1, 0, 1]
    hooked = [[grad.node for grad in one.grads if grad.hook] for one in trace.passes]
    (node,) = [node for node in trace.nodes if node.name == "u"]
    assert hooked == [[], [node.id], []]
    assert node.hooked


def test_a_hook_put_on_in_the_midst_of_a_pass_is_seen():
    source = "v = w * 2\nu = v * 3\nu.register_hook(lambda g: (v.register_hook(lambda g2: g2 * 100), None)[1])\n"
    (one,) = record(f"{LEAF}{source}(u * u).sum().backward()").passes
    changed = [grad.hook for grad in one.grads if grad.hook and grad.hook.before != grad.hook.after]
    assert len(changed) == 1


def test_a_gradient_that_a_hook_raised_on_after_it_was_written_is_shown():
    source = "def bad(p):\n    raise ValueError\nw.register_post_accumulate_grad_hook(bad)\n(w * w).sum().backward()"
    trace = record(LEAF + source)
    assert trace.error.line == 3
    assert [entry.after.data for entry in trace.passes[0].accumulated] == [[2.0, 4.0]]


LOOKS = {
    "tensor": "u.register_hook(lambda g: print(g))\n",
    "leaf": "w.register_hook(lambda g: g)\n",
    "node, before": "u.grad_fn.register_prehook(lambda got: None)\n",
}


@pytest.mark.parametrize("hook", LOOKS.values(), ids=LOOKS)
def test_a_hook_that_only_looks_leaves_the_paths(hook):
    trace = record(f"{LEAF}u = w * 3\n{hook}(u * u).sum().backward()")
    assert [paths.count for paths in trace.passes[0].paths] == [2]
    assert check(trace) == []


CHANGES = {
    "tensor": "u.register_hook(lambda g: g * 2)\n",
    "in place": "u.register_hook(lambda g: (g.mul_(2), None)[1])\n",
    "leaf": "w.register_hook(lambda g: g + 1)\n",
    "node, before": "u.grad_fn.register_prehook(lambda got: (got[0] * 2,))\n",
    "node": "u.grad_fn.register_hook(lambda sent, got: tuple(g if g is None else g * 2 for g in sent))\n",
}


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.parametrize("hook", CHANGES.values(), ids=CHANGES)
def test_a_hook_that_changes_a_gradient_leaves_out_the_paths_of_the_leaves_behind_it(hook, graph):
    source = f"{LEAF}v = torch.tensor([1., 2.], requires_grad=True)\nu = w * 3\n{hook}"
    trace = record(f"{source}y = (u.exp() * v).sum()\ntorch.autograd.grad(y, [w, v], create_graph={graph})")
    names = {node.id: node.name for node in trace.nodes}
    assert [names[paths.leaf] for paths in trace.passes[0].paths] == ["v"]
    assert [note.code for note in trace.notes] == ["paths_left_out"]
    assert check(trace) == []


def test_a_failed_pass_has_the_paths_of_what_it_gave():
    source = f"{LEAF}v = torch.tensor([1., 2.], requires_grad=True)\nu = w * 3\n"
    source += "def bad(g):\n    raise ValueError\nu.register_hook(bad)\n(u * v).sum().backward()"
    trace = record(source)
    names = {node.id: node.name for node in trace.nodes}
    assert [names[paths.leaf] for paths in trace.passes[0].paths] == ["v"]
    (note,) = trace.notes
    assert note.message.endswith("the pass failed before its gradients came there.")


def test_a_graph_built_before_has_paths_where_no_hook_changes_anything():
    w = torch.ones(3, requires_grad=True)
    u = (w * 2).exp()
    handle = u.register_hook(lambda g: g * 2)
    y = (u * 3).sum()
    changed = record(lambda: y.backward(retain_graph=True))
    handle.remove()
    trace = record(lambda: y.backward(retain_graph=True))
    assert [len(changed.passes[0].paths), len(trace.passes[0].paths)] == [0, 1]
    assert trace.notes == ()
    values = {tensor.id: tensor.value.data for tensor in trace.tensors}
    assert [values[node.outputs[0]] for node in trace.nodes if node.op == "exp"] == [u.tolist()]


def test_a_backward_pass_in_another_thread_is_left_alone():
    w = torch.ones(2, requires_grad=True)

    def run():
        thread = threading.Thread(target=lambda: (w * w).sum().backward())
        thread.start()
        thread.join()
        (w * 3).sum().backward()

    trace = record(run)
    assert w.grad.tolist() == [5, 5]
    assert len(trace.passes) == 1
