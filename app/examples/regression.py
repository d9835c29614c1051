"""Fitting a line.

Chapter: training

Two parameters, three points: the gradient of the mean squared error is an average over the points.

[The errors e are −1, −2, −3](step=3). Backward, each point sends [2e/3 to e](step=8). [b.grad is their sum,
−4](step=11), [w.grad weighs them with x: −5.333](step=13).
"""

x = torch.tensor([0., 1., 2.])
t = torch.tensor([1., 3., 5.])          #: t = 2x + 1
w = torch.tensor(1., requires_grad=True)
b = torch.tensor(0., requires_grad=True)
e = w * x + b - t                       #: the error of each point
loss = (e ** 2).mean()
loss.backward()                         #: both negative: w and b must grow
