"""Snippets at the edges of autograd: what hooks, shared memory and unusual tensors do, each run with and without us."""

PROGRAMS = {
    "hook_removed_leaf": """
w = torch.tensor([1., 2.], requires_grad=True)
h = w.register_hook(lambda g: g * 2)
h.remove()
(w * w).sum().backward()
""",
    "hook_removed_nonleaf": """
w = torch.tensor([1., 2.], requires_grad=True)
u = w * 3
h = u.register_hook(lambda g: g * 2)
h.remove()
(u * u).sum().backward()
""",
    "hook_removed_node": """
w = torch.tensor([1., 2.], requires_grad=True)
u = w * 3
h = u.grad_fn.register_hook(lambda gi, go: None)
h.remove()
p = u.grad_fn.register_prehook(lambda go: None)
p.remove()
(u * u).sum().backward()
""",
    "hook_removed_between": """
w = torch.tensor([1., 2.], requires_grad=True)
u = w * 3
h = u.register_hook(lambda g: g * 2)
y = (u * u).sum()
y.backward(retain_graph=True)
h.remove()
y.backward()
""",
    "hook_with_context": """
w = torch.tensor([1., 2.], requires_grad=True)
with w.register_hook(lambda g: g * 2):
    (w * w).sum().backward()
(w * w).sum().backward()
""",
    "hook_raises_caught": """
w = torch.tensor([1., 2.], requires_grad=True)
u = w * 3
def bad(g):
    raise ValueError('no')
h = u.register_hook(bad)
y = (u * u).sum()
try:
    y.backward(retain_graph=True)
except ValueError as e:
    print(e)
h.remove()
y.backward()
""",
    "hook_wrong_shape": """
w = torch.tensor([1., 2.], requires_grad=True)
u = w * 3
u.register_hook(lambda g: torch.ones(3))
(u * u).sum().backward()
""",
    "hook_registers_hook_on_running": """
w = torch.tensor([1., 2.], requires_grad=True)
v = w * 2
u = v * 3
def h(g):
    v.register_hook(lambda g2: g2 * 100)
u.register_hook(h)
(u * u).sum().backward()
""",
    "hook_registers_node_hook": """
w = torch.tensor([1., 2.], requires_grad=True)
v = w * 2
u = v * 3
def h(g):
    v.grad_fn.register_hook(lambda gi, go: tuple(None if x is None else x * 7 for x in gi))
u.register_hook(h)
y = (u * u).sum()
y.backward()
""",
    "hook_inplace_on_grad": """
w = torch.tensor([1., 2.], requires_grad=True)
u = w * 3
def h(g):
    g.mul_(2)
u.register_hook(h)
(u * u).sum().backward()
""",
    "retain_grad_after_inplace": """
w = torch.tensor([1., 2.], requires_grad=True)
u = w * 3
u.mul_(2)
u.retain_grad()
u.register_hook(lambda g: print('h', g))
u.add_(1)
(u * u).sum().backward()
print(u.grad)
""",
    "post_acc_raises": """
w = torch.tensor([1., 2.], requires_grad=True)
def f(p):
    raise RuntimeError('post')
w.register_post_accumulate_grad_hook(f)
(w * w).sum().backward()
""",
    "post_acc_sets_none": """
w = torch.tensor([1., 2.], requires_grad=True)
v = torch.tensor([3., 2.], requires_grad=True)
def f(p):
    p.grad = None
w.register_post_accumulate_grad_hook(f)
(w * w * v).sum().backward()
print(w.grad, v.grad)
""",
    "accumulate_grad_hooks": """
w = torch.ones(2, requires_grad=True)
acc = w.view_as(w).grad_fn.next_functions[0][0]
acc.register_hook(lambda gi, go: print('acc post', gi, go))
acc.register_prehook(lambda go: (go[0] * 3,))
(w * 2).sum().backward()
print(w.grad)
""",
    "node_prehook_none": """
w = torch.ones(2, requires_grad=True)
u = w * 3
u.grad_fn.register_prehook(lambda go: (None,))
u.sum().backward()
print(w.grad)
""",
    "roots_leaf_and_repeat": """
w = torch.tensor([1., 2.], requires_grad=True)
a = w * w
torch.autograd.backward([w, a, w, a], [torch.ones(2), torch.ones(2), torch.ones(2) * 3, torch.full((2,), .5)])
print(w.grad)
""",
    "grad_roots_equal_inputs": """
w = torch.tensor([1., 2.], requires_grad=True)
a = w * 2
g = torch.autograd.grad([a, w], [a, w], [torch.ones(2), torch.ones(2)])
print(g)
""",
    "grad_inputs_repeated": """
w = torch.tensor([1., 2.], requires_grad=True)
g = torch.autograd.grad((w * w).sum(), [w, w])
print(g)
""",
    "grad_materialize": """
w = torch.tensor([1., 2.], requires_grad=True)
v = torch.tensor([1., 2.], requires_grad=True)
g = torch.autograd.grad((w * w).sum(), [w, v], materialize_grads=True)
print(g)
""",
    "backward_inputs_nonleaf_and_leaf": """
w = torch.tensor([1., 2.], requires_grad=True)
v = torch.tensor([1., 2.], requires_grad=True)
u = w * v
(u * u).sum().backward(inputs=[u, v])
print(u.grad, w.grad, v.grad)
""",
    "gradient_changed_after": """
w = torch.tensor([1., 2.], requires_grad=True)
g = torch.ones(2)
w.backward(g)
g.mul_(5)
print(w.grad)
y = w * 1
y.backward(g)
g.zero_()
print(w.grad)
""",
    "double_back_trick": """
x = torch.tensor([1., 2., 3.], requires_grad=True)
u = torch.zeros(3, requires_grad=True)
y = x ** 2
vjp, = torch.autograd.grad(y, x, u, create_graph=True)
jvp, = torch.autograd.grad(vjp, u, torch.tensor([1., 1., 0.]))
print(jvp)
""",
    "custom_nested_function_in_backward": """
class Inner(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, g):
        ctx.save_for_backward(x, g)
        return 2 * x * g
    @staticmethod
    def backward(ctx, gg):
        x, g = ctx.saved_tensors
        return 2 * g * gg, 2 * x * gg
class Outer(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return Inner.apply(x, g)
x = torch.tensor([1., 2.], requires_grad=True)
g, = torch.autograd.grad(Outer.apply(x).sum(), x, create_graph=True)
g.sum().backward()
print(x.grad)
""",
    "create_graph_accumulate": """
w = torch.tensor([1., 2.], requires_grad=True)
(w ** 3).sum().backward(create_graph=True)
(w ** 2).sum().backward(create_graph=True)
(w ** 2).sum().backward()
print(w.grad)
""",
    "gradient_edge_leaf": """
from torch.autograd.graph import get_gradient_edge
w = torch.tensor([1., 2.], requires_grad=True)
e = get_gradient_edge(w)
y = (w * w).sum()
g, = torch.autograd.grad(y, [e], retain_graph=True)
print(g)
torch.autograd.backward([get_gradient_edge(y)], inputs=[w])
print(w.grad)
""",
    "alias_seed_view": """
w = torch.ones(4, requires_grad=True)
g = torch.ones(2, 2)
w.view(2, 2).backward(g)
g.zero_()
print(w.grad)
""",
    "alias_seed_add_view": """
a = torch.ones(4, requires_grad=True)
b = torch.ones(4, requires_grad=True)
g = torch.ones(2, 2)
(a + b).view(2, 2).backward(g)
g.zero_()
print(a.grad, b.grad)
""",
    "alias_hook_saved": """
w = torch.ones(4, requires_grad=True)
saved = []
h = w.view(2, 2)
h.register_hook(saved.append)
y = (h * h).sum()
y.backward(retain_graph=True)
y.backward()
print(saved, w.grad)
w.grad.zero_()
print(saved)
""",
    "alias_retain": """
w = torch.ones(4, requires_grad=True)
h = w.view(2, 2)
h.retain_grad()
y = (h * h).sum()
y.backward()
w.grad.mul_(5)
print(h.grad, w.grad, h.grad.data_ptr() == w.grad.data_ptr())
""",
    "grad_manual_alias": """
w = torch.ones(4, requires_grad=True)
v = torch.ones(4, requires_grad=True)
(w * v).sum().backward()
v.grad = w.grad
(w * 2).sum().backward()
print(w.grad, v.grad)
""",
    "grad_replaced_then_written": """
w = torch.tensor([1., 2.], requires_grad=True)
(w * w).sum().backward()
g = w.grad
w.grad = None
g.add_(1)
(w * 2).sum().backward()
print(g, w.grad)
""",
    "grad_moved_to_other": """
w = torch.ones(4, requires_grad=True)
v = torch.ones(4, requires_grad=True)
(w * v).sum().backward()
v.grad = w.grad
w.grad = torch.zeros(4)
(w * 2).sum().backward()
v.grad.mul_(3)
print(w.grad, v.grad)
""",
    "grad_shared_views": """
flat = torch.zeros(4)
a = torch.ones(2, requires_grad=True)
b = torch.ones(2, requires_grad=True)
a.grad, b.grad = flat[:2], flat[2:]
(a * 2 + b * 3).sum().backward()
flat.mul_(10)
print(a.grad, b.grad)
""",
    "grad_shared_backward": """
w = torch.ones(4, requires_grad=True)
v = torch.ones(4, requires_grad=True)
(w * v).sum().backward()
v.grad = w.grad
(w * 2 + v).sum().backward()
print(w.grad, v.grad)
""",
    "saved_raw_hooks": """
w = torch.tensor([1., 2.], requires_grad=True)
y = w.exp()
y.grad_fn._raw_saved_result.register_hooks(lambda x: (print('pack'), x)[1], lambda x: (print('unpack'), x)[1])
print('before')
y.sum().backward()
""",
    "pack_wrong": """
w = torch.tensor([1., 2.], requires_grad=True)
with torch.autograd.graph.saved_tensors_hooks(lambda x: x, lambda x: x * 0):
    y = (w * w).sum()
y.backward()
print(w.grad)
""",
    "allow_mutation": """
w = torch.tensor([1., 2.], requires_grad=True)
with torch.autograd.graph.allow_mutation_on_saved_tensors():
    u = w * 2
    y = u.exp()
    y.mul_(2)
    u.add_(1)
    z = (y * u).sum()
    z.backward()
print(w.grad)
""",
    "ckpt_reentrant_multi_out": """
from torch.utils.checkpoint import checkpoint
w = torch.tensor([1., 2.], requires_grad=True)
def f(x, k):
    return (x * w).sin(), x * k
a, b = checkpoint(f, w * 2, 2., use_reentrant=True)
(a.sum() + b.prod()).backward()
""",
    "ckpt_mixed_nest": """
from torch.utils.checkpoint import checkpoint
w = torch.tensor([1., 2.], requires_grad=True)
def inner(x):
    return (x * w).exp()
def outer(x):
    return checkpoint(inner, x * 2, use_reentrant=False).sin()
y = checkpoint(outer, w * 3, use_reentrant=True).sum()
y.backward()
print(w.grad)
""",
    "copyslices_chain": """
w = torch.arange(6., requires_grad=True)
a = w * 1
b = a.view(2, 3)
c = b.t()
d = c[1:]
d.mul_(2)
c[0] = 5.
print(a.grad_fn.name(), b.grad_fn.name(), c.grad_fn.name(), d.grad_fn.name())
(a * a + b.reshape(6)).sum().backward()
print(w.grad)
""",
    "copyslices_leaf_into_zeros": """
x = torch.zeros(2, 2)
w = torch.tensor([1., 2.], requires_grad=True)
row = x[0]
row.add_(w)
row.mul_(w)
print(x.requires_grad, row.grad_fn.name(), x.grad_fn.name(), x.is_leaf)
x.sum().backward()
print(w.grad)
""",
    "as_strided_write": """
w = torch.arange(4., requires_grad=True)
a = w * 1
s = a.as_strided((2, 2), (1, 2))
s.mul_(torch.tensor([[1., 2.], [3., 4.]]))
a.sum().backward()
print(w.grad)
""",
    "setitem_advanced": """
w = torch.arange(6., requires_grad=True)
x = torch.zeros(3, 4)
x[0, [1, 2]] = w[:2]
x[torch.tensor([1, 2]), torch.tensor([0, 3])] = w[2:4] ** 2
x[x == 0] = w[4]
x[..., -1] += w[5]
x[:, None, 0] *= 2
x[1] = x[0].clone()
x.sum().backward()
print(w.grad, x)
""",
    "set_": """
w = torch.ones(4, requires_grad=True)
x = torch.zeros(4)
x.set_(torch.arange(4.))
(w * x).sum().backward()
with torch.no_grad():
    w.set_(torch.full((4,), 2.))
print(w, w.grad)
(w * x).sum().backward()
""",
    "resize_": """
x = torch.arange(4.)
x.resize_(2, 2)
x.resize_(3)
w = torch.ones(3, requires_grad=True)
(w * x).sum().backward()
print(x)
""",
    "swap_data": """
a = torch.ones(2, requires_grad=True)
b = torch.zeros(2, requires_grad=True)
a.data, b.data = b.data, a.data
(a * 2 + b * 3).sum().backward()
print(a, b)
""",
    "data_assign_other_shape": """
w = torch.ones(2, requires_grad=True)
w.data = torch.ones(3)
(w * 2).sum().backward()
print(w.grad)
""",
    "requires_grad_toggle": """
w = torch.ones(2)
a = w * 2
w.requires_grad_()
b = w * 3
w.requires_grad_(False)
c = w * 4
w.requires_grad = True
d = w * 5
(a + b + c + d).sum().backward()
print(w.grad)
""",
    "no_grad_generator": """
w = torch.ones(2, requires_grad=True)
@torch.no_grad()
def gen():
    for i in range(2):
        yield w * i
outs = [x + w for x in gen()]
sum(outs).sum().backward()
print(w.grad)
""",
    "inference_leaf": """
with torch.inference_mode():
    w = torch.ones(2, requires_grad=True)
    y = w * 2
print(y.requires_grad, w.requires_grad)
""",
    "square_setattr_grad": """
w = torch.ones(2, requires_grad=True)
w.grad = torch.full((2,), 4.)
(w * 3).sum().backward()
w.grad.data.clamp_(max=5)
print(w.grad)
del w.grad
print(w.grad)
""",
    "transpose_inplace_views": """
x = torch.arange(6.).view(2, 3).requires_grad_()
y = x * 1
y.t_()
y.unsqueeze_(0)
y.squeeze_(0)
y.transpose_(0, 1)
y.swapaxes_(0, 1)
(y * torch.arange(6.).view(3, 2)).sum().backward()
print(x.grad, y._version)
""",
    "fn_mark_dirty_view_error": """
class Inc(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        x.add_(1)
        ctx.mark_dirty(x)
        return x
    @staticmethod
    def backward(ctx, g):
        return g
w = torch.ones(4, requires_grad=True)
a = w * 1
b = a[:2]
Inc.apply(b)
a.sum().backward()
print(w.grad)
""",
    "fn_returns_input": """
class I(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x
    @staticmethod
    def backward(ctx, g):
        return g * 3
w = torch.ones(2, requires_grad=True)
y = I.apply(w)
print(y is w, y._is_view(), y.grad_fn.name())
(y * w).sum().backward()
print(w.grad)
""",
    "fn_all_none": """
class P(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        return a * b
    @staticmethod
    def backward(ctx, g):
        return None, None
w = torch.ones(2, requires_grad=True)
v = torch.ones(2, requires_grad=True)
(P.apply(w, v) + w).sum().backward()
print(w.grad, v.grad)
""",
    "fn_saves_output": """
class S(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        y = a.sigmoid()
        ctx.save_for_backward(y)
        return y
    @staticmethod
    def backward(ctx, g):
        y, = ctx.saved_tensors
        return g * y * (1 - y)
w = torch.ones(2, requires_grad=True)
y = S.apply(w)
y.add_(1)
y.sum().backward()
""",
    "fn_inner_backward_updates_leaf": """
v = torch.ones(2, requires_grad=True)
class S(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2
    @staticmethod
    def backward(ctx, g):
        with torch.enable_grad():
            (v * v).sum().backward()
        with torch.no_grad():
            v.sub_(v.grad)
            v.grad = None
        return g * 2
w = torch.ones(2, requires_grad=True)
S.apply(w).sum().backward()
print(v, w.grad)
""",
    "nested_tensor": """
a, b = torch.ones(2, 3, requires_grad=True), torch.ones(1, 3, requires_grad=True)
n = torch.nested.as_nested_tensor([a, b])
(n * 2).to_padded_tensor(0.).sum().backward()
print(a.grad, b.grad)
""",
    "float8": """
w = torch.ones(2, requires_grad=True)
x = w.to(torch.float8_e4m3fn)
print(x.dtype)
x.float().sum().backward()
print(w.grad)
""",
    "coo_accumulate": """
e = nn.Embedding(4, 2, sparse=True)
for i in ([0, 1], [1, 3], [1, 1]):
    e(torch.tensor(i)).sum().backward()
print(e.weight.grad)
opt = torch.optim.SparseAdam(e.parameters())
opt.step()
print(e.weight)
""",
    "complex_inplace": """
z = torch.tensor([1+2j, 2j], requires_grad=True)
y = z * 2
y.real.mul_(3)
y.imag[0] = 7.
y.abs().sum().backward()
print(z.grad, y)
""",
    "autocast_cached": """
w = torch.ones(2, 2, requires_grad=True)
with torch.autocast('cpu', dtype=torch.bfloat16):
    a = w @ w
    b = w @ a
b.sum().backward()
print(w.grad, w.grad.dtype)
""",
    "expand_stride0": """
w = torch.tensor([[1.], [2.]], requires_grad=True)
e = w.expand(2, 3)
print(e.stride(), e.is_contiguous())
y = e * e + e.contiguous()
y.backward(torch.ones(1).expand(2, 3))
print(w.grad, w.grad.stride())
""",
    "big_summary": """
w = torch.linspace(-1, 1, 6000, requires_grad=True)
y = (w.view(60, 100) @ w.view(100, 60)).relu()
y.sum().backward()
with torch.no_grad():
    w -= 0.1 * w.grad
y = (w * w).sum()
y.backward()
print(w.grad.sum())
""",
    "prod_graph": """
x = torch.tensor([[1.1, 2.3, 3.7], [0.3, -1.7, 2.2]], requires_grad=True)
v = torch.tensor([1.3, 0.7, 0.9])
ys = x.prod(), x.prod(1).sum(), x.prod(-1, keepdim=True).sum(), (x.cumprod(1) * v).sum(), x.cumprod(-2).sum()
for y in ys:
    g, = torch.autograd.grad(y, x, create_graph=True)
    h, = torch.autograd.grad((g * v).sum(), x, allow_unused=True)
    print(g.tolist(), None if h is None else h.tolist(), g.grad_fn.name())
""",
    "prod_graph_zeros": """
x = torch.tensor([1.1, 0., 3.7], requires_grad=True)
for y in (x.prod(), x.prod(0), x.cumprod(0).sum(), (x * torch.tensor([1., 1., 0.])).prod()):
    g, = torch.autograd.grad(y, x, create_graph=True)
    h, = torch.autograd.grad((g * g).sum(), x)
    print(g.tolist(), h.tolist())
""",
    "prod_complex": """
z = torch.tensor([1.1 + 2j, 0.3 - 0.7j, 2.2], requires_grad=True)
g, = torch.autograd.grad(z.prod().abs() + z.cumprod(0).abs().sum(), z, create_graph=True)
g.abs().sum().backward()
print(z.grad.tolist())
""",
    "prod_hooked": """
x = torch.tensor([1.1, 2.3, 3.7, 0.3], requires_grad=True)
x.register_hook(lambda g: print(g.tolist()))
(x.prod() + x.cumprod(0).sum() + x.prod(0)).backward()
print(x.grad.tolist())
""",
    "prod_hooked_node": """
x = torch.tensor([1.1, 2.3, 3.7, 0.3], requires_grad=True)
y = x.prod()
y.grad_fn.register_hook(lambda gi, go: (gi[0] * 2,))
y.backward()
""",
    "prod_overwritten": """
x = torch.tensor([1.1, 2.3], requires_grad=True)
u = x * 1
u.register_hook(lambda g: None)
y = u.prod()
u.add_(1)
try:
    y.backward()
except RuntimeError as e:
    print('caught')
z = (x * 2).exp().sum()
z.backward()
print(x.grad)
""",
    "prod_overwritten_graph": """
x = torch.tensor([1.1, 2.3], requires_grad=True)
u = x * 1
y = u.prod()
u.add_(1)
try:
    torch.autograd.grad(y, x, create_graph=True)
except RuntimeError as e:
    print('caught')
z = (x * 2).exp().sum()
z.backward()
print(x.grad)
""",
    "hook_chalf": """
x = torch.tensor([1.1, 2.3], dtype=torch.float16, requires_grad=True)
y = x.chalf()
y.register_hook(lambda g: None)
y.real.float().sum().backward()
print(x.grad)
""",
    "hook_oneshot": """
w = torch.tensor([1., 2.], requires_grad=True)
def once(g):
    h.remove()
    return g * 2
h = w.register_hook(once)
y = (w * w).sum()
y.backward(retain_graph=True)
y.backward()
""",
    "hook_writes_leaf": """
w = torch.tensor([1., 2.], requires_grad=True)
v = torch.tensor([1., 2.], requires_grad=True)
u = w * 3
def h(g):
    with torch.no_grad():
        v.mul_(10)
u.register_hook(h)
(u * u).sum().backward()
print(v)
""",
    "hook_writes_grad_other": """
w = torch.tensor([1., 2.], requires_grad=True)
v = torch.tensor([1., 2.], requires_grad=True)
(v * v).sum().backward()
w.register_hook(lambda g: v.grad.zero_())
(w * w).sum().backward()
print(v.grad, w.grad)
""",
    "hook_autograd_grad_inside": """
w = torch.tensor([1., 2.], requires_grad=True)
v = torch.tensor([1., 2.], requires_grad=True)
u = w * 3
def h(g):
    with torch.enable_grad():
        k, = torch.autograd.grad((v ** 2).sum(), v)
    return g * k
u.register_hook(h)
(u * u).sum().backward()
""",
    "view_of_view_base_written_twice": """
w = torch.ones(4, requires_grad=True)
u = w.clone()
a = u[:2]
b = u[1:]
a.mul_(2)
b.add_(w[1:])
a.sin_()
(u * torch.arange(4.)).sum().backward()
print(w.grad, a.grad_fn.name(), b.grad_fn.name())
""",
    "diag_write": """
w = torch.ones(2, requires_grad=True)
m = torch.zeros(2, 2)
m.diagonal().copy_(w)
m.fill_diagonal_(3.)
m[0].mul_(w)
m.sum().backward()
print(w.grad)
""",
    "real_imag_write": """
z = torch.zeros(2, dtype=torch.complex64)
w = torch.ones(2, requires_grad=True)
z.real.copy_(w)
torch.view_as_real(z)[..., 1].add_(w * 2)
(z.abs() ** 2).sum().backward()
print(w.grad)
""",
    "selective_checkpoint": """
from torch.utils.checkpoint import checkpoint, create_selective_checkpoint_contexts
import functools
w = torch.ones(2, 2, requires_grad=True)
ctx = functools.partial(create_selective_checkpoint_contexts, [torch.ops.aten.mm.default])
y = checkpoint(lambda x: (x @ w).exp(), w, use_reentrant=False, context_fn=ctx)
y.sum().backward()
print(w.grad)
""",
    "checkpoint_hooked": """
from torch.utils.checkpoint import checkpoint
w = torch.ones(2, requires_grad=True)
def f(x):
    y = x * w
    y.register_hook(lambda g: print('inner', g))
    return y.exp()
checkpoint(f, w * 2, use_reentrant=False).sum().backward()
print(w.grad)
""",
    "call_grad_fn_after": """
w = torch.ones(2, requires_grad=True)
y = w.exp()
g = y.grad_fn(torch.ones(2))
print(g, g.grad_fn is None)
z = (g * w).sum()
z.backward()
print(w.grad)
""",
    "deterministic": """
torch.use_deterministic_algorithms(True)
w = torch.ones(4, requires_grad=True)
e = torch.empty(2)
print(e)
w[torch.tensor([0, 0])].sum().backward()
torch.use_deterministic_algorithms(False)
print(w.grad)
""",
    "swap_tensors": """
a = torch.ones(2, requires_grad=True)
b = torch.zeros(2, requires_grad=True)
torch.utils.swap_tensors(a, b)
(a * 2 + b * 3).sum().backward()
print(a, b, a.grad)
""",
    "param_replace": """
net = nn.Linear(2, 1)
net.weight = nn.Parameter(torch.full((1, 2), 3.))
net(torch.ones(1, 2)).sum().backward()
del net.bias
net.bias = None
net(torch.ones(1, 2)).sum().backward()
print(net.weight.grad)
""",
    "hook_index_backward": """
w = torch.arange(4., requires_grad=True)
seen = []
u = w * 2
u.register_hook(seen.append)
(u[torch.tensor([0, 0, 2])] * u.cumsum(0)[:3] + u.masked_fill(u > 3, 0.)[:3]).sum().backward()
s = seen[0] * 2
print(s, w.grad)
""",
    "hook_use_gradient_view_later": """
w = torch.arange(4., requires_grad=True)
v = torch.ones(2, 2, requires_grad=True)
seen = []
u = w.view(2, 2)
u.register_hook(seen.append)
(u * u).sum().backward()
y = (seen[0] * v).sum()
y.backward()
w.grad.zero_()
z = (seen[0] * v).sum()
z.backward()
print(v.grad, seen)
""",
    "view_of_written_base_summed": """
b = torch.tensor(3., requires_grad=True)
v0 = b * 2
v1 = v0.unsqueeze(0)
v1.view(-1)[0] = 2.0
v4 = v1.sum()
v4.backward()
print(b.grad)
""",
    "views_of_written_bases_meet": """
w = torch.arange(6., requires_grad=True)
a, b = w * 2, w * 3
p, q = a.view(2, 3), b.view(2, 3)
a[0] = 7.0
b.clamp_(max=9.0)
(p * q.std() + p.softmax(-1)).sum().backward()
print(w.grad)
""",
    "pooled_then_written_through_detach": """
w = torch.arange(12., requires_grad=True)
v = F.avg_pool1d(w.view(2, 2, 3), 2)
v.detach().add_(1)
(v * v).sum().backward()
print(v, w.grad)
""",
    "leaf_detached_in_place": """
w = torch.ones(3, requires_grad=True)
b = torch.ones(3, requires_grad=True)
y = w * b
w.register_post_accumulate_grad_hook(print)
w.detach_()
y.sum().backward(inputs=[b])
print(w.grad, b.grad)
""",
    "leaf_detached_in_place_on_the_way": """
w = torch.ones(3, requires_grad=True)
b = torch.ones(3, requires_grad=True)
y = w * b
w.detach_()
y.sum().backward()
print(w.grad, b.grad)
""",
    "view_of_a_leaf_that_is_updated": """
w = torch.arange(4., requires_grad=True)
v = w[::2]
(v * v).sum().backward()
with torch.no_grad():
    w -= 0.1 * w.grad
w.data.mul_(2)
print(v, w)
""",
}
