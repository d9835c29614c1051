"""Programs that use what autograd has: hooks, checkpoints, custom Functions, optimizers, errors; by name."""

PROGRAMS: dict[str, str] = {
    "tensor_hooks": """\
w=torch.tensor([1.,2.],requires_grad=True)
h=w*3
h.register_hook(lambda g: g*2)
w.register_hook(lambda g: g+1)
(h*h).sum().backward()
""",
    "node_hooks": """\
w=torch.tensor([1.,2.],requires_grad=True)
h=w*3
h.grad_fn.register_hook(lambda gi,go: (gi[0]*2,)+gi[1:])
h.grad_fn.register_prehook(lambda go: (go[0]+1,))
(h*h).sum().backward()
""",
    "post_accumulate_hook": """\
w=torch.tensor([1.,2.],requires_grad=True)
def f(p):
    with torch.no_grad(): p -= 0.1*p.grad
    p.grad=None
w.register_post_accumulate_grad_hook(f)
(w*w).sum().backward()
(w*w).sum().backward()
""",
    "retain_grad": """\
w=torch.tensor([1.,2.],requires_grad=True)
h=w*3
h.retain_grad()
(h*h).sum().backward()
print(h.grad)
""",
    "checkpoint": """\
from torch.utils.checkpoint import checkpoint
w=torch.tensor([1.,2.],requires_grad=True)
b=torch.tensor([.1,.2],requires_grad=True)
def f(x): return torch.tanh(x*w)+b
y=checkpoint(f,w*2,use_reentrant=False)
y.sum().backward()
""",
    "checkpoint_reentrant": """\
from torch.utils.checkpoint import checkpoint
w=torch.tensor([1.,2.],requires_grad=True)
b=torch.tensor([.1,.2],requires_grad=True)
def f(x): return torch.tanh(x*w)+b
y=checkpoint(f,w*2,use_reentrant=True)
y.sum().backward()
""",
    "create_graph": """\
x=torch.tensor(2.,requires_grad=True)
y=x**3
g,=torch.autograd.grad(y,x,create_graph=True)
h,=torch.autograd.grad(g,x,create_graph=True)
k,=torch.autograd.grad(h,x)
(g*g).backward()
""",
    "hessian": """\
x=torch.tensor([2.,3.],requires_grad=True)
y=(x**3).sum()*x[0]
g,=torch.autograd.grad(y,x,create_graph=True)
H=torch.stack([torch.autograd.grad(gi,x,retain_graph=True)[0] for gi in g])
""",
    "adam": """\
torch.manual_seed(1)
net=nn.Sequential(nn.Linear(2,3),nn.Tanh(),nn.Linear(3,1))
opt=torch.optim.Adam(net.parameters(),lr=.01)
x=torch.randn(5,2)
t=torch.randn(5,1)
for i in range(3):
    opt.zero_grad()
    loss=F.mse_loss(net(x),t)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(),1.0)
    opt.step()
""",
    "sgd_momentum": """\
net=nn.Linear(2,1)
opt=torch.optim.SGD(net.parameters(),lr=.1,momentum=.9,weight_decay=.01)
sch=torch.optim.lr_scheduler.StepLR(opt,1)
x=torch.randn(5,2)
for i in range(3):
    loss=net(x).pow(2).mean()
    loss.backward()
    opt.step()
    sch.step()
    opt.zero_grad(set_to_none=False)
""",
    "custom_function": """\
class Sq(torch.autograd.Function):
    @staticmethod
    def forward(ctx,x,y):
        ctx.save_for_backward(x,y)
        ctx.k=3
        return x*x*y, x+1
    @staticmethod
    def backward(ctx,g,g2):
        x,y=ctx.saved_tensors
        return 2*x*y*g+g2, (g*x*x) if ctx.needs_input_grad[1] else None
x=torch.tensor([1.,2.],requires_grad=True)
y=torch.tensor([3.,4.],requires_grad=True)
a,b=Sq.apply(x,y)
(a.sum()+b.sum()).backward()
""",
    "custom_function_in_place": """\
class Inc(torch.autograd.Function):
    @staticmethod
    def forward(ctx,x):
        x.add_(1)
        ctx.mark_dirty(x)
        return x
    @staticmethod
    def backward(ctx,g): return g
x=torch.tensor([1.,2.],requires_grad=True)
h=x*2
h=Inc.apply(h)
(h*h).sum().backward()
""",
    "function_transforms": """\
from torch.func import grad, vjp, jacrev, vmap
f=lambda x: (x**2).sum()
x=torch.tensor([1.,2.])
print(grad(f)(x))
print(jacrev(lambda x: x**2)(x))
print(vmap(lambda a: a*2)(x))
""",
    "sparse_gradients": """\
e=nn.Embedding(5,3,sparse=True)
y=e(torch.tensor([1,1,4])).pow(2).sum()
y.backward()
y=e(torch.tensor([1,2,4])).pow(2).sum()
y.backward()
""",
    "half_precision": """\
w=torch.randn(4,4,dtype=torch.bfloat16,requires_grad=True)
h=torch.randn(4,dtype=torch.float16,requires_grad=True)
y=(w@w).float().sum()*(h*h).float().sum()
y.backward(retain_graph=True)
y.backward()
""",
    "saved_tensor_overwritten": """\
w=torch.tensor([1.,2.],requires_grad=True)
y=w.exp()
y.add_(1)
y.sum().backward()
""",
    "backward_twice": """\
w=torch.tensor([1.,2.],requires_grad=True)
y=w.exp().sum()
y.backward()
y.backward()
""",
    "non_scalar_backward": """\
w=torch.tensor([1.,2.],requires_grad=True)
(w*2).backward()
""",
    "leaf_in_place": """\
w=torch.tensor([1.,2.],requires_grad=True)
w.add_(1)
""",
    "several_roots": """\
w=torch.tensor([1.,2.],requires_grad=True)
a=w*2
b=w*w
torch.autograd.backward([a,b,a],[torch.ones(2),torch.ones(2)*3,torch.ones(2)])
torch.autograd.backward([(w*3).sum()],inputs=[w])
""",
    "backward_inside_backward": """\
class F2(torch.autograd.Function):
    @staticmethod
    def forward(ctx,x):
        ctx.save_for_backward(x)
        return x*x
    @staticmethod
    def backward(ctx,g):
        x,=ctx.saved_tensors
        with torch.enable_grad():
            z=x.detach().requires_grad_()
            (z*z).sum().backward()
        return g*z.grad
x=torch.tensor([1.,2.],requires_grad=True)
F2.apply(x).sum().backward()
""",
    "error_caught": """\
w=torch.tensor([1.,2.],requires_grad=True)
try:
    y=w.exp()
    y.add_(1)
    y.sum().backward()
except RuntimeError as e:
    print('caught')
(w*w).sum().backward()
""",
    "update_through_data": """\
w=torch.tensor([1.,2.],requires_grad=True)
(w*w).sum().backward()
w.data -= 0.1*w.grad
w.grad.zero_()
(w*w).sum().backward()
""",
    "write_through_a_view": """\
b=torch.zeros(4)
v=b[1:3]
w=torch.tensor([1.,2.],requires_grad=True)
v.copy_(w)
b.mul_(2)
(b*b).sum().backward()
""",
    "inference_mode": """\
with torch.inference_mode():
    a=torch.ones(3)*2
w=torch.ones(3,requires_grad=True)
c=(w*a.clone()).sum()
c.backward()
""",
    "lstm": """\
l=nn.LSTM(3,4,2,batch_first=True,dropout=.5)
y,(h,c)=l(torch.randn(2,5,3))
(y.sum()+h.sum()).backward()
""",
    "no_gradient_at_all": """\
x=torch.tensor([1,2,3])
y=x*2
print(y)
""",
    "gradient_penalty": """\
torch.manual_seed(2)
D=nn.Sequential(nn.Linear(3,4),nn.Softplus(),nn.Linear(4,1))
x=torch.randn(2,3,requires_grad=True)
g,=torch.autograd.grad(D(x).sum(),x,create_graph=True)
((g.norm(dim=1)-1)**2).mean().backward()
""",
    "batched_gradients": """\
x=torch.tensor([1.,2.],requires_grad=True)
y=x**2
g=torch.autograd.grad(y,x,torch.eye(2),is_grads_batched=True)
""",
    "complex_numbers": """\
z=torch.tensor([1+2j,3-1j],requires_grad=True)
(z.abs()**2).sum().backward()
(z*z.conj()).real.sum().backward()
""",
}
