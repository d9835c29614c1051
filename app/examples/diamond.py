"""A value used twice.

Chapter: graph

Where paths part on the way forward, gradients are summed on the way back. The engine waits until both
branches have answered before it goes on to u.
"""

x = torch.tensor(2., requires_grad=True)
u = x * 3.
p = u ** 2          #: one branch
q = 4. * u          #: the other
y = p + q
y.backward()        #: u receives 2u + 4 = 16, x receives 3 · 16 = 48
