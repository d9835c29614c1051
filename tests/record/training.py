"""Training loops of every kind. Nothing changes a leaf twice in one line, so that lines tell every value."""

LOOP = """
net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
x, t = torch.randn(4, 2), torch.randn(4, 1)
optimizer = torch.optim.{call}
for epoch in range(3):
    optimizer.zero_grad({how})
    loss = F.mse_loss(net(x), t)
    loss.backward()
    optimizer.step()
    print(epoch, loss.item())
"""
OPTIMIZERS = (
    "SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01)",
    "SGD(net.parameters(), lr=0.1, maximize=True, foreach=False)",
    "SGD(net.parameters(), lr=0.1, momentum=0.9, fused=True)",
    "SGD([{'params': net[0].parameters(), 'lr': 0.01}, {'params': net[2].parameters()}], lr=0.1, momentum=0.5)",
    "Adam(net.parameters(), lr=0.1, amsgrad=True, foreach=True)",
    "Adam(net.parameters(), lr=torch.tensor(0.1))",
    "AdamW(net.named_parameters(), fused=True)",
    "Adagrad(net.parameters(), lr=0.1)",
    "RMSprop(net.parameters(), lr=0.01, centered=True, momentum=0.9)",
    "Adadelta(net.parameters())",
    "Adamax(net.parameters())",
    "NAdam(net.parameters())",
    "RAdam(net.parameters())",
    "Rprop(net.parameters())",
    "ASGD(net.parameters())",
    "Adafactor(net.parameters())",
    "Muon([p for p in net.parameters() if p.ndim == 2], lr=0.1)",
)
PROGRAMS = {
    call: LOOP.format(call=call, how="" if k % 2 else "set_to_none=False") for k, call in enumerate(OPTIMIZERS)
} | {
    "lbfgs": """
net = nn.Linear(2, 1)
x, t = torch.randn(4, 2), torch.randn(4, 1)
optimizer = torch.optim.LBFGS(net.parameters(), lr=0.5, max_iter=4, line_search_fn='strong_wolfe')
def closure():
    optimizer.zero_grad()
    loss = F.mse_loss(net(x), t)
    loss.backward()
    return loss
for epoch in range(2):
    print(epoch, optimizer.step(closure).item())
""",
    "sparse_adam": """
net = nn.Embedding(5, 2, sparse=True)
optimizer = torch.optim.SparseAdam(net.parameters(), lr=0.1)
for epoch in range(2):
    optimizer.zero_grad(set_to_none=False)
    net(torch.tensor([1, 3, 1])).pow(2).sum().backward()
    optimizer.step()
""",
    "schedulers": """
net = nn.Linear(2, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
make = torch.optim.lr_scheduler
warm = make.SequentialLR(optimizer, [make.LinearLR(optimizer), make.ExponentialLR(optimizer, 0.9)], milestones=[1])
plateau = make.ReduceLROnPlateau(optimizer, patience=0)
for epoch in range(3):
    loss = net(torch.ones(1, 2)).pow(2).sum()
    loss.backward()
    optimizer.step()
    warm.step()
    plateau.step(loss)
    optimizer.zero_grad()
    print(warm.get_last_lr())
""",
    "manual": """
w = torch.tensor([1., 2.], requires_grad=True)
b = torch.tensor(0.5, requires_grad=True)
def backward():
    ((w * 3 + b) ** 2).sum().backward()
backward()
with torch.no_grad():
    w -= 0.1 * w.grad
    b.sub_(b.grad, alpha=0.1)
w.grad.zero_()
b.grad = None
backward()
w.data = w.data - 0.1 * w.grad
b.data.copy_(b - 0.1 * b.grad)
w.grad, b.grad = None, None
backward()
with torch.no_grad():
    torch._foreach_add_([w, b], [w.grad, b.grad], alpha=-0.1)
    w[0] = 7.
    w[1:] *= 2
for p in (w, b):
    p.grad = None
w.data, b.data = torch.zeros(2), torch.ones(())
backward()
""",
    "numpy": """
w = torch.tensor([1., 2.], requires_grad=True)
(w * w).sum().backward()
w.detach().numpy()[0] = 5.
view = w.grad.numpy()
view[:] = 3.
(w * w).sum().backward()
view += 1
w.data.mul_(2)
print(w, w.grad, view)
""",
    "heads": """
w = torch.tensor(1., requires_grad=True)
(w * 20).backward()
if nn.utils.clip_grad_norm_([w], 1.0) > 1:  #
    print('clipped')
elif w.grad.zero_() == 0:
    pass
if w.grad.mul_(3.) < 0:  #
    pass
elif w.grad.mul_(2.) > 0:  #
    w.data.mul_(5)  #
for grad in [w.grad.add_(1)]:  #
    pass
assert w.grad.sub_(2) > 0  #
w.grad.add_(1)  #
print(w, w.grad)
""",
    "vector": """
net = nn.Linear(2, 1)
vector = nn.utils.parameters_to_vector(net.parameters())
vector.pow(2).sum().backward()
nn.utils.vector_to_parameters(vector * 0.5, net.parameters())
net(torch.ones(1, 2)).sum().backward()
""",
    "unfreezing": """
net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
optimizer = torch.optim.SGD(net[2].parameters(), lr=0.1)
net[0].requires_grad_(False)
for epoch in range(3):
    if epoch == 1:
        net[0].requires_grad_(True)
        optimizer.add_param_group({'params': net[0].parameters(), 'lr': 0.01})
    optimizer.zero_grad()
    net(torch.ones(1, 2)).pow(2).sum().backward()
    optimizer.step()
    print([p.grad is None for p in net.parameters()])
""",
    "optimizer_in_backward": """
net = nn.Linear(2, 1)
optimizers = {p: torch.optim.SGD([p], lr=0.1, momentum=0.9) for p in net.parameters()}
def hook(p):
    optimizers[p].step()
    optimizers[p].zero_grad()
for p in net.parameters():
    p.register_post_accumulate_grad_hook(hook)
for epoch in range(2): loss = net(torch.ones(1, 2)).pow(2).sum(); loss.backward()
""",
    "adversaries": """
maker = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
judge = nn.Sequential(nn.Linear(1, 3), nn.LeakyReLU(0.2), nn.Linear(3, 1))
makes = torch.optim.Adam(maker.parameters(), lr=0.01, betas=(0.5, 0.999))
judges = torch.optim.RMSprop(judge.parameters(), lr=0.01)
entropy = nn.BCEWithLogitsLoss()
for step in range(2):
    fake = maker(torch.randn(4, 2))
    judges.zero_grad()
    wrong = entropy(judge(torch.randn(4, 1)), torch.ones(4, 1)) + entropy(judge(fake.detach()), torch.zeros(4, 1))
    wrong.backward()
    judges.step()
    makes.zero_grad()
    entropy(judge(fake), torch.ones(4, 1)).backward()
    makes.step()
    for p in judge.parameters():
        p.data.clamp_(-0.1, 0.1)
""",
    "meta_learning": """
w = torch.tensor([0.5, -0.5], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
x, y = torch.randn(4, 2), torch.randn(4)
for outer in range(2):
    optimizer.zero_grad()
    fast = w
    for inner in range(2):
        g, = torch.autograd.grad(((x @ fast - y) ** 2).mean(), fast, create_graph=True)
        fast = fast - 0.1 * g
    ((x @ fast - y) ** 2).mean().backward()
    optimizer.step()
""",
    "mixed_precision": """
net = nn.Linear(2, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
scaler = torch.amp.GradScaler('cpu', init_scale=4.)
for epoch in range(2):
    optimizer.zero_grad()
    with torch.autocast('cpu', dtype=torch.bfloat16):
        loss = net(torch.ones(4, 2)).float().pow(2).mean()
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()
    print(loss.item(), scaler.get_scale())
""",
    "averaged": """
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
net = nn.Linear(2, 1)
mean = AveragedModel(net)
moving = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.9))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(2):
    optimizer.zero_grad()
    net(torch.ones(3, 2)).pow(2).mean().backward()
    optimizer.step()
    mean.update_parameters(net)
    moving.update_parameters(net)
print(mean(torch.ones(1, 2)), moving.module.weight)
""",
}
