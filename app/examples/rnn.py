"""A recurrent network, unrolled.

Chapter: networks

The same w and u are used at every time step, so each has a path for every step. The gradient sums them, and
the paths from early steps are the longest.
"""

w = torch.tensor(0.5, requires_grad=True)
u = torch.tensor(1., requires_grad=True)
h = torch.tensor(0.)
for x in [1., -1., 0.5]:
    h = torch.tanh(w * h + u * x)       #: one time step
loss = (h - 1.) ** 2
loss.backward()
