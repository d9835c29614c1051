"""Runs a few snippets so that nothing is imported, read or compiled for the first time in a forked child."""

from __future__ import annotations

import linecache

import torch

from app.record import record

SNIPPETS = (
    """
x = torch.tensor(3.)
w = torch.tensor(2., requires_grad=True)
a = torch.relu(w * x)
a.backward()
print(a, w.grad)
""",
    """
net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
for optimizer in (torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9), torch.optim.AdamW(net.parameters())):
    loss = F.mse_loss(net(torch.ones(4, 2)), torch.zeros(4, 1))
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
""",
    """
class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, grad):
        return 2 * ctx.saved_tensors[0] * grad

x = torch.arange(3.0, requires_grad=True)
y = Square.apply(x).sum()
g, = torch.autograd.grad(y, x, create_graph=True)
g.sum().backward()
""",
    "from torch.utils.checkpoint import checkpoint\nx = torch.ones(2, requires_grad=True)\n"
    "checkpoint(torch.exp, x, use_reentrant=False).sum().backward()\n",
    "x = torch.ones(2, requires_grad=True)\nx.log().foo()\n",
    "relu(w*x + b)",
)


def warm() -> None:
    """Take a second or two once, so that later runs are fast after a fork. Leaves generators as they were."""
    for snippet in SNIPPETS:
        record(snippet).to_dict()
    torch.func.grad(torch.sin)(torch.tensor(1.0))
    linecache.clearcache()
