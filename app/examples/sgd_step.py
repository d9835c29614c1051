"""One training step.

Chapter: training

Forward, backward, update: the optimizer moves each parameter against its gradient, and the second loss is
smaller than the first.
"""

x = torch.tensor(2.)
t = torch.tensor(3.)
w = torch.tensor(1., requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
loss = (w * x - t) ** 2
loss.backward()             #: dloss/dw = 2(wx - t)x = -4
opt.step()                  #: w = 1 + 0.1 · 4 = 1.4
after = (w * x - t) ** 2    #: 0.04 instead of 1
