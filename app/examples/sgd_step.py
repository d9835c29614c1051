"""One training step.

Chapter: training

Forward, backward, update: the optimizer moves each parameter against its gradient, and the second loss is
smaller than the first.

[The loss is 1](step=3), and [w.grad is −4](step=8). The optimizer [moves w from 1 to 1.4](step=9), and with
the new w [the loss is 0.04](step=12).
"""

x = torch.tensor(2.)
t = torch.tensor(3.)
w = torch.tensor(1., requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
loss = (w * x - t) ** 2
loss.backward()             #: dloss/dw = 2(wx - t)x = -4
opt.step()                  #: w = 1 + 0.1 · 4 = 1.4
after = (w * x - t) ** 2    #: 0.04 instead of 1
