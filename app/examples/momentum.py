"""Momentum remembers.

Chapter: training

The step is not the gradient but a running sum of gradients: the second step is larger than its own gradient
alone would make it.
"""

w = torch.tensor(4., requires_grad=True)
v = torch.tensor(0.)
for i in range(2):
    loss = 0.5 * w ** 2
    loss.backward()
    with torch.no_grad():
        v = 0.9 * v + w.grad        #: old direction and new gradient
        w -= 0.1 * v
        w.grad = None
