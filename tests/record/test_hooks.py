"""Which gradients say that a hook was there, and which leaves have paths: those that no hook touches in that pass."""

import pytest

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
