"""Fitting a line.

Chapter: training

Two parameters, three points: the gradient of the mean squared error is an average over the points.
"""

x = torch.tensor([0., 1., 2.])
t = torch.tensor([1., 3., 5.])          #: t = 2x + 1
w = torch.tensor(1., requires_grad=True)
b = torch.tensor(0., requires_grad=True)
e = w * x + b - t                       #: the error of each point
loss = (e ** 2).mean()
loss.backward()                         #: both negative: w and b must grow
