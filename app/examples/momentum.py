"""Momentum remembers.

Chapter: training
Compare: 0.9 * v => 0. * v

The step is not the gradient but a running sum of gradients: the second step is larger than its own gradient
alone would make it.

The first step [goes by 0.1 · 4](step=9). The second gradient is only [3.6](step=16), but with the old
direction [v is 7.2](step=18), so [w goes from 3.6 to 2.88](step=19).
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
