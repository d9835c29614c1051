"""Snippets of every kind of case; each is run with and without the recorder."""

PROGRAMS = {
    "lecture": """
x=torch.tensor(3.)
w=torch.tensor(2.,requires_grad=True)
b=torch.tensor(1.,requires_grad=True)
u=w*x
v=u+b
a=torch.relu(v)
a.backward()
""",
    "square": """
x = torch.tensor(3., requires_grad=True)
y = x * x
y.backward()
""",
    "implicit_last_name": """
x = torch.ones(3, requires_grad=True)
y = (x * 2).exp()
""",
    "implicit_expression": """
x = torch.ones(3, requires_grad=True)
(x * 2).sum()
""",
    "broadcast": """
X = torch.arange(6.).reshape(2, 3).requires_grad_()
s = torch.tensor(2., requires_grad=True)
y = (X * s + torch.ones(3)).sum()
y.backward()
""",
    "mixed_dtype": """
a = torch.ones(2, 3, requires_grad=True)
b = torch.tensor([1., 2., 3.], dtype=torch.float64, requires_grad=True)
(a * b).sum().backward()
""",
    "no_grad_only": """
x = torch.arange(6.).reshape(2, 3)
y = x.t()
z = y + 1
""",
    "accumulate_twice": """
w = torch.tensor([1., 2.], requires_grad=True)
(w * 3).sum().backward()
(w ** 2).sum().backward()
""",
    "retain_graph": """
w = torch.tensor(2., requires_grad=True)
y = w ** 3
y.backward(retain_graph=True)
y.backward()
""",
    "gradient_argument": """
w = torch.ones(3, requires_grad=True)
y = w * w
y.backward(gradient=torch.tensor([1., 2., 3.]))
""",
    "autograd_grad": """
x = torch.tensor(2., requires_grad=True)
w = torch.tensor(3., requires_grad=True)
y = w * x ** 2
g, = torch.autograd.grad(y, x)
""",
    "grad_of_intermediate": """
x = torch.tensor(2., requires_grad=True)
u = x * 3
y = u ** 2
gu, gx = torch.autograd.grad(y, [u, x])
""",
    "allow_unused": """
x = torch.tensor(2., requires_grad=True)
z = torch.tensor(2., requires_grad=True)
y = x * 3
gx, gz = torch.autograd.grad(y, [x, z], allow_unused=True)
""",
    "double_backward": """
x = torch.tensor(2., requires_grad=True)
y = x ** 3
g, = torch.autograd.grad(y, x, create_graph=True)
g.backward()
""",
    "create_graph_backward": """
x = torch.tensor([1., 2.], requires_grad=True)
y = (x ** 3).sum()
y.backward(create_graph=True)
h = (x.grad * 2).sum()
g, = torch.autograd.grad(h, x)
""",
    "backward_inputs": """
w = torch.ones(2, requires_grad=True)
x = torch.ones(2, requires_grad=True)
(w * x).sum().backward(inputs=[w])
""",
    "detach": """
w = torch.tensor(2., requires_grad=True)
u = w * 3
c = u.detach()
y = c * w
y.backward()
""",
    "no_grad_block": """
w = torch.tensor(2., requires_grad=True)
with torch.no_grad():
    c = w * 5
y = c * w
y.backward()
""",
    "inference_mode": """
w = torch.tensor(2., requires_grad=True)
with torch.inference_mode():
    c = w * 5
d = w * 2
d.backward()
""",
    "max_outputs": """
x = torch.tensor([[1., 5., 3.], [2., 2., 9.]], requires_grad=True)
v, i = x.max(dim=1)
v.sum().backward()
""",
    "split": """
x = torch.arange(6., requires_grad=True)
a, b, c = x.split(2)
y = (a * b + c).sum()
y.backward()
""",
    "unused_split": """
x = torch.arange(6., requires_grad=True)
a, b, c = x.split(2)
y = (a * 2).sum()
y.backward()
""",
    "svd": """
A = torch.tensor([[2., 1.], [1., 3.], [0., 1.]], dtype=torch.float64, requires_grad=True)
U, S, Vh = torch.linalg.svd(A, full_matrices=False)
S.sum().backward()
""",
    "inplace": """
w = torch.tensor([1., 2.], requires_grad=True)
y = w * 2
y += 1
y.mul_(3)
y.sum().backward()
""",
    "inplace_on_view": """
w = torch.tensor([1., 2., 3., 4.], requires_grad=True)
y = w * 2
v = y[1:3]
v.mul_(10)
z = (y * y).sum()
z.backward()
""",
    "inplace_view_then_view": """
w = torch.tensor([1., 2., 3., 4.], requires_grad=True)
y = w * 2
v = y[1:3]
v.mul_(10)
z = (v * v).sum() + y.sum()
z.backward()
""",
    "setitem": """
w = torch.tensor([1., 2., 3.], requires_grad=True)
y = torch.zeros(3)
y[0] = w[1] * 2
y[2] = w[0] * w[2]
y.sum().backward()
""",
    "setitem_plain": """
x = torch.zeros(3)
x[1] = 5.
w = torch.ones(3, requires_grad=True)
(x * w).sum().backward()
""",
    "views": """
x = torch.arange(6.)
y = x.view(2, 3)
z = y.t()
z[0, 1] = 100.
""",
    "expand": """
w = torch.tensor([1., 2.], requires_grad=True)
y = w.expand(3, 2)
(y * torch.arange(6.).view(3, 2)).sum().backward()
""",
    "cross_entropy": """
logits = torch.tensor([[1., 2., 0.5], [0.1, 0.2, 3.]], requires_grad=True)
target = torch.tensor([1, 2])
loss = F.cross_entropy(logits, target)
loss.backward()
""",
    "linear_module": """
net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
x = torch.randn(5, 3)
y = net(x)
loss = y.pow(2).mean()
loss.backward()
""",
    "training_sgd": """
torch.manual_seed(1)
net = nn.Linear(2, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
x = torch.randn(8, 2)
t = x.sum(1, keepdim=True)
for i in range(3):
    opt.zero_grad()
    loss = F.mse_loss(net(x), t)
    loss.backward()
    opt.step()
    print(i, loss.item())
""",
    "training_adam": """
net = nn.Linear(2, 1)
opt = torch.optim.Adam(net.parameters(), lr=0.1)
sch = torch.optim.lr_scheduler.StepLR(opt, 1, 0.5)
x = torch.randn(8, 2)
for i in range(3):
    loss = net(x).pow(2).mean()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 0.5)
    opt.step()
    sch.step()
    opt.zero_grad(set_to_none=False)
    print(loss)
""",
    "training_adamw": """
net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
opt = torch.optim.AdamW(net.parameters(), lr=0.01)
for i in range(2):
    loss = net(torch.ones(4, 2)).mean()
    loss.backward()
    opt.step()
    opt.zero_grad()
""",
    "manual_update": """
w = torch.tensor([1., 2.], requires_grad=True)
for i in range(3):
    loss = (w ** 2).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad.zero_()
""",
    "manual_update_data": """
w = torch.tensor([1., 2.], requires_grad=True)
for i in range(2):
    loss = (w ** 2).sum()
    loss.backward()
    w.data -= 0.1 * w.grad
    w.grad = None
""",
    "tensor_hook": """
w = torch.tensor([1., 2.], requires_grad=True)
u = w * 3
u.register_hook(lambda g: g * 10)
(u ** 2).sum().backward()
""",
    "leaf_hook": """
w = torch.tensor([1., 2.], requires_grad=True)
w.register_hook(lambda g: g.clamp(max=3.))
((w * 3) + w * w).sum().backward()
""",
    "print_hook": """
w = torch.tensor([1., 2.], requires_grad=True)
u = w * 3
u.register_hook(lambda g: print('grad', g))
(u ** 2).sum().backward()
""",
    "node_hook": """
w = torch.tensor([1., 2.], requires_grad=True)
u = w * 3
v = u.exp()
v.grad_fn.register_hook(lambda gi, go: tuple(g * 2 for g in gi))
v.grad_fn.register_prehook(lambda go: tuple(g * 5 for g in go))
v.sum().backward()
""",
    "post_accumulate_hook": """
w = torch.tensor([1., 2.], requires_grad=True)
w.register_post_accumulate_grad_hook(lambda p: print(p.grad.mul_(2)))
(w * w).sum().backward()
(w * 3).sum().backward()
""",
    "retain_grad": """
w = torch.tensor([1., 2.], requires_grad=True)
u = w * 3
u.retain_grad()
(u ** 2).sum().backward()
print(u.grad)
""",
    "custom_function": """
class Sq(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, k):
        ctx.save_for_backward(x)
        ctx.k = k
        y = x * x
        return y * k
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return 2 * x * g * ctx.k, None
x = torch.tensor([1., 2.], requires_grad=True)
y = Sq.apply(x * 2, 3.).sum()
y.backward()
""",
    "custom_dirty": """
class Inc(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        x.add_(1)
        ctx.mark_dirty(x)
        return x
    @staticmethod
    def backward(ctx, g):
        return g
w = torch.tensor([1., 2.], requires_grad=True)
x = w * 2
Inc.apply(x)
(x * x).sum().backward()
""",
    "custom_once_and_nondiff": """
from torch.autograd.function import once_differentiable
class M(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        v, i = x.max(0)
        ctx.mark_non_differentiable(i)
        ctx.i = i
        ctx.n = x.shape[0]
        return v, i
    @staticmethod
    @once_differentiable
    def backward(ctx, g, gi):
        out = torch.zeros(ctx.n)
        out[ctx.i] = g
        return out
w = torch.tensor([1., 5., 2.], requires_grad=True)
v, i = M.apply(w * 2)
(v * 3).backward()
""",
    "custom_backward_inside": """
class Inner(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x ** 2
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            y = x ** 2
            gx, = torch.autograd.grad(y, x, g)
        return gx
w = torch.tensor([1., 5., 2.], requires_grad=True)
Inner.apply(w * 2).sum().backward()
""",
    "checkpoint": """
from torch.utils.checkpoint import checkpoint
w = torch.tensor([1., 2.], requires_grad=True)
def f(x):
    return (x * w).sin() * x
u = w * 2
y = checkpoint(f, u, use_reentrant=False).sum()
y.backward()
""",
    "checkpoint_reentrant": """
from torch.utils.checkpoint import checkpoint
w = torch.tensor([1., 2.], requires_grad=True)
def f(x):
    return (x * w).sin() * x
u = w * 2
y = checkpoint(f, u, use_reentrant=True).sum()
y.backward()
""",
    "saved_hooks": """
w = torch.tensor([1., 2.], requires_grad=True)
with torch.autograd.graph.saved_tensors_hooks(lambda t: (print('pack'), t)[1], lambda t: (print('unpack'), t)[1]):
    y = (w * w).exp().sum()
y.backward()
""",
    "complex": """
z = torch.tensor([1+2j, 3-1j], requires_grad=True)
y = (z * z.conj()).real.sum()
y.backward()
""",
    "half": """
w = torch.tensor([1., 2.], dtype=torch.float16, requires_grad=True)
y = (w * 3).float().sum()
y.backward()
""",
    "bfloat16": """
w = torch.tensor([1., 2.], dtype=torch.bfloat16, requires_grad=True)
(w * w * 0.3).sum().backward()
""",
    "empty": """
w = torch.zeros(0, 3, requires_grad=True)
y = (w * 2).sum()
y.backward()
""",
    "six_dim": """
w = torch.arange(64., requires_grad=True)
y = w.reshape(2, 2, 2, 2, 2, 2).permute(5, 4, 3, 2, 1, 0).sum((0, 3))
(y * y).sum().backward()
""",
    "sparse": """
i = torch.tensor([[0, 1], [1, 0]])
v = torch.tensor([3., 4.], requires_grad=True)
s = torch.sparse_coo_tensor(i, v, (2, 2))
d = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
y = torch.sparse.mm(s, d).sum()
y.backward()
""",
    "embedding_sparse": """
e = nn.Embedding(4, 2, sparse=True)
y = e(torch.tensor([0, 2, 2])).pow(2).sum()
y.backward()
""",
    "large": """
w = torch.linspace(0, 1, 5000, requires_grad=True)
y = (w * w).sum()
y.backward()
""",
    "nan": """
w = torch.tensor([0., 1.], requires_grad=True)
y = (w.log() * w).sum()
y.backward()
""",
    "function_locals": """
def layer(x, w):
    h = x @ w
    return torch.tanh(h)
w1 = torch.randn(3, 3, requires_grad=True)
x = torch.randn(2, 3)
for k in range(2):
    x = layer(x, w1)
loss = x.sum()
loss.backward()
""",
    "user_module": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(3, 3)
        self.scale = nn.Parameter(torch.ones(3))
    def forward(self, x):
        h = self.lin(x)
        return F.gelu(h) * self.scale
net = Net()
y = net(torch.randn(2, 3)).sum()
y.backward()
""",
    "batchnorm": """
net = nn.BatchNorm1d(3)
x = torch.randn(4, 3, requires_grad=True)
y = (net(x) ** 2).sum()
y.backward()
""",
    "dropout": """
net = nn.Dropout(0.5)
x = torch.ones(8, requires_grad=True)
y = net(x).sum()
y.backward()
print(torch.rand(2))
""",
    "lstm": """
net = nn.LSTM(2, 3)
y, (h, c) = net(torch.randn(4, 1, 2))
y.sum().backward()
""",
    "attention": """
net = nn.MultiheadAttention(4, 2, batch_first=True)
x = torch.randn(1, 3, 4)
y, a = net(x, x, x)
y.sum().backward()
""",
    "transformer_eval": """
net = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True)
net.eval()
with torch.no_grad():
    y = net(torch.randn(1, 3, 4))
print(y)
""",
    "transformer": """
net = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.1, batch_first=True)
y = net(torch.randn(1, 3, 4)).pow(2).sum()
y.backward()
""",
    "conv": """
net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.MaxPool2d(2), nn.Flatten())
y = net(torch.randn(1, 1, 6, 6)).sum()
y.backward()
""",
    "func_grad": """
f = lambda x: (x ** 3).sum()
x = torch.tensor([1., 2.])
g = torch.func.grad(f)(x)
print(g)
""",
    "func_jacrev": """
J = torch.func.jacrev(torch.sin)(torch.tensor([1., 2.]))
print(J)
""",
    "func_vmap": """
y = torch.func.vmap(lambda v: v * 2)(torch.ones(2, 3))
w = torch.ones(2, requires_grad=True)
z = (torch.vmap(lambda r: r @ w)(torch.ones(3, 2))).sum()
z.backward()
""",
    "functional_jacobian": """
J = torch.autograd.functional.jacobian(lambda x: x ** 2, torch.tensor([1., 2.]))
print(J)
""",
    "batched_grad": """
x = torch.tensor([1., 2.], requires_grad=True)
y = x ** 2
g, = torch.autograd.grad(y, x, torch.eye(2), is_grads_batched=True)
print(g)
""",
    "grad_in_a_pattern": """
class Kinds:
    grad = 2
match 2:
    case Kinds.grad:
        w = torch.ones(2, requires_grad=True)
(w * w).sum().backward()
print(w.grad)
""",
    "module_calls_itself_otherwise": """
class Net(nn.Module):
    def __init__(net, n):
        super().__init__()
        net.fc = nn.Linear(n, 1)
    def forward(net, x):
        return net.fc(x)
model = Net(2)
model(torch.ones(1, 2)).sum().backward()
print(model.fc.weight.grad)
""",
    "raises": """
w = torch.ones(2, requires_grad=True)
y = w * 2
z = y @ torch.ones(3)
""",
    "raises_in_backward": """
w = torch.ones(2, requires_grad=True)
u = w.exp()
v = u * 2
u.add_(1)
v.sum().backward()
""",
    "backward_twice": """
w = torch.ones(2, requires_grad=True)
y = (w * w).sum()
y.backward()
y.backward()
""",
    "nonscalar": """
w = torch.ones(2, requires_grad=True)
y = w * w
y.backward()
""",
    "leaf_inplace": """
w = torch.ones(2, requires_grad=True)
w += 1
""",
    "leaf_root": """
w = torch.tensor(2., requires_grad=True)
w.backward()
""",
    "double_use": """
w = torch.tensor(2., requires_grad=True)
y = torch.stack([w, w, w * w]).sum()
y.backward()
""",
    "requires_grad_later": """
x = torch.ones(2)
y = x * 2
x.requires_grad_()
z = (x * y).sum()
z.backward()
""",
    "parameter_from_data": """
a = torch.randn(3)
p = nn.Parameter(a * 2)
(p * a).sum().backward()
""",
    "set_data": """
w = torch.ones(2, requires_grad=True)
(w * 2).sum().backward()
w.data = torch.zeros(2)
y = (w * 3).sum()
y.backward()
""",
    "stdout_values": """
w = torch.tensor([0.1, 0.2], requires_grad=True)
print(w, (w * 2).sum().item(), f'{w.sum():.3f}')
""",
    "gradient_edge": """
w = torch.tensor([1., 2.], requires_grad=True)
y = (w * w).sum()
from torch.autograd.graph import get_gradient_edge
torch.autograd.backward([get_gradient_edge(y)], [torch.tensor(1.)])
""",
    "two_roots": """
w = torch.tensor([1., 2.], requires_grad=True)
a = w * 2
b = a.exp()
torch.autograd.backward([a, b], [torch.ones(2), torch.ones(2)])
""",
    "same_root_twice": """
w = torch.tensor([1., 2.], requires_grad=True)
a = w * 2
torch.autograd.backward([a, a], [torch.ones(2), torch.ones(2)])
""",
    "shared_storage_update": """
w = torch.zeros(4, requires_grad=True)
v = w.detach()
y = (w * 2).sum()
y.backward()
v[0] = 7.
z = (w * w).sum()
z.backward()
""",
    "list_leaves": """
ws = [torch.full((2,), float(i), requires_grad=True) for i in range(3)]
y = sum((w * w).sum() for w in ws)
y.backward()
""",
    "inplace_activation": """
net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(inplace=True))
net(torch.ones(1, 2)).sum().backward()
""",
    "out_argument": """
a = torch.ones(2)
c = torch.empty(2)
torch.add(a, a, out=c)
w = torch.ones(2, requires_grad=True)
(c * w).sum().backward()
""",
    "rng": """
x = torch.rand(3, requires_grad=True)
y = (x * torch.rand(3)).sum()
y.backward()
print(torch.rand(2), torch.randint(10, (3,)))
import random
print(random.random())
import numpy as np
print(np.random.rand())
""",
    "t_inplace": """
x = torch.arange(6.).reshape(2, 3)
x.t_()
w = torch.ones(3, 2, requires_grad=True)
(x * w).sum().backward()
""",
    "undefined_grad": """
class P(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.set_materialize_grads(False)
        return a * 1, b * 1
    @staticmethod
    def backward(ctx, ga, gb):
        print(ga is None, gb is None)
        return ga, gb
a = torch.ones(2, requires_grad=True)
b = torch.ones(2, requires_grad=True)
u, v = P.apply(a * 2, b * 2)
u.sum().backward()
""",
    "swap_grad_none": """
w = torch.ones(2, requires_grad=True)
(w * 2).sum().backward()
w.grad = torch.zeros(2)
(w * 2).sum().backward()
""",
    "multi_grad_hook": """
a = torch.ones(2, requires_grad=True)
b = torch.ones(2, requires_grad=True)
h = torch.autograd.graph.register_multi_grad_hook((a, b), lambda gs: print('all', gs))
(a * b).sum().backward()
""",
    "backward_in_hook": """
w = torch.ones(2, requires_grad=True)
v = torch.ones(2, requires_grad=True)
def h(g):
    (v * v).sum().backward()
u = w * 2
u.register_hook(h)
u.sum().backward()
""",
    "as_strided": """
w = torch.arange(4., requires_grad=True)
y = w.as_strided((2, 2), (1, 1))
(y * y).sum().backward()
""",
    "lbfgs": """
w = torch.tensor([1., 2.], requires_grad=True)
opt = torch.optim.LBFGS([w], max_iter=3)
def closure():
    opt.zero_grad()
    loss = ((w - 3) ** 2).sum()
    loss.backward()
    return loss
opt.step(closure)
print(w)
""",
    "module_double": """
net = nn.Linear(2, 1)
net(torch.ones(1, 2)).sum().backward()
net.zero_grad()
net.double()
y = net(torch.ones(1, 2, dtype=torch.float64)).sum()
y.backward()
""",
    "ema": """
w = torch.ones(2, requires_grad=True)
ema = torch.zeros(2)
opt = torch.optim.SGD([w], lr=0.5)
for k in range(3):
    loss = (w * w).sum()
    opt.zero_grad(set_to_none=False)
    loss.backward()
    opt.step()
    with torch.no_grad():
        ema.mul_(0.9).add_(w, alpha=0.1)
print(ema)
""",
    "module_backward_hook": """
net = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
net[1].register_full_backward_hook(lambda m, gi, go: print('hook', gi[0]))
y = net(torch.ones(1, 2, requires_grad=True)).sum()
y.backward()
""",
    "module_forward_hook": """
net = nn.Linear(2, 2)
kept = []
net.register_forward_hook(lambda m, i, o: kept.append(o.detach()))
y = net(torch.ones(1, 2)).sum()
y.backward()
print(kept)
""",
    "packed_rnn": """
rnn = nn.GRU(2, 3, batch_first=True)
x = torch.randn(2, 4, 2)
p = nn.utils.rnn.pack_padded_sequence(x, torch.tensor([4, 2]), batch_first=True)
o, h = rnn(p)
y, n = nn.utils.rnn.pad_packed_sequence(o, batch_first=True)
y.sum().backward()
""",
    "index_put": """
w = torch.arange(4., requires_grad=True)
y = torch.zeros(4)
y[torch.tensor([0, 2])] = w[1:3] * 2
y[y > 3] = w[0]
(y * y).sum().backward()
""",
    "scatter_einsum": """
w = torch.arange(6., requires_grad=True)
m = w.view(2, 3)
s = torch.zeros(2, 2).scatter_add(1, torch.tensor([[0, 1, 1], [0, 0, 1]]), m)
y = torch.einsum('ij,kj->ik', s, m[:, :2]).cumsum(0).sum()
y.backward()
""",
    "where_mask": """
w = torch.tensor([-1., 0., 4.], requires_grad=True)
y = torch.where(w > 0, w.sqrt(), torch.zeros(())).sum()
y.backward()
""",
    "freeze": """
net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
for p in net[0].parameters():
    p.requires_grad_(False)
y = net(torch.ones(1, 2)).sum()
y.backward()
""",
    "hessian_vector": """
w = torch.tensor([1., 2.], requires_grad=True)
v = torch.tensor([1., 0.])
g, = torch.autograd.grad((w ** 3).sum(), w, create_graph=True)
h, = torch.autograd.grad(g, w, v)
print(h)
""",
    "three_times": """
x = torch.tensor(2., requires_grad=True)
y = x ** 4
for k in range(3):
    y, = torch.autograd.grad(y, x, create_graph=True)
y.backward()
""",
    "gradient_penalty": """
net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
x = torch.randn(4, 2, requires_grad=True)
out = net(x).sum()
g, = torch.autograd.grad(out, x, create_graph=True)
loss = out + ((g.norm(2, dim=1) - 1) ** 2).mean()
loss.backward()
""",
    "decorated_no_grad": """
w = torch.ones(2, requires_grad=True)
@torch.no_grad()
def step():
    w.sub_(w.grad * 0.1)
(w * w).sum().backward()
step()
""",
    "view_chain": """
w = torch.arange(8., requires_grad=True)
y = w * 1
a = y.view(2, 4)
b = a.t()
c = b[1:3]
c.add_(w[:4].view(2, 2))
c[0].mul_(2)
(y * y).sum().backward()
""",
    "view_of_leaf_no_grad": """
w = torch.zeros(4, requires_grad=True)
with torch.no_grad():
    w[1:3].fill_(5)
(w * w).sum().backward()
""",
    "norms": """
x = torch.randn(2, 4, 3, requires_grad=True)
y = nn.GroupNorm(2, 4)(x) + F.layer_norm(x, (3,)) + F.instance_norm(x)
y.pow(2).sum().backward()
""",
    "conv_transpose": """
y = nn.ConvTranspose1d(2, 3, 2)(torch.randn(1, 2, 4)).relu().sum()
y.backward()
""",
    "needs_input_grad": """
class M(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a * b
    @staticmethod
    def backward(ctx, g):
        a, b = ctx.saved_tensors
        print(ctx.needs_input_grad)
        return g * b, (g * a if ctx.needs_input_grad[1] else None)
w = torch.ones(2, requires_grad=True)
M.apply(w * 2, torch.ones(2)).sum().backward()
""",
    "function_double_backward": """
class Sq(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x ** 2
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return 2 * x * g
x = torch.tensor(3., requires_grad=True)
y = Sq.apply(x)
g, = torch.autograd.grad(y, x, create_graph=True)
g.backward()
""",
    "view_function": """
class V(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.view(-1)
    @staticmethod
    def backward(ctx, g):
        return g.view(2, 2)
w = torch.ones(2, 2, requires_grad=True)
(V.apply(w * 2) * torch.arange(4.)).sum().backward()
""",
    "checkpoint_nested": """
from torch.utils.checkpoint import checkpoint
w = torch.tensor([1., 2.], requires_grad=True)
def inner(x):
    return (x * w).exp()
def outer(x):
    return checkpoint(inner, x * 2, use_reentrant=False).sin()
y = checkpoint(outer, w * 3, use_reentrant=False).sum()
y.backward()
""",
    "grad_sum_of_many": """
w = torch.tensor([0.1, 0.2, 0.3], requires_grad=True)
y = sum((w * k).sin().sum() for k in range(20))
y.backward()
""",
    "bce_and_losses": """
z = torch.randn(4, requires_grad=True)
t = torch.tensor([0., 1., 1., 0.])
l = F.binary_cross_entropy_with_logits(z, t) + F.smooth_l1_loss(z, t) + F.huber_loss(z, t)
l = l + F.kl_div(z.log_softmax(0), t.softmax(0), reduction='batchmean')
l.backward()
""",
    "swap_names": """
a = torch.tensor(1., requires_grad=True)
b = torch.tensor(2., requires_grad=True)
a, b = b * 2, a * 3
y = a * b
y.backward()
""",
    "grad_arithmetic": """
w = torch.tensor([1., 2.], requires_grad=True)
(w * w).sum().backward()
g = w.grad
n = g.norm()
w.grad *= 0.5
w.grad = w.grad / n
print(w.grad)
""",
    "second_name": """
w = torch.tensor([1., 2.], requires_grad=True)
v = w
u = v * 2
z = u
z.sum().backward()
""",
    "string_format_of_grad": """
w = torch.tensor([1., 2.], requires_grad=True)
(w ** 2).sum().backward()
for p in [w]:
    print(f'{p.grad.norm().item():.4f}', p.grad.tolist(), len(p), p.shape, bool((p > 0).all()))
""",
    "memory_format": """
x = torch.randn(1, 2, 3, 3).to(memory_format=torch.channels_last).requires_grad_()
y = (x * x).contiguous().sum()
y.backward()
""",
    "inference_update": """
w = torch.ones(2, requires_grad=True)
with torch.inference_mode():
    a = w * 2
    a.add_(1)
    b = a[0]
print(a, b)
""",
    "exception_handled": """
w = torch.ones(2, requires_grad=True)
try:
    (w * w).backward()
except RuntimeError as e:
    print('no', e)
(w * w).sum().backward()
""",
    "generator_and_comprehension": """
w = torch.ones(3, requires_grad=True)
parts = [p * i for i, p in enumerate(w)]
y = torch.stack(parts).sum()
y.backward()
""",
    "transform_inplace_grad": """
def f(x):
    y = x * 1
    y.mul_(x)
    y[0] = 3.
    return y.sum()
print(torch.func.grad(f)(torch.tensor([1., 2.])))
""",
    "transform_vmap_inplace": """
def f(x):
    y = x.clone()
    y[0] += 1
    return y
print(torch.vmap(f)(torch.ones(3, 2)))
""",
    "transform_per_sample": """
net = nn.Linear(2, 1)
params = {k: v.detach() for k, v in net.named_parameters()}
def loss(p, x):
    return torch.func.functional_call(net, p, (x,)).pow(2).sum()
g = torch.vmap(torch.func.grad(loss), (None, 0))(params, torch.ones(4, 2))
print(g['weight'].shape)
""",
    "transform_custom_under_func": """
class S(torch.autograd.Function):
    @staticmethod
    def forward(x):
        return x * x
    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return 2 * x * g
print(torch.func.grad(lambda x: S.apply(x).sum())(torch.tensor([1., 2.])))
w = torch.ones(2, requires_grad=True)
S.apply(w).sum().backward()
""",
    "transform_outer_grad": """
w = torch.tensor([1., 2.], requires_grad=True)
g = torch.func.grad(lambda x: (x * w).pow(2).sum())(torch.ones(2))
g.sum().backward()
print(w.grad)
""",
    "transform_vjp_outer": """
w = torch.tensor([1., 2.], requires_grad=True)
out, f = torch.func.vjp(lambda x: x * w, torch.ones(2))
g, = f(torch.ones(2))
(g * out).sum().backward()
print(w.grad)
""",
    "transform_functional_hvp": """
print(torch.autograd.functional.hvp(lambda x: (x ** 3).sum(), torch.tensor([1., 2.]), torch.ones(2)))
""",
    "transform_forkrng": """
w = torch.ones(2, requires_grad=True)
with torch.random.fork_rng():
    torch.manual_seed(5)
    n = torch.randn(2)
(w * n * torch.rand(2)).sum().backward()
print(w.grad)
""",
    "transform_deepcopy": """
import functools
net = nn.Linear(2, 2)
sd = {k: v.clone() for k, v in net.state_dict().items()}
net(torch.ones(1, 2)).sum().backward()
net.load_state_dict(sd)
print(net.weight.grad)
""",
    "zero_tensor_gradient": """
x = torch.tensor([1., -2.], requires_grad=True)
g, = torch.autograd.grad(x.abs().sum(), x, create_graph=True)
(g * x).sum().backward()
k, = torch.autograd.grad(x.sgn().sum(), x)
print(k, k * 2, k.sum(), k + x)
""",
    "softsign_twice": """
x = torch.tensor([1., -2.], requires_grad=True)
g, = torch.autograd.grad(F.softsign(x).sum(), x, create_graph=True)
g.sum().backward()
""",
    "csr_leaf_root": """
s = torch.eye(2).to_sparse_csr().requires_grad_()
a = torch.ones(2, 2, requires_grad=True)
y = torch.sparse.sampled_addmm(s, a, a)
g = torch.autograd.grad(y, [s, a], torch.ones_like(y), create_graph=True)
g[1].sum().backward()
h, = torch.autograd.grad(s, s, torch.ones_like(s))
""",
    "spectral_norm": """
net = nn.utils.parametrizations.spectral_norm(nn.Linear(3, 2))
net(torch.randn(4, 3, requires_grad=True)).pow(2).sum().backward()
""",
    "stale_view": """
w = torch.tensor([1., 2.], requires_grad=True)
u = w * 2
with torch.no_grad():
    v = u[0:1]
u.add_(1)
keep = [v]
del v
u.sum().backward()
""",
    "lazy_modules": """
net = nn.Sequential(nn.LazyConv2d(2, 3), nn.ReLU(), nn.LazyBatchNorm2d(), nn.Flatten(), nn.LazyLinear(1))
y = net(torch.randn(2, 1, 4, 4))
wide = nn.Sequential(nn.LazyLinear(2)).double()
z = wide(torch.randn(2, 3).double())
(y.sum() + z.sum()).backward()
print(net)
""",
    "skip_init": """
lin = nn.utils.skip_init(nn.Linear, 2, 2)
nn.init.ones_(lin.weight)
nn.init.zeros_(lin.bias)
lin(torch.ones(1, 2)).sum().backward()
""",
    "meta_device": """
shape = nn.Linear(2, 3, device='meta')(torch.ones(4, 2, device='meta')).shape
net = nn.Linear(2, 3, device='meta').to_empty(device='cpu')
nn.init.ones_(net.weight)
nn.init.ones_(net.bias)
net(torch.ones(*shape[:1], 2)).sum().backward()
""",
    "replaced_parameter": """
net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
net[1] = nn.Linear(2, 2)
net[0].weight = nn.Parameter(torch.eye(2))
net(torch.ones(1, 2)).sum().backward()
""",
    "parametrized": """
from torch.nn.utils import parametrize, prune
class Symmetric(nn.Module):
    def forward(self, X):
        return X.triu() + X.triu(1).mT
net = nn.Sequential(nn.Linear(3, 3), nn.utils.parametrizations.weight_norm(nn.Linear(3, 2)))
parametrize.register_parametrization(net[0], 'weight', Symmetric())
net(torch.randn(2, 3)).pow(2).sum().backward()
pruned = prune.l1_unstructured(nn.Linear(2, 2), 'weight', amount=0.5)
pruned(torch.ones(1, 2)).sum().backward()
prune.remove(pruned, 'weight')
pruned(torch.ones(1, 2)).sum().backward()
""",
    "element_updates": """
w = torch.tensor([1., 2., 3.], requires_grad=True)
y = torch.zeros(3)
y[0] = w[1] * 2
z = w * 2
z[0] = 5.
z[1] += 1
z[2] *= w[0]
(y * z).sum().backward()
""",
}
