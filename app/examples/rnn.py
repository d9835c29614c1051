"""A recurrent network, unrolled.

Chapter: networks

The same w and u are used at every time step, so each has a path for every step. The gradient sums them, and
the paths from early steps are the longest.

h goes through three steps: [0.7616](step=4), [−0.5506](step=8), [0.221](step=12). On the way back w gets a
contribution from each: [0.8159](step=21), [−0.3932](step=25) and, because h was 0 at the start, [0](step=30).
[w.grad = 0.4226](step=31) is their sum.
"""

w = torch.tensor(0.5, requires_grad=True)
u = torch.tensor(1., requires_grad=True)
h = torch.tensor(0.)
for x in [1., -1., 0.5]:
    h = torch.tanh(w * h + u * x)       #: one time step
loss = (h - 1.) ** 2
loss.backward()
